//! The certificates of a connection as PEM files: their names and what stands in them. Whoever calls writes them.

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::identities;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509::Certificate;

/// One file to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedCertificate {
    /// `connection-role-depth-CN.pem`, such as `1-client-0-alice.pem`: ASCII letters, digits and `-._@` only, no path. A
    /// later handshake of the connection is counted with it: `1.2-client-0-alice.pem`.
    pub file_name: String,
    /// One PEM block.
    pub pem: String,
}

/// Every certificate of a connection, that of each end first, then its issuers. A chain that comes again in a later
/// handshake is left out.
pub fn saved_certificates(connection: &Connection) -> Vec<SavedCertificate> {
    let mut saved = Vec::new();
    for chain in identities::shown(connection) {
        let number = match chain.handshake {
            0 => connection.id.0.to_string(),
            later => format!("{}.{}", connection.id.0, later + 1),
        };
        for (depth, certificate) in chain.certificates.iter().enumerate() {
            saved.push(SavedCertificate {
                file_name: format!("{number}-{}", file_name(chain.side, depth, certificate)),
                pem: certificate.pem(),
            });
        }
    }
    saved
}

/// How a certificate's file is named without the number: `client-0-alice.pem`.
pub(crate) fn file_name(side: Side, depth: usize, certificate: &Certificate) -> String {
    format!("{side}-{depth}-{}.pem", name_of(certificate))
}

/// The common name, else the first other name, as a piece of a file name.
fn name_of(certificate: &Certificate) -> String {
    let name = certificate
        .subject
        .common_name()
        .or_else(|| certificate.extensions.subject_alternative_names.first().map(ToString::to_string));
    safe(&name.unwrap_or_default())
}

/// A name as a piece of a file name that no system takes amiss.
fn safe(name: &str) -> String {
    const LONGEST: usize = 64;
    let safe: String = name
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '@') { c } else { '_' })
        .collect();
    if safe.is_empty() { "without-a-name".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told;

    #[test]
    fn files_are_named_by_connection_role_depth_and_name() {
        let names = |connection: &Connection| -> Vec<String> {
            saved_certificates(connection).into_iter().map(|saved| saved.file_name).collect()
        };
        insta::assert_debug_snapshot!((
            names(&told::unknown_ca()),
            names(&told::accepted()),
            names(&told::asked_later()),
            names(&told::hidden()),
        ));
    }

    #[test]
    fn what_is_saved_is_the_certificate() {
        let saved = saved_certificates(&told::accepted());
        assert_eq!(saved[0].pem, told::certificate("server").pem());
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for (_, connection) in told::all() {
            for saved in saved_certificates(&connection) {
                assert!(saved.file_name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._@".contains(&b)));
            }
        }
        assert_eq!(safe("../../etc/passwd\0"), ".._.._etc_passwd_");
        assert_eq!(safe(""), "without-a-name");
    }
}
