//! `mtlscope explain`: what can be typed.

use super::Appearance;

const AFTER_HELP: &str = "\
Examples:
  mtlscope explain
  mtlscope explain unknown-ca";

/// Print what is known about a cause: what happened, why it happens, what to do.
///
/// Without ID, lists every cause that can be named: id, the worst severity it reports, title.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Explain {
    /// The id that stands with a finding, such as `unknown-ca`
    pub(crate) id: Option<String>,

    #[command(flatten)]
    pub(crate) appearance: Appearance,
}
