//! The traffic of the bench: made by the generator of `../shared/perf/gen`, kept in `target/bench`, and checked against the
//! checksums in `../shared/perf/perf.md`, so that figures of different days speak of the same bytes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{Workspace, cargo};

/// The programs that make traffic and walk over it.
pub(crate) struct Generator {
    make: PathBuf,
    /// `pcapwalk`, the floor.
    pub(crate) walk: PathBuf,
    templates: PathBuf,
    directory: PathBuf,
    /// The text of perf.md, which has the checksums.
    checksums: String,
}

/// One generated capture.
pub(crate) struct Traffic {
    pub(crate) capture: PathBuf,
    /// What each flow is.
    pub(crate) flows: PathBuf,
    pub(crate) bytes: u64,
    /// The keys that are read with it.
    pub(crate) key_log: Option<PathBuf>,
}

impl Generator {
    /// Builds both programs into the target directory.
    pub(crate) fn build(workspace: &Workspace) -> Result<Self> {
        let source = workspace.shared.join("perf/gen");
        ensure!(source.is_dir(), "{} is not there; it holds the traffic generator", source.display());
        let directory = workspace.target.join("bench");
        let build = directory.join("build");
        for manifest in [source.join("Cargo.toml"), source.join("walk/Cargo.toml")] {
            let status = Command::new(cargo())
                .args(["build", "--quiet", "--release", "--locked", "--manifest-path"])
                .arg(&manifest)
                .arg("--target-dir")
                .arg(&build)
                .status()
                .context("cannot run cargo")?;
            ensure!(status.success(), "{} does not build", manifest.display());
        }
        let built = |name: &str| build.join("release").join(name);
        Ok(Self {
            make: built("mtlsgen"),
            walk: built("pcapwalk"),
            templates: source.join("templates"),
            checksums: std::fs::read_to_string(workspace.shared.join("perf/perf.md"))
                .context("cannot read perf.md")?,
            directory,
        })
    }

    /// The capture of that name, made now if it is not there yet.
    pub(crate) fn traffic(&self, name: &str) -> Result<Traffic> {
        let Some((_, arguments)) = RECIPES.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = RECIPES.iter().map(|(known, _)| *known).collect();
            bail!("there is no traffic {name}; there is {}", known.join(", "));
        };
        let capture = self.directory.join(format!("{name}.pcap"));
        let flows = self.directory.join(format!("{name}.flows.tsv"));
        // The mark says that the capture beside it was made to its end and has the right checksum.
        let mark = self.directory.join(format!("{name}.checked"));
        if !mark.is_file() {
            eprintln!("making {name}.pcap");
            let status = Command::new(&self.make)
                .args(arguments.split_whitespace())
                .arg("--templates")
                .arg(&self.templates)
                .arg("-o")
                .arg(&capture)
                .status()
                .context("cannot run the generator")?;
            ensure!(status.success(), "the generator failed");
            self.check(name, &capture)?;
            std::fs::write(&mark, "")?;
        }
        let bytes =
            std::fs::metadata(&capture).with_context(|| format!("cannot find {}", capture.display()))?.len();
        let key_log = name.starts_with("kl").then(|| self.directory.join(format!("{name}.keylog")));
        Ok(Traffic { capture, flows, bytes, key_log })
    }

    fn check(&self, name: &str, capture: &Path) -> Result<()> {
        let Some(expected) = checksum(&self.checksums, &format!("{name}.pcap")) else {
            println!("{name}.pcap: perf.md has no checksum for it");
            return Ok(());
        };
        let output = Command::new("md5sum").arg(capture).output().context("cannot run md5sum")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let actual = text.split_whitespace().next().unwrap_or_default();
        ensure!(
            actual == expected,
            "{name}.pcap has the checksum {actual}, perf.md says {expected}: the generator changed"
        );
        Ok(())
    }
}

/// The checksum of a file in a table of `| md5 | file |`.
fn checksum<'t>(table: &'t str, file: &str) -> Option<&'t str> {
    table.lines().find_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (sum, name) = (cells.next()?, cells.next()?);
        (name == file && sum.len() == 32).then_some(sum)
    })
}

/// What to say to the generator; perf.md has the same list.
const RECIPES: &[(&str, &str)] = &[
    ("hs1", "hs --flows 6250"),
    ("hs4", "hs --flows 25000"),
    ("hs16", "hs --flows 100000"),
    ("bulk", "bulk --bulk-mib 1024"),
    ("mixed", "mixed --flows 50000 --bulk-mib 256"),
    ("open", "hs --flows 100000 --rate 1e7 --no-fin"),
    ("kl16", "hs --flows 32000 --only 13- --unique-random --seed 7"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_checksum_of_a_file() {
        let table =
            "| md5 | file |\n|---|---|\n| 57d3002f69fb91ba6a39322d727ccc19 | hs1.pcap |\n| x | hs2.pcap |";
        assert_eq!(checksum(table, "hs1.pcap"), Some("57d3002f69fb91ba6a39322d727ccc19"));
        assert_eq!(checksum(table, "hs2.pcap"), None);
    }
}
