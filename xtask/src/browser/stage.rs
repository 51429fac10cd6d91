//! A browser, and the program that serves it: what every check stands on.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::devtools::Browser;
use crate::peers::{Place, Process};
use crate::workspace::Workspace;

/// axe-core, as it is published.
const AXE: &str = include_str!("axe/axe.min.js");

/// How long a capture may take to be read.
const READING: Duration = Duration::from_secs(600);

/// What is on it. `place` is dropped last.
pub(super) struct Stage {
    pub(super) browser: Browser,
    program: PathBuf,
    /// The program that serves, and what it says.
    served: Option<(Process, PathBuf)>,
    pictures: PathBuf,
    pub(super) root: PathBuf,
    pub(super) workspace: Workspace,
    pub(super) large: Option<PathBuf>,
    /// Answers that a check provokes on purpose: the console tells of them.
    pub(super) expected_statuses: Vec<u64>,
    left_out: Option<String>,
    pub(super) place: Place,
}

/// Waits until a program has written these words. Gives all that it wrote.
pub(super) fn wait_for_words(log: &Path, words: &str) -> Result<String> {
    let begin = Instant::now();
    loop {
        let said = std::fs::read_to_string(log).unwrap_or_default();
        if said.contains(words) && said.ends_with('\n') {
            return Ok(said);
        }
        ensure!(begin.elapsed() < Duration::from_secs(20), "nothing says {words}: {said}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Stage {
    pub(super) fn new(workspace: &Workspace, program: PathBuf, large: Option<PathBuf>) -> Result<Self> {
        let place = Place::make()?;
        let pictures = workspace.target.join("browser");
        std::fs::create_dir_all(&pictures).with_context(|| format!("cannot make {}", pictures.display()))?;
        Ok(Self {
            browser: Browser::start(place.folder())?,
            program,
            served: None,
            pictures,
            root: workspace.root.clone(),
            workspace: workspace.clone(),
            large,
            expected_statuses: Vec::new(),
            left_out: None,
            place,
        })
    }

    /// A check begins: what came before does not count.
    pub(super) fn begin(&mut self) {
        self.expected_statuses.clear();
        self.served = None;
        let _ = self.browser.go("about:blank");
        self.browser.events();
    }

    /// A capture of a fixture.
    pub(super) fn fixture(&self, name: &str) -> PathBuf {
        let folder = self.root.join("fixtures").join(name);
        ["capture.pcap", "capture.pcapng"]
            .map(|file| folder.join(file))
            .into_iter()
            .find(|file| file.is_file())
            .unwrap_or(folder)
    }

    /// Every fixture there is.
    pub(super) fn fixtures(&self) -> Result<Vec<PathBuf>> {
        let folders = crate::workspace::sorted_entries(&self.root.join("fixtures"))?;
        let captures = folders.iter().filter_map(|folder| {
            ["capture.pcap", "capture.pcapng"]
                .map(|file| folder.join(file))
                .into_iter()
                .find(|file| file.is_file())
        });
        Ok(captures.collect())
    }

    /// Serves these captures, opens the page in a window of a desk, and waits for its rows.
    pub(super) fn open(&mut self, captures: &[PathBuf]) -> Result<()> {
        self.browser.window(1280, 800, "light")?;
        let mut command = Command::new(&self.program);
        command.args(["web", "--no-open"]).args(captures);
        self.serve(&mut command)?;
        if captures.is_empty() {
            return self
                .browser
                .until("the page is there", "!!document.querySelector('#empty:not([hidden])')");
        }
        self.wait_for_rows()
    }

    /// Starts the program, and opens the address it prints.
    pub(super) fn serve(&mut self, command: &mut Command) -> Result<()> {
        let log = self.place.own_folder("program")?.join("log");
        let process = Process::start("mtlscope", command, &log)?;
        let said = wait_for_words(&log, "token=")?;
        let address = said
            .split_whitespace()
            .find(|word| word.starts_with("http://127.0.0.1") && word.contains("token="))
            .with_context(|| format!("mtlscope prints no address: {said}"))?
            .to_owned();
        self.browser.go(&address)?;
        self.served = Some((process, log));
        Ok(())
    }

    /// Waits until the program has said this.
    pub(super) fn said(&self, words: &str) -> Result<()> {
        wait_for_words(&self.served.as_ref().context("nothing is served")?.1, words).map(drop)
    }

    /// What this check is for cannot be done here.
    pub(super) fn leave_out(&mut self, why: &str) {
        self.left_out = Some(why.to_owned());
    }

    /// Why the check that ran last was left out, if it was.
    pub(super) fn left_out(&mut self) -> Option<String> {
        self.left_out.take()
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// The id of the program that serves.
    pub(super) fn served(&self) -> Result<u32> {
        Ok(self.served.as_ref().context("nothing is served")?.0.id())
    }

    pub(super) fn wait_for_rows(&mut self) -> Result<()> {
        self.browser.until(
            "rows are there",
            "!!document.querySelector('.row[data-key]:not([data-key=\"\"]) .came-out .mark')",
        )?;
        self.browser.until_after(READING, "reading has ended", "document.getElementById('progress').hidden")
    }

    /// Goes to a place within the page.
    pub(super) fn visit(&mut self, hash: &str, until: &str) -> Result<()> {
        self.browser.evaluate(&format!("location.hash = {}", json!(hash)))?;
        self.browser.until(&format!("{hash} is shown"), until)
    }

    /// The text of an element.
    pub(super) fn text(&mut self, selector: &str) -> Result<String> {
        let text = self
            .browser
            .evaluate(&format!("document.querySelector({})?.textContent ?? ''", json!(selector)))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Keeps what is seen as a picture.
    pub(super) fn picture(&mut self, name: &str) -> Result<PathBuf> {
        // Twice, so that what was just changed is drawn.
        self.browser.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))",
        )?;
        let path = self.pictures.join(format!("{name}.png"));
        std::fs::write(&path, &self.browser.picture()?)?;
        Ok(path)
    }

    pub(super) fn keep_what_is_seen(&mut self, check: &str) {
        let _ = self.picture(&format!("failed-{}", check.replace(' ', "-")));
    }

    pub(super) fn pictures(&self) -> &Path {
        &self.pictures
    }

    /// The picture of the README.
    pub(super) fn record(&mut self, path: &Path) -> Result<()> {
        let picture = self.pictures.join("readme.png");
        std::fs::copy(&picture, path).with_context(|| format!("cannot copy {}", picture.display()))?;
        Ok(())
    }

    /// Has axe-core look at what is shown; whatever it finds is a failure.
    pub(super) fn is_accessible(&mut self, what: &str) -> Result<()> {
        if self.browser.evaluate("typeof axe")?.as_str() != Some("object") {
            self.browser.evaluate(AXE)?;
        }
        let found = self.browser.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then((all) => all.violations.map((one) => \
             `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => node.target.join(' ') + ': ' + \
             node.any.concat(node.all, node.none).map((check) => check.message).join('; ')).join(' | ')}`))",
        )?;
        let found: Vec<&str> = found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        ensure!(found.is_empty(), "{what}: {}", found.join("\n  "));
        Ok(())
    }

    /// No error on the console, and no request that leaves loopback.
    pub(super) fn nothing_amiss(&mut self) -> Result<()> {
        // What a check has written itself, such as a report.
        let own = format!("file://{}/", self.place.folder().display());
        for event in self.browser.events() {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => {
                    let address = parameters["request"]["url"].as_str().unwrap_or_default();
                    let is_home = ["http://127.0.0.1:", "about:", "blob:http://127.0.0.1:", "data:"];
                    let is_own = address.starts_with(&own);
                    ensure!(
                        is_own || is_home.iter().any(|home| address.starts_with(home)),
                        "a request to {address}"
                    );
                }
                "Runtime.exceptionThrown" => {
                    bail!("an exception: {}", parameters["exceptionDetails"]);
                }
                "Runtime.consoleAPICalled"
                    if matches!(parameters["type"].as_str(), Some("error" | "warning" | "assert")) =>
                {
                    bail!("on the console: {}", parameters["args"]);
                }
                "Log.entryAdded" => {
                    let entry = &parameters["entry"];
                    let text = entry["text"].as_str().unwrap_or_default();
                    let is_expected = self
                        .expected_statuses
                        .iter()
                        .any(|status| text.contains(&format!("status of {status}")));
                    let is_bad = matches!(entry["level"].as_str(), Some("error" | "warning"));
                    ensure!(!is_bad || is_expected, "in the log: {text} {}", entry["url"]);
                }
                _ => {}
            }
        }
        Ok(())
    }
}
