//! What can be typed, one file a subcommand. Declared here, done in `commands`.

mod read;
mod capture;
mod report;
mod tshark;
mod connect;
mod probe;
mod diff;
pub(crate) mod serve;
mod web;
mod run;
mod tap;
mod pki;
mod demo;
mod explain;
mod completions;
mod share;
mod inject_secrets;

mod appearance;
mod keyless;
mod keys;
mod known;
mod not_here;
mod looks;
mod passphrase;

use std::ffi::OsString;
use std::io::Write;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub(crate) use appearance::Appearance;
pub(crate) use capture::{Capture, Rotate};
pub(crate) use completions::Completions;
pub(crate) use connect::{Connect, Http, Identity, Route, Show};
pub(crate) use demo::Demo;
pub(crate) use diff::Diff;
pub(crate) use explain::Explain;
pub(crate) use inject_secrets::InjectSecrets;
pub(crate) use keyless::Keyless;
pub(crate) use keys::Keys;
pub(crate) use known::Known;
pub(crate) use looks::{CertificateForm, Looks};
pub(crate) use passphrase::Passphrase;
pub(crate) use pki::{Pki, PkiCommand, PkiInit, PkiShow};
pub(crate) use probe::{Expected, Probe};
pub(crate) use read::Read;
pub(crate) use report::Report;
pub(crate) use run::{ExitCode, Means, Run};
pub(crate) use serve::Serve;
pub(crate) use share::Share;
pub(crate) use tap::Tap;
pub(crate) use tshark::{Shows, Tshark};
pub(crate) use web::{LivePage, Page, Web};

use crate::console::Console;
use crate::exit::Exit;

const AFTER_HELP: &str = "\
Exit codes:
  0  looked, and nothing is wrong; what runs until it is stopped ends so
  1  a finding of severity error, a refusal, something not as expected
  2  could not look: bad usage, unreadable input, no connection (outranks 1; the rest is still told)
  Each command's help says it for that command.

Start here:
  mtlscope demo                                what it does, played here and now
  mtlscope read trace.pcapng                   every TLS connection in a capture
  mtlscope read trace.pcap --keylog keys.log   with the keys of a program that wrote SSLKEYLOGFILE
  mtlscope report trace.pcap -o report.html    the same as a page, for a ticket
  sudo mtlscope capture                        the same of what passes now
  mtlscope connect https://shop.example/       as curl would, with the handshake explained
  mtlscope probe shop.example                  does a server ask for a certificate, and insist?
  mtlscope diff good.pcap bad.pcap             where two handshakes part, and why
  mtlscope share trace.pcap -o out.pcapng      a capture that a stranger may have
  mtlscope serve                               an HTTPS server that explains each client it meets
  mtlscope web trace.pcapng                    the same in a browser: every handshake drawn
  mtlscope run -- curl https://shop.example/   a command, and what became of its handshakes
  mtlscope tap --to shop.example:443           a relay that tells each handshake that passes
  mtlscope pki init pki                        a test authority, good clients and a zoo of bad ones
  mtlscope explain                             the causes it can name";

/// A debugger for mutual TLS: who refused whom, at which message, and why.
#[derive(Parser, Debug)]
#[command(name = "mtlscope", bin_name = "mtlscope", version, after_help = AFTER_HELP)]
pub(crate) struct Typed {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Read(Box<Read>),
    Capture(Box<Capture>),
    Report(Box<Report>),
    Connect(Box<Connect>),
    Probe(Box<Probe>),
    Diff(Diff),
    Share(Share),
    InjectSecrets(InjectSecrets),
    Serve(Box<Serve>),
    Web(Web),
    Run(Box<Run>),
    Tap(Box<Tap>),
    Pki(Pki),
    Demo(Demo),
    Explain(Explain),
    Completions(Completions),
}

/// The whole command line as declared, for completions.
pub(crate) fn command() -> clap::Command {
    Typed::command()
}

/// Declares the options of a subcommand.
type Declare = fn(clap::Command) -> clap::Command;

/// The subcommands by name.
const SUBCOMMANDS: &[(&str, Declare)] = &[
    ("read", Read::augment_args),
    ("capture", Capture::augment_args),
    ("report", Report::augment_args),
    ("connect", Connect::augment_args),
    ("probe", Probe::augment_args),
    ("diff", Diff::augment_args),
    ("share", Share::augment_args),
    ("inject-secrets", InjectSecrets::augment_args),
    ("serve", Serve::augment_args),
    ("web", Web::augment_args),
    ("run", Run::augment_args),
    ("tap", Tap::augment_args),
    ("pki", Pki::augment_args),
    ("demo", Demo::augment_args),
    ("explain", Explain::augment_args),
    ("completions", Completions::augment_args),
];

/// What must be declared to understand this: where a subcommand is named first, that one alone.
fn declared(arguments: &[OsString]) -> clap::Command {
    let named = arguments.get(1).and_then(|name| SUBCOMMANDS.iter().find(|(known, _)| name == known));
    match named {
        Some((name, declare)) => clap::Command::new("mtlscope")
            .bin_name("mtlscope")
            .subcommand_required(true)
            .subcommand(declare(clap::Command::new(*name))),
        None => command(),
    }
}

/// Understands what was typed. Help is written to `out`; what makes no sense is complained about.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    console: &mut Console<'_>,
) -> Result<Typed, Exit> {
    const EASY_TO_READ: usize = 100;
    let columns = console.out_terminal.and_then(|terminal| terminal.columns);
    let arguments: Vec<OsString> = tshark::translated(connect::translated(arguments)).into_iter().collect();
    declared(&arguments)
        .term_width(columns.unwrap_or(EASY_TO_READ).clamp(40, EASY_TO_READ))
        .try_get_matches_from(&arguments)
        .and_then(|matches| Typed::from_arg_matches(&matches))
        .map_err(|error| {
            if let Some(words) = not_here::instead(&arguments, &error) {
                console.complain(&words);
                return Exit::CouldNotLook;
            }
            let is_trouble = error.use_stderr();
            let (stream, terminal): (&mut dyn Write, _) = match is_trouble {
                true => (&mut *console.err, console.err_terminal),
                false => (&mut *console.out, console.out_terminal),
            };
            let text = error.render();
            // If this cannot be written, there is nobody to tell.
            let _ = match terminal.is_some() && !console.no_color {
                true => write!(stream, "{}", text.ansi()),
                false => write!(stream, "{text}"),
            };
            if is_trouble { Exit::CouldNotLook } else { Exit::Clean }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the help of a subcommand says.
    fn help(mut command: clap::Command, name: &str) -> String {
        command.build();
        command.find_subcommand_mut(name).unwrap().render_long_help().to_string()
    }

    #[test]
    fn a_subcommand_is_declared_alone_as_it_is_among_all() {
        let all: Vec<String> = command().get_subcommands().map(|one| one.get_name().to_owned()).collect();
        assert_eq!(SUBCOMMANDS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), all);
        for (name, _) in SUBCOMMANDS {
            let alone = declared(&["mtlscope".into(), (*name).into()]);
            assert_eq!(alone.get_subcommands().count(), 1);
            assert_eq!(help(alone, name), help(command(), name));
        }
    }
}
