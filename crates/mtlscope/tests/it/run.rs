//! Runs the program without a process, and finds the fixtures.

use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use mtlscope::{Console, Exit, Terminal};

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The surroundings of a run.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) input: Vec<u8>,
    pub(crate) terminal: Option<Terminal>,
    pub(crate) no_color: bool,
}

/// Runs with these arguments, nothing on standard input, and no terminal.
pub(crate) fn run<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    run_with(arguments, Given::default())
}

pub(crate) fn run_with<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>, given: Given) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        input: Some(Box::new(Cursor::new(given.input))),
        out: &mut out,
        err: &mut err,
        out_terminal: given.terminal,
        err_terminal: None,
        no_color: given.no_color,
    };
    let typed = std::iter::once("mtlscope".into()).chain(arguments.into_iter().map(Into::into));
    let exit = mtlscope::run(typed, &mut console);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { exit, out: text(out), err: text(err) }
}

/// A file of `fixtures/`.
pub(crate) fn fixture(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path);
    assert!(path.is_file(), "{}", path.display());
    path
}

/// A capture in which the server refuses the client's certificate.
pub(crate) fn refused() -> PathBuf {
    fixture("unknown-ca-tls12/capture.pcap")
}

/// A capture in which all is well.
pub(crate) fn accepted() -> PathBuf {
    fixture("wireshark-article-tls12-with-certificate/capture.pcap")
}
