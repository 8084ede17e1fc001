//! The programs that are compared, and how each is called.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use whittle_core::Format;

use super::options::Options;
use super::process::{Cost, Program};

/// A program beside Whittle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    Caesium,
    Oxipng,
    Pngquant,
    Gifsicle,
    Svgo,
}

impl Peer {
    const ALL: [Peer; 5] = [
        Peer::Caesium,
        Peer::Oxipng,
        Peer::Pngquant,
        Peer::Gifsicle,
        Peer::Svgo,
    ];

    /// The file name of the program.
    pub fn program(self) -> &'static str {
        match self {
            Peer::Caesium => "caesiumclt",
            Peer::Oxipng => "oxipng",
            Peer::Pngquant => "pngquant",
            Peer::Gifsicle => "gifsicle",
            Peer::Svgo => "svgo",
        }
    }

    fn install(self) -> &'static str {
        match self {
            Peer::Caesium => "cargo install caesiumclt",
            Peer::Oxipng => "cargo install oxipng",
            Peer::Pngquant => "apt-get install pngquant, or brew install pngquant",
            Peer::Gifsicle => "apt-get install gifsicle, or brew install gifsicle",
            Peer::Svgo => "npm install -g svgo",
        }
    }

    fn format(self) -> Format {
        match self {
            Peer::Caesium => Format::Jpeg,
            Peer::Oxipng | Peer::Pngquant => Format::Png,
            Peer::Gifsicle => Format::Gif,
            Peer::Svgo => Format::Svg,
        }
    }
}

/// What is installed, and where.
pub struct Tools {
    whittle: PathBuf,
    peers: Vec<(Peer, PathBuf)>,
}

impl Tools {
    /// Looks for Whittle and its peers: below the folder of `--peers`, then in the search path.
    ///
    /// # Errors
    /// When Whittle does not run.
    pub fn find(options: &Options) -> Result<Tools> {
        let whittle = options.whittle.clone();
        version(&whittle).with_context(|| format!("{} does not run", whittle.display()))?;
        let mut folders: Vec<PathBuf> = Vec::new();
        if let Some(peers) = &options.peers {
            folders.extend(["", "bin", "node_modules/.bin"].map(|below| peers.join(below)));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        folders.extend(std::env::split_paths(&path));
        let peers = Peer::ALL
            .into_iter()
            .filter_map(|peer| {
                let name = format!("{}{}", peer.program(), std::env::consts::EXE_SUFFIX);
                let found = folders.iter().map(|folder| folder.join(&name));
                Some((peer, found.into_iter().find(|path| path.is_file())?))
            })
            .collect();
        Ok(Tools { whittle, peers })
    }

    /// Whittle's own file.
    pub fn whittle(&self) -> &Path {
        &self.whittle
    }

    /// Where a peer is, if it is installed.
    pub fn peer(&self, wanted: Peer) -> Option<&Path> {
        let found = self.peers.iter().find(|(peer, _)| *peer == wanted);
        found.map(|(_, path)| path.as_path())
    }

    /// A sentence for each peer that these formats would be compared with and that is missing.
    pub fn missing(&self, formats: &[Format]) -> Vec<String> {
        Peer::ALL
            .into_iter()
            .filter(|peer| formats.contains(&peer.format()) && self.peer(*peer).is_none())
            .map(|peer| {
                let (name, install) = (peer.program(), peer.install());
                format!("{name} is missing, so its rows are left out; to get it: {install}")
            })
            .collect()
    }

    /// What every program says of its version.
    pub fn versions(&self) -> String {
        let mut all = vec![version(&self.whittle).unwrap_or_default()];
        for (peer, path) in &self.peers {
            let said = version(path).unwrap_or_default();
            let named = said.to_lowercase().contains(peer.program());
            all.push(if named {
                said
            } else {
                format!("{} {said}", peer.program())
            });
        }
        all.join("; ")
    }

    /// Everything that is run on each file of a format.
    pub fn settings(&self, format: Format, quick: bool) -> Vec<Setting> {
        let mut settings = self.whittle_settings(format, quick);
        let of_peers = match format {
            Format::Jpeg => self.caesium(quick),
            Format::Png => self.png_peers(quick),
            Format::Gif => self.gifsicle(quick),
            Format::Svg => self.svgo(),
            _ => Vec::new(),
        };
        settings.extend(of_peers);
        settings
    }

    fn whittle_settings(&self, format: Format, quick: bool) -> Vec<Setting> {
        let setting = |name: &str, promise, args: &str| Setting {
            tool: "whittle",
            name: name.to_owned(),
            promise,
            steps: vec![self.whittle_step(args)],
        };
        let mut settings = vec![
            setting("lossless", Promise::Same, "--mode lossless"),
            setting("balanced", Promise::Looks, "--mode balanced"),
        ];
        if !quick && matches!(format, Format::Jpeg | Format::Png) {
            let max = setting(
                "lossless max",
                Promise::Same,
                "--mode lossless --effort max",
            );
            settings.insert(1, max);
        }
        let levels: &[u8] = match format {
            // The scores 70, 75, 80 and 90; 85 is balanced.
            Format::Jpeg if quick => &[70, 95],
            Format::Jpeg => &[70, 78, 85, 95],
            Format::Svg => &[],
            _ if quick => &[70],
            _ => &[70, 85, 95],
        };
        for level in levels {
            let args = format!("--level {level}");
            settings.push(setting(&format!("level {level}"), Promise::Looks, &args));
        }
        settings
    }

    /// Only colour and orientation stay, as with the peers' calls below.
    fn whittle_step(&self, args: &str) -> Step {
        let args = format!("optimize --metadata strip --timeout 600 {args} -");
        Step {
            reads_stdin: true,
            ..Step::new(&self.whittle, &args)
        }
    }

    /// Caesium's lossy JPEGs are mozjpeg's with trellis and a search for scans: it stands for mozjpeg, too.
    fn caesium(&self, quick: bool) -> Vec<Setting> {
        let Some(path) = self.peer(Peer::Caesium) else {
            return Vec::new();
        };
        let call = |args: &str| {
            let args =
                format!("--quiet --threads 1 --keep-orientation {args} -o {{folder}} {{in}}");
            vec![Step::new(path, &args)]
        };
        let mut settings = vec![Setting {
            tool: "caesiumclt",
            name: "lossless".into(),
            promise: Promise::Same,
            steps: call("--lossless"),
        }];
        let qualities: &[u8] = match quick {
            true => &[55, 74, 87, 95],
            false => &[45, 58, 68, 77, 84, 90, 95],
        };
        settings.extend(qualities.iter().map(|quality| Setting {
            tool: "mozjpeg",
            name: format!("q{quality}"),
            promise: Promise::Looks,
            steps: call(&format!("-q {quality} --jpeg-chroma-subsampling 4:2:0")),
        }));
        settings
    }

    fn png_peers(&self, quick: bool) -> Vec<Setting> {
        let Some(oxipng) = self.peer(Peer::Oxipng) else {
            return Vec::new();
        };
        let oxipng = Step::new(oxipng, "-o4 --strip safe -t 1 -q --out {out} {in}");
        let mut settings = vec![Setting {
            tool: "oxipng",
            name: "-o4".into(),
            promise: Promise::Same,
            steps: vec![oxipng.clone()],
        }];
        let colours: &[u16] = match quick {
            true => &[256, 96, 32],
            false => &[256, 160, 96, 56, 32, 16],
        };
        if let Some(pngquant) = self.peer(Peer::Pngquant) {
            settings.extend(colours.iter().map(|colours| {
                let args = format!("--speed 1 --force --output {{out}} {colours} {{in}}");
                Setting {
                    tool: "pngquant + oxipng",
                    name: format!("{colours} colours"),
                    promise: Promise::Looks,
                    steps: vec![Step::new(pngquant, &args), oxipng.clone()],
                }
            }));
        }
        settings
    }

    fn gifsicle(&self, quick: bool) -> Vec<Setting> {
        let Some(path) = self.peer(Peer::Gifsicle) else {
            return Vec::new();
        };
        let losses: &[u16] = match quick {
            true => &[20, 80, 200],
            false => &[5, 15, 30, 60, 100, 150, 200],
        };
        let lossless = Setting {
            tool: "gifsicle",
            name: "-O3".into(),
            promise: Promise::Same,
            steps: vec![Step::new(path, "-w -O3 -o {out} {in}")],
        };
        let lossy = losses.iter().map(|loss| Setting {
            tool: "gifsicle",
            name: format!("-O3 --lossy={loss}"),
            promise: Promise::Looks,
            steps: vec![Step::new(
                path,
                &format!("-w -O3 --lossy={loss} -o {{out}} {{in}}"),
            )],
        });
        std::iter::once(lossless).chain(lossy).collect()
    }

    fn svgo(&self) -> Vec<Setting> {
        let call = |path| Setting {
            tool: "svgo",
            name: "default".into(),
            promise: Promise::Looks,
            steps: vec![Step::new(path, "-q -i {in} -o {out}")],
        };
        self.peer(Peer::Svgo).map(call).into_iter().collect()
    }
}

/// What a setting says of its results; they are judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The same pixels.
    Same,
    /// The same look, more or less.
    Looks,
}

/// A way to make a file smaller.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Whose it is.
    pub tool: &'static str,
    /// What it is called in the report.
    pub name: String,
    /// What must be true of its results.
    pub promise: Promise,
    steps: Vec<Step>,
}

impl Setting {
    /// Runs it on a file; gives what was made, and what all its steps cost.
    ///
    /// # Errors
    /// When a step fails or leaves nothing behind.
    pub fn run(&self, input: &Path) -> Result<(Vec<u8>, Cost)> {
        let scratch = tempfile::tempdir()?;
        // Peers tell the format by the name; some refuse other extensions.
        let name = input.file_name().context("a file has a name")?;
        let mut made = std::path::absolute(input)?;
        let mut cost = Cost::default();
        for (at, step) in self.steps.iter().enumerate() {
            let folder = scratch.path().join(format!("step-{at}"));
            std::fs::create_dir(&folder)?;
            let out = folder.join(name);
            cost = cost.and(step.program(&made, &out).run(scratch.path())?);
            made = out;
        }
        if !made.is_file() {
            bail!("it made no file");
        }
        Ok((std::fs::read(made)?, cost))
    }
}

/// One call of a program that reads a file and writes one.
#[derive(Clone, Debug)]
struct Step {
    path: PathBuf,
    /// With `{in}`, `{out}` and `{folder}` (that of `{out}`) to be filled in.
    args: Vec<String>,
    /// Reads standard input and writes standard output.
    reads_stdin: bool,
}

impl Step {
    fn new(path: &Path, args: &str) -> Step {
        Step {
            path: path.to_path_buf(),
            args: args.split_whitespace().map(str::to_owned).collect(),
            reads_stdin: false,
        }
    }

    fn program(&self, input: &Path, out: &Path) -> Program {
        let filled = |arg: &String| -> OsString {
            match arg.as_str() {
                "{in}" => input.into(),
                "{out}" => out.into(),
                "{folder}" => out.parent().unwrap_or(out).into(),
                other => other.into(),
            }
        };
        Program {
            path: self.path.clone(),
            args: self.args.iter().map(filled).collect(),
            stdin: self.reads_stdin.then(|| input.to_path_buf()),
            stdout: self.reads_stdin.then(|| out.to_path_buf()),
        }
    }
}

/// The first line of `--version`.
fn version(path: &Path) -> Result<String> {
    let output = Command::new(path).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
