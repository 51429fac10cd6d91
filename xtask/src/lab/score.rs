//! Is what we say of one connection what is known of it, column by column.

use super::truth::{Observed, Truth};
use crate::connection::Connection;

/// One column of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) column: &'static str,
    /// What is known.
    pub(crate) expected: String,
    /// What we say.
    pub(crate) ours: String,
    pub(crate) right: bool,
}

/// Every column, in order of the table.
pub(crate) const COLUMNS: &[&str] =
    &["found", "requested", "answer", "subjects", "certificates", "refused by", "alert", "decrypted"];

/// Scores a reading made with the keys, if there are any. A column the truth says nothing about is left out.
pub(crate) fn with_keys(
    truth: &Truth,
    observed: &Observed,
    has_keys: bool,
    ours: Option<&Connection>,
) -> Vec<Answer> {
    let Some(ours) = ours else { return vec![answer("found", "a connection", "none", false)] };
    let mut answers = vec![answer("found", "a connection", "a connection", true)];
    for (column, expected) in expected(truth, observed, has_keys) {
        let said = said(ours, column);
        // Not every stack says that it is content: an end we cannot judge does not contradict a good one.
        let right = expected == said
            || (expected == NOBODY && said == UNKNOWN)
            || is_inferred(ours, column, &expected)
            || (column == "refused by" && !can_be_read(observed, has_keys) && is_right_below(truth, ours));
        answers.push(answer(column, &expected, &said, right));
    }
    if let Some(expected) = expected_decrypted(observed, has_keys) {
        let said = if ours.decrypted_with.is_some() { "yes" } else { "no" };
        answers.push(answer("decrypted", expected, said, expected == said));
    }
    answers
}

/// Scores a reading made without keys: whatever is said must be true, and to say nothing is always right.
pub(crate) fn without_keys(truth: &Truth, observed: &Observed, ours: Option<&Connection>) -> Vec<Answer> {
    let Some(ours) = ours else { return vec![answer("found", "a connection", "none", false)] };
    let mut answers = vec![answer("found", "a connection", "a connection", true)];
    for (column, expected) in expected(truth, observed, true) {
        let said = said(ours, column);
        let right = expected == said
            || said == UNKNOWN
            || is_inferred(ours, column, &expected)
            || (column == "alert" && said == NO_ALERT)
            || (column == "refused by" && is_right_below(truth, ours));
        answers.push(answer(column, &expected, &said, right));
    }
    answers
}

/// Whether something is inferred from sizes of which the truth knows nothing; `super::keyless` scores that.
fn is_inferred(ours: &Connection, column: &str, expected: &str) -> bool {
    expected == UNKNOWN && ["requested", "answer"].contains(&column) && ours.client_auth.inferred.is_some()
}

/// Whether a refusal that stands in the application's own words is passed over rightly: what was accepted is TLS, which
/// is all that can be seen.
fn is_right_below(truth: &Truth, ours: &Connection) -> bool {
    truth.outcome.starts_with(HTTP_REFUSAL)
        && ours.outcome.result == "accepted"
        && ours.outcome.layer.as_deref() == Some("tls")
}

/// Whether the application data can be read.
fn can_be_read(observed: &Observed, has_keys: bool) -> bool {
    observed.decrypted && has_keys
}

fn answer(column: &'static str, expected: &str, ours: &str, right: bool) -> Answer {
    Answer { column, expected: expected.to_owned(), ours: ours.to_owned(), right }
}

/// What is known, in our words. Where the truth itself is hidden, `unknown` is what must be said.
fn expected(truth: &Truth, observed: &Observed, has_keys: bool) -> Vec<(&'static str, String)> {
    let requested = match observed.requested {
        _ if observed.is_blank() => UNKNOWN,
        Some(true) => "yes",
        Some(false) => "no",
        None => UNKNOWN,
    };
    let answered = match observed.client_certificate.as_str() {
        _ if observed.is_blank() => UNKNOWN,
        "sent" => "certificate",
        "empty message" => "empty",
        "no message" => "none",
        _ => UNKNOWN,
    };
    let mut known = vec![("requested", requested.to_owned()), ("answer", answered.to_owned())];
    if answered == "certificate" {
        let last = observed.last_certificates();
        let joined = |list: Option<&Vec<String>>| list.map(|list| list.join(" | ")).unwrap_or_default();
        known.push(("subjects", joined(last.and_then(|message| message.subjects.as_ref()))));
        known.push(("certificates", joined(last.and_then(|message| message.sha256.as_ref()))));
    }
    if let Some((by, alert)) = expected_refusal(truth, observed, has_keys) {
        known.push(("refused by", by));
        known.push(("alert", alert));
    }
    known
}

/// Who refused and with which alert, `nobody` and `-` where the connection went well; none where it is not known.
fn expected_refusal(truth: &Truth, observed: &Observed, has_keys: bool) -> Option<(String, String)> {
    if let Some(alert) = observed.refusing_alert(truth) {
        return Some((
            alert.sender.clone(),
            alert.desc.map_or_else(|| NO_ALERT.to_owned(), |number| number.to_string()),
        ));
    }
    if truth.refusing_alert.is_some() || truth.observed.len() > 1 {
        // The outcome is that of another connection of the case, or of one of several.
        return None;
    }
    let without_alert = |by: &str| Some((by.to_owned(), NO_ALERT.to_owned()));
    match truth.outcome.as_str() {
        // The status line is inside the encryption.
        outcome if outcome.starts_with(HTTP_REFUSAL) => {
            without_alert(if can_be_read(observed, has_keys) { "server" } else { UNKNOWN })
        }
        outcome if outcome.starts_with("accepted") => without_alert(NOBODY),
        _ => None,
    }
}

/// Whether keys must have been of use: something that is sealed on the wire could be read. None where nothing was sealed.
fn expected_decrypted(observed: &Observed, has_keys: bool) -> Option<&'static str> {
    if !observed.decrypted || !has_keys {
        return Some("no");
    }
    (observed.has("Finished") || observed.has("EncryptedExtensions")).then_some("yes")
}

/// What we say in a column, in the truth's words.
fn said(ours: &Connection, column: &str) -> String {
    let client_auth = &ours.client_auth;
    let fatal = || ours.alerts.iter().find(|alert| alert.level.as_deref() == Some("fatal"));
    match column {
        "requested" => client_auth.requested.clone(),
        "answer" => client_auth.answer.clone(),
        "subjects" | "certificates"
            if client_auth.answer == UNKNOWN || client_auth.how.as_deref() == Some("inferred") =>
        {
            UNKNOWN.to_owned()
        }
        "subjects" => {
            joined(client_auth.certificates.iter().map(|certificate| der_order(&certificate.subject)))
        }
        "certificates" => {
            joined(client_auth.certificates.iter().map(|c| c.sha256.replace(':', "").to_ascii_lowercase()))
        }
        "alert" => fatal()
            .and_then(|alert| alert.number)
            .map_or_else(|| NO_ALERT.to_owned(), |number| number.to_string()),
        _ => match ours.outcome.result.as_str() {
            "refused" => ours.outcome.by.clone().unwrap_or_else(|| "somebody".to_owned()),
            "accepted" => NOBODY.to_owned(),
            _ => UNKNOWN.to_owned(),
        },
    }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(" | ")
}

/// A name of RFC 4514, which starts at the leaf, as the lab writes it: from the root on, as encoded, without escapes.
fn der_order(name: &str) -> String {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for character in name.chars() {
        match character {
            _ if escaped => {
                part.push(character);
                escaped = false;
            }
            '\\' => escaped = true,
            ',' => parts.push(std::mem::take(&mut part)),
            _ => part.push(character),
        }
    }
    parts.push(part);
    parts.reverse();
    parts.join(",")
}

/// How the lab begins an outcome that only the application tells.
const HTTP_REFUSAL: &str = "refused by HTTP status";
pub(super) const UNKNOWN: &str = "unknown";
const NOBODY: &str = "nobody";
const NO_ALERT: &str = "-";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::connection::tests::line;

    fn truth(changes: &[(&str, Value)]) -> Truth {
        let mut observed = json!({
            "client": "10.0.0.1:1234", "server": "10.0.0.2:443", "proto": "TLS", "decrypted": true, "requested": true,
            "client_certificate": "sent", "alerts": [], "handshake": [[11, "c", "Finished"]],
            "client_certificate_messages": [{"subjects": ["C=IT,O=Lab,CN=x"], "sha256": ["aa"]}],
        });
        let mut value = json!({"feature": null, "outcome": "accepted", "refusing_alert": null});
        for (name, change) in changes {
            let of = if *name == "outcome" || *name == "refusing_alert" { &mut value } else { &mut observed };
            of[name] = change.clone();
        }
        value["observed"] = json!([observed]);
        serde_json::from_value(value).unwrap()
    }

    fn wrong(answers: &[Answer]) -> Vec<&str> {
        answers.iter().filter(|answer| !answer.right).map(|answer| answer.column).collect()
    }

    fn keyed(truth: &Truth, ours: &Connection) -> Vec<Answer> {
        with_keys(truth, &truth.observed[0], true, Some(ours))
    }

    fn keyless(truth: &Truth, ours: &Connection) -> Vec<Answer> {
        without_keys(truth, &truth.observed[0], Some(ours))
    }

    fn unknown() -> Connection {
        line(&[(
            "client_auth",
            json!({"requested": "unknown", "how": null, "answer": "unknown", "certificates": []}),
        )])
    }

    #[test]
    fn an_equal_reading_is_right_in_every_column() {
        let answers = keyed(&truth(&[]), &line(&[("decrypted_with", json!("key_log"))]));
        assert_eq!(answers.iter().map(|answer| answer.column).collect::<Vec<_>>(), COLUMNS);
        assert_eq!(wrong(&answers), [""; 0]);
    }

    #[test]
    fn a_connection_we_do_not_see_is_one_wrong_answer() {
        let truth = truth(&[]);
        assert_eq!(wrong(&with_keys(&truth, &truth.observed[0], true, None)), ["found"]);
    }

    #[test]
    fn keys_that_were_given_must_be_used() {
        assert_eq!(wrong(&keyed(&truth(&[]), &line(&[]))), ["decrypted"]);
    }

    #[test]
    fn with_keys_unknown_is_wrong_where_something_is_known() {
        let ours = Connection { decrypted_with: Some("key_log".to_owned()), ..unknown() };
        assert_eq!(wrong(&keyed(&truth(&[]), &ours)), ["requested", "answer", "subjects", "certificates"]);
    }

    #[test]
    fn without_keys_unknown_is_right_and_a_wrong_word_is_wrong() {
        let truth = truth(&[("requested", json!(false)), ("client_certificate", json!("no message"))]);
        assert_eq!(wrong(&keyless(&truth, &unknown())), [""; 0]);
        assert_eq!(wrong(&keyless(&truth, &line(&[]))), ["requested", "answer"]);
    }

    #[test]
    fn where_nothing_is_known_only_unknown_is_right() {
        let truth = truth(&[
            ("requested", json!(null)),
            ("client_certificate", json!("not decrypted")),
            ("client_certificate_messages", json!(null)),
            ("decrypted", json!(false)),
        ]);
        assert_eq!(wrong(&keyless(&truth, &unknown())), [""; 0]);
        assert_eq!(wrong(&keyless(&truth, &line(&[]))), ["requested", "answer"]);
    }

    #[test]
    fn what_was_cut_away_is_not_known_to_be_absent() {
        let truth = truth(&[
            ("requested", json!(false)),
            ("client_certificate", json!("no message")),
            ("handshake", json!([])),
            ("client", json!(null)),
        ]);
        assert_eq!(wrong(&keyless(&truth, &unknown())), [""; 0]);
        assert_eq!(wrong(&keyless(&truth, &line(&[]))), ["requested", "answer"]);
    }

    #[test]
    fn the_refusing_side_and_the_alert_are_those_of_the_lab() {
        let alert = json!({"frame": 13, "sender": "server", "level": "fatal", "desc": 48});
        let truth = truth(&[
            ("refusing_alert", alert.clone()),
            ("alerts", json!([alert])),
            ("outcome", json!("refused by server: alert unknown_ca")),
        ]);
        let ours = |by: &str, number: u8| {
            line(&[
                ("decrypted_with", json!("key_log")),
                ("outcome", json!({"result": "refused", "by": by})),
                ("alerts", json!([{"frame": 13, "from": by, "level": "fatal", "number": number}])),
            ])
        };
        assert_eq!(wrong(&keyed(&truth, &ours("server", 48))), [""; 0]);
        assert_eq!(wrong(&keyed(&truth, &ours("client", 42))), ["refused by", "alert"]);
        assert_eq!(
            wrong(&keyless(&truth, &line(&[("outcome", json!({"result": "accepted", "by": null}))]))),
            ["refused by"]
        );
    }

    #[test]
    fn a_sealed_refusal_by_http_leaves_tls_accepted() {
        let truth = truth(&[("outcome", json!("refused by HTTP status 400"))]);
        let accepted = |layer: &str| {
            line(&[
                ("decrypted_with", json!("key_log")),
                ("outcome", json!({"result": "accepted", "by": null, "layer": layer})),
            ])
        };
        assert_eq!(wrong(&keyless(&truth, &accepted("tls"))), [""; 0]);
        assert_eq!(wrong(&keyless(&truth, &accepted("http"))), ["refused by"]);
        assert_eq!(wrong(&keyed(&truth, &accepted("tls"))), ["refused by"]);
    }

    #[test]
    fn names_are_turned_into_the_order_of_the_encoding() {
        assert_eq!(der_order("CN=x,O=Lab\\, Inc,C=IT"), "C=IT,O=Lab, Inc,CN=x");
    }
}
