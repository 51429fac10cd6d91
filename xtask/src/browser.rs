//! The suite `browser`: the page in a real Chromium, every view on real captures. What it looks like is kept as pictures
//! under the target directory; what it asks of the network, and every word on its console, is held against what it may.
//!
//! [axe-core](https://github.com/dequelabs/axe-core), which checks what a screen reader meets, lies beside this file, unchanged
//! and with its licence (MPL-2.0), so that a test needs no network. It is part of no program that is shipped.

mod checks;
mod devtools;
mod hostile;
mod large;
mod live;
mod stage;

use std::path::PathBuf;

use anyhow::Result;

use crate::tally::Tally;
use crate::test::Need;
use crate::workspace::Workspace;
use stage::Stage;

/// What can be said to `cargo xtask browser`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only checks in whose name this occurs; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Also write the picture of the README, docs/web.png, anew.
    #[arg(long)]
    record: bool,
    /// A capture with many connections for the check of speed, instead of a generated one.
    #[arg(long, value_name = "PATH")]
    large: Option<PathBuf>,
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
}

/// What the suite cannot do without.
pub(crate) static NEEDS: &[Need] = &[
    Need::Program { name: "chromium", packages: &["chromium"] },
    Need::Program { name: "curl", packages: &["curl"] },
];

/// One thing that is checked.
type Check = (&'static str, fn(&mut Stage) -> Result<()>);

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let tally = check(workspace, &arguments)?;
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// The suite `browser`.
pub(crate) fn prove(workspace: &Workspace) -> Result<Tally> {
    check(workspace, &Arguments { only: Vec::new(), record: false, large: None, bin: None })
}

fn check(workspace: &Workspace, arguments: &Arguments) -> Result<Tally> {
    let program = workspace.program(arguments.bin.as_deref())?;
    let mut stage = Stage::new(workspace, program, arguments.large.clone())?;
    let mut tally = Tally::default();
    let checks = checks::CHECKS.iter().chain(live::CHECKS).chain(hostile::CHECKS).chain(large::CHECKS);
    for (name, check) in checks {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|only| name.contains(only.as_str())) {
            continue;
        }
        stage.begin();
        let result = check(&mut stage).and_then(|()| stage.nothing_amiss());
        if let (Ok(()), Some(why)) = (&result, stage.left_out()) {
            println!("skipped: {name}: {why}");
            tally += Tally { skipped: 1, ..Tally::default() };
            continue;
        }
        println!("{}: {name}", if result.is_ok() { "ok" } else { "FAILED" });
        if let Err(error) = &result {
            println!("  {error:#}");
            stage.keep_what_is_seen(name);
        }
        tally += Tally::one(result.is_ok());
    }
    println!("pictures: {}", workspace.shown(stage.pictures()));
    if arguments.record {
        stage.record(&workspace.root.join("docs/web.png"))?;
    }
    Ok(tally)
}
