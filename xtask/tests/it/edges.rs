//! Who may import whom: the table of ARCHITECTURE.md, held against Cargo's own account.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::tree::{files, none, root, text};

/// Each crate of ours and what it imports of ours.
const EDGES: &[(&str, &[&str])] = &[
    ("mtlscope-dissect", &[]),
    ("mtlscope-diagnose", &["mtlscope-dissect"]),
    ("mtlscope-sources", &["mtlscope-dissect"]),
    ("mtlscope-views", &["mtlscope-diagnose", "mtlscope-dissect"]),
    ("mtlscope-web", &["mtlscope-diagnose", "mtlscope-dissect", "mtlscope-views"]),
    (
        "mtlscope",
        &["mtlscope-diagnose", "mtlscope-dissect", "mtlscope-sources", "mtlscope-views", "mtlscope-web"],
    ),
    ("xtask", &["mtlscope-diagnose"]),
];

/// What sources may name of dissect: the types at the seam, and nothing that knows TLS.
const SEAM: &[&str] = &["evidence", "input", "side", "time"];

#[test]
fn crates_import_what_the_architecture_says_and_nothing_else() {
    let expected: BTreeMap<String, BTreeSet<String>> = EDGES
        .iter()
        .map(|(name, edges)| ((*name).to_owned(), edges.iter().map(|edge| (*edge).to_owned()).collect()))
        .collect();
    assert_eq!(edges(), expected);
}

/// The edges Cargo knows. Tests may import more, for instance a source to read fixtures with.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &serde_json::Value| value["name"].as_str().unwrap().to_owned();
    let members: BTreeSet<String> = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let shipped = dependencies.filter(|dependency| dependency["kind"] != "dev").map(name);
            (name(package), shipped.filter(|dependency| members.contains(dependency)).collect())
        })
        .collect()
}

#[test]
fn sources_name_nothing_of_dissect_but_the_seam() {
    let mut found = Vec::new();
    for file in files() {
        if !file.starts_with("crates/mtlscope-sources/src")
            || file.extension().is_none_or(|extension| extension != "rs")
        {
            continue;
        }
        for module in modules_of_dissect(&text(&file)) {
            if !SEAM.contains(&module.as_str()) {
                found.push(format!("{}: mtlscope_dissect::{module}", file.display()));
            }
        }
    }
    none("sources look past the seam", &found);
}

/// The first path segments after `mtlscope_dissect::`, in braces or not. Comments do not count.
fn modules_of_dissect(source: &str) -> Vec<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut modules = Vec::new();
    for rest in code.split("mtlscope_dissect::").skip(1) {
        match rest.strip_prefix('{') {
            None => modules.push(identifier(rest)),
            Some(list) => modules.extend(top_level_items(list)),
        }
    }
    modules
}

/// `input::{Frame, Link}, time::Timestamp}; ...` to `input`, `time`.
fn top_level_items(list: &str) -> Vec<String> {
    let (mut items, mut item, mut depth) = (Vec::new(), String::new(), 0_i32);
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            _ if depth == 0 => item.push(character),
            _ => {}
        }
    }
    items.push(item);
    items.iter().map(|item| identifier(item.trim())).filter(|item| !item.is_empty()).collect()
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

#[test]
fn the_search_itself_finds_what_it_should() {
    let source = "use mtlscope_dissect::{\n    input::{Frame, LinkType},\n    tls::Registry,\n};\n// mtlscope_dissect::reader\nlet t = mtlscope_dissect::time::Timestamp(0);";
    assert_eq!(modules_of_dissect(source), ["input", "tls", "time"]);
}
