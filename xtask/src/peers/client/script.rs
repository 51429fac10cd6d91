//! A client that is a script of ours, run anew for each call by the interpreter of its language.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Call, LIMIT, Session, line_with, status};
use crate::peers::account::ClientAccount;
use crate::peers::process;

/// A script, which is called with: port, path, version, root, and perhaps chain and key.
pub(super) struct Script {
    pub(super) interpreter: &'static str,
    pub(super) program: PathBuf,
}

impl Session for Script {
    fn call(&mut self, call: &Call<'_>) -> Result<ClientAccount> {
        let mut command = Command::new(self.interpreter);
        command.arg(&self.program).args([&call.port.to_string(), call.path, call.version.number()]);
        command.arg(call.root);
        if let Some(identity) = call.identity {
            command.arg(&identity.chain).arg(&identity.key);
        }
        let text = process::run(&mut command, "", LIMIT)?.text();
        Ok(ClientAccount {
            status: status(&text),
            complaint: line_with(&text, &["error "]),
            not_tried: line_with(&text, &["not tried "]),
            text,
            ..ClientAccount::default()
        })
    }
}
