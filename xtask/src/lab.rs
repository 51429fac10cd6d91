//! `cargo xtask lab`: every recording of `../shared/lab` is read with its keys and again without, and what we say of
//! each connection is scored against what is known of it.

mod causes;
mod confusion;
mod keyless;
mod cut;
mod not_yet;
mod printouts;
mod score;
mod shared;
mod truth;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::connection::{self, Connection, Endpoint};
use crate::known_differences::KnownDifferences;
use crate::tally::Tally;
use crate::workspace::{Workspace, sorted_entries};
use score::{Answer, COLUMNS};
use truth::{Case, Observed};

/// What can be said to `cargo xtask lab`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only this case.
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// Only the reading without keys.
    #[arg(long)]
    no_keys: bool,
    /// Score what is inferred without keys, and print the tables of confusion by server, client and cause.
    #[arg(long)]
    keyless: bool,
    /// Only whether the findings name the causes that are known, and each case in which they do not.
    #[arg(long)]
    causes: bool,
    /// Only this: cut each recording off before the alert by which the server refused, and see whether its cause is still named.
    #[arg(long)]
    without_alerts: bool,
    /// Only this: share each recording, and see whether what is shared tells the same as the original with its keys.
    #[arg(long)]
    shared: bool,
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let (program, only) = (arguments.bin.as_deref(), arguments.case.as_deref());
    let tally = if arguments.keyless {
        keyless::score(workspace, program, only)?
    } else if arguments.causes {
        causes::score(workspace, &workspace.program(program)?, only, &known_differences()?)?
    } else if arguments.without_alerts {
        cut::score(workspace, &workspace.program(program)?, only)?
    } else if arguments.shared {
        let (cases, _) = cases(workspace, only)?;
        shared::score(&workspace.program(program)?, &cases, &known_differences()?)?
    } else {
        let readings: &[Reading] =
            if arguments.no_keys { &[Reading::Keyless] } else { &[Reading::WithKeys, Reading::Keyless] };
        score_all(workspace, program, only, readings)?
    };
    println!("{tally}");
    Ok(tally.failed == 0)
}

fn known_differences() -> Result<KnownDifferences> {
    KnownDifferences::read(include_str!("lab/known_differences.tsv"))
}

/// How a case is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    WithKeys,
    Keyless,
}

impl Reading {
    pub(crate) const ALL: &[Self] = &[Self::WithKeys, Self::Keyless];
}

/// The suite: one test a case and reading, a printout, a case whose cause is known, a case cut off before its alert; one for the
/// table of known differences.
pub(crate) fn score_all(
    workspace: &Workspace,
    program: Option<&Path>,
    only: Option<&str>,
    readings: &[Reading],
) -> Result<Tally> {
    let program = workspace.program(program)?;
    let known = known_differences()?;
    let (cases, left_out) = cases(workspace, only)?;
    let mut tally = Tally::default();
    for reading in readings {
        tally += score_reading(&program, &cases, *reading, &known)?;
    }
    if readings.len() == Reading::ALL.len() {
        tally += printouts::score(&program, &cases)?;
        tally += causes::score(workspace, &program, only, &known)?;
        tally += cut::score(workspace, &program, only)?;
        tally += shared::score(&program, &cases, &known)?;
    }
    for (reason, count) in &left_out {
        println!("not yet: {count:>3} {reason}");
    }
    if only.is_none() && readings.len() == Reading::ALL.len() {
        let gone = known.no_longer_seen();
        for line in &gone {
            println!("known difference no longer seen: {line}");
        }
        tally += Tally::one(gone.is_empty());
    }
    tally.skipped += left_out.values().sum::<usize>();
    Ok(tally)
}

/// The recordings that can be read, and how many of the others there are, by the reason.
fn cases(workspace: &Workspace, only: Option<&str>) -> Result<(Vec<Case>, BTreeMap<&'static str, usize>)> {
    let mut cases = Vec::new();
    let mut left_out: BTreeMap<&'static str, usize> = BTreeMap::new();
    for folder in sorted_entries(&workspace.shared.join("lab/cases"))? {
        if only.is_some_and(|name| !folder.ends_with(name)) {
            continue;
        }
        let case = Case::read(&folder)?;
        match not_yet::not_yet(&case.truth) {
            Some(reason) => *left_out.entry(reason).or_default() += 1,
            None => cases.push(case),
        }
    }
    ensure!(!cases.is_empty() || !left_out.is_empty(), "no such case: {}", only.unwrap_or("(none at all)"));
    Ok((cases, left_out))
}

fn score_reading(
    program: &Path,
    cases: &[Case],
    reading: Reading,
    known: &KnownDifferences,
) -> Result<Tally> {
    let (title, prefix) = match reading {
        Reading::WithKeys => ("with keys", ""),
        Reading::Keyless => ("without keys", "keyless "),
    };
    println!("{title}:");
    let mut tally = Tally::default();
    let mut columns: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for case in cases {
        if reading == Reading::Keyless && case.carries_its_secrets() {
            continue;
        }
        let Scored { answers, fault } = score_case(program, case, reading)?;
        let mut good = true;
        if let Some(fault) = fault {
            println!("  {}: {fault}", case.name);
            good = false;
        }
        for (connection, answer) in &answers {
            let (right, accepted, total) = columns.entry(answer.column).or_default();
            *total += 1;
            if answer.right {
                *right += 1;
            } else if known.reason(&case.name, connection, &format!("{prefix}{}", answer.column)).is_some() {
                *accepted += 1;
            } else {
                good = false;
                let Answer { column, expected, ours, .. } = answer;
                println!("  {} / {connection} / {column}: known: {expected}; we say: {ours}", case.name);
            }
        }
        tally += Tally::one(good);
    }
    for column in COLUMNS {
        if let Some((right, accepted, total)) = columns.get(column) {
            println!("  {column:<14} {right:>4} right of {total:>4}, {accepted} known differences");
        }
    }
    Ok(tally)
}

/// One case scored.
struct Scored {
    /// Each answer with its connection's number.
    answers: Vec<(String, Answer)>,
    /// What is wrong with the run itself.
    fault: Option<String>,
}

fn score_case(program: &Path, case: &Case, reading: Reading) -> Result<Scored> {
    let key_log = match reading {
        Reading::WithKeys if !case.carries_its_secrets() => case.key_log.as_deref(),
        _ => None,
    };
    let run = connection::read(program, &case.capture, key_log, None)?;
    let mut ours: Vec<Option<&Connection>> = run.connections.iter().map(Some).collect();
    let mut answers = Vec::new();
    for (index, observed) in case.truth.observed.iter().enumerate() {
        let found = take(&mut ours, observed);
        let scored = match reading {
            Reading::WithKeys => score::with_keys(&case.truth, observed, case.has_keys(), found),
            Reading::Keyless => score::without_keys(&case.truth, observed, found),
        };
        answers.extend(scored.into_iter().map(|answer| (index.to_string(), answer)));
    }
    for connection in ours.into_iter().flatten() {
        let extra = Answer {
            column: "found",
            expected: "no more connections".to_owned(),
            ours: connection.ends(),
            right: false,
        };
        answers.push(("more".to_owned(), extra));
    }
    Ok(Scored { answers, fault: run.fault })
}

/// Takes our first connection between the same two ends, whoever is the client; the first of all where the ends are not
/// known.
fn take<'c>(ours: &mut [Option<&'c Connection>], observed: &Observed) -> Option<&'c Connection> {
    let end = |text: &Option<String>| text.as_deref().and_then(Endpoint::parse);
    let known = end(&observed.client).zip(end(&observed.server));
    let same = |connection: &Connection| match (&known, &connection.client, &connection.server) {
        (None, _, _) => true,
        (Some((client, server)), Some(a), Some(b)) => {
            (a == client && b == server) || (a == server && b == client)
        }
        _ => false,
    };
    ours.iter_mut().find(|slot| slot.is_some_and(same))?.take()
}
