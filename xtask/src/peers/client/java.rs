//! A client on Java's `HttpClient` and JSSE. Its key manager tells whether it was asked for a certificate.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command};

use anyhow::{Context, Result, ensure};

use super::{Call, Session};
use crate::peers::account::{Answer, ClientAccount};
use crate::peers::authority::{Authority, PASSWORD};
use crate::peers::place::Place;
use crate::peers::process::Process;

pub(super) fn open(place: &Place, authority: &Authority) -> Result<Box<dyn Session>> {
    let program = place.write("Client.java", include_str!("Client.java"))?;
    let mut command = Command::new("java");
    command.args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]);
    // Each call closes its connection, so that the server's account of it is whole.
    command.arg("-Djdk.httpclient.allowRestrictedHeaders=connection").arg(program);
    command.arg(&authority.root).arg(PASSWORD);
    let mut process = Process::converse("java", &mut command, &place.join("java-client.log"))?;
    let (calls, answers) = process.pipes()?;
    Ok(Box::new(Java { calls, answers: BufReader::new(answers), _process: process }))
}

/// One virtual machine for all calls: starting it takes longer than they do.
struct Java {
    calls: ChildStdin,
    answers: BufReader<ChildStdout>,
    _process: Process,
}

impl Session for Java {
    fn call(&mut self, call: &Call<'_>) -> Result<ClientAccount> {
        let identity =
            call.identity.map_or_else(|| "-".to_owned(), |identity| identity.p12.display().to_string());
        writeln!(self.calls, "{}\t{}\t{}\t{identity}", call.port, call.path, call.version.number())?;
        let mut line = String::new();
        self.answers.read_line(&mut line).context("the Java client is silent")?;
        ensure!(!line.is_empty(), "the Java client has ended");
        Ok(account(line.trim_end()))
    }
}

fn account(line: &str) -> ClientAccount {
    let asked = !line.starts_with("not asked");
    ClientAccount {
        requested: Some(asked),
        answer: Some(match (asked, line.starts_with("asked chose a certificate")) {
            (false, _) => Answer::None,
            (true, true) => Answer::Certificate,
            (true, false) => Answer::Empty,
        }),
        status: line.split_once(" status ").and_then(|(_, status)| status.parse().ok()),
        complaint: line.split_once(" error ").map(|(_, error)| error.to_owned()),
        not_tried: line.strip_prefix("not tried ").map(str::to_owned),
        text: line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_client_says_of_a_call() {
        let heard = account("asked chose nothing status 400");
        assert_eq!(
            (heard.requested, heard.answer, heard.status),
            (Some(true), Some(Answer::Empty), Some(400))
        );
        let failed = account("asked chose a certificate error javax.net.ssl.SSLHandshakeException: x");
        assert_eq!((failed.answer, failed.status), (Some(Answer::Certificate), None));
        assert!(failed.complaint.is_some());
        assert_eq!(account("not asked status 200").requested, Some(false));
    }
}
