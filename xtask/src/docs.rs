//! `cargo xtask docs`: one page a rule in docs/rules, each written in the rule's own file and only copied here, and a list
//! of them.

mod causes;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use mtlscope_diagnose::rules;

use crate::workspace::{Workspace, sorted_entries};

/// What can be said to `cargo xtask docs`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing; fail if a page is missing, stale or left over.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let hints_are_right = hints(workspace, &arguments)?;
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
    println!("{} rule pages and their list", rules::all().count());
    Ok(hints_are_right)
}

/// docs/hints.md and docs/causes.md, likewise.
fn hints(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let mut right = true;
    for (name, text) in
        [("docs/hints.md", mtlscope_diagnose::hints::page()), ("docs/causes.md", causes::page()?)]
    {
        let path = workspace.root.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|present| present == text) {
            continue;
        }
        println!("stale: {name}");
        if arguments.check {
            println!("run `cargo xtask docs`");
            right = false;
        } else {
            std::fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        }
    }
    Ok(right)
}

/// File name and text of every page, and of the list of them.
fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> =
        rules::pages().into_iter().map(|(id, page)| (format!("{id}.md"), page)).collect();
    pages.push(("README.md".to_owned(), list()));
    pages
}

fn list() -> String {
    let mut list = "# What mtlscope can name\n\n\
        One page a cause, as `mtlscope explain` prints it, in the order in which findings are shown. Written by\n\
        `cargo xtask docs` from `crates/mtlscope-diagnose/src/rules`: change it there.\n\n\
        | rule | at worst | |\n|---|---|---|\n"
        .to_owned();
    for rule in rules::all() {
        list.push_str(&format!("| [{0}]({0}.md) | {1} | {2} |\n", rule.id, rule.severity, rule.title()));
    }
    list
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_and_a_line_in_the_list() {
        let pages: BTreeMap<String, String> = pages().into_iter().collect();
        assert_eq!(pages.len(), rules::all().count() + 1);
        for rule in rules::all() {
            let page = &pages[&format!("{}.md", rule.id)];
            assert!(page.contains(rule.title()), "{}", rule.id);
            assert!(pages["README.md"].contains(&format!("[{0}]({0}.md)", rule.id)), "{}", rule.id);
        }
    }
}
