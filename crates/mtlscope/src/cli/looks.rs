//! How connections are shown: options that several subcommands share.

/// For a program, or for a person, in how much detail.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Looks {
    /// Print one JSON object a line, one for each connection (shape v1)
    #[arg(long, help_heading = "What to show", conflicts_with_all = ["tree", "hex", "certs"])]
    pub(crate) json: bool,

    /// Show how things were inferred from the sizes of encrypted records: the lengths, the sums, what follows
    #[arg(long, help_heading = "Without keys", conflicts_with = "json", hide_short_help = true)]
    pub(crate) how: bool,

    /// Show every field of each message, with its byte offset
    #[arg(short = 'V', long, help_heading = "What to show")]
    pub(crate) tree: bool,

    /// Show the bytes of each message in hex
    #[arg(short = 'x', long, help_heading = "What to show")]
    pub(crate) hex: bool,

    /// Show the certificates in full; `--certs=pem` adds them as PEM
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "full")]
    #[arg(help_heading = "What to show")]
    pub(crate) certs: Option<CertificateForm>,
}

/// How much of each certificate.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CertificateForm {
    /// As a person reads it
    Full,
    /// That, and the PEM
    Pem,
}
