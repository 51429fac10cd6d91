//! The suite `peers`: our client against real servers, real clients against our server, each compared with what the
//! peers say of each other when we are not there. `cargo xtask peers` runs parts of it, and makes the table of truth.

mod account;
mod authority;
mod client;
mod connect;
mod flaw;
mod messages;
mod ours;
mod place;
mod probe;
mod process;
mod record;
mod rig;
mod serve;
mod server;
mod suite;
mod table;
mod tap;
mod variables;
mod witnesses;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::tally::Tally;
use crate::test::Need;
use crate::workspace::Workspace;
pub(crate) use authority::{Authority, GOOD, NONE};
pub(crate) use place::{Place, free_port};
pub(crate) use process::{Process, end_with_us, run as run_program};
use rig::Rig;
pub(crate) use server::apache_foundation;
use table::{Key, Row};

/// What can be said to `cargo xtask peers`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Let the peers meet without us and write the table of truth, xtask/src/peers/expected.tsv.
    #[arg(long)]
    record: bool,
    /// With --record: print what both say of each connection instead of writing the table.
    #[arg(long)]
    show: bool,
    /// Only this part of the suite: connect, serve, messages, variables, probe, witnesses, tap; may be given several times.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["record", "show"])]
    part: Vec<String>,
    /// With --record: only servers whose name begins so.
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// With --record: only this client.
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// With --record: only this certificate.
    #[arg(long, value_name = "NAME")]
    certificate: Option<String>,
    /// The program to test, instead of a release build of this workspace.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    if arguments.record {
        return record(workspace, &arguments);
    }
    let tally = suite::run(workspace, arguments.bin.as_deref(), &arguments.part)?;
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// What the suite cannot do without.
pub(crate) static NEEDS: &[Need] = &[
    Need::Program { name: "apache2", packages: &["apache2", "libapache2-mod-php"] },
    Need::Program { name: "php", packages: &["php-cli", "libapache2-mod-php"] },
    Need::Program { name: "nginx", packages: &["nginx"] },
    Need::Program { name: "haproxy", packages: &["haproxy"] },
    Need::Program { name: "openssl", packages: &["openssl"] },
    Need::Program { name: "gnutls-serv", packages: &["gnutls-bin"] },
    Need::Program { name: "java", packages: &["openjdk-17-jdk-headless"] },
    Need::Program { name: "node", packages: &["nodejs"] },
    Need::Program { name: "python3", packages: &["python3"] },
    Need::Program { name: "curl", packages: &["curl"] },
    Need::Program { name: "wget", packages: &["wget"] },
    Need::Program { name: "chromium", packages: &["chromium"] },
    Need::Program { name: "certutil", packages: &["libnss3-tools"] },
    Need::Program { name: "tshark", packages: &["tshark"] },
];

/// The suite `peers`.
pub(crate) fn prove(workspace: &Workspace) -> Result<Tally> {
    suite::run(workspace, None, &[])
}

fn record(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let is = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    let begins = |name: &str| arguments.server.as_deref().is_none_or(|wanted| name.starts_with(wanted));
    let of_kind = |kind: &str| {
        arguments.server.as_deref().is_none_or(|wanted| wanted.starts_with(kind) || kind.starts_with(wanted))
    };
    let rig = Rig::start(&workspace.program(arguments.bin.as_deref())?, of_kind)?;
    let met = record::meet(&rig, |key: &Key| {
        begins(&key.server)
            && is(&arguments.client, &key.client)
            && is(&arguments.certificate, &key.certificate)
    });
    let mut rows: Vec<Row> = Vec::new();
    let mut whole = true;
    for met in met {
        if arguments.show {
            println!("==== {}\n{}\n---- log\n{}", met.key, met.texts.0, met.texts.1);
        }
        match met.row {
            Ok(row) => rows.push(row),
            Err(error) => {
                println!("{}: {error:#}", met.key);
                whole = false;
            }
        }
    }
    let programs = [
        client::KINDS.iter().map(|kind| kind.version).collect::<Vec<_>>(),
        server::KINDS.iter().map(|kind| kind.version).collect(),
    ]
    .concat();
    let text = table::written(&rows, &record::versions(&programs))?;
    if arguments.show || arguments.server.is_some() || arguments.client.is_some() {
        println!("{text}");
    } else {
        let path = workspace.root.join("xtask/src/peers/expected.tsv");
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{} rows in {}", rows.len(), workspace.shown(&path));
    }
    Ok(whole)
}
