//! What differs between tshark's reading of a capture and ours.

use std::collections::BTreeMap;

use super::oracle::{self, Conversation};
use crate::connection::{Connection, Endpoint};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// tshark's name of the conversation, or the ends where only we see one.
    pub(crate) connection: String,
    /// What differs; `missing` (we lack a connection), `missing-without-handshake`, `extra` (only we see one), or a field.
    pub(crate) what: &'static str,
    pub(crate) theirs: String,
    pub(crate) ours: String,
}

/// What was compared, and what differs.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// How many connections both see.
    pub(crate) both: usize,
    pub(crate) differences: Vec<Difference>,
}

/// Compares both readings of one file. `reordered` is tshark's other reading (`tcp.reassemble_out_of_order`), where it
/// differs from the first: each loses something the other has, so agreeing with either is agreeing.
pub(crate) fn compare(
    theirs: &[Conversation],
    reordered: &[Conversation],
    ours: &[Connection],
) -> Comparison {
    let mut comparison = Comparison::default();
    let mut groups: BTreeMap<(Endpoint, Endpoint), Group> = BTreeMap::new();
    for conversation in theirs {
        match conversation.ends() {
            Some(ends) => groups.entry(ends).or_default().theirs.push(conversation),
            None => comparison.differences.push(missing(conversation)),
        }
    }
    for connection in ours {
        match (&connection.client, &connection.server) {
            (Some(client), Some(server)) => {
                let ends = oracle::ordered(client.clone(), server.clone());
                groups.entry(ends).or_default().ours.push(connection);
            }
            _ => comparison.differences.push(extra("no addresses".to_owned())),
        }
    }
    for ((low, high), Group { mut theirs, ours }) in groups {
        if ours.len() < theirs.len() {
            // Pair what has a handshake first: what began before the capture may rightly be left out.
            theirs.sort_by_key(|conversation| !conversation.has_handshake());
            let (paired, rest) = theirs.split_at(ours.len());
            comparison.differences.extend(rest.iter().copied().map(missing));
            theirs = paired.to_vec();
            theirs.sort_by_key(|conversation| number(&conversation.stream));
        }
        for _ in theirs.len()..ours.len() {
            comparison.differences.push(extra(format!("{low} {high}")));
        }
        for (conversation, connection) in theirs.into_iter().zip(ours) {
            comparison.both += 1;
            let other = reordered.iter().find(|other| other.stream == conversation.stream);
            comparison.differences.extend(fields(conversation, other, connection));
        }
    }
    comparison
}

/// What both readings have between the same two ends, in order.
#[derive(Default)]
struct Group<'r> {
    theirs: Vec<&'r Conversation>,
    ours: Vec<&'r Connection>,
}

fn missing(conversation: &Conversation) -> Difference {
    let what = if conversation.has_handshake() { "missing" } else { "missing-without-handshake" };
    Difference {
        connection: conversation.stream.clone(),
        what,
        theirs: format!("{} {} {}", conversation.a, conversation.b, conversation.protocols),
        ours: "-".to_owned(),
    }
}

fn extra(ends: String) -> Difference {
    Difference { connection: ends, what: "extra", theirs: "-".to_owned(), ours: "a connection".to_owned() }
}

/// `tcp.stream 12` to 12.
fn number(stream: &str) -> u64 {
    stream.rsplit(' ').next().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
}

/// The fields both readings have, as text.
type Fields = Vec<(&'static str, String)>;

fn fields(theirs: &Conversation, reordered: Option<&Conversation>, ours: &Connection) -> Vec<Difference> {
    let other = reordered.map(their_fields);
    let mut differences = Vec::new();
    for (index, ((what, theirs_text), (_, ours_text))) in
        their_fields(theirs).into_iter().zip(our_fields(theirs, ours)).enumerate()
    {
        let agrees_with_other =
            other.as_ref().and_then(|fields| fields.get(index)).is_some_and(|(_, text)| *text == ours_text);
        if theirs_text != ours_text && !agrees_with_other {
            let connection = theirs.stream.clone();
            differences.push(Difference { connection, what, theirs: theirs_text, ours: ours_text });
        }
    }
    differences
}

fn their_fields(theirs: &Conversation) -> Fields {
    let sha256 = |certificates: &[oracle::Certificate]| {
        list(certificates.iter().map(|certificate| certificate.sha256.clone()))
    };
    vec![
        ("client-hellos", theirs.all_client_hellos().to_string()),
        ("server-hellos", theirs.server_hellos.to_string()),
        ("version", hexadecimal(theirs.version.as_deref().and_then(hexadecimal_number))),
        ("cipher-suite", hexadecimal(theirs.cipher.as_deref().and_then(hexadecimal_number))),
        ("server-name", theirs.sni.clone().unwrap_or_else(nothing)),
        ("certificate-requests", theirs.certificate_requests.len().to_string()),
        ("client-certificate-messages", theirs.client_cert_messages.to_string()),
        ("client-certificates", sha256(&theirs.client_certs)),
        ("server-certificates", sha256(&theirs.server_certs)),
        (
            "alerts",
            list(theirs.alerts.iter().filter_map(|alert| {
                let from = if theirs.client.is_some() { alert.dir.as_str() } else { "?" };
                Some(format!("{from}:{}:{}", alert.level?, alert.desc?))
            })),
        ),
    ]
}

/// Our fields in the same order. Who is the client is a guess of ours where tshark has no hello; then the sides of the
/// alerts are not compared.
fn our_fields(theirs: &Conversation, ours: &Connection) -> Fields {
    let sha256 = |certificates: &[crate::connection::Certificate]| {
        list(certificates.iter().map(|certificate| certificate.sha256.replace(':', "").to_ascii_lowercase()))
    };
    vec![
        ("client-hellos", ours.count(1, None).to_string()),
        ("server-hellos", ours.count(2, None).to_string()),
        ("version", named(ours.version.as_deref(), version_number)),
        ("cipher-suite", named(ours.cipher_suite.as_deref(), cipher_suite_number)),
        ("server-name", ours.server_name.clone().unwrap_or_else(nothing)),
        ("certificate-requests", ours.count(13, None).to_string()),
        ("client-certificate-messages", ours.count(11, Some("client")).to_string()),
        ("client-certificates", sha256(&ours.client_auth.certificates)),
        ("server-certificates", sha256(&ours.server_certificates)),
        (
            "alerts",
            list(ours.alerts.iter().filter_map(|alert| {
                let from = match (&theirs.client, alert.from.as_str()) {
                    (None, _) => "?",
                    (_, "client") => "c",
                    _ => "s",
                };
                let level = match alert.level.as_deref()? {
                    "warning" => "1",
                    "fatal" => "2",
                    other => other,
                };
                Some(format!("{from}:{level}:{}", alert.number?))
            })),
        ),
    ]
}

fn nothing() -> String {
    "-".to_owned()
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { nothing() } else { items.join(" ") }
}

fn hexadecimal(number: Option<u16>) -> String {
    number.map_or_else(nothing, |number| format!("0x{number:04x}"))
}

fn hexadecimal_number(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// A name of ours as the number it stands for; the name itself where there is none, so that it shows as a difference.
fn named(name: Option<&str>, number: impl Fn(&str) -> Option<u16>) -> String {
    let Some(name) = name else { return nothing() };
    number(name).map_or_else(|| name.to_owned(), |number| hexadecimal(Some(number)))
}

/// `TLS 1.2`, `TLS 1.3 (draft 28)` or `0x7f1c` to the number on the wire.
fn version_number(name: &str) -> Option<u16> {
    let draft = |begin: &str, base: u16| {
        let number: u16 = name.strip_prefix(begin)?.trim_end_matches(')').parse().ok()?;
        Some(base + number)
    };
    match name {
        "SSL 2.0" => Some(0x0002),
        "SSL 3.0" => Some(0x0300),
        "TLS 1.0" => Some(0x0301),
        "TLS 1.1" => Some(0x0302),
        "TLS 1.2" => Some(0x0303),
        "TLS 1.3" => Some(0x0304),
        _ => draft("TLS 1.3 (draft ", 0x7f00)
            .or_else(|| draft("TLS 1.3 (Facebook, draft ", 0xfb00))
            .or_else(|| hexadecimal_number(name)),
    }
}

fn cipher_suite_number(name: &str) -> Option<u16> {
    let lines = include_str!("cipher_suites.tsv").lines().filter_map(|line| line.split_once('\t'));
    lines
        .filter(|(_, listed)| *listed == name)
        .find_map(|(number, _)| hexadecimal_number(number))
        .or_else(|| hexadecimal_number(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connection::tests::line;

    fn conversation(changes: &[(&str, serde_json::Value)]) -> Conversation {
        let mut value = json!({
            "stream": "tcp.stream 0", "a": "10.0.0.1:1234", "b": "10.0.0.2:443", "client": "10.0.0.1:1234",
            "proto": "TLS", "protocols": "eth:ethertype:ip:tcp:tls", "version": "0x0303", "cipher": "0xc030",
            "sni": "server.lab.test", "client_hellos": 1, "server_hellos": 1, "certificate_requests": [{}],
            "client_cert_messages": 1, "client_certs": [{"sha256": "aa"}], "handshakes": [{}]
        });
        for (name, change) in changes {
            value[name] = change.clone();
        }
        serde_json::from_value(value).unwrap()
    }

    fn whats(comparison: &Comparison) -> Vec<&str> {
        comparison.differences.iter().map(|difference| difference.what).collect()
    }

    #[test]
    fn two_equal_readings_do_not_differ() {
        let comparison = compare(&[conversation(&[])], &[], &[line(&[])]);
        assert_eq!((comparison.both, comparison.differences), (1, vec![]));
    }

    #[test]
    fn names_the_field_that_differs() {
        let ours = line(&[
            ("version", json!("TLS 1.3")),
            ("alerts", json!([{"frame": 9, "from": "server", "level": "fatal", "number": 48}])),
        ]);
        let comparison = compare(&[conversation(&[])], &[], &[ours]);
        assert_eq!(whats(&comparison), ["version", "alerts"]);
        assert_eq!(comparison.differences[1].ours, "s:2:48");
    }

    #[test]
    fn agreeing_with_the_reordered_reading_is_agreeing() {
        let first = conversation(&[("certificate_requests", json!([])), ("client_hellos", json!(0))]);
        let reordered = conversation(&[]);
        assert_eq!(whats(&compare(&[first], &[reordered], &[line(&[])])), [""; 0]);
    }

    #[test]
    fn counts_a_connection_only_one_side_sees() {
        assert_eq!(whats(&compare(&[conversation(&[])], &[], &[])), ["missing"]);
        assert_eq!(whats(&compare(&[], &[], &[line(&[])])), ["extra"]);
        let data_only = conversation(&[("handshakes", json!([])), ("stream", json!("tcp.stream 7"))]);
        let comparison = compare(&[data_only, conversation(&[])], &[], &[line(&[])]);
        assert_eq!(whats(&comparison), ["missing-without-handshake"]);
    }

    #[test]
    fn sealed_alerts_are_not_compared() {
        let theirs = conversation(&[("alerts", json!([{"dir": "c", "level": null, "desc": null}]))]);
        let ours =
            line(&[("alerts", json!([{"frame": 9, "from": "client", "level": null, "number": null}]))]);
        assert_eq!(whats(&compare(&[theirs], &[], &[ours])), [""; 0]);
    }

    #[test]
    fn names_become_the_numbers_on_the_wire() {
        assert_eq!(version_number("TLS 1.3 (draft 28)"), Some(0x7f1c));
        assert_eq!(version_number("TLS 1.3 (Facebook, draft 26)"), Some(0xfb1a));
        assert_eq!(version_number("0xfb1b"), Some(0xfb1b));
        assert_eq!(cipher_suite_number("TLS_AES_128_GCM_SHA256"), Some(0x1301));
        assert_eq!(cipher_suite_number("0x2175"), Some(0x2175));
        assert_eq!(cipher_suite_number("TLS_MADE_UP"), None);
    }
}
