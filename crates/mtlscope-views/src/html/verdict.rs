//! The verdict: one sentence on top, then why and the fix, what is seen and what inferred, and everything else that was found.

use maud::{Markup, html};
use mtlscope_diagnose::connection::{Connection, HandshakeKind, Verdict};
use mtlscope_diagnose::finding::{Confidence, Finding, Severity};

use super::fragment::{SENTENCE, cut};
use super::{Fragment, Settings};
use crate::wording::{self, inferred, verdict as words};

/// The verdict on a connection, with all its findings.
pub fn verdict(connection: &Connection, findings: &[Finding], settings: &Settings) -> Fragment {
    let outcome = &connection.outcome;
    let (lead, others) = match findings.split_first() {
        Some((first, rest)) if first.severity > Severity::Note => (Some(first), rest),
        _ => (None, findings),
    };
    let title = settings.id(connection, "verdict-title");
    Fragment::of(html! {
        section.verdict.(class(outcome.verdict)) id=(settings.id(connection, "verdict")) aria-labelledby=(title)
            data-connection=(connection.id.0) data-outcome=(words::word(outcome.verdict).to_lowercase()) {
            h3.sentence id=(title) {
                strong.word { (words::word(outcome.verdict)) }
                @if outcome.verdict == Verdict::Refused { " " } @else { ": " }
                (cut(&words::sentence(connection), SENTENCE))
            }
            @if let Some(lead) = lead { (said(lead, settings, &settings.id(connection, "finding-1"))) }
            dl.witness {
                dt { "Client certificate" }
                dd { (cut(&words::client_certificate(connection.asking()), SENTENCE)) }
                @if connection.rests_on_comments() {
                    dt { "Testimony" }
                    dd { (words::TESTIMONY) }
                }
                @for said in &connection.said {
                    dt { "The " (said.side) " says" }
                    dd { (cut(&said.text, SENTENCE)) }
                }
                dt { "How sure" }
                dd { (sureness(connection, lead)) }
            }
            (how(connection))
            @if !others.is_empty() {
                h4 { @if lead.is_some() { "Also found" } @else { "Found" } }
                ol.findings {
                    @for (place, finding) in others.iter().enumerate() {
                        @let number = place + 1 + usize::from(lead.is_some());
                        li { (said(finding, settings, &settings.id(connection, &format!("finding-{number}")))) }
                    }
                }
            }
            @if !connection.notices.is_empty() {
                ul.notices aria-label="Notices" {
                    @for notice in &connection.notices { li { (cut(&wording::notice(notice), SENTENCE)) } }
                }
            }
        }
    })
}

/// One finding, for those that no connection owns: what several tell together. `id`: that of its element.
pub fn finding(finding: &Finding, settings: &Settings, id: &str) -> Fragment {
    Fragment::of(said(finding, settings, id))
}

fn said(finding: &Finding, settings: &Settings, id: &str) -> Markup {
    let rule = finding.rule.id;
    let frames = finding.frames();
    let numbers: Vec<String> = frames.iter().map(ToString::to_string).collect();
    html! {
        article.finding.(finding.severity.to_string()) id=(id) data-rule=(rule) data-frames=(numbers.join(" ")) {
            p.id {
                span.severity { (finding.severity) }
                " "
                a href={ (settings.rules_at) (rule) } { code { (rule) } }
                " "
                span.confidence.(finding.confidence.to_string()) title=(meaning(finding.confidence)) {
                    (finding.confidence)
                }
            }
            dl {
                dt { "Why" }
                dd { (cut(&finding.message, SENTENCE)) }
                dt { "Fix" }
                dd.fix { (cut(&finding.fix, SENTENCE)) }
                @if let Some(proof) = wording::finding::proof(finding, &settings.files) {
                    dt { "Proof" }
                    dd.proof { (cut(&proof, SENTENCE)) }
                }
            }
        }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Refused => "refused",
        Verdict::Incomplete => "incomplete",
        Verdict::Unknown => "unknown",
    }
}

/// What the words for sureness mean.
fn meaning(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "it is seen",
        Confidence::Likely => "the best reading of what is not fully seen",
        Confidence::Possible => "one of several causes",
    }
}

/// What is seen, and what is only concluded.
fn sureness(connection: &Connection, lead: Option<&Finding>) -> Markup {
    let inferred = connection.handshakes.iter().any(|handshake| handshake.inferred.is_some());
    html! {
        @match (connection.outcome.verdict, connection.outcome.inferred) {
            (Verdict::Unknown, _) => { "How it came out is not visible. " }
            (_, true) => { "How it came out is " em { "inferred" } " from the sizes of encrypted records. " }
            (_, false) => { "How it came out is " em { "seen" } ". " }
        }
        @if let Some(lead) = lead {
            "The cause is " em { (lead.confidence) } ": " (meaning(lead.confidence)) ". "
        }
        @if inferred { "What sizes tell of the client’s certificate is at most " em { "likely" } "." }
    }
}

/// The arithmetic of what was inferred, folded away.
fn how(connection: &Connection) -> Markup {
    let several = connection.handshakes.len() > 1;
    let inferred: Vec<_> = connection
        .handshakes
        .iter()
        .filter_map(|handshake| Some((handshake.kind, handshake.inferred.as_deref()?)))
        .collect();
    html! {
        @if !inferred.is_empty() {
            details.how {
                summary { "How, from the sizes of encrypted records" }
                @for (kind, inference) in inferred {
                    @if several || kind != HandshakeKind::Initial { h4 { (wording::handshake_kind(kind)) } }
                    ul {
                        @for line in inference.lines() { li { (line) "." } }
                        @for (what, why) in inferred::unclear(inference) {
                            li.unclear { (what) " cannot be told: " (why) "." }
                        }
                        @if let Some(ticket) = &inference.ticket { li { (inferred::said_of(ticket)) } }
                    }
                }
            }
        }
    }
}
