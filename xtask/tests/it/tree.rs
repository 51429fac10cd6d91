//! The files of the repository, as the rules look at them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's directory.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file of the repository, relative to its root: what is committed, or would be with `git add`.
pub(crate) fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let mut files: Vec<PathBuf> = if output.status.success() {
        listed.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect()
    } else {
        // An unpacked source archive is no git repository.
        let mut files = Vec::new();
        walk(&root(), &mut files);
        files
    };
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files
}

/// The files whose name ends so.
pub(crate) fn files_with_extension(extension: &str) -> Vec<PathBuf> {
    files().into_iter().filter(|file| file.extension().is_some_and(|found| found == extension)).collect()
}

/// The text of a file, which must be there.
pub(crate) fn text(file: &Path) -> String {
    let bytes =
        std::fs::read(root().join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Fails with the whole list if there is anything in it.
pub(crate) fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            if name != "target" && name != ".git" {
                walk(&path, files);
            }
        } else {
            files.push(path.strip_prefix(root()).unwrap().to_owned());
        }
    }
}
