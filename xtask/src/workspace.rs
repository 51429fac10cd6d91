//! Where things are: the workspace, its target directory, the shared data beside it, and the program under test.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The workspace this task belongs to.
#[derive(Clone)]
pub(crate) struct Workspace {
    /// The directory of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where Cargo puts what it builds; honours `CARGO_TARGET_DIR`.
    pub(crate) target: PathBuf,
    /// `../shared`: captures, recordings and traffic that are not in the repository. It need not exist.
    pub(crate) shared: PathBuf,
}

impl Workspace {
    /// Asks Cargo where the workspace is.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let output = Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(&manifest)
            .output()
            .context("while running cargo metadata")?;
        ensure!(
            output.status.success(),
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let directory = |name: &str| {
            metadata[name]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata has no {name}"))
        };
        let root = directory("workspace_root")?;
        let shared = root.join("../shared");
        let shared = shared.canonicalize().unwrap_or(shared);
        Ok(Self { target: directory("target_directory")?, root, shared })
    }

    /// The program under test: the one given, else a release build of ours.
    pub(crate) fn program(&self, given: Option<&Path>) -> Result<PathBuf> {
        if let Some(path) = given {
            return path
                .canonicalize()
                .with_context(|| format!("cannot find the program {}", path.display()));
        }
        eprintln!("building mtlscope --release");
        let status = Command::new(cargo())
            .current_dir(&self.root)
            .args(["build", "--quiet", "--release", "--package", "mtlscope"])
            .status()
            .context("while building mtlscope")?;
        if !status.success() {
            bail!("mtlscope does not build");
        }
        Ok(self.target.join("release").join(format!("mtlscope{}", std::env::consts::EXE_SUFFIX)))
    }

    /// A path as a reader would type it: relative to the workspace where it lies in it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// The Cargo that started us, so that a toolchain chosen with `+` stays chosen.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The directory entries of `directory` in order of name.
pub(crate) fn sorted_entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = std::fs::read_dir(directory)
        .with_context(|| format!("cannot list {}", directory.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    Ok(entries)
}
