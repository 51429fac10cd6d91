//! The certificates of a connection as PEM files: their names and what stands in them. Whoever calls writes them.

use std::sync::Arc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::evidence::{Evidence, FrameNumber};
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
    for chain in chains(connection) {
        let number = match chain.handshake {
            0 => connection.id.0.to_string(),
            later => format!("{}.{}", connection.id.0, later + 1),
        };
        for (depth, certificate) in chain.certificates.iter().enumerate() {
            saved.push(SavedCertificate {
                file_name: format!("{number}-{}-{depth}-{}.pem", chain.side, name_of(certificate)),
                pem: certificate.pem(),
            });
        }
    }
    saved
}

/// The chain that one end sent in one handshake.
pub(crate) struct Chain<'a> {
    pub(crate) side: Side,
    pub(crate) handshake: usize,
    pub(crate) frame: Option<FrameNumber>,
    pub(crate) certificates: &'a [Arc<Certificate>],
}

/// The chains of both ends in the order of the handshakes, each once.
pub(crate) fn chains(connection: &Connection) -> Vec<Chain<'_>> {
    let mut chains: Vec<Chain<'_>> = Vec::new();
    let mut take = |side, handshake, evidence: &Evidence, certificates| {
        if !chains.iter().any(|earlier| earlier.side == side && earlier.certificates == certificates) {
            chains.push(Chain { side, handshake, frame: evidence.frame, certificates });
        }
    };
    for handshake in &connection.handshakes {
        if let Observed::Seen(identity) = &handshake.server_identity {
            take(Side::Server, handshake.index, &identity.evidence, identity.certificates.as_slice());
        }
        if let Observed::Seen(answer) = &handshake.answer {
            take(Side::Client, handshake.index, &answer.evidence, answer.certificates.as_slice());
        }
    }
    chains
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
