//! wget, which Debian builds with GnuTLS and which says nothing of the handshake.

use std::process::Command;

use anyhow::Result;

use super::{Call, LIMIT, line_with, status};
use crate::peers::account::ClientAccount;
use crate::peers::process;

pub(super) fn call(call: &Call<'_>) -> Result<ClientAccount> {
    let mut command = Command::new("wget");
    command.args(["-S", "-O", "-", "--tries=1", "--timeout=10", "--no-hsts", "--no-config"]);
    command.arg(format!("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS{}", call.version.number()));
    command.arg("--ca-certificate").arg(call.root);
    if let Some(identity) = call.identity {
        command.arg("--certificate").arg(&identity.chain).arg("--private-key").arg(&identity.key);
    }
    command.arg(call.url());
    let text = process::run(&mut command, "", LIMIT)?.text();
    Ok(ClientAccount {
        status: status(&text),
        complaint: line_with(&text, &["GnuTLS:", "ERROR", "Unable to establish"]),
        text,
        ..ClientAccount::default()
    })
}
