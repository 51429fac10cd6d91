//! `mtlscope explain`: what can be typed.

use super::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope explain
  mtlscope explain unknown-ca
  mtlscope explain hints";

/// Print what is known about a cause: what happened, why it happens, what to do.
///
/// Without ID, lists every cause that can be named: id, the worst severity it reports, title. `hints` is the page of what no
/// capture shows.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Explain {
    /// The id that stands with a finding, such as `unknown-ca`
    pub(crate) id: Option<String>,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
