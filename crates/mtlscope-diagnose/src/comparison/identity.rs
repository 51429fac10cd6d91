//! Who the ends are, by their certificates and proofs, and how the connections came out.

use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::SignatureScheme;

use super::Difference;
use super::aspect::Weight::{Decisive, Notable};
use super::aspect::{Aspect, Shown};
use crate::connection::{Connection, Handshake, Outcome, Party, Proof, Verdict};
use crate::observed::Observed;
use crate::pki::SignatureCheck;

/// What a Certificate message shows. The server's leaf may be renewed without harm; the client's is the question.
pub(super) fn chain(message: &Message, client: bool) -> Vec<Aspect> {
    let weight = if client { Decisive } else { Notable };
    let certificates = &message.certificates;
    let count = Aspect::one("certificates", weight, Some(certificates.len().to_string()));
    let Some(leaf) = certificates.first() else {
        return vec![count, Aspect::one("subject", weight, None)];
    };
    let above = certificates.iter().skip(1).map(|certificate| &certificate.subject);
    let one = |name, weight, value: String| Aspect::one(name, weight, Some(value));
    vec![
        count,
        one("subject", weight, leaf.subject.to_string()),
        one("issuer", weight, leaf.issuer.to_string()),
        one("serial", Notable, leaf.serial.to_string()),
        one("not_before", Notable, leaf.not_before.to_string()),
        one("not_after", weight, leaf.not_after.to_string()),
        one("public_key", weight, leaf.public_key.algorithm.to_string()),
        one("signature_algorithm", weight, leaf.signature_algorithm.to_string()),
        Aspect::several("chain above the leaf", weight, above),
        one("length", Notable, format!("{} bytes", message.length)),
    ]
}

pub(super) fn proof(algorithm: Option<SignatureScheme>, proof: Option<&Proof>) -> Vec<Aspect> {
    let checked = proof.and_then(|proof| match &proof.checked {
        Some(SignatureCheck::Bad) => Some("not made by the certificate's key"),
        _ => None,
    });
    vec![
        Aspect::one("algorithm", Decisive, algorithm.map(|algorithm| algorithm.to_string())),
        Aspect::one("signature", Decisive, checked.map(str::to_owned)),
    ]
}

/// What differs in the connections as wholes.
pub(super) fn of_connections(good: &Connection, bad: &Connection) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut hold = |name, good: Shown, bad: Shown| {
        if !good.says_the_same_as(&bad) {
            let message = "connection".to_owned();
            differences.push(Difference { message, side: None, name, weight: Decisive, good, bad });
        }
    };
    hold("outcome", Shown::One(outcome(&good.outcome)), Shown::One(outcome(&bad.outcome)));
    let both = |read: fn(&Handshake) -> Shown| (read(good.asking()), read(bad.asking()));
    let (one, other) = both(|handshake| observed(&handshake.request, |_| "yes".to_owned()));
    hold("certificate requested", one, other);
    let (one, other) = both(|handshake| {
        observed(&handshake.answer, |answer| match answer.certificates.len() + answer.unreadable {
            0 => "an empty list".to_owned(),
            _ => "a certificate".to_owned(),
        })
    });
    hold("client's answer", one, other);
    let (one, other) = (good.initial(), bad.initial());
    hold("resumed", observed(&one.resumption, |_| "yes".to_owned()), {
        observed(&other.resumption, |_| "yes".to_owned())
    });
    differences
}

fn observed<T>(fact: &Observed<T>, show: impl Fn(&T) -> String) -> Shown {
    match fact {
        Observed::Seen(value) => Shown::One(show(value)),
        Observed::NotSent => Shown::Absent,
        Observed::Hidden(why) => Shown::Hidden(*why),
    }
}

fn outcome(outcome: &Outcome) -> String {
    let verdict = match outcome.verdict {
        Verdict::Accepted => "accepted",
        Verdict::Refused => "refused",
        Verdict::Incomplete => "incomplete",
        Verdict::Unknown => "unknown",
    };
    match outcome.by.filter(|_| outcome.verdict == Verdict::Refused) {
        Some(Party::Side(Side::Client)) => format!("{verdict} by the client"),
        Some(Party::Side(Side::Server)) => format!("{verdict} by the server"),
        _ => verdict.to_owned(),
    }
}
