//! What strangers write into names: markup, scripts, marks that turn the writing direction, a megabyte, bytes that are no text.
//! It is shown, and never run.

mod talk;

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::Check;
use super::stage::{Stage, wait_for_words};
use crate::peers::run_program;

pub(super) static CHECKS: &[Check] = &[("names that attack are shown and never run", names)];

/// Each name, as it would run if the page let it.
const NAMES: [&[u8]; 8] = [
    b"<script>window.ran=1</script>",
    b"<img src=x onerror=window.ran=2>",
    b"\"><svg onload=window.ran=3>",
    b"</title><iframe src=javascript:parent.ran=4>",
    "evil\u{202e}txt.exe\u{2066}\u{200b}".as_bytes(),
    b"\xff\xfe\xc3\x28.invalid",
    b"javascript:window.ran=5",
    b"{{constructor.constructor('window.ran=6')()}}",
];

fn names(stage: &mut Stage) -> Result<()> {
    let mut captures = Vec::new();
    for (number, name) in NAMES.iter().enumerate() {
        captures.push(talk::asking_for(stage, &format!("hostile-{number}<b>.pcap"), name)?);
    }
    captures.push(talk::asking_for(stage, "long.pcap", &vec![b'a'; 60_000])?);
    captures.extend(talk::with_certificates(stage)?);
    captures.extend(certificate(stage)?);
    let count = captures.len();
    stage.open(&captures)?;
    stage.browser.until(
        "every one has a row",
        &format!("document.querySelectorAll('.row[data-key]:not([data-key=\"\"])').length >= {count}"),
    )?;
    stage.picture("hostile")?;
    for number in 0..count {
        stage.visit(
            &format!("#/connection/{number}-1"),
            &format!("!!document.querySelector('#told [id^=\"c{number}-1-\"] ~ .ladder')"),
        )?;
        let steps = stage.browser.evaluate("document.querySelectorAll('.drawing [data-content]').length")?;
        for step in 0..steps.as_u64().unwrap_or_default() {
            stage.browser.evaluate(&format!("document.querySelectorAll('.drawing [data-content]')[{step}].dispatchEvent(new MouseEvent('click', {{bubbles: true}}))"))?;
            stage.browser.until("the message is shown", "!!document.querySelector('#message .bytes')")?;
            if (number, step) == (0, 0) {
                stage.picture("hostile-connection")?;
            }
            let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
            stage.browser.until("it does not break the page", fits)?;
            stage.browser.press("Escape")?;
            stage.browser.until("it is closed", "document.getElementById('message').hidden")?;
        }
        nothing_ran(stage, "main")?;
    }
    // Side by side.
    stage.visit(&format!("#/compare/0-1/{}-1", count - 1), "!!document.querySelector('.comparison')")?;
    nothing_ran(stage, "main")?;
    stage.visit("#/", "!document.getElementById('table-view').hidden")?;
    let shown =
        stage.browser.evaluate("document.body.textContent.includes('<script>window.ran=1</script>')")?;
    ensure!(shown.as_bool() == Some(true), "the name is not shown");
    stage.browser.evaluate("window.dispatchEvent(new Event('beforeprint'))")?;
    nothing_ran(stage, "main")?;
    stage.browser.evaluate("window.dispatchEvent(new Event('afterprint'))")?;
    // A filter and a search that hold markup.
    stage.expected_statuses.push(400);
    stage.browser.evaluate("document.getElementById('filter').focus()")?;
    stage.browser.type_text("<img src=x onerror=window.ran=7>")?;
    stage.browser.until("the mistake is told", "document.getElementById('mistake').textContent !== ''")?;
    nothing_ran(stage, "main")?;
    reports(stage, &captures)
}

/// The same in a report, a picture and Markdown.
fn reports(stage: &mut Stage, captures: &[PathBuf]) -> Result<()> {
    for (file, options) in [("report.html", &["--tree"][..]), ("shared.html", &["--share"])] {
        let path = stage.place.join(file);
        let mut report = Command::new(stage.program());
        report.arg("report").args(captures).args(options).arg("-o").arg(&path);
        let made = run_program(&mut report, "", Duration::from_secs(60))?;
        ensure!(matches!(made.code, Some(0 | 1)), "{}", made.text());
        stage.browser.go(&format!("file://{}", path.display()))?;
        stage.browser.until(
            "the report is shown",
            "document.readyState === 'complete' && !!document.querySelector('.ladder')",
        )?;
        nothing_ran(stage, "body")?;
    }
    stage.picture("hostile-report")?;
    let most = captures.len().to_string();
    for (options, marks) in [(&["--markdown", "--full", &most][..], "`"), (&["--svg"], "<svg")] {
        let mut report = Command::new(stage.program());
        let made =
            run_program(report.arg("report").args(captures).args(options), "", Duration::from_secs(60))?;
        ensure!(matches!(made.code, Some(0 | 1)), "{}", made.text());
        let text = String::from_utf8(made.stdout)?;
        ensure!(text.contains(marks), "{options:?} writes none");
        let turned = text.chars().find(|c| TURNING.contains(c));
        ensure!(turned.is_none(), "a mark that turns the writing direction is in {options:?}");
        if options.contains(&"--svg") {
            ensure!(!text.contains("<script"), "a name is markup in the picture");
        }
    }
    Ok(())
}

/// What turns the writing direction of what follows.
const TURNING: [char; 9] = [
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

/// No name was run, became an element, or turns the writing direction.
fn nothing_ran(stage: &mut Stage, place: &str) -> Result<()> {
    let ran = stage.browser.evaluate("window.ran ?? 0")?;
    ensure!(ran.as_u64() == Some(0), "a name was run: {ran}");
    let foreign = stage.browser.evaluate(&format!(
        "document.querySelectorAll('iframe, img[onerror], {place} script, svg[onload], {place} a[href^=javascript]').length"
    ))?;
    ensure!(foreign.as_u64() == Some(0), "{foreign} elements came from a name");
    let turned =
        stage.browser.evaluate("/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent)")?;
    ensure!(turned.as_bool() == Some(false), "a mark that turns the writing direction is on the page");
    Ok(())
}

/// What a client with a certificate whose subject is a script leaves behind, recorded by our own server.
fn certificate(stage: &Stage) -> Result<Option<PathBuf>> {
    let folder = stage.place.own_folder("hostile")?;
    let (key, cert, recording) = (folder.join("k.pem"), folder.join("c.pem"), folder.join("r.pcapng"));
    let config = stage.place.write(
        "hostile.cnf",
        format!(
            "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\nutf8=yes\n[dn]\nCN=<script>window.ran=8</script>\nO=<img src=x onerror=window.ran=9>\n\
             [ext]\nsubjectAltName=@san\nnsComment={}\n[san]\nDNS.1=<svg onload=window.ran=10>\nURI.1=javascript:window.ran=11\n",
            "x".repeat(60_000),
        ),
    )?;
    let made = run_program(
        Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-config"])
            .arg(&config)
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&cert),
        "",
        Duration::from_secs(20),
    )?;
    ensure!(made.code == Some(0), "{}", made.text());
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let listen = format!("127.0.0.1:{port}");
    let log = folder.join("serve.log");
    let mut serve = Command::new(stage.program());
    serve
        .args(["serve", "--count", "1", "--tls-max", "1.2", "--listen", &listen, "--record"])
        .arg(&recording);
    let mut server = crate::peers::Process::start("serve", &mut serve, &log)?;
    wait_for_words(&log, "serving on")?;
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--insecure", "--max-time", "10", "--output", "/dev/null", "--cert"])
        .arg(&cert)
        .arg("--key")
        .arg(&key);
    run_program(curl.arg(format!("https://localhost:{port}/")), "", Duration::from_secs(20))?;
    let ended = server.stop(Duration::from_secs(10));
    drop(ended);
    Ok(recording.is_file().then_some(recording))
}
