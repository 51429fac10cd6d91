//! What was shared: of each connection what the receiver can read, and what he has to take on trust; then what leaves with it
//! all the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use mtlscope_diagnose::connection::{Connection, StepKind};
use mtlscope_diagnose::sharing::{Plan, Policy};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::testimony::{Line as Testimony, PREFIX, Statement};

use crate::printable::printable;
use crate::terminal::{Ink, Line, Settings, paragraph};
use crate::wording::{self, count};

/// All that was shared.
#[derive(Debug)]
pub struct Sharing<'a> {
    /// Where it was written.
    pub output: Cow<'a, str>,
    /// What was allowed.
    pub policy: Policy,
    /// Whether comments of the capture went along.
    pub keeps_comments: bool,
    /// The connections.
    pub shared: Vec<Shared<'a>>,
    /// How many were to choose from.
    pub connections: usize,
    /// Frames written, and frames of the capture.
    pub frames: (u64, u64),
    /// The numbers in what was written of frames with testimony.
    pub numbers: &'a BTreeMap<FrameNumber, u64>,
    /// What was odd in the capture.
    pub notices: &'a [String],
}

/// One connection that was shared.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What stayed of it.
    pub plan: &'a Plan,
    /// Frames written of it.
    pub frames: u64,
    /// Bytes of what it carried that were left out.
    pub left_out: u64,
}

/// Writes it all.
///
/// # Errors
/// When it cannot be written.
pub fn write(sharing: &Sharing<'_>, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Line::new();
    line.add(
        Ink::Strong,
        format!(
            "Wrote {}: {} of {}, {} of {}",
            printable(&sharing.output),
            wording::grouped(sharing.shared.len() as u64),
            count(sharing.connections, "connection", "connections"),
            wording::grouped(sharing.frames.0),
            count(sharing.frames.1 as usize, "frame", "frames"),
        ),
    );
    line.write(settings, out)?;
    for shared in &sharing.shared {
        out.write_all(b"\n")?;
        shared.write(sharing, settings, out)?;
    }
    out.write_all(b"\n")?;
    for remark in sharing.remarks() {
        paragraph(0, (Ink::Plain, ""), Ink::Plain, &remark, settings, out)?;
    }
    for notice in sharing.notices {
        paragraph(0, (Ink::Doubtful, "Note: "), Ink::Plain, &printable(notice), settings, out)?;
    }
    Ok(())
}

impl Shared<'_> {
    fn write(&self, sharing: &Sharing<'_>, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let Self { connection, plan, frames, left_out } = *self;
        let mut line = Line::new();
        let arrow = if settings.ascii { "->" } else { "→" };
        line.add(
            Ink::Strong,
            format!(
                "Connection {}: {} {arrow} {}, {}",
                connection.id.0,
                connection.client,
                connection.server,
                count(frames as usize, "frame", "frames"),
            ),
        );
        line.write(settings, out)?;
        let mut row = |title: &str, text: &str| {
            paragraph(2, (Ink::Faint, &format!("{title:<16}")), Ink::Plain, text, settings, out)
        };
        let readable = self.readable();
        row("Can be read", if readable.is_empty() { "nothing of TLS" } else { &readable })?;
        let names = self.names();
        if !names.is_empty() {
            row("Names in it", &names)?;
        }
        let labels: Vec<&str> = plan.secrets().filter_map(|line| line.split(' ').next()).collect();
        row("Secrets inside", &if labels.is_empty() { "none".to_owned() } else { labels.join(", ") })?;
        let trust: Vec<String> = plan
            .testimony
            .iter()
            .flat_map(|(frame, lines)| lines.iter().map(move |line| (frame, line)))
            .map(|(frame, line)| told(sharing.numbers.get(frame), line))
            .collect();
        match trust.is_empty() {
            true => row("On trust", "nothing")?,
            false => row("On trust", &trust.join("; "))?,
        }
        let unread = if plan.cut_unread {
            "; among them encrypted records of which nobody here can say whether they were of the handshake (no keys)"
        } else {
            ""
        };
        row("Left out", &format!("{}{unread}", wording::bytes(left_out)))?;
        if plan.talk_cut {
            row("Before TLS", "what was said in clear is cut away, but for the lines that asked for TLS")?;
        }
        Ok(())
    }

    /// The messages that can be read, each name once in a row.
    fn readable(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        for step in self.plan.readable(self.connection) {
            let name = match &step.kind {
                StepKind::Alert(alert, ..) => format!("alert {}", wording::alert(alert)),
                kind => match kind.message() {
                    Some(message) => message.name.to_owned(),
                    None => continue,
                },
            };
            let who = match step.side {
                Side::Client => "client's",
                Side::Server => "server's",
            };
            let name = match name.as_str() {
                "Certificate" | "CompressedCertificate" | "CertificateVerify" | "Finished" => {
                    format!("{who} {name}")
                }
                _ => name,
            };
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// Who is named in what can be read.
    fn names(&self) -> String {
        let mut names = Vec::new();
        if let Some(name) = self.connection.initial().server_name.seen() {
            names.push(format!("server name {}", printable(name)));
        }
        for step in self.plan.readable(self.connection) {
            let StepKind::Message(message) = &step.kind else { continue };
            if let Some(leaf) = message.certificates.first() {
                names.push(format!("{} certificate {}", step.side, leaf.subject));
            }
        }
        names.dedup();
        names.join("; ")
    }
}

/// `frame 11: server alert 48 unknown_ca`; of bytes only that they are there.
fn told(frame: Option<&u64>, line: &Testimony) -> String {
    let mut text = line.to_string();
    if let Statement::Message { bytes, .. } = &line.statement
        && !bytes.is_empty()
    {
        text.truncate(text.rfind(' ').unwrap_or(text.len()));
        text.push_str(&format!(" with its {}", wording::bytes(bytes.len() as u64)));
    }
    let text = text.strip_prefix(PREFIX).unwrap_or(&text);
    match frame {
        Some(frame) => format!("frame {frame}: {}", printable(text)),
        None => printable(text).into_owned(),
    }
}

impl Sharing<'_> {
    /// What else is to be known before it is handed on.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let gives = |label: &str| {
            self.shared.iter().any(|shared| shared.plan.secrets().any(|line| line.starts_with(label)))
        };
        if gives("CLIENT_RANDOM ") {
            remarks.push(
                "WARNING: master secrets of TLS 1.2 and below are inside. They open all that was said in these connections, and \
                 in those that resumed their sessions, for whoever has its packets from elsewhere."
                    .to_owned(),
            );
        }
        remarks.push(match self.policy.pseudonymises {
            true => "Addresses are false, and options of headers in which they may stand are blanked; names in messages (server name, \
                     certificates, authorities) and in greetings before TLS are true, and so are ports, times (also those in TCP \
                     options) and the numbers of VLANs and tunnels."
                .to_owned(),
            false => "Addresses, ports, times and names in messages are true (--pseudonymise replaces the addresses).".to_owned(),
        });
        if self.policy.hides_identities {
            remarks.push(
                "Who the client is stays sealed; the sizes of what it sent show, and the server's certificate can be read."
                    .to_owned(),
            );
        }
        if self.keeps_comments {
            remarks.push(
                "The comments of the capture's packets went along as they were: look at them first."
                    .to_owned(),
            );
        }
        remarks
    }
}
