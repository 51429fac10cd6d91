//! What is inferred without keys, scored: over the lab's cases, its captures made for the study of sizes, and those made to
//! break the inference (`fixtures/keyless`). Nothing may be wrong.
//!
//! The truth is our own reading with the keys; where there are none, what was configured. Three questions: was a certificate
//! asked for, what was answered, was it refused at layer tls. A refusal by HTTP alone is accepted there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::confusion::{Counts, Kind, Table};
use super::truth::{Case, Truth};
use crate::connection::{self, Connection};
use crate::tally::Tally;
use crate::workspace::{Workspace, sorted_entries};

/// What may be unknown of the complete connections, in a hundred.
const UNKNOWN_ALLOWED: usize = 3;
const UNKNOWN: &str = "unknown";
const COLUMNS: [&str; 3] = ["requested", "answer", "refusal"];

/// One capture with what is known of it beside its keys.
struct Subject {
    name: String,
    capture: PathBuf,
    key_log: Option<PathBuf>,
    server: String,
    client: String,
    cause: String,
    configured: Configured,
    /// Where it comes from.
    set: Set,
}

/// What was configured, by the questions; none where that is not known.
type Configured = [Option<String>; 3];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Set {
    Lab,
    MadeToBreak,
}

/// Scores everything, prints the tables, and fails on one wrong answer or too many unknown.
pub(super) fn score(workspace: &Workspace, program: Option<&Path>, only: Option<&str>) -> Result<Tally> {
    let program = workspace.program(program)?;
    let mut subjects = lab_cases(workspace)?;
    subjects.extend(study(workspace)?);
    subjects.extend(made_to_break(workspace)?);
    subjects.retain(|subject| only.is_none_or(|only| subject.name == only));
    let mut totals: BTreeMap<(Set, usize, &str), Counts> = BTreeMap::new();
    let (mut servers, mut clients, mut causes) = (Table::default(), Table::default(), Table::default());
    for (place, subject) in subjects.iter().enumerate() {
        for (number, answers) in subject.answers(&program)?.into_iter().enumerate() {
            for Answer { column, truth, ours, is_complete } in answers {
                let kind = match () {
                    () if truth == ours => Kind::Right,
                    () if ours == UNKNOWN => Kind::Unknown,
                    () => Kind::Wrong,
                };
                if kind == Kind::Wrong || (kind == Kind::Unknown && subject.set == Set::Lab && is_complete) {
                    println!("  {} / {number} / {column}: true: {truth}; we say: {ours}", subject.name);
                }
                if !is_complete && kind != Kind::Wrong {
                    continue;
                }
                // By halves, so that a rule made for a few cases shows.
                totals.entry((subject.set, place % 2, column)).or_default().add(kind);
                servers.add(&subject.server, column, kind);
                clients.add(&subject.client, column, kind);
                causes.add(&subject.cause, column, kind);
            }
        }
    }
    println!("right/unknown/wrong");
    servers.print("by server");
    clients.print("by client");
    causes.print("by what the client was given");
    let mut tally = Tally::default();
    for ((set, half, column), counts) in &totals {
        let (title, allowed) = match set {
            Set::Lab => ("laboratory", UNKNOWN_ALLOWED),
            // Half of them are padded, where to say nothing is what is asked.
            Set::MadeToBreak => ("made to break", 100),
        };
        let half = if *half == 0 { "first half" } else { "second half" };
        println!("{title:<14} {half:<12} {column:<10} {counts}");
        tally += Tally::one(counts.is_good(allowed));
    }
    Ok(tally)
}

/// The answer to one question.
struct Answer {
    column: &'static str,
    truth: String,
    ours: String,
    /// Whether the connection came to its end.
    is_complete: bool,
}

impl Subject {
    /// The answers to the questions, for each connection.
    fn answers(&self, program: &Path) -> Result<Vec<Vec<Answer>>> {
        let ours = connection::read(program, &self.capture, None, None)?;
        let keyed = match &self.key_log {
            Some(key_log) => Some(connection::read(program, &self.capture, Some(key_log), None)?),
            None => None,
        };
        let mut all = Vec::new();
        for (place, connection) in ours.connections.iter().enumerate() {
            let keyed = keyed.as_ref().and_then(|run| run.connections.get(place));
            let keyed = keyed.filter(|keyed| keyed.decrypted_with.is_some());
            if !is_sealed(connection) {
                continue;
            }
            let truth = match keyed {
                Some(keyed) => truth_of(keyed),
                // What was configured is known of a capture with one connection.
                None if ours.connections.len() == 1 => self.configured.clone(),
                None => continue,
            };
            let is_complete = keyed.is_none_or(is_complete);
            let said = [
                connection.client_auth.requested.clone(),
                connection.client_auth.answer.clone(),
                outcome(connection).unwrap_or_else(|| UNKNOWN.to_owned()),
            ];
            let answers = COLUMNS.into_iter().zip(truth).zip(said);
            let answer = |((column, truth), ours): ((_, Option<String>), _)| {
                Some(Answer { column, truth: truth?, ours, is_complete })
            };
            all.push(answers.filter_map(answer).collect());
        }
        Ok(all)
    }
}

/// Whether something of it had to be inferred: TLS 1.3, or a handshake inside it.
fn is_sealed(connection: &Connection) -> bool {
    connection.version.as_deref().is_some_and(|version| version.starts_with("TLS 1.3"))
        || connection.client_auth.inferred.is_some()
        || connection.handshakes.iter().any(|handshake| handshake.client_auth.inferred.is_some())
}

/// Whether the client came to its Finished, in the last handshake that it began.
fn is_complete(keyed: &Connection) -> bool {
    let from_client = |number| keyed.count(number, Some("client"));
    let hellos = from_client(1).saturating_sub(keyed.count_retries());
    let is_tls13 = keyed.version.as_deref() == Some("TLS 1.3");
    from_client(20) >= if is_tls13 { 1 } else { hellos }
        && keyed.notices.iter().all(|notice| !notice.contains("missing") && !notice.contains("cut"))
}

/// What the keys show, by the questions.
fn truth_of(keyed: &Connection) -> Configured {
    let known = |text: &str| (text != UNKNOWN).then(|| text.to_owned());
    [known(&keyed.client_auth.requested), known(&keyed.client_auth.answer), refusal_of(keyed)]
}

/// Whether it was refused at layer tls, as the keys show it.
fn refusal_of(keyed: &Connection) -> Option<String> {
    if keyed.outcome.result != "refused" {
        return outcome(keyed);
    }
    let goes_on = keyed.server_goes_on();
    match keyed.outcome.how.as_deref() {
        Some("http") => Some("accepted".to_owned()),
        // It had taken the client's Finished: it closed for another reason.
        Some("fin" | "rst") if goes_on => Some("accepted".to_owned()),
        Some("alert") => {
            let by = keyed.outcome.by.clone()?;
            let alerts = keyed.alerts.iter();
            let complaint =
                alerts.clone().find(|alert| alert.from == by && !matches!(alert.number, Some(0 | 90)))?;
            let said_goodbye = alerts
                .take_while(|alert| !std::ptr::eq(*alert, complaint))
                .any(|alert| alert.from != by && alert.number == Some(0));
            // OpenSSL says decode_error where the stream ends without a goodbye: nothing was refused by that.
            let ends_without_goodbye = complaint.number == Some(50);
            match (said_goodbye || ends_without_goodbye, goes_on || keyed.client_auth.requested == "no") {
                (true, true) => Some("accepted".to_owned()),
                (true, false) => None,
                (false, _) => Some(format!("refused by {by}")),
            }
        }
        _ => outcome(keyed),
    }
}

/// How a connection came out; none where that is not known.
fn outcome(connection: &Connection) -> Option<String> {
    match connection.outcome.result.as_str() {
        "accepted" => Some("accepted".to_owned()),
        "refused" if connection.outcome.how.as_deref() == Some("http") => Some("accepted".to_owned()),
        "refused" => Some(format!("refused by {}", connection.outcome.by.as_deref().unwrap_or("somebody"))),
        _ => None,
    }
}

/// The lab's cases.
fn lab_cases(workspace: &Workspace) -> Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    for folder in sorted_entries(&workspace.shared.join("lab/cases"))? {
        let case = Case::read(&folder)?;
        if super::not_yet::not_yet(&case.truth).is_some() || case.carries_its_secrets() {
            continue;
        }
        let stack = |end: &Option<super::truth::End>| {
            end.as_ref().and_then(|end| end.stack.clone()).unwrap_or_else(|| "?".to_owned())
        };
        let given = case.truth.client.as_ref().and_then(|end| end.certificate_configured.clone());
        subjects.push(Subject {
            server: stack(&case.truth.server),
            client: stack(&case.truth.client),
            cause: given.unwrap_or_else(|| "?".to_owned()),
            configured: configured(&case.truth),
            set: Set::Lab,
            name: case.name,
            capture: case.capture,
            key_log: case.key_log,
        });
    }
    Ok(subjects)
}

/// What a case's configuration and both ends say, where no key exists.
fn configured(truth: &Truth) -> Configured {
    let requested = truth.configured.as_ref().and_then(super::truth::Configuration::requested);
    let answer = match (requested, truth.client_certificate_by_endpoints.as_deref()) {
        (Some(true), Some("sent")) => Some("certificate"),
        (Some(true), Some("none")) => Some("empty"),
        (Some(false), _) => Some("none"),
        _ => None,
    };
    let refusal = match truth.outcome.as_str() {
        outcome if outcome.starts_with("accepted") || outcome.starts_with("refused by HTTP") => {
            Some("accepted")
        }
        _ => None,
    };
    [
        requested.map(|requested| if requested { "yes" } else { "no" }.to_owned()),
        answer.map(str::to_owned),
        refusal.map(str::to_owned),
    ]
}

/// The captures made for the study of sizes; those without keys tell by their names.
fn study(workspace: &Workspace) -> Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    for capture in sorted_entries(&workspace.shared.join("lab/keyless"))? {
        let name = capture.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if capture.extension().is_none_or(|extension| extension != "pcap") {
            continue;
        }
        let keys = capture.with_extension("keys");
        let words: Vec<&str> = name.split('_').collect();
        let (first, last) = (words.first().copied().unwrap_or("?"), words.last().copied().unwrap_or("?"));
        let (server, client) = match first {
            "C" => ("OpenSSL s_server".to_owned(), words.get(1).copied().unwrap_or("?").to_owned()),
            _ => (first.to_owned(), "OpenSSL or curl".to_owned()),
        };
        let known = |text: &str| Some(text.to_owned());
        let configured = match last {
            _ if name.starts_with("resume_") => [None, None, None],
            "cert" | "rogue" | "expired" => [known("yes"), known("certificate"), None],
            "nocert" => [known("yes"), known("empty"), None],
            _ => [None, None, None],
        };
        subjects.push(Subject {
            name: format!("keyless/{name}"),
            key_log: Some(keys).filter(|keys| keys.is_file()),
            capture,
            server,
            client,
            cause: last.to_owned(),
            configured,
            set: Set::Lab,
        });
    }
    Ok(subjects)
}

/// The captures made to break the inference.
fn made_to_break(workspace: &Workspace) -> Result<Vec<Subject>> {
    let folder = workspace.root.join("fixtures/keyless");
    let table = std::fs::read_to_string(folder.join("truth.tsv")).context("fixtures/keyless/truth.tsv")?;
    let mut subjects = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, requested, answer, refusal] = columns[..] else {
            anyhow::bail!("fixtures/keyless/truth.tsv: four columns are needed: {line}");
        };
        let refusal = match refusal.strip_prefix("refused ") {
            Some(by) => format!("refused by {by}"),
            None => refusal.to_owned(),
        };
        let keys = folder.join(format!("{name}.keys"));
        let kind = name.split('-').next().unwrap_or(name).trim_end_matches(|c: char| c.is_ascii_digit());
        subjects.push(Subject {
            name: format!("fixtures/keyless/{name}"),
            capture: folder.join(format!("{name}.pcap.gz")),
            key_log: Some(keys).filter(|keys| keys.is_file()),
            server: format!("made: {kind}"),
            client: format!("made: {kind}"),
            cause: format!("made: {kind}"),
            configured: [Some(requested.to_owned()), Some(answer.to_owned()), Some(refusal)],
            set: Set::MadeToBreak,
        });
    }
    Ok(subjects)
}
