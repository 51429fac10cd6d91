//! `mtlscope pki`: what can be typed.

mod init;
mod show;

pub(crate) use init::PkiInit;
pub(crate) use show::PkiShow;

/// Make a test authority with good and bad certificates, or say what files of certificates and keys are worth.
#[derive(clap::Args, Debug)]
pub(crate) struct Pki {
    #[command(subcommand)]
    pub(crate) command: PkiCommand,
}

#[derive(clap::Subcommand, Debug)]
pub(crate) enum PkiCommand {
    Init(PkiInit),
    Show(PkiShow),
}
