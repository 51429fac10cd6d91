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
    let sent = text.contains("- Successfully sent ");
    Ok(ClientAccount {
        // It prints what the server trusts where the server said so.
        requested: (sent || text.contains("- Server's trusted authorities")).then_some(true),
        answer: sent.then_some(Answer::Certificate),
        status: status(&text),
        complaint: line_with(&text, &["*** Fatal error", "*** Received alert"]),
        not_tried: line_with(&text, &["Error loading", "*** Error"]),
        text,
    })
}
