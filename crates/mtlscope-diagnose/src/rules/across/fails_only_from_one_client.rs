//! A server that refuses one client, and no other.

use crate::finding::{Confidence, Severity};
use crate::history::{CameOut, History, Summary};
use crate::rule::{Report, rule};
use crate::rules::across::{check, evidence, numbers};

rule! {
    /// The server refuses one client, and takes the others.
    ///
    /// ## What happened
    ///
    /// Of the clients that talk to this server, one is always refused and the others are taken. So it is about that
    /// client: its certificate, its clock, its library, its way to the server.
    ///
    /// ## Why it happens
    ///
    /// - Its certificate is another, or has expired; its library is older; a proxy stands in its way.
    ///
    /// ## What to do
    ///
    /// - Compare a good and a bad connection: `mtlscope diff FILE#1 FILE#2`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// ip.src == 192.0.2.7 && tls.handshake
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// ```sh
    /// mtlscope pki init pki
    /// mtlscope serve --pki pki --verify-client require --record run.pcapng --count 3 &
    /// for i in 2 3; do curl https://localhost:8443/ --cacert pki/ca.pem --cert pki/client.pem --key pki/client.key --interface 127.0.0.$i; done
    /// curl https://localhost:8443/ --cacert pki/ca.pem --interface 127.0.0.5
    /// mtlscope read run.pcapng
    /// ```
    ///
    /// ## References
    ///
    /// - docs/diff.md
    pub static FAILS_ONLY_FROM_ONE_CLIENT: Warning = "fails-only-from-one-client", check;
}

pub(super) fn across(history: &History, report: &mut Report) {
    let mut servers = Vec::new();
    for pair in history.pairs() {
        if !servers.contains(&pair.server) {
            servers.push(pair.server);
        }
    }
    for server in servers.into_iter().take(SERVERS) {
        let pairs = || history.pairs().iter().filter(|pair| pair.server == server);
        let all = |wanted: CameOut| {
            pairs().filter(move |pair| {
                let mut known = pair.connections.iter().filter_map(|one| one.came_out).peekable();
                known.peek().is_some() && known.all(|came_out| came_out == wanted)
            })
        };
        let refused: Vec<_> = all(CameOut::Refused).collect();
        let taken = all(CameOut::Well).count();
        let [one] = &refused[..] else { continue };
        let failed: Vec<&Summary> = one.connections.iter().filter(|one| one.came_out.is_some()).collect();
        if taken < 2 {
            continue;
        }
        let message = format!(
            "Of the clients of {server}, only {} is refused ({}); {taken} others are taken.",
            one.client,
            numbers(&failed)
        );
        let fix = "Compare a connection of this client with one of another (mtlscope diff FILE#1 FILE#2)";
        let confidence = if failed.len() > 1 { Confidence::Likely } else { Confidence::Possible };
        report.find(
            &FAILS_ONLY_FROM_ONE_CLIENT,
            Severity::Warning,
            confidence,
            evidence(&failed, &[]),
            message,
            fix,
        );
    }
}

/// Servers that are looked at: their number times that of the pairs is the work.
const SERVERS: usize = 256;

#[cfg(test)]
mod tests {
    use crate::rules::across::checking::{REFUSED_12, WELL_12, findings};

    #[test]
    fn fires_when_it_is_so() {
        let found = findings("fails-only-from-one-client", &[(1, WELL_12), (2, WELL_12), (3, REFUSED_12)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].message.contains("only 192.0.2.3 is refused") && !found[0].frames().is_empty(),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn quiet_when_it_is_not() {
        assert!(
            findings("fails-only-from-one-client", &[(1, WELL_12), (2, REFUSED_12), (3, REFUSED_12)])
                .is_empty()
        );
    }
}
