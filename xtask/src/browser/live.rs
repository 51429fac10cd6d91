//! Rows that arrive while a source runs, with curl as the client: a server of ours, a capture, a command.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Check;
use super::stage::{Stage, wait_for_words};
use crate::peers::{Process, free_port, run_program};

pub(super) static CHECKS: &[Check] = &[
    ("rows arrive while a server runs", live),
    ("rows arrive while a capture runs, which has given up its rights", captured),
    ("rows arrive while a command runs, and stay behind it", wrapped),
];

fn live(stage: &mut Stage) -> Result<()> {
    let pki = pki(stage)?;
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
        run_program(curl.arg(format!("https://localhost:{port}/")), "", LIMIT).map(drop)
    };
    call(Some("client"))?;
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

/// A capture on the loopback interface, of `serve` with curl as its client. No keys until they are dropped.
fn captured(stage: &mut Stage) -> Result<()> {
    let mut may = Command::new(stage.program());
    may.args(["capture", "--interface", "lo", "--duration", "1", "--port", "9"]);
    if run_program(&mut may, "", LIMIT)?.code != Some(0) {
        stage.leave_out("capturing needs the right to (root)");
        return Ok(());
    }
    let pki = pki(stage)?;
    let (listen, server) = server(stage, &pki)?;
    let mut command = Command::new(stage.program());
    command.args(["capture", "--web", "--no-open", "--interface", "lo", "--port", port(&listen)]);
    stage.browser.window(1280, 800, "light")?;
    stage.serve(&mut command)?;
    stage.browser.until("the source is live", "!!document.querySelector('#captures .live')")?;
    stage.said("capturing on")?;
    let keys = stage.place.join("captured.keys");
    call(&pki, &listen, Some(&keys))?;
    stage.browser.until("the row arrives", &counted(1))?;
    // Told at once, and read again from the recording with the filter of system calls in force.
    stage.visit("#/connection/0-1", "!!document.querySelector('.drawing .sealed')")?;
    stage.browser.drop_files(&[keys])?;
    stage.browser.until(
        "what was recorded opens in place",
        "!document.querySelector('.drawing .sealed') && !!document.querySelector('.drawing .opened')",
    )?;
    stage.visit("#/", "!document.getElementById('table-view').hidden")?;
    call(&pki, &listen, None)?;
    stage.browser.until("the next row arrives", &counted(2))?;
    // Threads that filter, and a file that is made: what the page needs is not refused.
    stage.browser.evaluate("document.getElementById('filter').focus()")?;
    stage.browser.type_text("tls.handshake.type == 1")?;
    stage.browser.press("Enter")?;
    stage.browser.until("all are meant", &counted(2))?;
    let capture = stage.fixture("unknown-ca-tls12");
    stage.browser.drop_files(&[capture])?;
    stage.browser.until("another capture is taken", &counted(3))?;
    stage.picture("captured")?;
    drop(server);
    Ok(())
}

/// `run` with curl, whose page stays when curl has ended.
fn wrapped(stage: &mut Stage) -> Result<()> {
    let pki = pki(stage)?;
    let (listen, server) = server(stage, &pki)?;
    let mut command = Command::new(stage.program());
    command
        .args([
            "run",
            "--web",
            "--no-open",
            "--",
            "curl",
            "--silent",
            "--max-time",
            "10",
            "--output",
            "/dev/null",
            "--cacert",
        ])
        .arg(pki.join("ca.pem"))
        .arg(format!("https://localhost:{}/", port(&listen)));
    stage.browser.window(1280, 800, "light")?;
    stage.serve(&mut command)?;
    stage.browser.until("the row arrives", &counted(1))?;
    stage.browser.until("the command is over", "!document.querySelector('#captures .live')")?;
    stage.browser.click(".row .cell.of-finding")?;
    stage.browser.until("it is shown behind the command", "!!document.querySelector('.ladder .drawing')")?;
    stage.picture("wrapped")?;
    drop(server);
    Ok(())
}

/// Nothing here takes longer, unless something hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// A test authority with a client.
fn pki(stage: &Stage) -> Result<PathBuf> {
    let pki = stage.place.join("pki");
    if !pki.is_dir() {
        let made = run_program(Command::new(stage.program()).args(["pki", "init"]).arg(&pki), "", LIMIT)?;
        ensure!(made.code == Some(0), "{}", made.text());
    }
    Ok(pki)
}

/// `serve`, which wants a certificate, and where it listens.
fn server(stage: &Stage, pki: &Path) -> Result<(String, Process)> {
    let listen = format!("127.0.0.1:{}", free_port()?);
    let mut command = Command::new(stage.program());
    command.args(["serve", "--verify-client", "require", "--listen", &listen, "--pki"]).arg(pki);
    let log = stage.place.own_folder("serve")?.join("log");
    let process = Process::start("serve", &mut command, &log)?;
    wait_for_words(&log, "serving on")?;
    Ok((listen, process))
}

fn port(listen: &str) -> &str {
    listen.rsplit(':').next().unwrap_or_default()
}

/// curl with a good certificate; its secrets go to a key log.
fn call(pki: &Path, listen: &str, keys: Option<&Path>) -> Result<()> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--output", "/dev/null", "--max-time", "10", "--cacert"]).arg(pki.join("ca.pem"));
    curl.arg("--cert").arg(pki.join("client.pem")).arg("--key").arg(pki.join("client.key"));
    if let Some(keys) = keys {
        curl.env("SSLKEYLOGFILE", keys);
    }
    run_program(curl.arg(format!("https://localhost:{}/", port(listen))), "", LIMIT).map(drop)
}

/// The table has so many connections, and all of them are meant.
fn counted(count: u32) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("document.getElementById('count')?.textContent === '{count} connection{s}'")
}
