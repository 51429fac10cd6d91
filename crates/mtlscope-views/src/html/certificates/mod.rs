//! The certificates of both ends: each chain as cards in order, between them whether the signature verifies; and the
//! authorities that the server asked for.

mod card;
mod authorities;
mod validity_line;

use maud::{Markup, html};
use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::identities::Identity;
use mtlscope_diagnose::observed::Observed;
use mtlscope_diagnose::pki::{Chain, End, Link, Origin, SignatureCheck};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509::Certificate;

use super::fragment::{VALUE, cut};
use super::{Fragment, Settings};
use crate::wording::{self, certificate as words, count};

/// The chains of both ends, and what was asked for. Empty where nothing of it was seen.
pub fn certificates(connection: &Connection, identities: &[Identity<'_>], settings: &Settings) -> Fragment {
    let unanswered: Vec<_> = connection
        .handshakes
        .iter()
        .filter(|handshake| !handshake.answer.is_seen())
        .filter_map(|handshake| match &handshake.request {
            Observed::Seen(request) if !request.only_named => Some((handshake.index, request)),
            _ => None,
        })
        .collect();
    if identities.is_empty() && unanswered.is_empty() {
        return Fragment::default();
    }
    Fragment::of(html! {
        section.certificates id=(settings.id(connection, "certificates")) data-connection=(connection.id.0)
            aria-label="Certificates" {
            @for (place, identity) in identities.iter().enumerate() {
                (chain(connection, place, identity, settings))
            }
            @for (handshake, request) in unanswered {
                div.chain id=(settings.id(connection, &format!("request-{handshake}"))) {
                    h3 { "What the server asked for" }
                    (authorities::unanswered(request))
                }
            }
        }
    })
}

fn chain(connection: &Connection, place: usize, identity: &Identity<'_>, settings: &Settings) -> Markup {
    let shown = &identity.shown;
    let id = settings.id(connection, &format!("chain-{place}"));
    html! {
        div.chain.(shown.side) id=(id) {
            h3 {
                span.(shown.side) { "The " (shown.side) "’s certificates" }
                @if let Some(frame) = shown.evidence.frame { " " small { "frame " (frame) } }
                @if let Some(handshake) = connection.handshakes.get(shown.handshake) && shown.handshake > 0 {
                    " " small { (wording::handshake_kind(handshake.kind).to_lowercase()) }
                }
            }
            @match &identity.chain {
                None => p.none { @if shown.certificates.is_empty() && shown.side == Side::Client {
                    "It answered that it has none."
                } @else { "None that can be read." } },
                Some(chain) => (cards(connection, chain, identity, &id)),
            }
            @if let Some(asked) = &identity.asked { (authorities::markup(asked)) }
        }
    }
}

fn cards(connection: &Connection, chain: &Chain, identity: &Identity<'_>, id: &str) -> Markup {
    let at = connection.start;
    let sent = identity.shown.certificates;
    let card = |certificate: &Certificate, role: &str, depth: usize| {
        let id = format!("{id}-{depth}");
        card::markup(&card::Card { certificate, role, depth, id: &id, side: identity.shown.side, at })
    };
    html! {
        @if chain.out_of_order { p.remark { "Sent in another order than from the leaf upwards; shown in order." } }
        ol.cards {
            @for (place, link) in chain.links.iter().enumerate() {
                li { (card(&link.certificate, &role(place, link, sent.len()), place)) }
                li.tie { (tie(link, chain.links.get(place + 1), &chain.ends)) }
            }
            @if let End::MissingIssuer(issuer) = &chain.ends {
                li {
                    div.card.missing {
                        p.subject { (cut(&words::shown(&issuer.to_string()), VALUE)) }
                        p.remark { "was not sent. A root need not be; whoever checks must have it." }
                    }
                }
            }
        }
        @if !chain.extra.is_empty() || !chain.duplicates.is_empty() {
            details.extra {
                summary {
                    @if !chain.extra.is_empty() {
                        (count(chain.extra.len(), "certificate", "certificates")) " sent that "
                        @if chain.extra.len() == 1 { "is" } @else { "are" } " no part of the chain"
                    }
                    @if !chain.extra.is_empty() && !chain.duplicates.is_empty() { ", " }
                    @if !chain.duplicates.is_empty() { (chain.duplicates.len()) " sent twice" }
                }
                ol.cards {
                    @for (place, certificate) in chain.extra.iter().filter_map(|place| Some((*place, sent.get(*place)?))) {
                        li { (card(certificate, &format!("sent as number {}", place + 1), 1000 + place)) }
                    }
                }
            }
        }
    }
}

/// What a certificate of a chain is there.
fn role(place: usize, link: &Link, sent: usize) -> String {
    match link.origin {
        Origin::Anchor(_) => "trusted, as you say; not sent".to_owned(),
        Origin::Sent(_) if place == 0 => "its own".to_owned(),
        Origin::Sent(at) if at == place => format!("issuer, sent as number {} of {sent}", at + 1),
        Origin::Sent(at) => format!("issuer, but sent as number {} of {sent}", at + 1),
    }
}

/// The arrow to the next card, and what came of checking the signature.
fn tie(link: &Link, next: Option<&Link>, ends: &End) -> Markup {
    let by = match (next, ends) {
        (Some(_), _) => "signed by the next",
        (None, End::SelfSigned) => "signed by itself",
        (None, End::Anchor) => return html! { span.known { "trusted as it is" } },
        (None, End::MissingIssuer(_)) => "signed by",
    };
    let (class, result) = match &link.signature {
        Some(SignatureCheck::Good) => ("good", "the signature is right".to_owned()),
        Some(SignatureCheck::Bad) => ("bad", "the signature is WRONG".to_owned()),
        Some(SignatureCheck::Unsupported(what)) => ("unknown", format!("cannot be checked: {what}")),
        None => ("unknown", "cannot be checked: the issuer was not sent".to_owned()),
    };
    html! {
        span.(class) {
            span.mark aria-hidden="true" { @match class { "good" => "✓", "bad" => "✗", _ => "?" } }
            " " (by) ": " (cut(&result, VALUE))
        }
    }
}
