//! `cargo xtask recipes`: plays what each rule page says under "How to reproduce", as it stands there, each in a folder and a
//! network namespace of its own, and looks whether the rule then speaks.
//!
//! A page whose trouble cannot be made here says so: its section begins with `Not on one machine:`, and the reason.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use mtlscope_diagnose::rules;
use serde_json::Value;

use crate::peers::{Place, run_program};
use crate::tally::Tally;
use crate::test::Need;
use crate::tshark::on_path;
use crate::workspace::Workspace;

/// What can be said to `cargo xtask recipes`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
    /// Only this rule; all that its recipe prints is shown.
    #[arg(long, value_name = "RULE")]
    only: Option<String>,
}

/// What the suite cannot do without. What single recipes need beside it is looked for recipe by recipe.
pub(crate) static NEEDS: &[Need] = &[
    Need::Program { name: "unshare", packages: &["util-linux"] },
    Need::Program { name: "ip", packages: &["iproute2"] },
    Need::Program { name: "bash", packages: &["bash"] },
    Need::Program { name: "curl", packages: &["curl"] },
    Need::Program { name: "openssl", packages: &["openssl"] },
];

/// Nothing here takes longer, unless something hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// Programs that a recipe may call, and that need not be there.
const MAY_BE_MISSING: &[&str] =
    &["apache2", "editcap", "gnutls-serv", "java", "keytool", "nginx", "node", "python3"];

/// Plays the recipe in the folder that it is given.
const PLAY: &str = include_str!("recipes/play.sh");

/// How the section of a page begins whose trouble cannot be made here.
const NOT_HERE: &str = "Not on one machine:";

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let tally = play_all(workspace, arguments)?;
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// The suite `recipes`.
pub(crate) fn prove(workspace: &Workspace) -> Result<Tally> {
    play_all(workspace, &Arguments { bin: None, only: None })
}

fn play_all(workspace: &Workspace, arguments: &Arguments) -> Result<Tally> {
    let program = workspace.program(arguments.bin.as_deref())?;
    let Some(namespace) = namespace()? else {
        println!("skipped: recipes: no network namespace of our own");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    };
    let only = arguments.only.as_deref();
    let chosen: Vec<_> = rules::all().filter(|rule| only.is_none_or(|only| only == rule.id)).collect();
    let kitchen = Kitchen { program: &program, namespace: &namespace, shows_all: only.is_some() };
    let next = AtomicUsize::new(0);
    // Most of the time a recipe waits for others.
    let hands = std::thread::available_parallelism().map_or(2, |number| number.get() * 2);
    let mut ends: Vec<(usize, Result<End>)> = std::thread::scope(|scope| {
        let hand = || {
            let mut ends = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(rule) = chosen.get(place) else { return ends };
                ends.push((place, kitchen.play(rule.id, &rule.markdown())));
            }
        };
        let hands: Vec<_> = (0..hands).map(|_| scope.spawn(hand)).collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap_or_default()).collect()
    });
    ends.sort_by_key(|(place, _)| *place);
    let mut tally = Tally::default();
    for (place, end) in ends {
        let id = chosen[place].id;
        match end {
            Ok(End::Speaks) => tally.passed += 1,
            Ok(End::Silent(instead)) => {
                println!("{id}: the rule does not speak; {instead}");
                tally.failed += 1;
            }
            Ok(End::NotHere(why)) => println!("not on one machine: {id}: {why}"),
            Ok(End::Lacks(what)) => {
                println!("skipped: {id}: {what} is not there");
                tally.skipped += 1;
            }
            Err(error) => {
                println!("{id}: {error:#}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

/// How `unshare` makes a namespace of our own here, if it does.
fn namespace() -> Result<Option<Vec<&'static str>>> {
    let mut arguments = vec!["--net", "--pid", "--fork", "--kill-child"];
    if !nix::unistd::geteuid().is_root() {
        arguments.extend(["--user", "--map-root-user"]);
    }
    let tried =
        Command::new("unshare").args(&arguments).arg("true").output().context("cannot run unshare")?;
    Ok(tried.status.success().then_some(arguments))
}

/// What a page says of how to reproduce its trouble.
enum Recipe {
    /// These lines of shell do.
    Lines(String),
    /// It cannot be done here.
    NotHere(String),
}

impl Recipe {
    /// The recipe of a page; none if it has neither lines nor the sentence that says why.
    fn of(page: &str) -> Option<Self> {
        let (_, section) = page.split_once("\n## How to reproduce\n")?;
        let section = section.split("\n## ").next().unwrap_or(section).trim();
        if let Some(why) = section.strip_prefix(NOT_HERE) {
            let why = why.split("\n\n").next().unwrap_or(why);
            return Some(Self::NotHere(why.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        let mut lines = String::new();
        for block in section.split("```sh\n").skip(1) {
            lines.push_str(block.split("```").next().unwrap_or(block));
        }
        (!lines.is_empty()).then_some(Self::Lines(lines))
    }
}

/// The first of the programs that are not there.
fn lacks(lines: &str) -> Option<&'static str> {
    let calls = |name: &str| lines.lines().any(|line| line.split_whitespace().next() == Some(name));
    MAY_BE_MISSING.iter().copied().filter(|name| calls(name)).find(|name| {
        // Apache becomes another user, which a namespace of users does not let it.
        on_path(name).is_none() || *name == "apache2" && !nix::unistd::geteuid().is_root()
    })
}

/// How it came out.
enum End {
    Speaks,
    /// The rule does not: what was found in its place.
    Silent(String),
    NotHere(String),
    Lacks(&'static str),
}

struct Kitchen<'a> {
    program: &'a Path,
    namespace: &'a [&'static str],
    shows_all: bool,
}

impl Kitchen<'_> {
    fn play(&self, id: &str, page: &str) -> Result<End> {
        let lines = match Recipe::of(page).context("the page says neither how nor why not")? {
            Recipe::NotHere(why) => return Ok(End::NotHere(why)),
            Recipe::Lines(lines) => lines,
        };
        if let Some(what) = lacks(&lines) {
            return Ok(End::Lacks(what));
        }
        let place = Place::make()?;
        // A reader's eyes wait until a server is there; so do we.
        place.write("recipe.sh", lines.replace(" &\n", " &\nuntil_it_listens\n"))?;
        let programs = place.folder_for(".programs")?;
        std::os::unix::fs::symlink(self.program, programs.join("mtlscope"))?;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("unshare");
        command.args(self.namespace).args(["bash", "-c", PLAY, "play.sh"]).arg(place.folder());
        command.env("PATH", format!("{}:{path}", programs.display()));
        command.env("SSLKEYLOGFILE", place.join("keys.log"));
        for proxy in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        let played = run_program(&mut command, "", PATIENCE)?;
        let text = played.text();
        if self.shows_all {
            println!("{text}");
        }
        played.code.context("the recipe did not end")?;
        let found = self.found(&place)?;
        let is_told =
            ["error", "warning", "note"].iter().any(|severity| text.contains(&format!("{severity}: {id} (")));
        if is_told || found.iter().any(|found| found == id) {
            return Ok(End::Speaks);
        }
        let last: Vec<&str> = text.lines().rev().filter(|line| !line.is_empty()).take(3).collect();
        Ok(End::Silent(format!("in its place: {}; last words: {}", found.join(", "), last.join(" | "))))
    }

    /// The rules that speak of what was recorded.
    fn found(&self, place: &Place) -> Result<Vec<String>> {
        let mut command = Command::new(self.program);
        command.args(["read", "--json", "--across"]).arg(place.join(".capture.pcapng"));
        let keys = place.join("keys.log");
        if keys.is_file() {
            command.arg("--keylog").arg(keys);
        }
        let read = run_program(&mut command, "", PATIENCE)?;
        let mut found = Vec::new();
        for line in String::from_utf8_lossy(&read.stdout).lines() {
            let line: Value = serde_json::from_str(line)?;
            let findings = line.get("findings").or(line.get("across")).and_then(Value::as_array);
            let ids = findings.into_iter().flatten().filter_map(|finding| finding["id"].as_str());
            found.extend(ids.map(str::to_owned));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_says_how_to_reproduce_its_trouble_or_why_not() {
        let silent: Vec<&str> = rules::all()
            .filter(|rule| match Recipe::of(&rule.markdown()) {
                Some(Recipe::NotHere(why)) => why.is_empty(),
                Some(Recipe::Lines(_)) => false,
                None => true,
            })
            .map(|rule| rule.id)
            .collect();
        assert!(silent.is_empty(), "{silent:?}");
    }

    #[test]
    fn a_section_is_read_as_it_stands() {
        let page =
            "# x\n\n## How to reproduce\n\nSo:\n\n```sh\na &\nb\n```\n\n## References\n\n```sh\nc\n```\n";
        assert!(matches!(Recipe::of(page), Some(Recipe::Lines(lines)) if lines == "a &\nb\n"));
        let page = "# x\n\n## How to reproduce\n\nNot on one machine: it takes\ntwo.\n\n```sh\na\n```\n";
        assert!(matches!(Recipe::of(page), Some(Recipe::NotHere(why)) if why == "it takes two."));
        assert!(Recipe::of("# x\n\n## How to reproduce\n\nSomehow.\n").is_none());
    }
}
