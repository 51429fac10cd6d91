//! What the server answers: the PHP page of the articles, the variables behind it, and the refusals of Apache, nginx and
//! IIS in their own words.

use openssl::x509::X509VerifyResult;

use super::environment::Variables;
use super::policy::{Policy, Refusal, VerifyClient};

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
    pub(super) fn html(status: u16, reason: &'static str, body: String) -> Self {
        Self { status, reason, content_type: "text/html", body }
    }

    fn ok(content_type: &'static str, body: String) -> Self {
        Self { status: 200, reason: "OK", content_type, body }
    }
}

/// What is known of a client when its request is answered.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// What is wrong with its certificate.
    pub(super) error: Option<X509VerifyResult>,
    /// Whether it has shown one.
    pub(super) has_certificate: bool,
    /// What pages may see of the connection.
    pub(super) variables: Variables,
}

/// The page for a request of a client who was asked, or needed not be.
pub(super) fn page(policy: &Policy, known: &Known, target: &str, accept: &str) -> Page {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if let Some(refusal) = refusal(policy, known, path) {
        return refusal;
    }
    if path != "/env" {
        return welcome(&known.variables);
    }
    let wants_json = accept.contains("application/json") || query.split('&').any(|one| one == "json");
    match wants_json {
        true => Page::ok("application/json", known.variables.json()),
        false => Page::ok("text/plain; charset=utf-8", known.variables.text()),
    }
}

/// The page of the articles: it looks at two variables and greets, or does not.
fn welcome(variables: &Variables) -> Page {
    let body = match variables.get("SSL_CLIENT_VERIFY") {
        Some("SUCCESS") => format!("Welcome {}\n", variables.get("SSL_CLIENT_S_DN_CN").unwrap_or_default()),
        _ => "SSL client verification failed\n".to_owned(),
    };
    Page::ok("text/plain; charset=utf-8", body)
}

/// The refusal that a client gets once the handshake is finished, if the policy refuses so.
fn refusal(policy: &Policy, known: &Known, path: &str) -> Option<Page> {
    if policy.verify_client == VerifyClient::None {
        return None;
    }
    let concerned = policy.protect.is_empty() || policy.protects(path);
    let missing = policy.verify_client == VerifyClient::Require && concerned && !known.has_certificate;
    match (policy.refusal, known.error, missing) {
        (_, None, false) | (Refusal::Alert, Some(_), _) => None,
        (Refusal::Alert, None, true) => Some(apache_forbidden("")),
        (Refusal::BadRequest, Some(_), _) => Some(nginx("The SSL certificate error")),
        (Refusal::BadRequest, None, true) => Some(nginx("No required SSL certificate was sent")),
        (Refusal::Forbidden, Some(error), _) => Some(forbidden(substatus(error))),
        (Refusal::Forbidden, None, true) => Some(forbidden(7)),
    }
}

/// What a client gets that cannot be asked after its handshake.
pub(super) fn cannot_be_asked(policy: &Policy) -> Page {
    match policy.refusal {
        Refusal::Forbidden => Page::html(
            500,
            "Internal Server Error",
            iis(
                "500.0 - Internal Server Error",
                "The page cannot be displayed because an internal server error has occurred.",
                "Error Code 0x80070032: The request is not supported.",
            ),
        ),
        Refusal::Alert | Refusal::BadRequest => {
            apache_forbidden("Reason: Cannot perform Post-Handshake Authentication.<br />")
        }
    }
}

/// What a client gets whose body cannot be kept while it is asked, or is larger than is taken at all.
pub(super) fn too_large(policy: &Policy) -> Page {
    const REASON: &str = "Request Entity Too Large";
    let body = match policy.refusal {
        Refusal::Forbidden => iis(
            "413.1 - Request Entity Too Large",
            "The page was not displayed because the request entity is too large.",
            "The request is larger than uploadReadAheadSize.",
        ),
        Refusal::Alert | Refusal::BadRequest => apache(
            "413 Request Entity Too Large",
            REASON,
            "The requested resource does not allow request data with this method, or the amount of data provided in the request exceeds the capacity limit.",
        ),
    };
    Page::html(413, REASON, body)
}

/// What a client gets whose request makes no sense.
pub(super) fn malformed() -> Page {
    let why = "Your browser sent a request that this server could not understand.<br />";
    Page::html(400, "Bad Request", apache("400 Bad Request", "Bad Request", why))
}

/// What a client gets whose request has too large a head.
pub(super) fn head_too_large() -> Page {
    let heading = "Request Header Fields Too Large";
    let why = "The server refused this request because the request header fields are too large.";
    Page::html(431, heading, apache("431 Request Header Fields Too Large", heading, why))
}

/// nginx's page for certificates.
fn nginx(what: &str) -> Page {
    let body = format!(
        "<html>\r\n<head><title>400 {what}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n\
         <center>{what}</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    Page::html(400, "Bad Request", body)
}

/// Apache's page for status 403.
fn apache_forbidden(reason: &str) -> Page {
    let why = format!("You don't have permission to access this resource.{reason}");
    Page::html(403, "Forbidden", apache("403 Forbidden", "Forbidden", &why))
}

/// Apache's frame for errors.
fn apache(title: &str, heading: &str, why: &str) -> String {
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{title}</title>\n</head><body>\n\
         <h1>{heading}</h1>\n<p>{why}\n</p>\n</body></html>\n"
    )
}

/// Which substatus of 403 IIS gives for what is wrong with a certificate.
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
fn forbidden(substatus: u8) -> Page {
    let (what, why) = match substatus {
        7 => (
            "The page you are attempting to access requires your browser to have a Secure Sockets Layer (SSL) client certificate that the Web server recognizes.",
            "SSL client certificate is required.",
        ),
        13 => (
            "Your client certificate was revoked, or the revocation status could not be determined.",
            "Client certificate revoked.",
        ),
        17 => (
            "Your client certificate has expired or is not yet valid.",
            "Client certificate has expired or is not yet valid.",
        ),
        _ => (
            "Your client certificate is either not trusted or is invalid.",
            "Client certificate is untrusted or invalid.",
        ),
    };
    Page::html(403, "Forbidden", iis(&format!("403.{substatus} - Forbidden"), what, why))
}

/// IIS's frame for errors: its detailed page, without the advice below.
fn iis(error: &str, what: &str, why: &str) -> String {
    format!(
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\">\r\n<head>\r\n<title>IIS 10.0 Detailed Error - {error}</title>\r\n</head>\r\n\
         <body>\r\n<h2>HTTP Error {error}</h2>\r\n<h3>{what}</h3>\r\n<p>{why}</p>\r\n</body>\r\n</html>\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(
        refusal: Refusal,
        verify_client: VerifyClient,
        error: Option<X509VerifyResult>,
        has: bool,
    ) -> String {
        let policy = Policy { refusal, verify_client, ..Policy::default() };
        let known = Known { error, has_certificate: has, variables: Variables::default() };
        let page = page(&policy, &known, "/", "");
        format!("{} {}", page.status, page.body)
    }

    #[test]
    fn nginx_answers_400_and_says_which_of_two_things_is_wrong() {
        use VerifyClient::{Optional, Require};
        let wrong = Some(crate::stack::ffi::chain_too_long());
        let page = refused(Refusal::BadRequest, Require, None, false);
        assert!(page.starts_with("400 ") && page.contains("No required SSL certificate was sent"), "{page}");
        let page = refused(Refusal::BadRequest, Optional, wrong, true);
        assert!(page.starts_with("400 ") && page.contains("The SSL certificate error"), "{page}");
        assert!(refused(Refusal::BadRequest, Optional, None, false).starts_with("200 "));
    }

    #[test]
    fn iis_answers_403_with_a_substatus() {
        let page = refused(Refusal::Forbidden, VerifyClient::Require, None, false);
        assert!(page.starts_with("403 ") && page.contains("403.7 - Forbidden"), "{page}");
        let wrong = Some(crate::stack::ffi::chain_too_long());
        let page = refused(Refusal::Forbidden, VerifyClient::Require, wrong, true);
        assert!(page.contains("403.16 - Forbidden"), "{page}");
    }

    #[test]
    fn without_variables_the_page_greets_nobody() {
        let page = refused(Refusal::Alert, VerifyClient::Require, None, true);
        assert_eq!(page, "200 SSL client verification failed\n");
    }
}
