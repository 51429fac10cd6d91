//! `mtlscope pki init`: a test authority as files.

use std::io::{self, Write};

use mtlscope_sources::authority::{AuthorityError, Client, Files, Pki, Plan, Zoo};

use crate::cli;
use crate::commands::written;
use crate::console::Console;
use crate::exit::Exit;

pub(crate) fn run(typed: &cli::PkiInit, console: &mut Console<'_>) -> Exit {
    match make(typed) {
        Ok((pki, zoo)) => written(tell(typed, &pki, zoo.as_ref(), console), console),
        Err(error) => {
            console.complain(&error);
            Exit::CouldNotLook
        }
    }
}

fn make(typed: &cli::PkiInit) -> Result<(Pki, Option<Zoo>), AuthorityError> {
    let pki = Pki::new(&plan(typed))?;
    let zoo = if typed.no_zoo { None } else { Some(Zoo::new(&pki)?) };
    Files::new(&pki, zoo.as_ref(), &typed.pass)?.write(&typed.directory, typed.force)?;
    Ok((pki, zoo))
}

fn plan(typed: &cli::PkiInit) -> Plan {
    let plan = Plan { key: typed.key.into(), days: typed.days, ..Plan::default() };
    let clients = if typed.client.is_empty() {
        let usual = plan.clients.into_iter().map(|client| Client { key: plan.key, ..client });
        usual.chain(Client::of_each_kind()).collect()
    } else {
        typed.client.iter().map(|name| Client::named(name.as_str(), plan.key)).collect()
    };
    let server_names =
        if typed.server_name.is_empty() { plan.server_names } else { typed.server_name.clone() };
    Plan { clients, server_names, ..plan }
}

/// What was made, and what to do with it.
fn tell(typed: &cli::PkiInit, pki: &Pki, zoo: Option<&Zoo>, console: &mut Console<'_>) -> io::Result<()> {
    let clients: Vec<&str> = pki.clients.iter().map(|client| client.name.as_str()).collect();
    let out = &mut console.out;
    writeln!(out, "Made a test authority in {}:", typed.directory.display())?;
    writeln!(
        out,
        "  ca.pem       the root to trust; intermediate.pem below it; crl.pem, their revocation lists"
    )?;
    writeln!(out, "  server       for {}", pki.plan.server_names.join(", "))?;
    writeln!(out, "  clients      {}", clients.join(", "))?;
    if let Some(zoo) = zoo {
        writeln!(out, "  zoo/         {} clients with one flaw each", zoo.specimens.len())?;
    }
    writeln!(out, "README.txt there says what each file is, manifest.json also what servers answer.")
}
