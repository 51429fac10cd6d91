//! `mtlscope diff`: two connections, each found in a capture or made now, held against each other.

mod operand;

use std::io;

use mtlscope_diagnose::comparison::{self, Compared};
use mtlscope_views::comparison::{self as view, Named};

use super::written;
use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::key_logs::KeyLogs;
use operand::{Found, Operand, Wanted};

pub(crate) fn run(typed: &cli::Diff, console: &mut Console<'_>) -> Exit {
    match found(typed, console) {
        Ok([good, bad]) => compare(typed, &good, &bad, console),
        Err(what) => {
            console.complain(&what);
            Exit::CouldNotLook
        }
    }
}

/// Finds both connections. The error is a sentence.
fn found(typed: &cli::Diff, console: &mut Console<'_>) -> Result<[Found; 2], String> {
    let (key_logs, errors) = KeyLogs::read(&typed.keylog);
    if let Some(error) = errors.first() {
        return Err(error.to_string());
    }
    let wanted = match (typed.clients, typed.servers) {
        (true, _) => [Wanted::Showing("ClientHello"); 2],
        (_, true) => [Wanted::Showing("CertificateRequest"); 2],
        _ => [Wanted::Accepted, Wanted::Failed],
    };
    let [good, bad] = [&typed.good, &typed.bad].map(|text| Operand::parse(text));
    Ok([good.find(wanted[0], &key_logs, typed, console)?, bad.find(wanted[1], &key_logs, typed, console)?])
}

fn compare(typed: &cli::Diff, good: &Found, bad: &Found, console: &mut Console<'_>) -> Exit {
    let settings = typed.appearance.settings(console);
    let (message, differences) = match (typed.clients, typed.servers) {
        (true, _) => ("ClientHello", comparison::compare_clients(&good.connection, &bad.connection)),
        (_, true) => ("CertificateRequest", comparison::compare_servers(&good.connection, &bad.connection)),
        _ => {
            let comparison = comparison::compare(good.compared(), bad.compared());
            let out = &mut *console.out;
            let result = match typed.json {
                true => view::json::write(good.named(), bad.named(), &comparison, out),
                false => view::write(good.named(), bad.named(), &comparison, &settings, out),
            };
            return exit(comparison.differs(), result, console);
        }
    };
    let result = match typed.json {
        true => view::json::write_message(good.named(), bad.named(), &differences, console.out),
        false => {
            view::write_message(message, good.named(), bad.named(), &differences, &settings, console.out)
        }
    };
    exit(!differences.is_empty(), result, console)
}

fn exit(differs: bool, result: io::Result<()>, console: &mut Console<'_>) -> Exit {
    written(result, console).max(if differs { Exit::Trouble } else { Exit::Clean })
}

impl Found {
    fn compared(&self) -> Compared<'_> {
        Compared { connection: &self.connection, findings: &self.findings }
    }

    fn named(&self) -> Named<'_> {
        Named { connection: &self.connection, name: &self.name }
    }
}
