//! Rows that arrive while a server of ours runs, with curl as its client.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Check;
use super::stage::Stage;
use crate::peers::{free_port, run_program};

pub(super) static CHECKS: &[Check] = &[("rows arrive while a server runs", live)];

fn live(stage: &mut Stage) -> Result<()> {
    let pki = stage.place.join("pki");
    let made = run_program(
        Command::new(stage.program()).args(["pki", "init"]).arg(&pki),
        "",
        Duration::from_secs(20),
    )?;
    ensure!(made.code == Some(0), "{}", made.text());
    let port = free_port()?;
    let listen = format!("127.0.0.1:{port}");
    let mut command = Command::new(stage.program());
    command
        .args(["serve", "--web", "--no-open", "--verify-client", "require", "--listen", &listen, "--pki"])
        .arg(&pki);
    stage.browser.window(1280, 800, "light")?;
    stage.serve(&mut command)?;
    stage.browser.until("the source is live", "!!document.querySelector('#captures .live')")?;
    let call = |certificate: Option<&str>| -> Result<()> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--output", "/dev/null", "--max-time", "10", "--http1.1", "--cacert"])
            .arg(pki.join("ca.pem"));
        if let Some(certificate) = certificate {
            curl.arg("--cert").arg(pki.join(format!("{certificate}.pem")));
            curl.arg("--key").arg(pki.join(format!("{certificate}.key")));
        }
        run_program(curl.arg(format!("https://localhost:{port}/")), "", Duration::from_secs(20)).map(drop)
    };
    call(Some("client"))?;
    let counted = |count: u32| {
        format!(
            "document.getElementById('count').textContent === '{count} connection{}'",
            if count == 1 { "" } else { "s" }
        )
    };
    stage.browser.until("the first row arrives", &counted(1))?;
    call(None)?;
    stage.browser.until("the second row arrives", &counted(2))?;
    stage.wait_for_rows()?;
    // A filter that only frames can answer looks through the recording, and goes on to do so.
    stage.browser.evaluate("document.getElementById('filter').focus()")?;
    stage.browser.type_text("outcome.result == \"refused\" and tls.handshake.type == 1")?;
    stage.browser.press("Enter")?;
    let filtered = |count: u32, all: u32| {
        format!("document.getElementById('count').textContent.startsWith('{count} of {all} ')")
    };
    stage.browser.until("the refused one is meant", &filtered(1, 2))?;
    call(None)?;
    stage.browser.until("the next refused one is meant, too", &filtered(2, 3))?;
    stage.picture("live")?;
    stage.browser.click(".row .cell.of-finding")?;
    stage
        .browser
        .until("it is shown while the server runs", "!!document.querySelector('.ladder .drawing')")?;
    let told = stage.text("#told .verdict")?;
    ensure!(told.contains("certificate"), "{told}");
    let key = stage.browser.evaluate("location.hash.split('/')[2]")?;
    let key = key.as_str().context("no connection is open")?;
    stage.visit(&format!("#/connection/{key}"), "!!document.querySelector('.drawing [data-content]')")?;
    stage.picture("live-connection")?;
    Ok(())
}
