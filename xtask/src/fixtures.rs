//! `cargo xtask fixtures`: copies the chosen recordings of `../shared/lab` into `fixtures/`, one folder a trouble, each with
//! a README that says what happened and how it was recorded.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::workspace::Workspace;

/// Copies every fixture of `fixtures/chosen.tsv`.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let cases = workspace.shared.join("lab/cases");
    ensure!(
        cases.is_dir(),
        "{} is not there; it holds the recordings fixtures are chosen from",
        cases.display()
    );
    let mut count = 0;
    for line in include_str!("fixtures/chosen.tsv").lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [folder, case, keys, rule, story] = columns[..] else {
            bail!("chosen.tsv: five columns are needed in: {line}")
        };
        let chosen = Chosen { folder, case, keys: keys == "file", rule, story };
        chosen.copy(&cases, &workspace.root.join("fixtures")).with_context(|| format!("fixture {folder}"))?;
        count += 1;
    }
    println!("{count} fixtures");
    Ok(true)
}

/// One line of the table.
struct Chosen<'t> {
    folder: &'t str,
    case: &'t str,
    keys: bool,
    rule: &'t str,
    story: &'t str,
}

impl Chosen<'_> {
    fn copy(&self, cases: &Path, fixtures: &Path) -> Result<()> {
        let (from, to) = (cases.join(self.case), fixtures.join(self.folder));
        std::fs::create_dir_all(&to)?;
        let capture = ["capture.pcap", "capture.pcapng"].into_iter().find(|name| from.join(name).is_file());
        let capture = capture.with_context(|| format!("the case {} has no capture", self.case))?;
        // Written anew and not copied: a recording may be read-only, a fixture is not.
        let mut names = vec![capture];
        names.extend(self.keys.then_some("keys.log"));
        let mut size = 0;
        for name in names {
            let bytes = std::fs::read(from.join(name))?;
            ensure!(!bytes.is_empty(), "{name} of {} is empty", self.case);
            size += bytes.len();
            std::fs::write(to.join(name), bytes)?;
        }
        ensure!(size < LARGEST, "{size} bytes; a fixture is under {LARGEST}");
        let meta: Value = serde_json::from_slice(&std::fs::read(from.join("meta.json"))?)?;
        std::fs::write(to.join("README.md"), self.readme(&meta)?)?;
        Ok(())
    }

    fn readme(&self, meta: &Value) -> Result<String> {
        let text = |name: &str| meta[name].as_str().unwrap_or("not recorded").to_owned();
        let certificate = match &meta["client_cert"] {
            Value::String(name) if name != "None" => name.clone(),
            _ => "none".to_owned(),
        };
        let mut readme = format!(
            "# {}\n\n{}\n\n| | |\n|---|---|\n| server | {} |\n| configured | {} |\n| client | {} |\n| client certificate | {} |\n| TLS | {} |\n| rule that should lead | {} |\n",
            self.folder,
            self.story,
            text("server_stack"),
            text("server_mode"),
            text("client"),
            certificate,
            text("tls"),
            self.rule,
        );
        if let Some(arguments) = meta["argv"].as_array() {
            let command: Vec<String> = arguments.iter().filter_map(Value::as_str).map(quoted).collect();
            readme.push_str(&format!(
                "\nRecorded between two network namespaces while this ran:\n\n```sh\n{}\n```\n",
                command.join(" ")
            ));
        }
        if let Some(origin) = meta["derived_from"].as_str() {
            readme.push_str(&format!(
                "\nMade from the recording `{origin}`: real packets, stored another way.\n"
            ));
        }
        readme.push_str(&format!("\nLab recording `{}`.\n", self.case));
        Ok(readme)
    }
}

/// An argument as one types it in a shell.
fn quoted(argument: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=,@+%".contains(character);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\n', "\\n").replace('\'', r"'\''"))
}

/// Bytes of capture and keys together: they are embedded in tests and in the program.
const LARGEST: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("--tlsv1.2"), "--tlsv1.2");
        assert_eq!(quoted("\nHTTP_STATUS=%{http_code}\n"), "'\\nHTTP_STATUS=%{http_code}\\n'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn every_chosen_line_has_five_columns() {
        for line in include_str!("fixtures/chosen.tsv").lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(line.split('\t').count(), 5, "{line}");
        }
    }
}
