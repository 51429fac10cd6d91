//! curl, which names each message of the handshake with `-v`.

use std::process::Command;

use anyhow::Result;

use super::{Call, LIMIT, line_with};
use crate::peers::account::{Answer, ClientAccount};
use crate::peers::process;

pub(super) fn call(call: &Call<'_>) -> Result<ClientAccount> {
    let mut command = Command::new("curl");
    command.args(["-sS", "-v", "--http1.1", "--max-time", "10", "-w", "\nHTTP_STATUS=%{http_code}\n"]);
    command.arg(format!("--tlsv{}", call.version.number())).args(["--tls-max", call.version.number()]);
    command.arg("--cacert").arg(call.root);
    if let Some(identity) = call.identity {
        command.arg("-E").arg(&identity.chain).arg("--key").arg(&identity.key);
    }
    command.arg(call.url());
    let text = process::run(&mut command, "", LIMIT)?.text();
    let requested = text.contains("(IN), TLS handshake, Request CERT (13)");
    // It is only with a certificate that something is proven.
    let proven = text.contains("(OUT), TLS handshake, CERT verify (15)");
    let status = text.lines().find_map(|line| line.strip_prefix("HTTP_STATUS=")?.parse().ok());
    Ok(ClientAccount {
        requested: Some(requested),
        answer: Some(match (requested, proven) {
            (false, _) => Answer::None,
            (true, true) => Answer::Certificate,
            (true, false) => Answer::Empty,
        }),
        status: status.filter(|status| *status != 0),
        complaint: line_with(&text, &["curl: ("]),
        not_tried: line_with(&text, &["curl: (58)"]),
        text,
    })
}
