//! Bytes of an image on their way in: small ones in memory, large ones in a file.

use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

/// Above this a file is made. Many small images at once stay cheap, and many large ones too.
const IN_MEMORY: usize = 512 << 10;

/// Collects bytes.
pub(crate) struct Spool {
    folder: PathBuf,
    memory: Vec<u8>,
    file: Option<(tokio::fs::File, NamedTempFile)>,
    length: u64,
}

impl Spool {
    /// Collects into this folder what does not fit into memory.
    pub fn new(folder: &Path) -> Spool {
        Spool {
            folder: folder.to_path_buf(),
            memory: Vec::new(),
            file: None,
            length: 0,
        }
    }

    pub fn len(&self) -> u64 {
        self.length
    }

    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        if self.file.is_none() && self.memory.len() + bytes.len() > IN_MEMORY {
            let folder = self.folder.clone();
            let named = tokio::task::spawn_blocking(move || NamedTempFile::new_in(folder))
                .await
                .map_err(io::Error::other)??;
            let mut file = tokio::fs::File::from_std(named.reopen()?);
            file.write_all(&std::mem::take(&mut self.memory)).await?;
            self.file = Some((file, named));
        }
        match &mut self.file {
            Some((file, _)) => file.write_all(bytes).await,
            None => {
                self.memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Everything that was written. The file goes.
    pub async fn into_bytes(self) -> io::Result<Vec<u8>> {
        let Some((mut file, mut named)) = self.file else {
            return Ok(self.memory);
        };
        file.flush().await?;
        let length = usize::try_from(self.length).unwrap_or(0);
        tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::with_capacity(length);
            named.rewind()?;
            named.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
        .await
        .map_err(io::Error::other)?
    }
}

/// An image that came with the request.
pub(crate) struct Upload {
    pub bytes: Spool,
    /// As the client gave it.
    pub filename: Option<String>,
}
