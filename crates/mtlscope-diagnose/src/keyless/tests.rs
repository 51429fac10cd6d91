//! What is inferred of scripted connections: each shape that was measured on a real stack, and each that must stay unknown.

use mtlscope_dissect::side::Side;

use super::*;
use crate::connection::script::{certificate, tell};
use crate::connection::{Means, Party, Verdict};

/// The server's flight of OpenSSL with SHA-384: not asked, and asked.
const NOT_ASKED: &str =
    "S> ServerHello(1.3 suite=1302), Sealed(23,23), Sealed(23,892), Sealed(23,96), Sealed(23,69)";
const ASKED: &str = "S> ServerHello(1.3 suite=1302), Sealed(23,23), Sealed(23,94), Sealed(23,892), Sealed(23,96), Sealed(23,69)";
/// A flight in one record: it tells nothing.
const COALESCED: &str = "S> ServerHello(1.3 suite=1301), Sealed(23,1104)";

/// What the last handshake's inference says: asked, answer, outcome.
fn said(hello: &str, server: &str, rest: &str) -> String {
    let connection = tell(&format!("C> {hello}\n{server}\n{rest}"));
    let inference = connection.asking().inferred.as_deref().expect("something is hidden");
    let asked = match inference.request.value {
        Ok(true) => "asked".to_owned(),
        Ok(false) => "not asked".to_owned(),
        Err(why) => format!("{why:?}"),
    };
    let answer = match &inference.answer.value {
        Ok(Answer::None) => "none".to_owned(),
        Ok(Answer::Empty) => "empty".to_owned(),
        Ok(Answer::Certificate(sent)) => match sent.fits.as_slice() {
            [fit] => format!("{} bytes, {}", fit.least, fit.key.unwrap()),
            fits => format!("{} fits", fits.len()),
        },
        Err(why) => format!("{why:?}"),
    };
    let outcome = match (connection.outcome.verdict, connection.outcome.by) {
        (Verdict::Refused, Some(Party::Side(by))) => format!("refused by {by}"),
        (verdict, _) => format!("{verdict:?}").to_lowercase(),
    };
    assert!(connection.outcome.inferred || !["accepted", "refused"].contains(&outcome.as_str()));
    format!("{asked}; {answer}; {outcome}")
}

fn plain(server: &str, rest: &str) -> String {
    said("ClientHello", server, rest)
}

#[test]
fn the_four_shapes_of_stacks_that_give_each_message_a_record() {
    assert_eq!(plain(NOT_ASKED, "C> Sealed(23,69)\nS> Sealed(23,250)"), "not asked; none; accepted");
    assert_eq!(
        plain(ASKED, "C> Sealed(23,25), Sealed(23,69)\nS> Sealed(23,19), FIN"),
        "asked; empty; refused by server"
    );
    assert_eq!(
        plain(ASKED, "C> Sealed(23,860), Sealed(23,96), Sealed(23,69)\nS> Sealed(23,666), Sealed(23,666)"),
        "asked; 835 bytes, ECDSA with P-256; accepted"
    );
    assert_eq!(plain(ASKED, "C> Sealed(23,19), FIN\nS> FIN"), "asked; none; refused by client");
}

#[test]
fn the_shapes_of_stacks_that_put_a_flight_into_one_record() {
    assert_eq!(plain(COALESCED, "C> Sealed(23,53)\nS> Sealed(23,175)"), "not asked; none; accepted");
    assert_eq!(
        plain(COALESCED, "C> Sealed(23,61)\nS> Sealed(23,19), RST"),
        "asked; empty; refused by server"
    );
    let certificate = plain(COALESCED, "C> Sealed(23,565)\nC> Sealed(23,40)\nS> Sealed(23,175)");
    assert!(certificate.starts_with("asked; ") && certificate.ends_with(" fits; accepted"), "{certificate}");
}

#[test]
fn jsse_adds_sixteen_bytes_to_every_record() {
    let server = "S> ServerHello(1.3 suite=1302), Sealed(23,65), Sealed(23,148), Sealed(23,498), Sealed(23,113), Sealed(23,85)";
    assert_eq!(
        plain(server, "C> Sealed(23,41), Sealed(23,85)\nS> Sealed(23,35), FIN"),
        "asked; empty; refused by server"
    );
    assert_eq!(
        plain(server, "C> Sealed(23,466), Sealed(23,112), Sealed(23,85)\nS> Sealed(23,1601)"),
        "asked; 425 bytes, ECDSA with P-256; accepted"
    );
    // user_canceled and close_notify are a goodbye.
    assert_eq!(
        plain(server, "C> Sealed(23,41), Sealed(23,85)\nS> Sealed(23,35), Sealed(23,35)"),
        "asked; empty; unknown"
    );
}

#[test]
fn a_refusal_may_come_before_the_clients_flight_has_ended() {
    let rest = "C> Sealed(23,41)\nS> Sealed(23,19), FIN\nC> Sealed(23,85), Sealed(23,93)";
    assert_eq!(plain(ASKED, rest), "asked; empty; refused by server");
}

#[test]
fn goodbyes_are_no_refusals() {
    let empty = "C> Sealed(23,25), Sealed(23,69)";
    assert_eq!(
        plain(ASKED, &format!("{empty}\nC> Sealed(23,19)\nS> Sealed(23,19), FIN")),
        "asked; empty; unknown"
    );
    assert_eq!(plain(ASKED, &format!("{empty}\nwait 6\nS> Sealed(23,19), FIN")), "asked; empty; unknown");
    assert_eq!(plain(ASKED, &format!("{empty}\nS> FIN")), "asked; empty; unknown");
    let none = "C> Sealed(23,69)";
    assert_eq!(
        plain(NOT_ASKED, &format!("{none}\nC> Sealed(23,19)\nS> Sealed(23,19), FIN")),
        "not asked; none; accepted"
    );
    assert_eq!(plain(NOT_ASKED, &format!("{none}\nS> Sealed(23,19), FIN")), "not asked; none; unknown");
}

#[test]
fn a_request_that_the_server_leaves_unanswered_is_refused_by_the_close() {
    let rest = "C> Sealed(23,860), Sealed(23,96), Sealed(23,69)\nC> Sealed(23,101)\nS> RST";
    let connection = tell(&format!("C> ClientHello\n{ASKED}\n{rest}"));
    assert_eq!(connection.outcome.means, Some(Means::Reset));
    assert_eq!(connection.outcome.by, Some(Party::Side(Side::Server)));
}

#[test]
fn padding_makes_it_unknown_and_never_wrong() {
    // The known failure of the naive rule: this is an empty Certificate and a Finished.
    let server = "S> ServerHello(1.3 suite=1302), Sealed(23,528), Sealed(23,528), Sealed(23,1040), Sealed(23,528), Sealed(23,528)";
    let rest = "C> Sealed(23,528), Sealed(23,528)\nS> Sealed(23,528), Sealed(23,528)";
    assert_eq!(plain(server, rest), "Padded(512); Padded(512); unknown");
    // Alone, a round length may be a Finished.
    assert_eq!(plain(COALESCED, "C> Sealed(23,528)\nS> Sealed(23,175)"), "MayBePadded; MayBePadded; unknown");
    // Only the server pads, to 16: its alert is no data.
    let server = "S> ServerHello(1.3 suite=1302), Sealed(23,32), Sealed(23,128), Sealed(23,1840), Sealed(23,288), Sealed(23,80)";
    assert_eq!(
        plain(server, "C> Sealed(23,25), Sealed(23,69)\nS> Sealed(23,32), FIN"),
        "asked; empty; unknown"
    );
}

#[test]
fn a_split_certificate_is_put_together() {
    let rest = "C> Sealed(23,529), Sealed(23,348), Sealed(23,97), Sealed(23,69)\nS> Sealed(23,666)";
    assert_eq!(plain(ASKED, rest), "asked; 835 bytes, ECDSA with P-256; accepted");
}

#[test]
fn what_is_missing_makes_it_unknown() {
    let rest = "C> Gap(100), Sealed(23,69)\nS> Sealed(23,250)";
    assert_eq!(plain(NOT_ASKED, rest), "Missing; Missing; unknown");
    // Behind the flight it does no harm to what the flight tells.
    let rest = "C> Sealed(23,25), Sealed(23,69)\nC> Gap(100), Sealed(23,101)\nS> Sealed(23,250)";
    assert_eq!(plain(ASKED, rest), "asked; empty; accepted");
    let late = tell("late\nS> Sealed(23,892), Sealed(23,69)\nC> Sealed(23,69)");
    assert!(late.initial().inferred.is_none());
}

#[test]
fn early_data_is_not_taken_for_the_handshake() {
    let rest = "C> Sealed(23,69), Sealed(23,21), Sealed(23,69)\nS> Sealed(23,250)";
    assert_eq!(said("ClientHello(early)", NOT_ASKED, rest), "EarlyData; EarlyData; unknown");
    let resumed = tell(&format!(
        "C> ClientHello(early)\nS> ServerHello(1.3 suite=1302 psk), Sealed(23,23), Sealed(23,69)\n{rest}"
    ));
    assert!(resumed.initial().request.is_not_sent());
    assert_eq!((resumed.outcome.verdict, resumed.outcome.inferred), (Verdict::Accepted, true));
}

#[test]
fn two_sides_that_do_not_go_together_are_a_contradiction() {
    assert_eq!(plain(ASKED, "C> Sealed(23,69)\nS> Sealed(23,250)"), "Contradiction; Contradiction; accepted");
}

#[test]
fn an_answer_after_the_handshake_is_told_apart() {
    let begin = "C> Sealed(23,69)\nS> Sealed(23,250), Sealed(23,250)\nC> Sealed(23,100)\nS> Sealed(23,126)";
    let given = format!(
        "{begin}\nC> Sealed(23,892), Sealed(23,96), Sealed(23,69)\nS> Sealed(23,666), Sealed(23,666)"
    );
    let hello = "ClientHello(pha)";
    assert_eq!(said(hello, NOT_ASKED, &given), "asked; 835 bytes, ECDSA with P-256; accepted");
    let connection = tell(&format!("C> {hello}\n{NOT_ASKED}\n{given}"));
    assert_eq!(connection.asking().kind, HandshakeKind::PostHandshake);
    let ticket = connection.initial().inferred.as_ref().unwrap().ticket.as_ref().unwrap();
    assert_eq!(ticket.says, TicketSays::Grew(416));
    let declined = format!("{begin}\nC> Sealed(23,57), Sealed(23,69)\nS> Sealed(23,19), FIN");
    assert_eq!(said(hello, NOT_ASKED, &declined), "asked; empty; refused by server");
    // Who cannot be asked is not asked, whatever the sizes.
    assert_eq!(said("ClientHello", NOT_ASKED, &given), "not asked; none; accepted");
    // Data as long as a Finished leaves it open.
    let data = format!("{begin}\nC> Sealed(23,69)");
    assert_eq!(said(hello, NOT_ASKED, &data), "NoFit; NoFit; unknown");
}

#[test]
fn a_renegotiation_shows_its_messages_by_their_lengths() {
    let begin = "C> ClientHello
         S> ServerHello(1.2 suite=c030), Certificate(server), ServerKeyExchange, ServerHelloDone
         C> ClientKeyExchange, ChangeCipherSpec, Sealed(22,40)
         S> ChangeCipherSpec, Sealed(22,40)
         C> Sealed(23,100)
         S> Sealed(22,28)
         C> Sealed(22,236)";
    let asked = "S> Sealed(22,113), Sealed(22,894), Sealed(22,138), Sealed(22,102), Sealed(22,28)";
    let taken = "Sealed(20,25), Sealed(22,40)\nS> Sealed(20,25), Sealed(22,40), Sealed(23,269)";
    let told = |rest: &str| {
        let connection = tell(&format!("{begin}\n{rest}"));
        let inference = connection.handshakes.last().unwrap().inferred.clone().unwrap();
        (inference.is_asked(), inference.answer.value.ok(), connection.outcome.verdict)
    };
    let given = told(&format!("{asked}\nC> Sealed(22,862), Sealed(22,61), Sealed(22,102), {taken}"));
    assert_eq!((given.0, given.2), (Some(true), Verdict::Accepted));
    let Some(Answer::Certificate(sent)) = given.1 else { panic!("{given:?}") };
    assert_eq!((sent.fits[0].least, sent.fits[0].key), (831, Some(KeyType::EcdsaP256)));
    let refused = format!(
        "{asked}\nC> Sealed(22,31), Sealed(22,61), Sealed(20,25), Sealed(22,40)\nS> Sealed(21,26), FIN"
    );
    assert_eq!(told(&refused), (Some(true), Some(Answer::Empty), Verdict::Refused));
    // The ClientKeyExchange of the script has 37 bytes.
    assert_eq!(
        told(&format!("{asked}\nC> Sealed(22,61), {taken}")),
        (Some(false), Some(Answer::None), Verdict::Accepted)
    );
    let resumed = "S> Sealed(22,133), Sealed(20,25), Sealed(22,40)\nC> Sealed(20,25), Sealed(22,40)";
    assert_eq!(told(resumed), (Some(false), Some(Answer::None), Verdict::Accepted));
}

#[test]
fn chrome_answers_alps_before_its_finished() {
    let hello = "ClientHello(alps)";
    assert_eq!(said(hello, COALESCED, "C> Sealed(23,63)\nS> Sealed(23,175)"), "not asked; none; accepted");
    assert_eq!(
        said(hello, COALESCED, "C> Sealed(23,71)\nS> Sealed(23,19)"),
        "asked; empty; refused by server"
    );
    // Without ALPS the same record fits nothing.
    assert_eq!(plain(COALESCED, "C> Sealed(23,63)\nS> Sealed(23,175)"), "NoFit; NoFit; unknown");
}

#[test]
fn the_file_with_the_size_of_what_was_sent_is_named() {
    let (leaf, root) = (certificate("good"), certificate("root"));
    let list = |chain: &[&mtlscope_dissect::x509::Certificate]| -> usize {
        chain.iter().map(|certificate| certificate.der.len() + 5).sum()
    };
    let files = [
        CertificateFile { name: "good.pem".to_owned(), certificates: vec![leaf.clone()] },
        CertificateFile { name: "other.pem".to_owned(), certificates: vec![certificate("goodec")] },
        CertificateFile { name: "root.pem".to_owned(), certificates: vec![root.clone()] },
    ];
    for (chain, issuers) in [(vec![&*leaf], 0), (vec![&*leaf, &*root], 1)] {
        let record = 8 + list(&chain) + 17;
        let rest = format!("C> Sealed(23,{record}), Sealed(23,281), Sealed(23,69)\nS> Sealed(23,19), FIN");
        let mut connection = tell(&format!("C> ClientHello\n{ASKED}\n{rest}"));
        name_candidates(&mut connection, &files);
        let named = &connection.initial().inferred.as_ref().unwrap().candidates;
        let named: Vec<_> = named.iter().map(|named| (named.file.as_str(), named.issuers)).collect();
        assert_eq!(named, [("good.pem", issuers)]);
    }
}

#[test]
fn each_line_shows_a_sum_that_is_right() {
    let rest = "C> Sealed(23,860), Sealed(23,96), Sealed(23,69)\nS> Sealed(23,19), FIN";
    let connection = tell(&format!("C> ClientHello\n{ASKED}\n{rest}"));
    let inference = connection.initial().inferred.as_deref().unwrap();
    let lines = inference.lines();
    assert!(lines.len() >= 4);
    for line in lines {
        let records: u32 = line.records.iter().map(|record| u32::from(record.bytes)).sum();
        let parts: u32 = line.parts.iter().map(|part| part.bytes).sum();
        assert!(line.parts.is_empty() || parts == records, "{line}");
    }
    assert_eq!(
        inference.reception.arithmetic[0].to_string(),
        "server, frame 4: 19 = 2 alert + 1 content type + 16 tag: an alert is the first thing that the server says to the \
         client's answer, and no goodbye came before it: it refuses"
    );
}

#[test]
fn no_sizes_make_it_panic() {
    // Every pair of small lengths, and the extremes.
    let lengths = (0..130).step_by(3).chain([16401, 65535]);
    for first in lengths.clone() {
        for second in lengths.clone().step_by(2) {
            tell(&format!(
                "C> ClientHello(pha)\n{ASKED}\nC> Sealed(23,{first}), Sealed(23,{second})\nS> Sealed(23,{second})\nC> Sealed(23,{first})\nS> FIN"
            ));
        }
    }
}
