//! The suite `live`: `mtlscope capture` on a wire between two hosts, which are network namespaces of this machine. `cargo xtask live`
//! runs parts of it, and measures how many packets a second it keeps up with, beside tcpdump and dumpcap.

mod capturing;
mod hosts;
mod rates;
mod troubles;
mod two_hosts;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::peers::{Authority, Place, end_with_us};
use crate::tally::Tally;
use crate::test::Need;
use crate::workspace::Workspace;

/// What can be said to `cargo xtask live`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only this part of the suite: two-hosts, troubles, rates; may be given several times.
    #[arg(long, value_name = "NAME")]
    part: Vec<String>,
    /// Instead of the suite: replay this traffic of the bench (hs16, bulk, ...) at each of --rates, to us, tcpdump and dumpcap.
    #[arg(long, value_delimiter = ',', value_name = "NAME,...", conflicts_with = "part")]
    traffic: Vec<String>,
    /// With --traffic: packets a second.
    #[arg(long, value_delimiter = ',', default_value = "100000,200000,400000", value_name = "N,...")]
    rates: Vec<u32>,
    /// With --traffic: how often each capture is replayed in a row. Memory must not grow with it.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// With --traffic: only this one: mtlscope, "mtlscope -w", tcpdump, dumpcap; may be given several times.
    #[arg(long, value_name = "NAME", requires = "traffic")]
    only: Vec<String>,
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    if let Some(missing) = NEEDS.iter().find_map(|need| need.missing(workspace)) {
        bail!("{missing}");
    }
    if !arguments.traffic.is_empty() {
        let program = workspace.program(arguments.bin.as_deref())?;
        return rates::measure(workspace, &program, &arguments);
    }
    let tally = parts(workspace, arguments.bin.as_deref(), &arguments.part)?;
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// What the suite cannot do without.
pub(crate) static NEEDS: &[Need] = &[
    Need::Program { name: "ip", packages: &["iproute2"] },
    Need::Program { name: "ethtool", packages: &["ethtool"] },
    Need::Program { name: "apache2", packages: &["apache2", "libapache2-mod-php"] },
    Need::Program { name: "curl", packages: &["curl"] },
    Need::Program { name: "python3", packages: &["python3"] },
    Need::Program { name: "tcpreplay", packages: &["tcpreplay"] },
    Need::Program { name: "tcpdump", packages: &["tcpdump"] },
    hosts::NEEDS,
];

pub(crate) fn prove(workspace: &Workspace) -> Result<Tally> {
    parts(workspace, None, &[])
}

/// What every part works with.
struct Bench<'a> {
    workspace: &'a Workspace,
    program: &'a Path,
    place: &'a Place,
    authority: &'a Authority,
}

/// One part of the suite.
struct Part {
    name: &'static str,
    about: &'static str,
    run: fn(&Bench<'_>) -> Result<Tally>,
}

static PARTS: &[Part] = &[
    Part {
        name: "two-hosts",
        about: "curl and Apache with PHP over good wires and bad: each connection is told as they saw it",
        run: two_hosts::run,
    },
    Part {
        name: "troubles",
        about: "whatever happens while it captures is said, and nothing captured is lost",
        run: troubles::run,
    },
    Part { name: "rates", about: "no packet is lost, beside tcpdump", run: rates::run },
];

fn parts(workspace: &Workspace, program: Option<&Path>, only: &[String]) -> Result<Tally> {
    if let Some(unknown) = only.iter().find(|name| !PARTS.iter().any(|part| part.name == **name)) {
        let known: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        bail!("there is no part {unknown}; there are {}", known.join(", "));
    }
    let program = workspace.program(program)?;
    let place = Place::make()?;
    let folder = place.folder().to_owned();
    end_with_us(move || {
        hosts::remove_all();
        let _ = std::fs::remove_dir_all(&folder);
    })?;
    let authority = Authority::make(&place, &program)?;
    let bench = Bench { workspace, program: &program, place: &place, authority: &authority };
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
    Ok(tally)
}

/// Waits until something holds.
fn wait_for(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let begin = Instant::now();
    while !holds()? {
        if begin.elapsed() > PATIENCE {
            bail!("waited for {what} in vain");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(30);
