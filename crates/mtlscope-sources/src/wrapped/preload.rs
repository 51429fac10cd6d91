//! The preload library, carried inside the program and written out when a command runs.
//!
//! Its source is `preload/preload.c`, its compilation `build.rs`.

use std::io::Write;
use std::path::Path;

use crate::error::{SourceError, printable};
use crate::private_file;

/// The name of its file. What a user may meet in a message of the dynamic linker, so it says whose it is.
pub const NAME: &str = "libmtlscope-run.so";

/// Empty where there is none for this system.
static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/preload.so"));

/// Whether this system has one.
pub const fn is_there() -> bool {
    !LIBRARY.is_empty()
}

/// Whether the dynamic linker can be told this path: `LD_PRELOAD` separates by colons and blanks and replaces what follows a `$`.
pub fn can_be_named(path: &Path) -> bool {
    path.to_str().is_some_and(|path| !path.contains([':', ' ', '$']))
}

/// Writes it to a new file.
pub(super) fn write(path: &Path) -> Result<(), SourceError> {
    let mut file = private_file::create(path)?;
    file.write_all(LIBRARY).map_err(|cause| SourceError::Write { name: printable(path), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn it_is_a_shared_object_and_small() {
        assert!(is_there());
        assert_eq!(LIBRARY.get(..4), Some(&b"\x7fELF"[..]));
        assert!(LIBRARY.len() < 64 * 1024, "{}", LIBRARY.len());
    }

    #[test]
    fn a_path_that_the_dynamic_linker_would_take_apart_is_known() {
        assert!(can_be_named(Path::new("/tmp/mtlscope-run-x/libmtlscope-run.so")));
        for path in ["/tmp/a b/x.so", "/tmp/a:b/x.so", "/tmp/$LIB/x.so"] {
            assert!(!can_be_named(Path::new(path)), "{path}");
        }
    }
}
