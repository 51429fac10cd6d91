//! `mtlscope demo`: what can be typed.

use super::Appearance;

const AFTER_HELP: &str = "\
Needs no network and no files: the recordings are part of the program.
Exit code: 0, although one of the connections told is refused.";

/// Show what mtlscope does, on recorded connections: with and without a client certificate, with and without keys.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
