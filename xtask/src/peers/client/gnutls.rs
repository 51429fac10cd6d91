//! `gnutls-cli`.

use std::process::Command;

use anyhow::Result;

use super::{Call, LIMIT, line_with, status};
use crate::peers::account::{Answer, ClientAccount};
use crate::peers::process;

pub(super) fn call(call: &Call<'_>) -> Result<ClientAccount> {
    let mut command = Command::new("gnutls-cli");
    command.args(["--port", &call.port.to_string(), "localhost", "--verbose", "--post-handshake-auth"]);
    command.arg(format!("--priority=NORMAL:-VERS-ALL:+VERS-TLS{}", call.version.number()));
    command.arg("--x509cafile").arg(call.root);
    if let Some(identity) = call.identity {
        command.arg("--x509certfile").arg(&identity.chain).arg("--x509keyfile").arg(&identity.key);
    }
    let text = process::run(&mut command, &call.request(), LIMIT)?.text();
    // `- Successfully sent 0 certificate(s) to server.` is what it calls an empty answer.
    let sent = line_with(&text, &["- Successfully sent "]);
    Ok(ClientAccount {
        requested: Some(sent.is_some()),
        answer: Some(match &sent {
            None => Answer::None,
            Some(line) if line.contains(" sent 0 ") => Answer::Empty,
            Some(_) => Answer::Certificate,
        }),
        status: status(&text),
        complaint: line_with(&text, &["*** Fatal error", "*** Received alert"]),
        not_tried: line_with(&text, &["Error loading", "*** Error"]),
        text,
    })
}
