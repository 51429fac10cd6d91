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
