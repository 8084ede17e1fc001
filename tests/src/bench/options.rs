//! The arguments of the driver.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use whittle_core::Format;

/// What to run, resolved.
#[derive(Clone, Debug)]
pub struct Options {
    /// The command `whittle` that is measured.
    pub whittle: PathBuf,
    /// Which formats.
    pub formats: Vec<Format>,
    /// Every third file, fewer settings, fewer frames.
    pub quick: bool,
    /// Where peers are looked for before the search path.
    pub peers: Option<PathBuf>,
    /// The folder with the images.
    pub corpus: PathBuf,
    /// Where the TSV, the table and the plots go.
    pub out: PathBuf,
    /// Whether batches and a picture of 24 megapixels are measured as well.
    pub stress: bool,
}

/// The formats that are measured, in the order of the report.
const FORMATS: [Format; 4] = [Format::Jpeg, Format::Png, Format::Gif, Format::Svg];

impl Options {
    /// Reads `--format`, `--quick`, `--peers`, `--corpus`, `--out`, `--whittle` and `--no-stress`.
    /// Relative paths start at `root`, the folder of the repository.
    ///
    /// # Errors
    /// Names the argument that is wrong.
    pub fn parse(args: impl IntoIterator<Item = OsString>, root: &Path) -> Result<Options> {
        let mut options = Options {
            whittle: PathBuf::from("whittle"),
            formats: FORMATS.to_vec(),
            quick: false,
            peers: None,
            corpus: root.join("../shared/corpus"),
            out: root.join("target/bench"),
            stress: true,
        };
        let mut only = Vec::new();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let name = arg.to_string_lossy().into_owned();
            let mut path = || -> Result<PathBuf> {
                let value = args
                    .next()
                    .with_context(|| format!("{name} needs a value"))?;
                Ok(root.join(value))
            };
            match name.as_str() {
                "--quick" => options.quick = true,
                "--no-stress" => options.stress = false,
                "--peers" => options.peers = Some(path()?),
                "--corpus" => options.corpus = path()?,
                "--out" => options.out = path()?,
                "--whittle" => options.whittle = path()?,
                "--format" => {
                    let value = args.next().unwrap_or_default();
                    let format = value.to_str().and_then(Format::from_name);
                    match format.filter(|format| FORMATS.contains(format)) {
                        Some(format) => only.push(format),
                        None => bail!("--format is jpeg, png, gif or svg, not {value:?}"),
                    }
                }
                _ => bail!("{name} is no option of the benchmark"),
            }
        }
        if !only.is_empty() {
            options.formats = only;
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Options> {
        Options::parse(args.iter().map(OsString::from), Path::new("/repository"))
    }

    #[test]
    fn formats_are_chosen_by_name() {
        assert_eq!(parsed(&[]).unwrap().formats, FORMATS);
        let some = parsed(&["--format", "gif", "--quick", "--format", "png"]).unwrap();
        assert_eq!(some.formats, [Format::Gif, Format::Png]);
        assert!(some.quick);
        assert!(parsed(&["--format", "webp"]).is_err());
        assert!(parsed(&["--format"]).is_err());
    }

    #[test]
    fn relative_paths_start_at_the_repository() {
        let options = parsed(&["--corpus", "images", "--peers", "/opt/peers"]).unwrap();
        assert_eq!(options.corpus, Path::new("/repository/images"));
        assert_eq!(options.peers, Some(PathBuf::from("/opt/peers")));
        assert!(parsed(&["--corpus"]).is_err());
        assert!(parsed(&["images"]).is_err());
    }
}
