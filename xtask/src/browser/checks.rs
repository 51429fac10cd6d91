//! Every view, on real captures.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::Check;
use super::stage::Stage;

pub(super) static CHECKS: &[Check] = &[
    ("the table shows, sorts and searches every connection", table),
    ("a filter is completed, has carets under its mistake, and filters", filter),
    ("a message is opened, and its fields and bytes light up together", message),
    ("certificates are cards in order", certificates),
    ("keys that are dropped open what is sealed, in place", keys),
    ("two connections are compared", compare),
    ("a capture is dropped onto the page, and a broken one refused", bring),
    ("the keyboard does it all", keyboard),
    ("the page fits 400 and 2560 pixels, by day and by night, and on paper", layouts),
    ("the picture of the README is taken", readme),
    ("axe finds nothing wrong with any view", accessible),
];

/// A refusal of TLS 1.2, in clear.
const REFUSED: &str = "unknown-ca-tls12";

fn table(stage: &mut Stage) -> Result<()> {
    let captures = stage.fixtures()?;
    stage.open(&captures)?;
    let count = stage.text("#count")?;
    ensure!(count.ends_with("connections"), "{count}");
    stage.picture("table")?;
    stage.browser.click(".cell.of-finding button")?;
    stage.browser.until(
        "it is sorted by finding",
        "document.querySelector('.cell.of-finding').getAttribute('aria-sort') === 'ascending'",
    )?;
    stage.browser.click(".cell.of-outcome button")?;
    stage.browser.click(".cell.of-outcome button")?;
    stage.browser.until(
        "unknown outcomes stand first",
        "document.querySelector('[aria-rowindex=\"2\"] .came-out .mark')?.textContent === '?'",
    )?;
    stage.browser.click("#search")?;
    stage.browser.type_text("expired")?;
    stage
        .browser
        .until("the search is done", "document.getElementById('count').textContent.includes(' of ')")?;
    stage.browser.until(
        "every row has it",
        "[...document.querySelectorAll('.row')].every((row) => (row.textContent + row.querySelector('.of-finding').title).toLowerCase().includes('expired'))",
    )?;
    stage.picture("table-searched")?;
    Ok(())
}

fn filter(stage: &mut Stage) -> Result<()> {
    let captures = stage.fixtures()?;
    stage.open(&captures)?;
    stage.browser.press("/")?;
    stage.browser.type_text("outcome.re")?;
    stage
        .browser
        .until("fields are suggested", "document.querySelectorAll('#suggestions li').length >= 2")?;
    stage.picture("filter-completed")?;
    stage.browser.press("ArrowDown")?;
    stage.browser.press("Enter")?;
    stage.browser.until("the first is taken", "document.getElementById('filter').value.trim() === 'outcome.result' || document.getElementById('filter').value.trim() === 'outcome.refused_by'")?;
    stage.browser.evaluate("document.getElementById('filter').select()")?;
    stage.browser.type_text("tcp and outcome.resutl == \"refused\"")?;
    let carets = format!("{}{}", " ".repeat(8), "^".repeat(14));
    let told = format!("document.querySelector('#mistake .carets')?.textContent === '{carets}'");
    stage.browser.until("carets stand under the mistake", &told)?;
    stage.picture("filter-mistaken")?;
    stage.browser.evaluate("document.getElementById('filter').select()")?;
    stage.browser.type_text("tls.alert_message.desc == 48")?;
    stage.browser.press("Enter")?;
    stage.browser.until("it is taken", "document.getElementById('mistake').textContent === ''")?;
    stage.browser.until("it filters by fields of frames", "/^[1-9][0-9]* of /.test(document.getElementById('count').textContent) && !document.getElementById('count').textContent.includes('…')")?;
    stage.browser.until("no mistake is left", "document.getElementById('mistake').textContent === ''")?;
    stage.browser.click("#picture .by-causes .what:nth-of-type(2)")?;
    stage.browser.until(
        "the picture filters, too",
        "document.getElementById('filter').value.startsWith('finding.id')",
    )?;
    Ok(())
}

fn message(stage: &mut Stage) -> Result<()> {
    let capture = stage.fixture(REFUSED);
    stage.open(&[capture])?;
    stage.browser.click(".row .cell.of-name")?;
    stage.browser.until("the connection is shown", "!!document.querySelector('.ladder .drawing')")?;
    stage.picture("connection")?;
    stage.browser.click(".drawing [data-content]")?;
    stage
        .browser
        .until("the message is taken apart", "!!document.querySelector('#message .bytes [data-at]')")?;
    let filter = stage.text("#message .in-wireshark code")?;
    ensure!(filter.starts_with("frame.number == ") && filter.contains("tls.handshake.type"), "{filter}");
    stage.browser.point("#message .field[data-from]:not([data-from=\"0\"])")?;
    stage.browser.until(
        "the field's bytes light up",
        "document.querySelectorAll('#message [data-at].pointed').length > 0",
    )?;
    stage.picture("message")?;
    stage.browser.point("#message .hex [data-at=\"40\"]")?;
    stage.browser.until(
        "the byte's field lights up",
        "document.querySelectorAll('#message .field.pointed').length === 1",
    )?;
    stage.browser.press("Escape")?;
    stage.browser.until("the message is closed", "document.getElementById('message').hidden")?;
    Ok(())
}

fn certificates(stage: &mut Stage) -> Result<()> {
    let capture = stage.fixture(REFUSED);
    stage.open(&[capture])?;
    stage.visit("#/connection/0-1", "document.querySelectorAll('.certificates .card').length >= 2")?;
    stage.browser.evaluate("document.querySelector('.certificates').scrollIntoView()")?;
    stage.picture("certificates")?;
    stage.browser.click(".card .pem summary")?;
    let pem = stage.text(".card .pem pre")?;
    ensure!(
        pem.starts_with("-----BEGIN CERTIFICATE-----") && pem.trim().ends_with("-----END CERTIFICATE-----"),
        "{pem}"
    );
    let copied = stage.browser.evaluate("document.querySelector('.card .pem [data-copy]').dataset.copy")?;
    ensure!(copied.as_str() == Some(pem.as_str()), "another text is copied");
    Ok(())
}

fn keys(stage: &mut Stage) -> Result<()> {
    let folder = stage.root.join("fixtures/unknown-ca-tls13");
    stage.open(&[folder.join("capture.pcap")])?;
    stage.visit("#/connection/0-1", "!!document.querySelector('.drawing .sealed')")?;
    stage.picture("sealed")?;
    stage.browser.drop_files(&[folder.join("keys.log")])?;
    stage.browser.until(
        "it opens in place",
        "!document.querySelector('.drawing .sealed') && !!document.querySelector('.drawing .opened')",
    )?;
    stage.picture("opened")?;
    ensure!(stage.text("#told .verdict")?.contains("unknown_ca"), "{}", stage.text("#told .verdict")?);
    stage.expected_statuses.push(422);
    stage.browser.press("k")?;
    stage.browser.type_text("these are no keys")?;
    stage.browser.click("#keys-form .strong")?;
    stage.browser.until(
        "no keys are refused with a reason",
        "document.getElementById('keys-trouble').textContent.includes('CLIENT_RANDOM')",
    )?;
    stage.picture("keys")?;
    stage.browser.click("#keys-cancel")?;
    Ok(())
}

fn compare(stage: &mut Stage) -> Result<()> {
    let captures = ["resumed-tls12", REFUSED].map(|name| stage.fixture(name));
    stage.open(&captures)?;
    stage.visit("#/connection/0-1", "!!document.querySelector('.ladder')")?;
    stage.browser.click("#compare-button")?;
    stage.browser.until(
        "the table asks for the other",
        "!document.getElementById('choosing').hidden && !document.getElementById('table-view').hidden",
    )?;
    stage.browser.click(".row[data-key=\"1-1\"] .cell.of-start")?;
    stage.browser.until("both are shown", "!!document.querySelector('.comparison .parts')")?;
    stage.picture("compared")?;
    Ok(())
}

fn bring(stage: &mut Stage) -> Result<()> {
    stage.open(&[])?;
    stage.picture("empty")?;
    let capture = stage.fixture(REFUSED);
    stage.browser.drop_files(&[capture])?;
    stage.wait_for_rows()?;
    let broken = stage.place.write("broken.pcap", [0x42; 4096])?;
    stage.expected_statuses.push(422);
    stage.browser.drop_files(&[broken])?;
    stage.browser.until(
        "it is refused with the reason",
        "document.getElementById('trouble').textContent.includes('broken.pcap')",
    )?;
    stage.picture("refused")?;
    ensure!(stage.text("#count")? == "1 connection", "{}", stage.text("#count")?);
    stage.browser.click(".row .cell.of-name")?;
    stage.browser.until("the page goes on", "!!document.querySelector('.ladder')")?;
    Ok(())
}

fn keyboard(stage: &mut Stage) -> Result<()> {
    let captures = stage.fixtures()?;
    stage.open(&captures)?;
    stage.browser.evaluate("document.querySelector('.row[tabindex=\"0\"]').focus()")?;
    for key in ["ArrowDown", "ArrowDown", "End", "Home", "ArrowDown"] {
        stage.browser.press(key)?;
    }
    stage.browser.until(
        "the second row has the focus",
        "document.activeElement.getAttribute('aria-rowindex') === '3'",
    )?;
    stage.browser.press("Enter")?;
    stage.browser.until(
        "its connection is shown, and its heading has the focus",
        "document.activeElement.matches('#told h2')",
    )?;
    stage.browser.evaluate("document.querySelector('.drawing [role=button]').focus()")?;
    stage.browser.press("Enter")?;
    stage
        .browser
        .until("the step is opened, and has the focus", "document.activeElement.id === 'message'")?;
    stage.browser.press("Escape")?;
    stage.browser.until("the focus is back at the step", "document.activeElement.matches('[data-step]')")?;
    stage.browser.press("]")?;
    stage.browser.until(
        "the next connection is shown",
        "document.querySelector('#told h2')?.textContent.length > 0 && location.hash !== ''",
    )?;
    stage.browser.press("Escape")?;
    stage.browser.until(
        "the table is back, at its row",
        "!document.getElementById('table-view').hidden && document.activeElement.matches('.row')",
    )?;
    Ok(())
}

/// Where the connection of a fixture is shown, among all of them.
fn shown_at(stage: &Stage, captures: &[PathBuf], name: &str) -> Result<String> {
    let fixture = stage.fixture(name);
    let place =
        captures.iter().position(|capture| *capture == fixture).context("the fixture is not there")?;
    Ok(format!("#/connection/{place}-1"))
}

/// Opens the step of the ladder that is called so, whether it is drawn or listed.
fn open_step(stage: &mut Stage, name: &str) -> Result<()> {
    stage.browser.evaluate(&format!(
        "[...document.querySelectorAll('.drawing [data-content], .steps [data-content] .speech')].find((one) => \
         one.getClientRects().length && one.textContent.includes('{name}')).dispatchEvent(new MouseEvent('click', {{bubbles: true}}))"
    ))?;
    stage.browser.until("a message is open", "!!document.querySelector('#message .bytes')")
}

const TABLE: &str =
    "!document.getElementById('table-view').hidden && !!document.querySelector('.row .came-out .mark')";
const LADDER: &str = "!!document.querySelector('.ladder')";

fn layouts(stage: &mut Stage) -> Result<()> {
    let captures = stage.fixtures()?;
    stage.open(&captures)?;
    let refused = shown_at(stage, &captures, REFUSED)?;
    let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    for (width, height) in [(400, 800), (820, 900), (1280, 800), (2560, 1300)] {
        for scheme in ["light", "dark"] {
            stage.browser.window(width, height, scheme)?;
            stage.visit("#/", TABLE)?;
            stage.picture(&format!("table-{width}-{scheme}"))?;
            stage.browser.until(&format!("the table fits {width} pixels"), fits)?;
            stage.visit(&refused, LADDER)?;
            stage.picture(&format!("connection-{width}-{scheme}"))?;
            stage.browser.until(&format!("a connection fits {width} pixels"), fits)?;
            open_step(stage, "CertificateRequest")?;
            stage.picture(&format!("message-{width}-{scheme}"))?;
            stage.browser.until(&format!("a message fits {width} pixels"), fits)?;
            stage.browser.press("Escape")?;
        }
    }
    stage.browser.window(1280, 800, "light")?;
    stage.visit("#/", TABLE)?;
    let all = stage.browser.evaluate(
        "window.dispatchEvent(new Event('beforeprint')), document.querySelectorAll('.printed tbody tr').length",
    )?;
    let count = stage.text("#count")?;
    ensure!(
        all.as_u64().is_some_and(|all| count.starts_with(&format!("{all} "))),
        "of {count} {all} are printed"
    );
    stage.browser.evaluate("window.dispatchEvent(new Event('afterprint'))")?;
    ensure!(stage.text(".printed")?.is_empty(), "what was laid out for paper stays");
    for (what, place, is_there) in [("table", "#/", TABLE), ("connection", refused.as_str(), LADDER)] {
        stage.visit(place, is_there)?;
        let pages = stage.browser.printed(&stage.pictures().join(format!("{what}.pdf")))?;
        ensure!((1..=12).contains(&pages), "the {what} is printed on {pages} pages");
    }
    Ok(())
}

/// The picture of the README: a refusal, and the request in it byte by byte.
fn readme(stage: &mut Stage) -> Result<()> {
    let capture = stage.fixture("required-none-sent-tls12");
    stage.open(&[capture])?;
    stage.browser.window(1600, 1180, "light")?;
    stage.visit("#/connection/0-1", LADDER)?;
    open_step(stage, "CertificateRequest")?;
    stage.browser.evaluate("document.activeElement.blur()")?;
    stage.picture("readme")?;
    Ok(())
}

fn accessible(stage: &mut Stage) -> Result<()> {
    let captures = stage.fixtures()?;
    stage.open(&captures)?;
    let refused = shown_at(stage, &captures, REFUSED)?;
    for scheme in ["light", "dark"] {
        for width in [1280, 400] {
            stage.browser.window(width, 800, scheme)?;
            stage.visit("#/", TABLE)?;
            stage.is_accessible(&format!("the table, {width}, {scheme}"))?;
            stage.visit(&refused, LADDER)?;
            open_step(stage, "CertificateRequest")?;
            stage.is_accessible(&format!("a message, {width}, {scheme}"))?;
            stage.browser.press("Escape")?;
            stage.visit(
                &format!("#/compare/0-1/{}", refused.trim_start_matches("#/connection/")),
                "!!document.querySelector('.comparison')",
            )?;
            stage.is_accessible(&format!("a comparison, {width}, {scheme}"))?;
            stage.visit("#/rule/unknown-ca", "!!document.querySelector('.rule-page')")?;
            stage.is_accessible(&format!("a rule, {width}, {scheme}"))?;
        }
    }
    stage.browser.press("k")?;
    stage.is_accessible("keys")?;
    Ok(())
}
