//! One certificate as a card.

use maud::{Markup, html};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::{Certificate, Time};

use super::validity_line;
use crate::html::fragment::{LINE_END, VALUE, cut};
use crate::saved_certificates::file_name;
use crate::wording::{self, certificate as words, day};

/// What a card shows.
pub(super) struct Card<'a> {
    pub(super) certificate: &'a Certificate,
    /// What it is in its chain.
    pub(super) role: &'a str,
    pub(super) depth: usize,
    pub(super) id: &'a str,
    pub(super) side: Side,
    /// When it was seen.
    pub(super) at: Timestamp,
}

pub(super) fn markup(card: &Card<'_>) -> Markup {
    let certificate = card.certificate;
    let at = Time::from_seconds(card.at.seconds());
    let holds = words::holds(certificate, at);
    let subject = words::shown(&certificate.subject.to_string());
    let names = &certificate.extensions.subject_alternative_names;
    html! {
        article.card id=(card.id) data-sha256=(mtlscope_dissect::reader::hex(&certificate.sha256)) {
            p.role { (card.role) }
            p.subject { (cut(&subject, VALUE)) }
            @if let Some(first) = names.first() {
                p.names {
                    (cut(&first.to_string(), VALUE))
                    @if names.len() > 1 { " and " (wording::count(names.len() - 1, "more name", "more names")) }
                }
            }
            p.issuer { "issued by " (cut(&words::shown(&certificate.issuer.to_string()), VALUE)) }
            (validity_line::markup(certificate, card.at))
            p.dates.late[!holds] {
                (day(certificate.not_before)) " to " (day(certificate.not_after)) ": "
                (wording::validity(certificate, at))
            }
            details.rows {
                summary { "Details" }
                dl {
                    dt { "Serial number" }
                    dd { (cut(&certificate.serial.to_string(), VALUE)) }
                    @for (name, text) in words::rows(certificate) {
                        dt { (name) }
                        dd { (cut(&text, VALUE)) }
                    }
                    @for note in &certificate.notes {
                        dt { "Note" }
                        dd { (cut(note, VALUE)) }
                    }
                }
            }
            details.pem {
                summary { "PEM" }
                pre data-file=(file_name(card.side, card.depth, certificate)) { code {
                    @for line in certificate.pem().lines() { (line) (LINE_END) }
                } }
            }
        }
    }
}
