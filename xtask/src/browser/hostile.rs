//! What strangers write into names: markup, scripts, marks that turn the writing direction, a megabyte, bytes that are no text.
//! It is shown, and never run.

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
        captures.push(hello(stage, &format!("hostile-{number}<b>.pcap"), name)?);
    }
    captures.push(hello(stage, "long.pcap", &vec![b'a'; 60_000])?);
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
        stage.browser.evaluate("document.querySelector('[data-content]')?.dispatchEvent(new MouseEvent('click', {bubbles: true}))")?;
        stage.browser.until("the message is shown", "!!document.querySelector('#message .bytes')")?;
        if number == 0 {
            stage.picture("hostile-connection")?;
        }
        let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        stage.browser.until("it does not break the page", fits)?;
        stage.browser.press("Escape")?;
    }
    stage.visit("#/", "!document.getElementById('table-view').hidden")?;
    let ran = stage.browser.evaluate("window.ran ?? 0")?;
    ensure!(ran.as_u64() == Some(0), "a name was run: {ran}");
    let foreign = stage.browser.evaluate("document.querySelectorAll('iframe, img[onerror], main script, svg[onload], main a[href^=javascript]').length")?;
    ensure!(foreign.as_u64() == Some(0), "{foreign} elements came from a name");
    let shown =
        stage.browser.evaluate("document.body.textContent.includes('<script>window.ran=1</script>')")?;
    ensure!(shown.as_bool() == Some(true), "the name is not shown");
    let turned =
        stage.browser.evaluate("/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent)")?;
    ensure!(turned.as_bool() == Some(false), "a mark that turns the writing direction is on the page");
    // A filter and a search that hold markup.
    stage.expected_statuses.push(400);
    stage.browser.evaluate("document.getElementById('filter').focus()")?;
    stage.browser.type_text("<img src=x onerror=window.ran=7>")?;
    stage.browser.until("the mistake is told", "document.getElementById('mistake').textContent !== ''")?;
    ensure!(stage.browser.evaluate("window.ran ?? 0")?.as_u64() == Some(0), "a filter was run");
    Ok(())
}

/// A capture of one ClientHello that asks for this name: raw IP packets, written here, since no client would ask so.
fn hello(stage: &Stage, file: &str, name: &[u8]) -> Result<PathBuf> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
    let entry = [&[0], &length(name)[..], name].concat();
    let list = [&length(&entry)[..], &entry].concat();
    let extension = [&[0, 0], &length(&list)[..], &list].concat();
    let body =
        [&[3, 3][..], &[7; 32], &[0, 0, 2, 0xc0, 0x2f, 1, 0], &length(&extension), &extension].concat();
    let size = u32::try_from(body.len())?.to_be_bytes();
    let message = [&[1], &size[1..], &body].concat();
    let mut stream = Vec::new();
    for part in message.chunks(16_000) {
        stream.extend([&[22, 3, 1], &length(part)[..], part].concat());
    }
    let mut capture = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 101] {
        capture.extend(word.to_le_bytes());
    }
    let mut packet = |time: u32, from_client: bool, sequence: u32, flags: u8, payload: &[u8]| {
        let ends = if from_client {
            ([10, 0, 0, 1], 40_000_u16, [10, 0, 0, 2], 443_u16)
        } else {
            ([10, 0, 0, 2], 443, [10, 0, 0, 1], 40_000)
        };
        let total = u16::try_from(40 + payload.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut bytes = vec![0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, 6, 0, 0];
        bytes.extend(ends.0);
        bytes.extend(ends.2);
        bytes.extend(ends.1.to_be_bytes());
        bytes.extend(ends.3.to_be_bytes());
        bytes.extend(sequence.to_be_bytes());
        bytes.extend(1_u32.to_be_bytes());
        bytes.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        bytes.extend(payload);
        let length = u32::try_from(bytes.len()).unwrap_or_default();
        for word in [1_700_000_000 + time, 0, length, length] {
            capture.extend(word.to_le_bytes());
        }
        capture.extend(bytes);
    };
    packet(0, true, 0, 0x02, &[]);
    packet(0, false, 0, 0x12, &[]);
    let mut sequence = 1;
    for part in stream.chunks(1400) {
        packet(1, true, sequence, 0x18, part);
        sequence += u32::try_from(part.len())?;
    }
    packet(2, false, 1, 0x18, &[21, 3, 1, 0, 2, 2, 112]);
    packet(2, false, 8, 0x11, &[]);
    stage.place.write(file, capture)
}

/// What a client with a certificate whose subject is a script leaves behind, recorded by our own server; a megabyte of text is
/// in it, too.
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
