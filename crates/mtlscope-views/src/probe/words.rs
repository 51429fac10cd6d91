//! How the findings of a probe are said.

use mtlscope_diagnose::connection::Layer;
use mtlscope_diagnose::probe::{Asked, Judgement, Met, Protocol, Reading, Took, Try};
use mtlscope_diagnose::requirement::Level;

use crate::terminal::Ink;

/// The judgement on a server, one sentence without the full stop, and how it is to be read.
pub(super) fn judgement(judgement: Judgement, tries: &[Try]) -> (Ink, String) {
    match judgement {
        Judgement::Same(Level::RequiredByTls | Level::RequiredByHttp) => {
            (Ink::Strong, format!("requires a client certificate, {}", layers(tries)))
        }
        Judgement::Same(level) => (Ink::Strong, level.to_string()),
        Judgement::Differs(least, most) => (
            Ink::Doubtful,
            format!("is not of one mind: it {}, but it {}", wherever(most, tries), wherever(least, tries)),
        ),
        Judgement::Untold => (Ink::Doubtful, Level::Unknown.to_string()),
    }
}

/// On which layer a certificate is enforced.
fn layers(tries: &[Try]) -> String {
    let versions = |level| {
        let mut versions: Vec<String> = Vec::new();
        for one in tries.iter().filter(|one| one.level() == Some(level)) {
            let version = one.version.to_string();
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        versions.join(" and ")
    };
    let (tls, http) = (versions(Level::RequiredByTls), versions(Level::RequiredByHttp));
    let in_http = format!("by HTTP status {} behind a completed handshake", statuses(tries).join(" or "));
    match (tls.is_empty(), http.is_empty()) {
        (false, true) => "in TLS".to_owned(),
        (true, _) => in_http,
        (false, false) => format!("in TLS ({tls}), and {in_http} ({http})"),
    }
}

fn statuses(tries: &[Try]) -> Vec<String> {
    let mut found = Vec::new();
    for one in tries.iter().filter(|one| one.level() == Some(Level::RequiredByHttp)) {
        if let Some(status) = one.reading().and_then(|reading| reading.status) {
            let status = status.to_string();
            if !found.contains(&status) {
                found.push(status);
            }
        }
    }
    found
}

/// `does not ask for a client certificate with TLS 1.3 HTTP/2`.
fn wherever(level: Level, tries: &[Try]) -> String {
    const REQUIRED: [Level; 2] = [Level::RequiredByHttp, Level::RequiredByTls];
    let is_so = |one: &&Try| match one.level() {
        Some(other) => other == level || REQUIRED.contains(&other) && REQUIRED.contains(&level),
        None => false,
    };
    let mut places: Vec<String> = Vec::new();
    for one in tries.iter().filter(is_so) {
        let place = format!("{} {}", one.version, offered(one)).trim_end().to_owned();
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let what = match REQUIRED.contains(&level) {
        true => "requires a client certificate".to_owned(),
        false => level.to_string(),
    };
    format!("{what} ({})", places.join(", "))
}

/// `HTTP/2`, `HTTP/1.1`, and whether post_handshake_auth was kept back.
pub(super) fn offered(one: &Try) -> String {
    let protocol = match one.protocol {
        Protocol::Http2 => "HTTP/2",
        Protocol::Http1 => "HTTP/1.1",
        Protocol::None => "",
    };
    match one.offers_post_handshake {
        true => protocol.to_owned(),
        false => format!("{protocol}, as browsers"),
    }
}

pub(super) fn asked(asked: Asked) -> &'static str {
    match asked {
        Asked::Never => "no",
        Asked::InHandshake => "in the handshake",
        Asked::InRenegotiation => "late, by renegotiation",
        Asked::AfterHandshake => "late, after the handshake",
        Asked::Untold => "cannot be seen",
    }
}

/// How the server took an attempt.
pub(super) fn took(one: &Try) -> (Ink, String) {
    match &one.result {
        Met::NotSpoken => (Ink::Faint, "not spoken by the server".to_owned()),
        Met::Failed(why) => (Ink::Doubtful, format!("no handshake: {why}")),
        Met::Read(reading) => took_reading(reading),
    }
}

fn took_reading(reading: &Reading) -> (Ink, String) {
    match &reading.took {
        Took::WentOn(Layer::Http) => {
            let status = reading.status.map(|status| format!(", HTTP {status}")).unwrap_or_default();
            (Ink::Good, format!("goes on{status}"))
        }
        Took::WentOn(_) => (Ink::Good, "goes on in TLS, no HTTP answer".to_owned()),
        Took::RefusedInTls(what) => (Ink::Bad, format!("refused: {what}")),
        Took::RefusedInHttp { status, speaks_of_it: false } => {
            (Ink::Bad, format!("refused: HTTP {status}, perhaps for the certificate"))
        }
        Took::RefusedInHttp { status, .. } => (Ink::Bad, format!("refused: HTTP {status}")),
        Took::WantsHttp1 => (Ink::Faint, "wants HTTP/1.1 for this path".to_owned()),
        Took::WeRefused(what) => (Ink::Doubtful, format!("our end refused the server: {what}")),
        Took::Untold(why) if why.is_empty() => (Ink::Doubtful, "cannot be told".to_owned()),
        Took::Untold(why) => (Ink::Doubtful, format!("cannot be told: {why}")),
    }
}

/// One word, for programs.
pub(super) fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Same(Level::NotAsked) => "none",
        Judgement::Same(Level::Wanted) => "optional",
        Judgement::Same(Level::RequiredByHttp | Level::RequiredByTls) => "required",
        Judgement::Differs(..) => "differs",
        Judgement::Same(Level::Unknown) | Judgement::Untold => "unknown",
    }
}
