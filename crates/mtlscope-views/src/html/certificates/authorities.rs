//! The authorities that a server names in its request: which one matches, or which is nearest.

use maud::{Markup, html};
use mtlscope_diagnose::connection::Request;
use mtlscope_diagnose::identities::Asked;
use mtlscope_diagnose::pki::names::AuthorityMatch;
use mtlscope_dissect::x509::Name;

use crate::html::fragment::{VALUE, cut};
use crate::wording::{certificate as words, count};

/// A server may name thousands.
const SHOWN: usize = 100;

/// Held against the client's chain.
pub(super) fn markup(asked: &Asked<'_>) -> Markup {
    let found = match &asked.found {
        AuthorityMatch::Named { authority, .. } => Some(*authority),
        _ => None,
    };
    let nearest = match &asked.found {
        AuthorityMatch::NotNamed { nearest: Some(nearest) } => Some(nearest.asked),
        _ => None,
    };
    html! {
        div.authorities {
            h4 {
                "Authorities that the server names"
                @if let Some(frame) = asked.evidence.frame { " " small { "frame " (frame) } }
            }
            @match &asked.found {
                AuthorityMatch::AnyWillDo => p { "None: a certificate of any authority may be sent." },
                AuthorityMatch::Named { exactly: true, .. } => p.good { "One of them is in the client’s chain." },
                AuthorityMatch::Named { .. } => p.good {
                    "One of them is in the client’s chain, by RFC 5280’s comparison of names, though not byte by byte."
                },
                AuthorityMatch::NotNamed { nearest: None } => p { "None could match: the client sent no certificate." },
                AuthorityMatch::NotNamed { nearest: Some(nearest) } => p.bad {
                    "None matches the client’s chain. Nearest: " strong { (cut(&nearest.asked.to_string(), VALUE)) }
                    ", which differs from " strong { (cut(&nearest.ours.to_string(), VALUE)) } " in "
                    (count(nearest.distance, "character", "characters")) "."
                },
            }
            (list(asked.authorities, found, nearest))
        }
    }
}

/// Where the answer was not seen.
pub(super) fn unanswered(request: &Request) -> Markup {
    html! {
        div.authorities {
            h4 {
                "Authorities that the server names"
                @if let Some(frame) = request.evidence.frame { " " small { "frame " (frame) } }
            }
            @if request.authorities.is_empty() { p { "None: a certificate of any authority may be sent." } }
            (list(&request.authorities, None, None))
        }
    }
}

fn list(authorities: &[Name], found: Option<&Name>, nearest: Option<&Name>) -> Markup {
    let is = |name: &Name, other: Option<&Name>| other.is_some_and(|other| other == name);
    // What matters is shown even where it stands behind the first hundred.
    let shown = authorities
        .iter()
        .enumerate()
        .filter(|(place, name)| *place < SHOWN || is(name, found) || is(name, nearest));
    html! {
        ul {
            @for (_, name) in shown {
                li.match[is(name, found)].nearest[is(name, nearest)] {
                    (cut(&words::shown(&name.to_string()), VALUE))
                    @if is(name, found) { " " span.tag.good { "matches" } }
                    @if is(name, nearest) { " " span.tag.quiet { "nearest" } }
                }
            }
            @if authorities.len() > SHOWN { li.more { "and " (authorities.len() - SHOWN) " more" } }
        }
    }
}
