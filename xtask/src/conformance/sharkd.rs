//! Wireshark's `sharkd`, asked through its standard input: it reads a capture once and answers many filters. Its answers
//! are those of `tshark -2`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// How long an answer may take. The largest capture takes a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much memory it may take, in KiB: it has captures on which it would take all there is.
const MEMORY_KIB: u64 = 3 << 20;

/// One `sharkd`.
pub(super) struct Sharkd {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    id: u64,
    /// How many captures it has opened.
    opened: u32,
}

/// A frame that it showed.
pub(super) struct Shown {
    pub(super) number: u64,
    pub(super) columns: Vec<String>,
}

impl Sharkd {
    pub(super) fn start() -> Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MEMORY_KIB}; exec sharkd -")])
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run sharkd")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("sharkd has no pipes");
        };
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, answers, id: 0, opened: 0 })
    }

    /// Opens a capture with the keys of a key log.
    pub(super) fn load(&mut self, capture: &Path, key_log: Option<&Path>) -> Result<()> {
        let key_log = key_log.map(|path| path.display().to_string()).unwrap_or_default();
        self.opened += 1;
        self.ask("setconf", json!({ "name": "tls.keylog_file", "value": key_log }))?;
        self.ask("load", json!({ "file": capture.display().to_string() }))?;
        Ok(())
    }

    /// The frames that match a filter, with all values of each of these fields.
    pub(super) fn frames(&mut self, filter: &str, fields: &[String]) -> Result<Vec<Shown>> {
        let mut shown: Option<Vec<Shown>> = None;
        for fields in in_lines(fields) {
            let part = self.frames_with(filter, fields)?;
            match &mut shown {
                None => shown = Some(part),
                Some(shown) => {
                    ensure!(
                        shown.len() == part.len(),
                        "sharkd shows other frames when asked for other fields"
                    );
                    for (frame, part) in shown.iter_mut().zip(part) {
                        frame.columns.extend(part.columns);
                    }
                }
            }
        }
        Ok(shown.unwrap_or_default())
    }

    fn frames_with(&mut self, filter: &str, fields: &[String]) -> Result<Vec<Shown>> {
        // It remembers what a filter matched, also when it has opened another capture. So each capture has filters of its own:
        // with its number in blanks behind them.
        let blanks: String =
            (0..12).map(|bit| if self.opened >> bit & 1 == 0 { ' ' } else { '\t' }).collect();
        let mut parameters = json!({ "filter": format!("{filter}{blanks}"), "column0": "frame.number:1" });
        for (place, field) in fields.iter().enumerate() {
            parameters[format!("column{}", place + 1)] = json!(format!("{field}:0"));
        }
        let answer = self.ask("frames", parameters)?;
        let rows = answer.as_array().context("sharkd answered with no list of frames")?;
        rows.iter()
            .map(|row| {
                let number = row["num"].as_u64().context("a frame of sharkd has no number")?;
                let columns = row["c"].as_array().into_iter().flatten().skip(1);
                Ok(Shown {
                    number,
                    columns: columns.map(|text| text.as_str().unwrap_or("").to_owned()).collect(),
                })
            })
            .collect()
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.id += 1;
        let request = json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": parameters });
        writeln!(self.input, "{request}").context("sharkd has ended")?;
        self.input.flush().context("sharkd has ended")?;
        let line = match self.answers.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => bail!("sharkd gives no answer to {method}"),
            Err(RecvTimeoutError::Disconnected) => bail!("sharkd breaks down at {method}"),
        };
        let mut answer: Value = serde_json::from_str(&line).context("sharkd answered with no JSON")?;
        if let Some(error) = answer.get("error") {
            bail!("sharkd answers {method} with {error}");
        }
        Ok(answer["result"].take())
    }
}

/// The fields in parts that fit in a line, of which sharkd reads two kilobytes. One part if there are none.
fn in_lines(fields: &[String]) -> Vec<&[String]> {
    const MOST: usize = 25;
    if fields.is_empty() { vec![fields] } else { fields.chunks(MOST).collect() }
}

impl Drop for Sharkd {
    fn drop(&mut self) {
        // It is ours, and nothing of it is needed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
