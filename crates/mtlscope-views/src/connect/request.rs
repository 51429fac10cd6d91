//! What the server asks for, as `openssl s_client` prints it: the names of authorities, all of them, the types of
//! certificate, the signature algorithms.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::tls::registry::SignatureScheme;
use mtlscope_dissect::x509::Oid;

use crate::terminal::{Ink, Line, Settings};
use crate::trace::openssl_names;
use crate::wording;

/// Writes what was asked for in the last handshake that asked. No line is cut.
pub fn write(connection: &Connection, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let settings = &Settings { width: None, ..settings.clone() };
    let mut say = |ink: Ink, text: &str| {
        let mut line = Line::new();
        line.add(ink, text);
        line.write(settings, out)
    };
    let request = match &connection.asking().request {
        Observed::Seen(request) => request,
        Observed::NotSent => return say(Ink::Strong, "The server did not ask for a client certificate"),
        Observed::Hidden(why) => {
            let text = format!(
                "Whether the server asked for a client certificate cannot be told: {}",
                wording::why(*why)
            );
            return say(Ink::Doubtful, &text);
        }
    };
    match &request.authorities[..] {
        [] => say(Ink::Strong, "No client certificate CA names sent")?,
        authorities => {
            say(Ink::Strong, "Acceptable client certificate CA names")?;
            for authority in authorities {
                say(Ink::Plain, &openssl_names::oneline(authority))?;
            }
        }
    }
    if !request.certificate_types.is_empty() {
        let types: Vec<String> =
            request.certificate_types.iter().map(|kind| openssl_names::certificate_type(*kind)).collect();
        say(Ink::Plain, &format!("Client Certificate Types: {}", types.join(", ")))?;
    }
    if !request.signature_algorithms.is_empty() {
        let algorithms = algorithms(&request.signature_algorithms);
        say(Ink::Plain, &format!("Requested Signature Algorithms: {algorithms}"))?;
    }
    // s_client has no words for these two.
    if !request.signature_algorithms_cert.is_empty() {
        let algorithms = algorithms(&request.signature_algorithms_cert);
        say(Ink::Plain, &format!("Requested Signature Algorithms inside certificates: {algorithms}"))?;
    }
    for filter in &request.oid_filters {
        let oid = Oid::from_content(filter.certificate_extension_oid.get(2..).unwrap_or_default());
        say(Ink::Plain, &format!("Required certificate extension: {oid:?}"))?;
    }
    Ok(())
}

fn algorithms(schemes: &[SignatureScheme]) -> String {
    let names: Vec<String> = schemes.iter().map(|scheme| openssl_names::signature_scheme(*scheme)).collect();
    names.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::tell;

    fn shown(script: &str) -> String {
        let mut out = Vec::new();
        write(&tell(script), &Settings { width: Some(40), ..Settings::default() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn says_what_is_asked_for_as_s_client_does() {
        insta::assert_snapshot!(shown(
            "
            C> ClientHello
            S> ServerHello, Certificate(server)
            S> CertificateRequest(C=IT,O=Lab,CN=Lab Root CA; CN=x\x1b[2J; sigalgs=0403 0804 0401 0807 0809 081a 0904 0e0e; types=1 2 64 99)
            S> ServerHelloDone
            "
        ));
    }

    #[test]
    fn who_does_not_ask_and_who_names_nobody_are_two_things() {
        let asks =
            "C> ClientHello\nS> ServerHello, Certificate(server), CertificateRequest(any), ServerHelloDone";
        assert!(shown(asks).starts_with("No client certificate CA names sent\n"));
        let asks_not = "C> ClientHello\nS> ServerHello, Certificate(server), ServerHelloDone";
        assert_eq!(shown(asks_not), "The server did not ask for a client certificate\n");
        let sealed = "C> ClientHello\nS> ServerHello(1.3), Sealed(23,900)\nC> Sealed(23,50)";
        assert!(
            shown(sealed).starts_with("Whether the server asked for a client certificate cannot be told:")
        );
    }
}
