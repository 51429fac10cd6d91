//! What one connection of ours is shown by while it goes on: the traces of curl and s_client, and a place where the told
//! connection waits until our own end has said all it knows.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::Event;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509::Certificate;
use mtlscope_sources::client::{Failed, Report, StepKind, Target};
use mtlscope_views::View;
use mtlscope_views::connect;
use mtlscope_views::terminal::Settings;
use mtlscope_views::trace::Chronicle;
use mtlscope_views::trace::curl::Curl;
use mtlscope_views::trace::openssl::Messages;

use crate::cli;

/// A connection that was told, and what the rules say of it.
pub(super) type Told = (Connection, Vec<Finding>);

/// What the view has gathered, for whoever shows it.
#[derive(Clone)]
pub(super) struct Gathered(Rc<RefCell<Inside>>);

struct Inside {
    told: Vec<Told>,
    traces: Chronicle<Traces>,
}

impl Gathered {
    pub(super) fn new(typed: &cli::Show, settings: &Settings) -> Self {
        let traces = Traces {
            curl: typed.verbose.then(|| Curl::new(settings.clone())),
            messages: typed.msg.then(Messages::new),
            states: typed.state,
            // As s_client does without being asked.
            checks: typed.state || typed.msg || typed.status || typed.showcerts,
        };
        Self(Rc::new(RefCell::new(Inside { told: Vec::new(), traces: Chronicle::new(traces) })))
    }

    /// The connections told since the last time.
    pub(super) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.0.borrow_mut().told)
    }

    /// Writes the traces, with what our own end did in between.
    pub(super) fn trace(
        &self,
        went: Result<&Report, &Failed>,
        target: &Target,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut inside = self.0.borrow_mut();
        let (steps, chain) = match went {
            Ok(report) => (&report.steps, report.chain.as_ref()),
            Err(failed) => (&failed.steps, None),
        };
        for step in steps {
            inside.traces.add(step.time, |traces, out| traces.step(&step.kind, target, out))?;
            if step.kind == StepKind::Shaken
                && let Some(chain) = chain
            {
                inside.traces.add(step.time, |traces, out| match &mut traces.curl {
                    Some(curl) => curl.server_chain(chain.code, chain.text, out),
                    None => Ok(()),
                })?;
            }
        }
        // The traces are one block, and what is told of the connection another.
        if inside.traces.tell(out)? {
            writeln!(out)?;
        }
        Ok(())
    }
}

/// The traces that were asked for.
struct Traces {
    curl: Option<Curl>,
    messages: Option<Messages>,
    states: bool,
    checks: bool,
}

impl Traces {
    fn step(&mut self, step: &StepKind, target: &Target, out: &mut dyn Write) -> io::Result<()> {
        match step {
            StepKind::State(text) if self.states => writeln!(out, "{text}"),
            StepKind::Verify(step) if self.checks => {
                let certificate = step.certificate.as_ref().and_then(|der| Certificate::parse(der).ok());
                connect::write_own_check(step.depth, certificate.as_ref(), (step.code, step.text), out)
            }
            _ => match &mut self.curl {
                Some(curl) => curl_step(curl, step, target, out),
                None => Ok(()),
            },
        }
    }
}

/// A step in curl's words.
fn curl_step(curl: &mut Curl, step: &StepKind, target: &Target, out: &mut dyn Write) -> io::Result<()> {
    match step {
        StepKind::Trying(address) => curl.text(&format!("  Trying {address}..."), out),
        StepKind::Unreachable(address, why) => {
            let (ip, port) = (address.ip(), address.port());
            curl.text(&format!("connect to {ip} port {port} failed: {why}"), out)
        }
        StepKind::Connected(address) => {
            let (host, ip, port) = (&target.host, address.ip(), address.port());
            curl.text(&format!("Connected to {host} ({ip}) port {port} (#0)"), out)
        }
        StepKind::ClearSent(line) => curl.head(Side::Client, line.lines(), out),
        StepKind::ClearReceived(line) => curl.head(Side::Server, line.lines(), out),
        // The engine tells of these.
        _ => Ok(()),
    }
}

impl View for Traces {
    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        if let Some(curl) = &mut self.curl {
            curl.event(event, out)?;
        }
        match &mut self.messages {
            Some(messages) => messages.event(event, out),
            None => Ok(()),
        }
    }

    fn connection(&mut self, _: &Connection, _: &[Finding], _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn notice(&mut self, _: &Notice, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Hands events on to the traces, and keeps connections.
pub(super) struct Gathering {
    pub(super) gathered: Gathered,
    pub(super) notices: Box<dyn View>,
}

impl View for Gathering {
    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        self.gathered.0.borrow_mut().traces.event(event, out)
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        _: &mut dyn Write,
    ) -> io::Result<()> {
        self.gathered.0.borrow_mut().told.push((connection.clone(), findings.to_vec()));
        Ok(())
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        self.notices.notice(notice, out)
    }
}
