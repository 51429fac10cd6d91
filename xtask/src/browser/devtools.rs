//! Chromium without a window, driven by its own protocol (CDP) over two pipes: it listens on no port, and tells of every
//! request, every word on the console and every error.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use data_encoding::BASE64;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value, json};

use crate::peers::Process;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with one page.
pub(super) struct Browser {
    /// Ends it when dropped.
    _process: Process,
    to: File,
    from: Receiver<Value>,
    next: u64,
    session: String,
    events: VecDeque<Value>,
}

impl Browser {
    /// Starts Chromium with a profile in this folder.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let [to, from] = ["to-chromium", "from-chromium"].map(|name| folder.join(name));
        for pipe in [&to, &from] {
            mkfifo(pipe, Mode::S_IRUSR | Mode::S_IWUSR)?;
        }
        let mut command = Command::new("sh");
        // The protocol is spoken over the file descriptors 3 and 4. Both ways are opened for both, so that nobody waits.
        command.args(["-c", "exec chromium \"$@\" 3<>\"$TO\" 4<>\"$FROM\"", "chromium"]).args(OPTIONS);
        command.arg(format!("--user-data-dir={}", folder.join("profile").display())).arg("about:blank");
        command.env("TO", &to).env("FROM", &from).env("HOME", folder);
        let process = Process::start("chromium", &mut command, &folder.join("chromium.log"))?;
        let open = |pipe: &PathBuf| File::options().read(true).write(true).open(pipe);
        let (to, from) = (open(&to)?, open(&from)?);
        let mut browser = Self {
            _process: process,
            to,
            from: messages(from),
            next: 0,
            session: String::new(),
            events: VecDeque::new(),
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach)?;
        attached["sessionId"].as_str().context("chromium gives no session")?.clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network", "DOM", "Performance"] {
            browser.call(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(browser)
    }

    /// Sends a command and waits for its answer.
    pub(super) fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.next += 1;
        let number = self.next;
        let mut message = json!({"id": number, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).with_context(|| format!("chromium does not take {method}"))?;
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let answer =
                self.from.recv_timeout(left).with_context(|| format!("chromium does not answer {method}"))?;
            if answer["id"].as_u64() != Some(number) {
                self.events.push_back(answer);
                continue;
            }
            if let Some(error) = answer.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(answer["result"].clone());
        }
    }

    /// The events so far, since they were asked for last.
    pub(super) fn events(&mut self) -> Vec<Value> {
        while let Ok(event) = self.from.try_recv() {
            self.events.push_back(event);
        }
        self.events.drain(..).collect()
    }

    /// What an expression of JavaScript comes to; promises are waited for.
    pub(super) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", parameters)?;
        if let Some(error) = answer.get("exceptionDetails") {
            bail!("{expression}: {}", error["exception"]["description"].as_str().unwrap_or("an exception"));
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Waits until an expression is true.
    pub(super) fn until(&mut self, what: &str, expression: &str) -> Result<()> {
        self.until_after(PATIENCE, what, expression)
    }

    /// Waits so long until an expression is true.
    pub(super) fn until_after(&mut self, patience: Duration, what: &str, expression: &str) -> Result<()> {
        let begin = Instant::now();
        while self.evaluate(expression)?.as_bool() != Some(true) {
            ensure!(begin.elapsed() < patience, "waited in vain until {what}");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub(super) fn go(&mut self, address: &str) -> Result<()> {
        self.call("Page.navigate", json!({"url": address})).map(drop)
    }

    /// The window from here on: its size, and which colours its user prefers.
    pub(super) fn window(&mut self, width: u32, height: u32, scheme: &str) -> Result<()> {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size)?;
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", features).map(drop)
    }

    /// Clicks the middle of the first element that a selector finds, with the mouse.
    pub(super) fn click(&mut self, selector: &str) -> Result<()> {
        let (x, y) = self.middle(selector)?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event)?;
        }
        Ok(())
    }

    /// Moves the mouse onto an element.
    pub(super) fn point(&mut self, selector: &str) -> Result<()> {
        let (x, y) = self.middle(selector)?;
        self.call("Input.dispatchMouseEvent", json!({"type": "mouseMoved", "x": x, "y": y})).map(drop)
    }

    fn middle(&mut self, selector: &str) -> Result<(f64, f64)> {
        let selector = json!(selector);
        let place = self.evaluate(&format!(
            "(() => {{ const one = document.querySelector({selector}); if (!one) return null; \
             one.scrollIntoView({{block: 'center', inline: 'nearest'}}); const box = one.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ))?;
        place[0].as_f64().zip(place[1].as_f64()).with_context(|| format!("there is no {selector}"))
    }

    /// Types a text where the focus is.
    pub(super) fn type_text(&mut self, text: &str) -> Result<()> {
        self.call("Input.insertText", json!({"text": text})).map(drop)
    }

    /// Presses a key by its name.
    pub(super) fn press(&mut self, key: &str) -> Result<()> {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            "ArrowDown" => 40,
            "ArrowUp" => 38,
            "End" => 35,
            "Home" => 36,
            other => u32::from(other.bytes().next().unwrap_or_default().to_ascii_uppercase()),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && key.len() == 1 {
                event["text"] = json!(key);
            }
            if kind == "keyDown" && key == "Enter" {
                event["text"] = json!("\r");
            }
            self.call("Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }

    /// Drops files onto the middle of the page, as a person drags them there.
    pub(super) fn drop_files(&mut self, files: &[PathBuf]) -> Result<()> {
        let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({"type": kind, "x": 300, "y": 300, "data": data});
            self.call("Input.dispatchDragEvent", event)?;
        }
        Ok(())
    }

    /// Prints to a file. Gives the number of pages.
    pub(super) fn printed(&mut self, path: &Path) -> Result<usize> {
        let answer = self.call("Page.printToPDF", json!({"printBackground": true}))?;
        let text = answer["data"].as_str().context("chromium prints nothing")?;
        let document = BASE64.decode(text.as_bytes()).context("what is printed is no base64")?;
        std::fs::write(path, &document).with_context(|| format!("cannot write {}", path.display()))?;
        // Each page is an object of this type; the list of them has another name.
        let text = String::from_utf8_lossy(&document);
        Ok(text.matches("/Type /Page\n").count())
    }

    /// A picture of what is seen, as PNG.
    pub(super) fn picture(&mut self) -> Result<Vec<u8>> {
        self.picture_as(json!({"format": "png"}))
    }

    /// The same as WebP, much smaller.
    pub(super) fn small_picture(&mut self) -> Result<Vec<u8>> {
        self.picture_as(json!({"format": "webp", "quality": 80}))
    }

    fn picture_as(&mut self, form: Value) -> Result<Vec<u8>> {
        let answer = self.call("Page.captureScreenshot", form)?;
        let text = answer["data"].as_str().context("chromium gives no picture")?;
        BASE64.decode(text.as_bytes()).context("the picture is no base64")
    }
}

/// Messages end with a zero byte. A thread waits for them, so that everybody else need not.
fn messages(from: File) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for message in BufReader::new(from).split(0).map_while(Result::ok) {
            let Ok(message) = serde_json::from_slice(&message) else { continue };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

/// No window, and no word to anybody.
const OPTIONS: [&str; 15] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--no-pings",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];
