//! The suite: every part, each counted, and the differences that are known and right as they are.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use super::rig::Rig;
use super::table::{self, Row};
use crate::known_differences::KnownDifferences;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// What every part works with.
pub(crate) struct Bench<'a> {
    pub(crate) rig: &'a Rig,
    /// The program under test.
    pub(crate) program: &'a Path,
    /// What is known.
    pub(crate) rows: &'a [Row],
    pub(crate) known: &'a Judge,
}

/// One part of the suite.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Bench<'_>) -> Result<Tally>,
}

/// Every part, in the order they run.
pub(crate) static PARTS: &[Part] = &[
    Part { name: "connect", about: "our client meets every real server", run: super::connect::run },
    Part { name: "serve", about: "every real client meets our server", run: super::serve::run },
    Part {
        name: "messages",
        about: "connect -v names the messages that curl -v names",
        run: super::messages::run,
    },
    Part { name: "variables", about: "our server's variables are mod_ssl's", run: super::variables::run },
    Part { name: "probe", about: "the probe is right about every server", run: super::probe::run },
    Part {
        name: "witnesses",
        about: "client, server and both recordings tell the same",
        run: super::witnesses::run,
    },
    Part { name: "tap", about: "what passes the tap from curl is told as it was", run: super::tap::run },
];

/// Runs the parts that are wanted.
pub(crate) fn run(workspace: &Workspace, program: Option<&Path>, only: &[String]) -> Result<Tally> {
    let program = workspace.program(program)?;
    let begin = Instant::now();
    let rig = Rig::start(&program, |_| true)?;
    println!("  {} servers in {:.1} s", rig.servers.len(), begin.elapsed().as_secs_f64());
    let rows = table::committed()?;
    let known = Judge {
        table: std::sync::Mutex::new(KnownDifferences::read(include_str!("known_differences.tsv"))?),
    };
    let bench = Bench { rig: &rig, program: &program, rows: &rows, known: &known };
    let mut tally = Tally::default();
    for part in PARTS.iter().filter(|part| only.is_empty() || only.iter().any(|name| name == part.name)) {
        let begin = Instant::now();
        let counted = (part.run)(&bench).unwrap_or_else(|error| {
            println!("  {}: {error:#}", part.name);
            Tally::one(false)
        });
        println!("  {}: {}: {counted} in {:.1} s", part.name, part.about, begin.elapsed().as_secs_f64());
        tally += counted;
    }
    if only.is_empty() {
        let gone = known.no_longer_seen();
        for line in &gone {
            println!("  known difference no longer seen: {line}");
        }
        tally += Tally::one(gone.is_empty());
    }
    if tally.failed > 0 {
        let logs = workspace.target.join("peers-logs");
        rig.keep_logs(&logs)?;
        println!("  the peers' logs are in {}", workspace.shown(&logs));
    }
    Ok(tally)
}

/// The known differences, for parts that do several things at a time.
pub(crate) struct Judge {
    table: std::sync::Mutex<KnownDifferences>,
}

impl Judge {
    /// Whether a difference is known; if not, it is printed.
    pub(crate) fn accepts(&self, part: &str, connection: &str, what: &str, difference: &str) -> bool {
        let table = self.table.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = table.reason(part, connection, what).is_some();
        if !known {
            println!("  {part} / {connection} / {what}: {difference}");
        }
        known
    }

    fn no_longer_seen(&self) -> Vec<String> {
        self.table.lock().unwrap_or_else(std::sync::PoisonError::into_inner).no_longer_seen()
    }
}
