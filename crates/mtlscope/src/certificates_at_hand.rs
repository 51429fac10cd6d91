//! `--cert-dir`: certificates that a client may have sent, to be named by their size where what it sent stays encrypted.

use std::sync::Arc;

use mtlscope_diagnose::keyless::CertificateFile;
use mtlscope_dissect::x509::Certificate;
use mtlscope_sources::certificate_collection;
use mtlscope_sources::credential_file::Passphrase;

use crate::cli;

/// What a directory holds.
#[derive(Default)]
pub(crate) struct CertificatesAtHand {
    pub(crate) files: Vec<CertificateFile>,
    /// What is odd about some of its files, a line each.
    pub(crate) notices: Vec<String>,
}

impl CertificatesAtHand {
    /// Reads the directory, if one is named.
    ///
    /// # Errors
    /// One line that says why it cannot be.
    pub(crate) fn read(typed: &cli::Keyless, passphrase: &cli::Passphrase) -> Result<Self, String> {
        let Some(directory) = &typed.cert_dir else { return Ok(Self::default()) };
        let passphrase = Passphrase::given(passphrase.pass.as_deref(), passphrase.pass_file.as_deref())
            .map_err(|error| error.to_string())?;
        let collection = certificate_collection::read(directory, passphrase.as_ref())
            .map_err(|error| error.to_string())?;
        let parse = |der: &Vec<u8>| Certificate::parse(der).ok().map(Arc::new);
        let files = collection.files.into_iter().map(|file| CertificateFile {
            certificates: file.certificates.iter().filter_map(parse).collect(),
            name: file.name,
        });
        Ok(Self { files: files.collect(), notices: collection.notices })
    }
}
