//! A client on Python's `http.client` and `ssl`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Call, LIMIT, Session, line_with, status};
use crate::peers::account::ClientAccount;
use crate::peers::authority::Authority;
use crate::peers::place::Place;
use crate::peers::process;

pub(super) fn open(place: &Place, _: &Authority) -> Result<Box<dyn Session>> {
    Ok(Box::new(Python { program: place.write("client.py", include_str!("client.py"))? }))
}

struct Python {
    program: PathBuf,
}

impl Session for Python {
    fn call(&mut self, call: &Call<'_>) -> Result<ClientAccount> {
        let mut command = Command::new("python3");
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
