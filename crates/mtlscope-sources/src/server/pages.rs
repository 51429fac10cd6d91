//! What the server answers: the PHP page of the articles, the variables behind it, and the refusals of nginx and IIS in
//! their own words.

use openssl::ssl::SslRef;
use openssl::x509::X509VerifyResult;

use super::policy::{Policy, Refusal, VerifyClient};
use super::verification::Verification;

/// A response, without the header fields that every response has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    /// The reason phrase.
    pub(super) reason: &'static str,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

impl Page {
    pub(super) fn text(body: String) -> Self {
        Self { status: 200, reason: "OK", content_type: "text/plain; charset=utf-8", body }
    }

    pub(super) fn html(status: u16, reason: &'static str, body: String) -> Self {
        Self { status, reason, content_type: "text/html", body }
    }
}

/// The refusal that a client gets once the handshake is finished, if its policy refuses so.
pub(super) fn refusal(policy: &Policy, ssl: &SslRef) -> Option<Page> {
    if policy.verify_client == VerifyClient::None {
        return None;
    }
    let error = Verification::of(ssl).error;
    let missing = policy.verify_client == VerifyClient::Require && ssl.peer_certificate().is_none();
    match (policy.refusal, error, missing) {
        (Refusal::Alert, ..) | (_, None, false) => None,
        (Refusal::BadRequest, Some(_), _) => {
            Some(nginx("400 The SSL certificate error", "The SSL certificate error"))
        }
        (Refusal::BadRequest, None, true) => {
            Some(nginx("400 No required SSL certificate was sent", "No required SSL certificate was sent"))
        }
        (Refusal::Forbidden, Some(error), _) => Some(forbidden(substatus(error))),
        (Refusal::Forbidden, None, true) => Some(forbidden(7)),
    }
}

/// nginx's own page.
fn nginx(title: &str, what: &str) -> Page {
    Page::html(
        400,
        "Bad Request",
        format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n\
             <center>{what}</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        ),
    )
}

/// Which substatus of 403 IIS gives for an error of a certificate.
fn substatus(error: X509VerifyResult) -> u8 {
    use openssl_sys as ffi;
    match error.as_raw() {
        ffi::X509_V_ERR_CERT_REVOKED
        | ffi::X509_V_ERR_UNABLE_TO_GET_CRL
        | ffi::X509_V_ERR_CRL_HAS_EXPIRED
        | ffi::X509_V_ERR_CRL_NOT_YET_VALID => 13,
        ffi::X509_V_ERR_CERT_HAS_EXPIRED | ffi::X509_V_ERR_CERT_NOT_YET_VALID => 17,
        _ => 16,
    }
}

/// IIS's page for status 403.
pub(super) fn forbidden(substatus: u8) -> Page {
    let (what, why) = match substatus {
        7 => (
            "SSL client certificate is required.",
            "The page you are attempting to access requires your browser to have a Secure Sockets Layer (SSL) client \
             certificate that the Web server recognizes.",
        ),
        13 => (
            "Client certificate revoked.",
            "Your client certificate was revoked, or the revocation status could not be determined.",
        ),
        17 => (
            "Client certificate has expired or is not yet valid.",
            "Your client certificate has expired or is not yet valid.",
        ),
        _ => (
            "Client certificate is untrusted or invalid.",
            "Your client certificate is either not trusted or is invalid.",
        ),
    };
    let title = format!("IIS 10.0 Detailed Error - 403.{substatus} - Forbidden");
    Page::html(403, "Forbidden", iis(&title, &format!("HTTP Error 403.{substatus} - Forbidden"), what, why))
}

/// The frame of IIS's pages.
pub(super) fn iis(title: &str, heading: &str, what: &str, why: &str) -> String {
    format!(
        "<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<title>{title}</title>\r\n</head>\r\n<body>\r\n<h1>{heading}</h1>\r\n\
         <h2>{what}</h2>\r\n<p>{why}</p>\r\n</body>\r\n</html>\r\n"
    )
}

/// The page of the articles: it looks at two variables and greets, or does not.
pub(super) fn welcome(variables: &[(String, String)]) -> Page {
    let value = |name: &str| variables.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str());
    Page::text(match value("SSL_CLIENT_VERIFY") {
        Some("SUCCESS") => format!("Welcome {}\n", value("SSL_CLIENT_S_DN_CN").unwrap_or_default()),
        _ => "SSL client verification failed\n".to_owned(),
    })
}
