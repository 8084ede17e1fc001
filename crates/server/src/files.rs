//! Where originals and results are stored: a local folder, or whoever speaks S3.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::Error;

/// Files by their keys. A file is written once, and never changed.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    store: Arc<dyn ObjectStore>,
}

impl Files {
    /// `s3://bucket/folder` with the credentials of the environment, or a folder, which is made
    /// when it is missing.
    pub fn open(storage: Option<&str>, data_dir: &Path) -> Result<Files, Error> {
        let store: Arc<dyn ObjectStore> = match storage {
            Some(url) if url.starts_with("s3://") => {
                let bucket = AmazonS3Builder::from_env().with_url(url).build()?;
                let folder = url["s3://".len()..]
                    .split_once('/')
                    .map_or("", |(_, rest)| rest);
                Arc::new(PrefixStore::new(bucket, folder))
            }
            Some(url) if url.contains("://") => return Err(Error::Storage(url.to_owned())),
            folder => {
                let folder = folder.map_or_else(|| data_dir.join("files"), Into::into);
                std::fs::create_dir_all(&folder).map_err(|source| Error::Folder {
                    path: folder.clone(),
                    source,
                })?;
                // Synced: what an answer promised must be there after a power cut.
                Arc::new(LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true))
            }
        };
        Ok(Files { store })
    }

    pub async fn put(&self, key: &str, bytes: Bytes) -> object_store::Result<()> {
        let path = object_store::path::Path::from(key);
        self.store.put(&path, PutPayload::from_bytes(bytes)).await?;
        Ok(())
    }

    pub async fn get(&self, key: &str) -> object_store::Result<Bytes> {
        let path = object_store::path::Path::from(key);
        self.store.get(&path).await?.bytes().await
    }

    /// The size, and the bytes as they come.
    pub async fn open_file(
        &self,
        key: &str,
    ) -> object_store::Result<(u64, BoxStream<'static, object_store::Result<Bytes>>)> {
        let path = object_store::path::Path::from(key);
        let file = self.store.get(&path).await?;
        Ok((file.meta.size, file.into_stream()))
    }

    /// Removes files; what is gone already is no error.
    pub async fn remove(&self, keys: &[String]) -> object_store::Result<()> {
        for key in keys {
            match self
                .store
                .delete(&object_store::path::Path::from(key.as_str()))
                .await
            {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Every file with its time, in seconds since 1970.
    pub fn all(&self) -> BoxStream<'static, object_store::Result<(String, i64)>> {
        let files = self.store.list(None);
        files
            .map(|file| {
                file.map(|file| (file.location.to_string(), file.last_modified.timestamp()))
            })
            .boxed()
    }
}
