//! Is a list of authorities too long for a server to name them all in its request?

use mtlscope_dissect::x509::Certificate;

use super::{Credential, Flaw, is_authority_only};
use crate::finding::Severity;

/// What SChannel sends of the names, in bytes.
const SCHANNEL: usize = 16 * 1024;
/// The longest handshake message that Java takes.
const JAVA: usize = 32 * 1024;
/// What a request can hold.
const REQUEST: usize = 65_535;

pub(super) fn check(credential: &Credential) -> Option<Flaw> {
    let given = credential.certificates().filter(|one| is_authority_only(one));
    [length(given.map(|one| &**one)), length(credential.trusted.iter().map(|one| &**one))]
        .into_iter()
        .max_by_key(|(_, length)| *length)
        .and_then(|(number, length)| flaw(number, length))
}

/// How many names there are, and what they take in a request: each with two bytes for its length.
fn length<'a>(authorities: impl Iterator<Item = &'a Certificate>) -> (usize, usize) {
    authorities.fold((0, 0), |(number, sum), one| (number + 1, sum + 2 + one.subject.der().len()))
}

fn flaw(number: usize, length: usize) -> Option<Flaw> {
    if length <= SCHANNEL {
        return None;
    }
    let (severity, cause, consequence) = match length {
        ..=JAVA => (
            Severity::Warning,
            "schannel-ca-list-truncated",
            "IIS and others on SChannel send no more than 16 KB of them, and clients that go by the list may find none of theirs",
        ),
        _ if length <= REQUEST => (
            Severity::Warning,
            "ca-list-exceeds-client-limit",
            "Java clients take no handshake message over 32 KiB, and SChannel sends no more than 16 KB of it",
        ),
        _ => (
            Severity::Error,
            "ca-list-over-64k",
            "a request holds no more than 65535, so no server can name them all",
        ),
    };
    Some(Flaw::new(
        severity,
        cause,
        format!(
            "The names of the {number} authorities take {length} bytes in a server's request: {consequence}."
        ),
        "Have the server name only the authorities of its clients, or none (Apache: SSLCADNRequestFile; nginx: ssl_trusted_certificate).",
    ))
}
