//! `mtlscope demo`: what can be typed.

use super::Appearance;

const AFTER_HELP: &str = "\
Needs no network and no files: the recordings are part of the program.
Exit code: 0, whatever the connections told come to.";

/// Show what mtlscope does, on recorded connections.
///
/// Tells five of them: TLS 1.2 without and with a client certificate, TLS 1.3 without and with the keys, and a refusal.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
