//! Tests: the certificates of `tests/data`.

use std::sync::Arc;

use mtlscope_dissect::x509::{Certificate, pem};

/// The certificate in a PEM text.
pub(crate) fn read(text: &str) -> Arc<Certificate> {
    Arc::new(Certificate::parse(pem::certificates(text.as_bytes())[0].as_ref().unwrap()).unwrap())
}

macro_rules! certificates {
    ($($name:ident)*) => {
        $(pub(crate) fn $name() -> Arc<Certificate> {
            read(include_str!(concat!("../../tests/data/", stringify!($name), ".pem")))
        })*
    };
}

certificates! {
    root server good expired notyet impostor srveku noeku intleaf inter ecroot serverec selfsigned weak wrongca other
}
