//! `mtlscope demo`: what can be typed.

use std::path::PathBuf;

use super::Appearance;

const AFTER_HELP: &str = "\
Needs no root, no network but the loopback interface, and no files; leaves none behind but the one of -w.

Exit codes:
  0  every scene went as told
  1  one did not
  2  it could not be played";

/// Show what mtlscope does, on connections made here and now.
///
/// Makes an authority, serves on the loopback interface, connects, and tells what happens: TLS 1.2 without and with a client
/// certificate, TLS 1.3 without and with the keys, a late request by renegotiation and after the handshake, and a refusal.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Demo {
    /// Keep the recording in this file: pcapng, with the secrets inside
    #[arg(short = 'w', long, visible_alias = "record", value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
