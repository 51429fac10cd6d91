//! The suite `wrapped`: `mtlscope run` with real programs, each by each of its means. What is seen of them is the table in
//! `docs/run.md`, which the suite measures anew.
//!
//! All happens in a network namespace with addresses of a documentation range, since Java and Go ask no proxy for loopback.

mod programs;
mod scene;
mod sockets;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::peers::{Process, run_program};
use crate::tally::Tally;
use crate::test::Need;
use crate::workspace::Workspace;
use programs::{PROGRAMS, Program};
use scene::Scene;

/// What can be said to `cargo xtask wrapped`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
    /// Only programs whose name begins so.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// We are in the namespace already.
    #[arg(long, hide = true)]
    inside: bool,
}

/// What the suite cannot do without.
pub(crate) static NEEDS: &[Need] = &[
    Need::Program { name: "unshare", packages: &["util-linux"] },
    Need::Program { name: "ip", packages: &["iproute2"] },
    Need::Program { name: "curl", packages: &["curl"] },
    Need::Program { name: "wget", packages: &["wget"] },
    Need::Program { name: "openssl", packages: &["openssl"] },
    Need::Program { name: "python3", packages: &["python3", "python3-requests"] },
    Need::Program { name: "node", packages: &["nodejs"] },
    Need::Program { name: "java", packages: &["openjdk-17-jdk-headless"] },
    Need::Program { name: "cc", packages: &["gcc", "libc6-dev"] },
];

/// Nothing here takes longer, unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let tally = match arguments.inside {
        true => inside(workspace, &arguments)?,
        false => outside(workspace, &arguments)?,
    };
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// The suite `wrapped`.
pub(crate) fn prove(workspace: &Workspace) -> Result<Tally> {
    outside(workspace, &Arguments { bin: None, only: None, inside: false })
}

/// The file of this very program. Building the tests replaces it while it runs; what stands in its place was built from the same
/// sources. (`/proc/self/exe` would name `unshare`.)
fn own_file() -> Result<PathBuf> {
    let file = std::env::current_exe().context("cannot find myself")?;
    match file.to_str().and_then(|name| name.strip_suffix(" (deleted)")) {
        Some(name) if !file.exists() => Ok(PathBuf::from(name)),
        _ => Ok(file),
    }
}

/// Goes into a namespace of its own, as ourselves.
fn outside(workspace: &Workspace, arguments: &Arguments) -> Result<Tally> {
    let program = workspace.program(arguments.bin.as_deref())?;
    let mut namespace = vec!["--net"];
    if !nix::unistd::geteuid().is_root() {
        namespace.extend(["--user", "--map-root-user"]);
    }
    let tried =
        Command::new("unshare").args(&namespace).arg("true").output().context("cannot run unshare")?;
    if !tried.status.success() {
        println!(
            "skipped: wrapped: no network namespace of our own: {}",
            String::from_utf8_lossy(&tried.stderr).trim()
        );
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    let mut command = Command::new("unshare");
    command.args(&namespace).arg(own_file()?).args(["wrapped", "--inside", "--bin"]).arg(program);
    if let Some(only) = &arguments.only {
        command.args(["--only", only]);
    }
    let limit = PATIENCE * 20;
    let ended = run_program(&mut command, "", limit)?;
    let out = String::from_utf8_lossy(&ended.stdout).into_owned();
    let (said, last) = out.trim_end().rsplit_once('\n').unwrap_or(("", out.trim_end()));
    println!("{said}");
    eprint!("{}", String::from_utf8_lossy(&ended.stderr));
    let mut numbers = last.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(passed), Some(failed), Some(skipped)) => Ok(Tally { passed, failed, skipped }),
        _ => bail!("the suite ended early: {last}"),
    }
}

fn inside(workspace: &Workspace, arguments: &Arguments) -> Result<Tally> {
    let bin = arguments.bin.clone().context("--inside needs --bin")?;
    let scene = Scene::set(&bin)?;
    let documented = std::fs::read_to_string(workspace.root.join("docs/run.md")).unwrap_or_default();
    let is_wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| name.starts_with(only));
    let mut tally = Tally::default();
    println!("{}", programs::HEAD);
    for program in PROGRAMS.iter().filter(|program| is_wanted(program.name)) {
        if let Some(why) = (program.missing)() {
            println!("skipped: {}: {why}", program.name);
            tally.skipped += 1;
            continue;
        }
        let row = row(&scene, program)?;
        let is_documented = documented.lines().any(|line| line == row);
        println!("{row}{}", if is_documented { "" } else { "   <- not so in docs/run.md" });
        tally += Tally::one(is_documented);
    }
    if is_wanted("capture") {
        tally += captures(&scene)?;
    }
    if is_wanted("sockets") {
        tally += sockets::hold(&scene)?;
    }
    Ok(tally)
}

/// What is seen of a program with all means, and with the library or the proxy alone.
fn row(scene: &Scene, program: &Program) -> Result<String> {
    let mut cells = vec![program.name.to_owned()];
    for without in [None, Some("proxy"), Some("preload")] {
        let told = scene.told(&(program.command)(scene)?, without)?;
        cells.push(seen(&told));
    }
    Ok(format!("| {} |", cells.join(" | ")))
}

/// Whether a capture in place of relays sees the same, with the secrets, and ends with what it found.
fn captures(scene: &Scene) -> Result<Tally> {
    let mut tally = Tally::default();
    let good = programs::curl(scene)?;
    let distrusting: Vec<String> =
        good.iter().filter(|word| !word.contains("ca.pem") && *word != "--cacert").cloned().collect();
    for (command, code, said) in
        [(good, 0, "  Accepted"), (distrusting, 1, "server-cert-rejected-by-client (certain)")]
    {
        let (told, ended) = scene.captured(&command)?;
        let all = [said, "decrypted with the key log", "captured on lo"];
        let holds = ended == Some(code) && all.iter().all(|words| told.contains(words));
        if !holds {
            println!("capture: exit code {ended:?}, not {code}, or not all of {all:?}:\n{told}");
        }
        tally += Tally::one(holds);
    }
    Ok(tally)
}

/// By which means, as the account at the end says, in the words of the table.
fn seen(told: &str) -> String {
    let Some((_, account)) = told.split_once(" was watched\n") else { return format!("no account: {told}") };
    let mut ways: Vec<String> = account
        .lines()
        .filter_map(|line| line.strip_prefix("  #"))
        .filter_map(|line| line.split_once(": "))
        .map(|(_, way)| {
            let (way, secrets) = way.split_once("; ").unwrap_or((way, ""));
            let way = way.split(", in ").next().unwrap_or_default();
            format!("{way}; {}", secrets.split(": ").next().unwrap_or_default())
        })
        .collect();
    ways.dedup();
    match ways.is_empty() {
        true => "not seen".to_owned(),
        false => ways.join(", and "),
    }
}
