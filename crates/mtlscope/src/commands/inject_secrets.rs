//! `mtlscope inject-secrets`: a capture with its keys inside.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use mtlscope_dissect::event::EventKind;
use mtlscope_dissect::input::Input;
use mtlscope_dissect::reader::hex;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{CaptureFile, CaptureWriter, Source, SourceError, secrets_injector};
use mtlscope_views::printable::printable;
use mtlscope_views::wording::count;
use zeroize::Zeroizing;

use super::written;
use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::key_logs::KeyLogs;

pub(crate) fn run(typed: &cli::InjectSecrets, console: &mut Console<'_>) -> Exit {
    match inject(typed, console) {
        Ok(words) => {
            let result = writeln!(console.out, "{words}");
            written(result, console)
        }
        Err(what) => {
            console.complain(&what);
            Exit::CouldNotLook
        }
    }
}

/// Does it. Both what is said and what went wrong are sentences.
fn inject(typed: &cli::InjectSecrets, console: &mut Console<'_>) -> Result<String, String> {
    let Understood { capture, output, key_logs } = understood(typed)?;
    CaptureWriter::check(&output, &capture).map_err(|error| error.to_string())?;
    let (key_logs, errors) = KeyLogs::read(&key_logs);
    if let Some(error) = errors.first() {
        return Err(error.to_string());
    }
    let randoms = if typed.all { None } else { Some(randoms(&capture).map_err(|error| error.to_string())?) };
    let chosen = Chosen::of(&key_logs, randoms.as_ref());
    if chosen.sessions.is_empty() {
        return Err(match typed.all {
            true => "there are no secrets in the key log".to_owned(),
            false => format!(
                "no session of the key log (it has {}) is in {}; nothing was written (--all puts all of them in)",
                chosen.passed_over.len(),
                printable(&capture.to_string_lossy())
            ),
        });
    }
    let injected =
        secrets_injector::inject(&capture, &output, &chosen.lines).map_err(|error| error.to_string())?;
    for notice in &injected.notices {
        console.complain(&printable(notice));
    }
    let mut words = format!(
        "Wrote {} with the secrets of {}: whoever has it can read all that they open.",
        printable(&output.to_string_lossy()),
        count(chosen.sessions.len(), "session", "sessions")
    );
    if !chosen.passed_over.is_empty() {
        let left = count(chosen.passed_over.len(), "session", "sessions");
        words.push_str(&format!(
            " What the key log has besides ({left}) was left out: it is not in the capture."
        ));
    }
    Ok(words)
}

/// What was typed, in either order.
struct Understood {
    capture: PathBuf,
    output: PathBuf,
    key_logs: Vec<PathBuf>,
}

fn understood(typed: &cli::InjectSecrets) -> Result<Understood, String> {
    let mut words = typed.words.as_slice();
    let mut key_logs = typed.keylog.clone();
    if let Some((first, rest)) = words.split_first()
        && let Some(file) = first.to_str().and_then(|first| first.strip_prefix("tls,"))
    {
        key_logs.push(file.into());
        words = rest;
    }
    let (capture, output) = match (words, &typed.output) {
        ([capture, output], None) | ([capture], Some(output)) => (capture.clone(), output.clone()),
        ([_], None) => return Err("say where to write it: -o OUT.pcapng".to_owned()),
        ([], _) => return Err("say which capture is meant".to_owned()),
        _ => return Err("too many files: one capture, and one to write".to_owned()),
    };
    if capture.as_os_str() == super::read::STANDARD_INPUT {
        return Err("cannot put secrets into standard input: the capture is read twice (save it first: `cat > trace.pcapng`)".to_owned());
    }
    if key_logs.is_empty() {
        return Err("say which key log is meant: --keylog FILE".to_owned());
    }
    Ok(Understood { capture, output, key_logs })
}

/// The random of every ClientHello in a capture, in hex: by it key logs name a session.
fn randoms(capture: &Path) -> Result<HashSet<String>, SourceError> {
    let mut randoms = HashSet::new();
    let mut dissector = Dissector::new(Settings::default());
    let mut source = CaptureFile::open(capture)?;
    let mut poll = |dissector: &mut Dissector| {
        while let Some(event) = dissector.poll() {
            if let EventKind::Message(message) = &event.kind
                && let Body::ClientHello(hello) = &message.body
            {
                randoms.insert(hex(&hello.random.0));
            }
        }
    };
    while let Some(input) = source.next()? {
        // With the secrets inside, hellos of renegotiations are seen too.
        if matches!(input, Input::Frame(_) | Input::Secret(_)) {
            dissector.push(input);
            poll(&mut dissector);
        }
    }
    dissector.finish();
    poll(&mut dissector);
    Ok(randoms)
}

/// The lines that go in.
#[derive(Default)]
struct Chosen {
    lines: Zeroizing<Vec<u8>>,
    sessions: HashSet<String>,
    passed_over: HashSet<String>,
}

impl Chosen {
    fn of(key_logs: &KeyLogs, randoms: Option<&HashSet<String>>) -> Self {
        let mut chosen = Self::default();
        key_logs.each(|input| {
            let Input::Secret(secret) = input else { return };
            // So much room that the text never moves and leaves nothing behind.
            let mut lines = Zeroizing::new(Vec::with_capacity(chosen.lines.len() + secret.lines.len() + 1));
            lines.extend_from_slice(&chosen.lines);
            for line in secret.lines.split(|byte| *byte == b'\n') {
                let text = String::from_utf8_lossy(line);
                let mut words = text.split_ascii_whitespace();
                let (Some(label), Some(random)) = (words.next(), words.next()) else { continue };
                let random = random.to_ascii_lowercase();
                if label.starts_with('#') {
                    continue;
                }
                if randoms.is_some_and(|randoms| !randoms.contains(&random)) {
                    chosen.passed_over.insert(random);
                    continue;
                }
                chosen.sessions.insert(random);
                lines.extend_from_slice(line.trim_ascii());
                lines.push(b'\n');
            }
            chosen.lines = lines;
        });
        chosen
    }
}
