//! One attempt shown: the connection as the engine saw it, what the server asks for, whether a certificate would do, both
//! verdicts, the answer; or all of it as JSON.

use std::io::{self, Write};

use mtlscope_diagnose::attempt::{Attempt, HttpAnswer};
use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::requirement::Requirement;
use mtlscope_diagnose::verdicts::{ClientVerdict, ServerVerdict, Verdicts};
use mtlscope_sources::client::{Ended, Report};
use mtlscope_sources::http::Response;
use mtlscope_views::View;
use mtlscope_views::connect::{self, ServerChain, ShownAnswer};
use mtlscope_views::json::connect_v1::{self, Answer, Attempted};
use mtlscope_views::terminal::{Settings, Terminal};

use super::candidates::Candidates;
use super::plan::Destination;
use crate::cli;

/// How attempts are shown.
pub(super) struct Shown<'a> {
    pub(super) typed: &'a cli::Connect,
    pub(super) settings: Settings,
    pub(super) ladder: Terminal,
}

impl Shown<'_> {
    /// Shows one attempt. True where somebody refused, or the connection broke.
    pub(super) fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        at: &Destination,
        report: Option<&Report>,
        candidates: &mut Candidates,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        let response = report.and_then(|report| report.response.as_ref());
        let text = response.map(text_of);
        let answer =
            response.zip(text.as_deref()).map(|(response, text)| HttpAnswer { code: response.status, text });
        let attempt = Attempt { connection, answer };
        let verdicts = Verdicts::of(&attempt);
        let requirement = Requirement::of(&[attempt]);
        let chain = report
            .and_then(|report| report.chain.as_ref())
            .map(|chain| ServerChain { code: chain.code, text: chain.text });
        let judged = candidates.judged(connection);
        let candidates = judged.candidates();
        let attempted = Attempted {
            target: at.url.as_str(),
            connection,
            findings,
            verdicts,
            requirement: &requirement,
            chain,
            notes: report.map_or(&[], |report| &report.notes),
            candidates: &candidates,
            http: response.map(|response| Answer {
                version: &response.version,
                status: response.status,
                headers: &response.headers,
                body_length: response.length,
            }),
        };
        if self.typed.show.output_json {
            connect_v1::write(&attempted, out)?;
        } else {
            self.text(&attempted, response, out)?;
        }
        Ok(is_refused(&verdicts, report))
    }

    fn text(
        &mut self,
        attempted: &Attempted<'_>,
        response: Option<&Response>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (connection, settings) = (attempted.connection, &self.settings);
        if self.typed.show.status {
            connect::write_ocsp(&connect::stapled(connection), out)?;
        }
        if self.typed.show.showcerts
            && let Some(identity) = connection.initial().server_identity.seen()
        {
            connect::write_chain(&identity.certificates, true, out)?;
        }
        self.ladder.connection(connection, attempted.findings, out)?;
        writeln!(out)?;
        connect::write_request(connection, settings, out)?;
        if !attempted.candidates.is_empty() {
            writeln!(out)?;
            connect::write_candidates(attempted.candidates, settings, out)?;
        }
        writeln!(out)?;
        let Attempted { verdicts, requirement, chain, .. } = attempted;
        connect::write_verdicts(verdicts, connection.start, *chain, requirement, settings, out)?;
        for note in attempted.notes {
            connect::write_note(note, settings, out)?;
        }
        match response {
            Some(response) => self.answer(response, out),
            None => Ok(()),
        }
    }

    fn answer(&self, response: &Response, out: &mut dyn Write) -> io::Result<()> {
        let show = &self.typed.show;
        let prints_whole = show.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
        let hint = match &show.output {
            Some(_) => "the file has them all",
            None => "-o FILE saves it, -o - prints it",
        };
        let answer = ShownAnswer {
            status_line: &response.status_line(),
            headers: if show.include || self.typed.http.head { &response.headers } else { &[] },
            body: if prints_whole { &[] } else { &response.body },
            length: response.length,
            hint,
        };
        writeln!(out)?;
        connect::write_answer(&answer, &self.settings, out)?;
        if prints_whole { out.write_all(&response.body) } else { Ok(()) }
    }
}

/// Head and body, as the rules want to read them.
fn text_of(response: &Response) -> String {
    let mut text = format!("{}\n", response.status_line());
    for (name, value) in &response.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push_str(&String::from_utf8_lossy(&response.body));
    text
}

fn is_refused(verdicts: &Verdicts<'_>, report: Option<&Report>) -> bool {
    let by_client = matches!(verdicts.client, ClientVerdict::Refused(_));
    let by_server =
        matches!(verdicts.server, ServerVerdict::Refused { .. } | ServerVerdict::TurnedAway { .. });
    let is_broken = report.is_some_and(|report| !matches!(report.ended, Ended::Answered | Ended::Quiet));
    by_client || by_server || is_broken
}
