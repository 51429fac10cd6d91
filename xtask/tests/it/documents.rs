//! What documents promise: commands that exist, a change log that is kept, rule pages that are current.

use std::path::Path;
use std::process::Command;

use crate::tree::{none, root, text};

/// The documents whose commands a reader will type.
const DOCUMENTS: &[&str] = &["README.md", "CONTRIBUTING.md", "docs/testing.md"];

#[test]
fn the_commands_in_the_documents_exist() {
    let mut found = Vec::new();
    for document in DOCUMENTS {
        for command in commands(&text(Path::new(document))) {
            let mut words = command.split_whitespace();
            let known = match (words.next(), words.next(), words.next()) {
                (Some("mtlscope"), Some(word), _) => word.starts_with('-') || subcommand_of_mtlscope(word),
                (Some("cargo"), Some("xtask"), Some(task)) => subcommand_of_xtask(task),
                _ => true,
            };
            if !known {
                found.push(format!("{document}: {command}"));
            }
        }
    }
    none("commands that do not exist", &found);
}

/// The lines of shell blocks and the code spans of the text that call `mtlscope` or `cargo xtask`.
fn commands(document: &str) -> Vec<String> {
    let (mut commands, mut in_block) = (Vec::new(), false);
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            commands.push(line.trim().trim_start_matches("$ ").to_owned());
        } else {
            commands.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    commands.retain(|command| command.starts_with("mtlscope ") || command.starts_with("cargo xtask "));
    commands
}

/// One file a subcommand: that is how the command line is laid out.
fn subcommand_of_mtlscope(word: &str) -> bool {
    word == "help"
        || root().join("crates/mtlscope/src/cli").join(format!("{}.rs", word.replace('-', "_"))).is_file()
}

fn subcommand_of_xtask(task: &str) -> bool {
    xtask(&[task, "--help"]).0
}

fn xtask(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_change_log_has_a_place_for_what_is_coming() {
    assert!(
        text(Path::new("CHANGELOG.md")).contains("\n## Unreleased\n"),
        "CHANGELOG.md has no section `## Unreleased`"
    );
}

#[test]
fn the_rule_pages_are_current() {
    let (current, report) = xtask(&["docs", "--check"]);
    assert!(current, "{report}");
}

#[test]
fn the_search_itself_finds_what_it_should() {
    let document = "Run `mtlscope read x.pcap`, not `tshark`.\n```sh\n$ cargo xtask test\nls\n```\n";
    assert_eq!(commands(document), ["mtlscope read x.pcap", "cargo xtask test"]);
    assert!(!subcommand_of_xtask("no-such-task"));
}
