//! Chromium, without a window, with a client certificate: each certificate in an NSS database of its own, and the wish to
//! send it without a question in the preferences of the profile. Its net log tells what it was asked and what it sent.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Call, LIMIT, Session, Version};
use crate::peers::account::{Answer, ClientAccount};
use crate::peers::authority::{Authority, Identity, PASSWORD};
use crate::peers::place::Place;
use crate::peers::process;

pub(super) fn open(place: &Place, _: &Authority) -> Result<Box<dyn Session>> {
    Ok(Box::new(Chromium { folder: place.own_folder("chromium")? }))
}

struct Chromium {
    folder: PathBuf,
}

impl Session for Chromium {
    fn call(&mut self, call: &Call<'_>) -> Result<ClientAccount> {
        let home = self.folder.join(call.identity.map_or("nobody", |identity| &identity.name));
        if !home.exists()
            && let Err(error) = self.make_home(&home, call.identity)
        {
            return Ok(ClientAccount { not_tried: Some(format!("{error:#}")), ..ClientAccount::default() });
        }
        // A profile of its own: nothing is remembered, nothing resumed.
        let profile = self.folder.join("profile");
        if profile.exists() {
            std::fs::remove_dir_all(&profile)?;
        }
        std::fs::create_dir_all(profile.join("Default"))?;
        let pattern = format!("https://localhost:{},*", call.port);
        let preferences = json!({"profile": {"content_settings": {"exceptions": {"auto_select_certificate": {
            pattern: {"setting": {"filters": [{}]}}
        }}}}});
        std::fs::write(profile.join("Default/Preferences"), preferences.to_string())?;
        let log = self.folder.join("net.json");
        let _ = std::fs::remove_file(&log);
        let mut command = Command::new("chromium");
        command.env("HOME", &home).args(OPTIONS).arg(format!("--user-data-dir={}", profile.display()));
        command.arg(format!("--log-net-log={}", log.display())).arg(match call.version {
            Version::Tls12 => "--ssl-version-max=tls1.2",
            Version::Tls13 => "--ssl-version-min=tls1.3",
        });
        command.args(["--dump-dom", &call.url()]);
        let ended = process::run(&mut command, "", LIMIT)?;
        let events =
            std::fs::read(&log).with_context(|| format!("chromium wrote no log: {}", ended.text()))?;
        let events: Value = serde_json::from_slice(&events).context("its log is not whole")?;
        Ok(account(&events, call.port, ended.text()))
    }
}

impl Chromium {
    /// A home whose database holds one certificate, or none.
    fn make_home(&self, home: &Path, identity: Option<&Identity>) -> Result<()> {
        let database = home.join(".local/share/pki/nssdb");
        std::fs::create_dir_all(&database)?;
        let database = format!("sql:{}", database.display());
        let run = |command: &mut Command| -> Result<()> {
            let ended = process::run(command, "", Duration::from_secs(20))?;
            ensure!(ended.code == Some(0), "{}", ended.text().trim().lines().last().unwrap_or_default());
            Ok(())
        };
        let made = run(Command::new("certutil").args(["-N", "--empty-password", "-d", &database]));
        let filled = made.and_then(|()| match identity {
            None => Ok(()),
            Some(identity) => run(Command::new("pk12util")
                .args(["-d", &database, "-W", PASSWORD, "-K", "", "-i"])
                .arg(&identity.p12)),
        });
        if filled.is_err() {
            std::fs::remove_dir_all(home)?;
        }
        filled
    }
}

/// Reads the net log as far as it is about this server.
fn account(log: &Value, port: u16, text: String) -> ClientAccount {
    let number = |kind: &str, name: &str| log["constants"][kind][name].as_i64();
    let events = || log["events"].as_array().into_iter().flatten();
    let of = |name: &'static str| {
        let kind = number("logEventTypes", name);
        events()
            .filter(move |event| kind.is_some() && event["type"].as_i64() == kind)
            .map(|event| &event["params"])
    };
    let requested = of("SSL_CLIENT_CERT_REQUESTED").next().is_some();
    let provided =
        of("SSL_CLIENT_CERT_PROVIDED").filter_map(|params| params["cert_count"].as_u64()).next_back();
    // The first is the page's; an icon may follow.
    let status = of("HTTP_TRANSACTION_READ_RESPONSE_HEADERS")
        .filter_map(|params| params["headers"][0].as_str()?.split(' ').nth(1)?.parse().ok())
        .next();
    // That a certificate is needed is how it asks its user for one.
    let needed = number("netError", "ERR_SSL_CLIENT_AUTH_CERT_NEEDED");
    let mut failed = of("SSL_CONNECT")
        .chain(of("URL_REQUEST_START_JOB"))
        .filter_map(|params| params["net_error"].as_i64());
    let failed = failed.rfind(|error| Some(*error) != needed);
    let name = failed.and_then(|error| {
        let names = log["constants"]["netError"].as_object()?;
        names.iter().find(|(_, value)| value.as_i64() == Some(error)).map(|(name, _)| name.clone())
    });
    ClientAccount {
        requested: Some(requested),
        answer: Some(match (requested, provided) {
            (false, _) => Answer::None,
            (true, Some(1..)) => Answer::Certificate,
            (true, _) => Answer::Empty,
        }),
        status,
        complaint: name.filter(|_| status.is_none()),
        not_tried: None,
        text: format!("port {port}\n{text}"),
    }
}

/// No window, no question, and no word to anybody but us.
const OPTIONS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-quic",
    "--no-pings",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_net_log_tells_what_was_asked_and_sent() {
        let log = json!({
            "constants": {
                "logEventTypes": {"SSL_CLIENT_CERT_REQUESTED": 1, "SSL_CLIENT_CERT_PROVIDED": 2, "SSL_CONNECT": 3},
                "netError": {"ERR_SSL_CLIENT_AUTH_CERT_NEEDED": -110, "ERR_BAD_SSL_CLIENT_AUTH_CERT": -117}
            },
            "events": [
                {"type": 1}, {"type": 3, "params": {"net_error": -110}},
                {"type": 1}, {"type": 2, "params": {"cert_count": 1}}, {"type": 3, "params": {"net_error": -117}}
            ]
        });
        let account = account(&log, 1, String::new());
        assert_eq!((account.requested, account.answer), (Some(true), Some(Answer::Certificate)));
        assert_eq!(account.complaint.as_deref(), Some("ERR_BAD_SSL_CLIENT_AUTH_CERT"));
    }
}
