//! Files that hold keys: nobody but their owner may read them.

use std::fs::{File, OpenOptions};
use std::path::Path;

use crate::error::{SourceError, printable};

/// Opens a file to write secrets to, with mode 0600 whether it was there before or not. A pipe or device is left as it is.
///
/// `append`: what it holds stays; else it is emptied.
pub(crate) fn open(path: &Path, append: bool) -> Result<File, SourceError> {
    let mut options = OpenOptions::new();
    options.create(true);
    match append {
        true => options.append(true),
        false => options.write(true).truncate(true),
    };
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|cause| SourceError::creating(path, cause))?;
    make_private(&file).map_err(|cause| SourceError::making_private(path, cause))?;
    Ok(file)
}

/// Makes a file to write secrets to, with mode 0600. One that is there already stays as it is, and that is an error; a pipe or
/// device that is there is written to.
pub(crate) fn create(path: &Path) -> Result<File, SourceError> {
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return open(path, true);
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AlreadyExists => SourceError::IsThere { name: printable(path) },
        _ => SourceError::creating(path, cause),
    })
}

/// Makes sure that what is read more than once is a file, and is not what is to be written.
pub(crate) fn is_another(input: &Path, output: &Path) -> Result<(), SourceError> {
    let metadata = std::fs::metadata(input).map_err(|cause| SourceError::opening(input, cause))?;
    if metadata.is_dir() {
        return Err(SourceError::IsDirectory { name: printable(input) });
    }
    if !metadata.is_file() {
        return Err(SourceError::ReadOnlyOnce { name: printable(input) });
    }
    let is_same = match (std::fs::canonicalize(input), std::fs::canonicalize(output)) {
        (Ok(input), Ok(output)) => input == output || is_one_file(&input, &output),
        _ => false,
    };
    if is_same { Err(SourceError::IsInput { name: printable(output) }) } else { Ok(()) }
}

/// Two names may stand for one file (a hard link).
#[cfg(unix)]
fn is_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (std::fs::metadata(one), std::fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_one_file(_: &Path, _: &Path) -> bool {
    false
}

/// A file that was there before keeps its mode when it is opened.
#[cfg(unix)]
fn make_private(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
        file.set_permissions(PermissionsExt::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(_: &File) -> std::io::Result<()> {
    Ok(())
}
