//! A large part of the handshake gets no answer.

use crate::connection::{Connection, Sign, StepKind, Verdict};
use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::rule::{Report, rule};
use crate::wording::Place;

rule! {
    /// A large part of the handshake was never answered.
    ///
    /// ## What happened
    ///
    /// A side sent more than one packet of handshake, the other side fell silent for seconds, and the capture or the
    /// connection ended so. Small packets pass and large ones do not: somewhere the path takes less than the ends
    /// believe, and the ICMP message that says so is dropped.
    ///
    /// ## Why it happens
    ///
    /// - VPNs, tunnels, overlays of container networks with a smaller MTU; firewalls that drop ICMP.
    ///
    /// ## What to do
    ///
    /// - Lower the MTU or clamp the MSS: `iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS
    ///   --clamp-mss-to-pmtu`; let "fragmentation needed" pass.
    /// - Shorter chains and ECDSA certificates make it rarer, and do not mend it.
    /// - Test: `ping -M do -s 1472 HOST`.
    ///
    /// ## See it in Wireshark
    ///
    /// ```text
    /// tcp.analysis.retransmission && tls.handshake
    /// ```
    ///
    /// ## How to reproduce
    ///
    /// Not on one machine: it takes a path that drops large packets, such as two network namespaces with a veth pair of
    /// which one end takes less than the other sends.
    ///
    /// ## References
    ///
    /// - RFC 2923; RFC 8899
    pub static MTU_BLACKHOLE: Warning = "mtu-blackhole", check, needs UNFINISHED;
}

/// What fits into one packet on an ordinary path, and how long nobody waits by himself.
const ONE_PACKET: u64 = 1400;
const SILENCE: i64 = 5;

fn check(connection: &Connection, _: &Context, report: &mut Report) {
    let initial = connection.initial();
    if connection.outcome.verdict == Verdict::Accepted
        || initial.client_finished.is_seen() && initial.server_finished.is_seen()
    {
        return;
    }
    let messages =
        connection.steps.iter().filter_map(|step| step.kind.message()).map(|message| message.evidence);
    let Some(last) = messages.clone().next_back() else { return };
    let flight: u64 =
        messages.rev().take_while(|one| one.side == last.side).map(|one| u64::from(one.length)).sum();
    // Who waits in vain gives up in the end, and closes.
    let next = connection.steps.iter().map(|step| step.time).find(|time| *time > last.time);
    let waited = next.unwrap_or(connection.end).seconds().saturating_sub(last.time.seconds());
    let answered = connection.steps.iter().any(|step| {
        step.side != last.side && step.time > last.time && !matches!(step.kind, StepKind::TransportEnd(_))
    });
    let refused = connection.refusal().is_some_and(|refusal| !matches!(refusal.sign, Sign::Closed(_)));
    if flight <= ONE_PACKET || waited < SILENCE || answered || refused {
        return;
    }
    let message = format!(
        "The {} sent {flight} bytes of handshake, the last{}, and for {waited} seconds nothing came back: large packets may be dropped on \
         the way.",
        last.side,
        Place(last)
    );
    let fix = "Test the path with large packets (ping -M do -s 1472), and clamp the MSS or lower the MTU";
    report.find(&MTU_BLACKHOLE, Severity::Warning, Confidence::Possible, [last], message, fix);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checking::{fires, quiet};

    #[test]
    fn fires_when_a_large_flight_gets_no_answer() {
        let found = fires(
            &MTU_BLACKHOLE,
            "
            C> ClientHello
            S> ServerHello, Certificate(server root), ServerKeyExchange, ServerHelloDone
            wait 30
            S> nothing
            ",
        );
        assert_eq!((found.severity, found.confidence), (Severity::Warning, Confidence::Possible));
        assert!(found.message.contains("nothing came back"), "{}", found.message);
    }

    #[test]
    fn fires_when_the_other_gives_up_in_the_end() {
        let found = fires(
            &MTU_BLACKHOLE,
            "
            C> ClientHello
            S> ServerHello, Certificate(server root), ServerKeyExchange, CertificateRequest(@root), ServerHelloDone
            wait 9
            C> FIN
            S> Alert(fatal, decode_error)
            C> RST
            ",
        );
        assert!(found.message.contains("for 9 seconds nothing came back"), "{}", found.message);
    }

    #[test]
    fn quiet_when_the_answer_comes_at_once() {
        quiet(
            &MTU_BLACKHOLE,
            "
            at 1795660000
            C> ClientHello
            S> ServerHello, Certificate(zoo/server), ServerKeyExchange, CertificateRequest(@zoo/ca), ServerHelloDone
            C> Certificate(zoo/client), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
            S> ChangeCipherSpec, Sealed(22,40)
            C> Data(GET / HTTP/1.1\\r\\n)
            S> Data(HTTP/1.1 200 OK\\r\\n)
            ",
        );
    }
}
