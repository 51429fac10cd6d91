//! Why the one came out well and the other did not, in one or two sentences.

use mtlscope_dissect::side::Side;

use super::aspect::Weight;
use super::{Compared, Difference, Row, Rung, Shown};
use crate::finding::{Finding, Severity};

/// The likely reason. A cause that the rules name in the bad connection and not in the good one says most; else the
/// place where the two part first.
pub(super) fn likely(
    good: Compared<'_>,
    bad: Compared<'_>,
    first: Option<&Row>,
    differences: &[Difference],
) -> String {
    let [good_verdict, bad_verdict] = [good, bad].map(|one| one.connection.outcome.verdict);
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    // What the good one has as a note only, nobody minded there.
    let is_in_good = |finding: &&Finding| {
        good.findings.iter().any(|known| known.rule.id == finding.rule.id && is_error(&known))
    };
    if let Some(cause) = bad.findings.iter().filter(is_error).find(|finding| !is_in_good(finding)) {
        let change = decisive_before(differences).map(|one| format!(" {one}")).unwrap_or_default();
        return format!("{} ({}){change}", cause.message.trim_end(), cause.rule.id);
    }
    if good_verdict == bad_verdict && bad.findings.iter().any(|finding| is_error(&finding)) {
        return "Both failed, and for the same cause as far as can be seen.".to_owned();
    }
    match first {
        Some(row) => parting(row),
        None if good_verdict == bad_verdict => "Nothing that decides a handshake differs.".to_owned(),
        None => "They came out differently, and nothing that can be seen before that differs: the cause lies in what is \
                 encrypted, or in the ends themselves."
            .to_owned(),
    }
}

/// What differs first in what the client or the server brought along, as a sentence.
fn decisive_before(differences: &[Difference]) -> Option<String> {
    let difference = differences.iter().find(|one| one.weight == Weight::Decisive && one.side.is_some())?;
    Some(format!("Where it worked: {}.", contrast(difference)))
}

/// What the first difference of a row does to client authentication, where that is known.
fn meaning(row: &Row) -> &'static str {
    let first = row.differences.iter().find(|one| one.weight == Weight::Decisive);
    let Some(first) = first else { return "" };
    match (first.message.as_str(), first.name) {
        ("ClientHello", "server_name") => {
            " Servers choose the certificate, and whether to ask for one, by that name."
        }
        ("ClientHello", "supported_versions") | ("ServerHello", "version") => {
            " Asking and refusing work differently from one version to the other."
        }
        ("ClientHello", "application_layer_protocol_negotiation") => {
            " HTTP/2 forbids to ask for a certificate after the handshake."
        }
        ("ClientHello", "post_handshake_auth") => {
            " A server may ask after the handshake only a client that offers it."
        }
        ("ClientHello", "resumption offered") | ("ServerHello", "takes the pre-shared key") => {
            " A resumed session is not asked for a certificate again: it has what the first handshake gave it."
        }
        ("Certificate", "certificates" | "subject") if first.bad.values() == ["0"] => {
            " The client had no certificate to give, or none that fits what was asked for."
        }
        ("CertificateRequest", "certificate_authorities") => {
            " Clients choose their certificate by the authorities named."
        }
        ("CertificateRequest", "signature_algorithms" | "certificate_types") => {
            " A client whose key fits none of them sends no certificate."
        }
        _ => "",
    }
}

fn contrast(difference: &Difference) -> String {
    let Difference { message, name, good, bad, .. } = difference;
    format!("{message} {name} {}, here {}", short(good), short(bad))
}

fn short(shown: &Shown) -> String {
    const SHOWN: usize = 3;
    match shown {
        Shown::Several(values) if values.len() > SHOWN => {
            format!("{} and {} more", values[..SHOWN].join(", "), values.len() - SHOWN)
        }
        shown => shown.to_string(),
    }
}

fn parting(row: &Row) -> String {
    let said = |rung: &Rung| {
        let who = match rung.side {
            Side::Client => "the client",
            Side::Server => "the server",
        };
        let frame = rung.frame.map(|frame| format!(" (frame {frame})")).unwrap_or_default();
        format!("{who}'s {}{frame}", rung.name)
    };
    match (&row.good, &row.bad) {
        (Some(good), None) => format!("They part where {} stands only in the good one.", said(good)),
        (None, Some(bad)) => format!("They part where {} stands only in the bad one.", said(bad)),
        (Some(_), Some(bad)) => {
            const TOLD: usize = 2;
            let decisive = row.differences.iter().filter(|one| one.weight == Weight::Decisive);
            let what: Vec<String> = decisive
                .take(TOLD)
                .map(|one| {
                    format!(
                        "{} is {} in the good one, {} in the bad",
                        one.name,
                        short(&one.good),
                        short(&one.bad)
                    )
                })
                .collect();
            format!("They part at {}: {}.{}", said(bad), what.join("; "), meaning(row))
        }
        (None, None) => String::new(),
    }
}
