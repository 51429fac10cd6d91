//! A directory that is held open: its files can still be opened when rights have been dropped by which its path could be walked
//! (Linux).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat, renameat};
use nix::sys::stat::{FileStat, Mode, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use crate::error::{SourceError, printable};

/// Who is to own the files that are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owner {
    /// User id.
    pub user: u32,
    /// Group id.
    pub group: u32,
}

/// An open directory, and where it was found.
#[derive(Debug)]
pub struct HeldDirectory {
    path: PathBuf,
    directory: OwnedFd,
}

impl HeldDirectory {
    /// Holds the directory of a file, which need not be there. The file's name in it comes along.
    ///
    /// # Errors
    /// When there is no such directory, or the path names none of its files.
    pub fn of(file: &Path) -> Result<(Self, OsString), SourceError> {
        let name = file.file_name().ok_or_else(|| SourceError::opening(file, Errno::EISDIR.into()))?;
        let path = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let flags = OFlag::O_DIRECTORY | OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let directory =
            open(&path, flags, Mode::empty()).map_err(|errno| SourceError::creating(file, errno.into()))?;
        Ok((Self { path, directory }, name.to_owned()))
    }

    /// The path of one of its files, for messages.
    pub fn path_of(&self, name: &OsStr) -> PathBuf {
        if self.path == Path::new(".") { PathBuf::from(name) } else { self.path.join(name) }
    }

    /// Opens a file to read. A pipe is not waited for.
    pub(crate) fn read(&self, name: &OsStr) -> Result<File, Errno> {
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        openat(&self.directory, name, flags, Mode::empty()).map(File::from)
    }

    /// What the system says of a file.
    pub(crate) fn look_at(&self, name: &OsStr) -> Result<FileStat, Errno> {
        fstatat(&self.directory, name, AtFlags::empty())
    }

    /// Makes a file that only its owner can read, or empties the one that is there. A pipe or device is left as it is.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self, name: &OsStr, owner: Option<Owner>) -> Result<File, SourceError> {
        let failed = |errno: Errno| SourceError::creating(&self.path_of(name), errno.into());
        let private = |cause: io::Error| SourceError::making_private(&self.path_of(name), cause);
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_CLOEXEC;
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        match openat(&self.directory, name, flags | OFlag::O_EXCL, mode) {
            Ok(file) => {
                if let Some(owner) = owner {
                    fchown(&file, Some(owner.user), Some(owner.group)).map_err(private)?;
                }
                Ok(File::from(file))
            }
            Err(Errno::EEXIST) => {
                let file = openat(&self.directory, name, flags | OFlag::O_TRUNC, mode).map_err(failed)?;
                let file = File::from(file);
                let metadata = file.metadata().map_err(private)?;
                if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
                    file.set_permissions(PermissionsExt::from_mode(0o600)).map_err(private)?;
                }
                Ok(file)
            }
            Err(errno) => Err(failed(errno)),
        }
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, name: &OsStr) -> Result<(), SourceError> {
        match unlinkat(&self.directory, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => {
                Err(SourceError::Remove { name: printable(&self.path_of(name)), cause: errno.into() })
            }
        }
    }

    /// Gives a file another name, in place of one that has it.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> Result<(), SourceError> {
        renameat(&self.directory, from, &self.directory, to)
            .map_err(|errno| SourceError::creating(&self.path_of(to), errno.into()))
    }
}
