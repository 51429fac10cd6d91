//! The exit codes, which scripts rely on.

use std::process::ExitCode;

/// How a run came out; the greater outranks the lesser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// 0: looked, and no finding is an error. A reader of our output that closed the pipe changes nothing about it.
    Clean,
    /// 1: a finding of severity error.
    Trouble,
    /// 2: could not look at something that was asked for.
    CouldNotLook,
    /// That of the command that was run, where the user wants it passed on.
    Command(u8),
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Trouble => 1,
            Self::CouldNotLook => 2,
            Self::Command(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
