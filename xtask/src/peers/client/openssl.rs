//! `openssl s_client`, which names each message of the handshake with `-msg`.

use std::process::Command;

use anyhow::Result;

use super::{Call, LIMIT, Version, line_with, status};
use crate::peers::account::{Answer, ClientAccount};
use crate::peers::process;

pub(super) fn call(call: &Call<'_>) -> Result<ClientAccount> {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &format!("127.0.0.1:{}", call.port), "-servername", "localhost"]);
    command.args(["-msg", "-state", "-ign_eof", "-enable_pha", "-CAfile"]).arg(call.root);
    command.arg(match call.version {
        Version::Tls12 => "-tls1_2",
        Version::Tls13 => "-tls1_3",
    });
    if let Some(identity) = call.identity {
        command.arg("-cert").arg(&identity.chain).arg("-key").arg(&identity.key);
        command.arg("-cert_chain").arg(&identity.chain);
    }
    let text = process::run(&mut command, &call.request(), LIMIT)?.text();
    let said = |start: &str, message: &str| {
        text.lines().any(|line| line.starts_with(start) && line.trim_end().ends_with(message))
    };
    let requested = said("<<< ", ", CertificateRequest");
    Ok(ClientAccount {
        requested: Some(requested),
        answer: Some(match (requested, said(">>> ", ", CertificateVerify")) {
            (false, _) => Answer::None,
            (true, true) => Answer::Certificate,
            (true, false) => Answer::Empty,
        }),
        status: status(&text),
        complaint: line_with(&text, &[":error:"]),
        not_tried: line_with(&text, &["Could not read", "unable to load"]),
        text,
    })
}
