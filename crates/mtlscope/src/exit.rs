//! The exit codes, which scripts rely on.

use std::process::ExitCode;

/// How a run came out; the greater outranks the lesser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// 0: looked, and no finding is an error. A reader of our output that closed the pipe changes nothing about it.
    Clean = 0,
    /// 1: a finding of severity error.
    Trouble = 1,
    /// 2: could not look at something that was asked for.
    CouldNotLook = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
