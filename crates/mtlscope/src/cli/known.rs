//! What the user knows besides what is captured: options that several subcommands share.

use std::path::PathBuf;

use mtlscope_diagnose::expectation::Expectation;

/// Whom the server trusts, what should have happened.
#[derive(clap::Args, Debug)]
pub(crate) struct Known {
    /// Authorities that the server trusts; may be given more than once
    ///
    /// Client certificates are then checked as the server would, and not only against the names in its request.
    #[arg(long, visible_alias = "cacert", value_name = "FILE", help_heading = "What is known besides")]
    pub(crate) ca_certificate: Vec<PathBuf>,

    /// Revocation lists that the server looks into; may be given more than once
    #[arg(long, value_name = "FILE", help_heading = "What is known besides", hide_short_help = true)]
    pub(crate) crl: Vec<PathBuf>,

    /// What should have happened, such as requested=yes,answer=certificate,outcome=accepted
    ///
    /// requested=yes or no; answer=certificate, empty or none; outcome=accepted or refused. In every connection in which it
    /// went otherwise, that is an error.
    #[arg(long, value_name = "LIST", help_heading = "What is known besides")]
    pub(crate) expect: Option<Expectation>,

    /// Warn of certificates that end within so many days [default: 30]
    #[arg(long, value_name = "DAYS", help_heading = "What is known besides", hide_short_help = true)]
    pub(crate) expiring: Option<u32>,
}
