//! `cargo xtask test`: the one command that says whether all is well. A laptop runs it, and CI runs nothing else.

mod install;
mod run_cargo;
mod suites;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::tally::Tally;
use crate::workspace::Workspace;
pub(crate) use suites::Need;
use suites::{SUITES, Suite};

/// What can be said to `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install first what the suites need and this machine lacks (root on Debian).
    #[arg(long)]
    install: bool,
    /// Only this suite; may be given several times.
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let chosen = chosen(&arguments.suite)?;
    if arguments.install {
        install::install(&chosen);
    }
    let begin_all = Instant::now();
    let mut total = Tally::default();
    let mut skipped = Vec::new();
    for suite in chosen {
        if let Some(missing) = suite.needs.iter().find_map(|need| need.missing(workspace)) {
            skipped.push(format!("skipped: {}: {missing}", suite.name));
            total.skipped += 1;
            continue;
        }
        let begin = Instant::now();
        println!("== {}: {}", suite.name, suite.about);
        let tally = (suite.run)(workspace).unwrap_or_else(|error| {
            println!("{error:#}");
            Tally::one(false)
        });
        println!("== {}: {tally} in {:.1} s", suite.name, begin.elapsed().as_secs_f64());
        total += tally;
    }
    for line in skipped {
        println!("{line}");
    }
    println!("all in {:.1} s", begin_all.elapsed().as_secs_f64());
    println!("{total}");
    Ok(total.failed == 0)
}

fn chosen(names: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(unknown) = names.iter().find(|name| !SUITES.iter().any(|suite| suite.name == **name)) {
        let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        bail!("there is no suite {unknown}; there are {}", known.join(", "));
    }
    Ok(SUITES
        .iter()
        .filter(|suite| names.is_empty() || names.iter().any(|name| name == suite.name))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_all_and_an_unknown_name_is_an_error() {
        assert_eq!(chosen(&[]).unwrap().len(), SUITES.len());
        assert_eq!(chosen(&["tidy".to_owned()]).unwrap().len(), 1);
        assert!(chosen(&["tdy".to_owned()]).is_err());
    }
}
