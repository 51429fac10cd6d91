//! The variables that mod_ssl gives a page with `SSLOptions +StdEnvVars +ExportCertData`.

use openssl::nid::Nid;
use openssl::ssl::SslRef;

use super::verification::Verification;

/// All of them, for this connection as it is now.
pub(super) fn variables(ssl: &SslRef) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    let client = ssl.peer_certificate();
    variables.push(("SSL_CLIENT_VERIFY".to_owned(), client_verify(ssl)));
    if let Some(client) = &client
        && let Some(name) = client.subject_name().entries_by_nid(Nid::COMMONNAME).next()
        && let Ok(name) = name.data().to_string()
    {
        variables.push(("SSL_CLIENT_S_DN_CN".to_owned(), name));
    }
    variables
}

/// `SSL_CLIENT_VERIFY`.
pub(super) fn client_verify(ssl: &SslRef) -> String {
    let noted = Verification::of(ssl);
    match (noted.error, ssl.peer_certificate().is_some()) {
        (Some(error), _) => format!("FAILED:{}", error.error_string()),
        (None, _) if noted.generous => "GENEROUS".to_owned(),
        (None, true) => "SUCCESS".to_owned(),
        (None, false) => "NONE".to_owned(),
    }
}
