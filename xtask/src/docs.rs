//! `cargo xtask docs`: one page a rule in docs/rules, each written in the rule's own file and only copied here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::{Workspace, sorted_entries};

/// What can be said to `cargo xtask docs`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing; fail if a page is missing, stale or left over.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let directory = workspace.root.join("docs/rules");
    let wanted: BTreeMap<String, String> = pages().into_iter().collect();
    let present = present(&directory)?;
    let mut differences = Vec::new();
    for (name, page) in &wanted {
        match present.get(name) {
            Some(text) if text == page => continue,
            Some(_) => differences.push(format!("stale: docs/rules/{name}")),
            None => differences.push(format!("missing: docs/rules/{name}")),
        }
        if !arguments.check {
            std::fs::create_dir_all(&directory)?;
            std::fs::write(directory.join(name), page).with_context(|| format!("cannot write {name}"))?;
        }
    }
    for name in present.keys().filter(|name| !wanted.contains_key(*name)) {
        differences.push(format!("left over: docs/rules/{name}"));
        if !arguments.check {
            std::fs::remove_file(directory.join(name)).with_context(|| format!("cannot remove {name}"))?;
        }
    }
    for difference in &differences {
        println!("{difference}");
    }
    if arguments.check && !differences.is_empty() {
        println!("run `cargo xtask docs`");
        return Ok(false);
    }
    println!("{} rule pages", wanted.len());
    Ok(true)
}

/// File name and text of every page.
fn pages() -> Vec<(String, String)> {
    Vec::new()
}

fn present(directory: &Path) -> Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    if !directory.is_dir() {
        return Ok(pages);
    }
    for path in sorted_entries(directory)? {
        if path.extension().is_some_and(|extension| extension == "md")
            && let Some(name) = path.file_name()
        {
            pages.insert(name.to_string_lossy().into_owned(), std::fs::read_to_string(&path)?);
        }
    }
    Ok(pages)
}
