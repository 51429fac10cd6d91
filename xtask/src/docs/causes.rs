//! docs/causes.md: every cause of the catalogue, and how it is named: by a rule, or as a hint.

use anyhow::{Result, bail};
use mtlscope_diagnose::hints::hint;
use mtlscope_diagnose::rules::{across, rule};

/// Every cause known, the most frequent first.
const CATALOGUE: &str = include_str!("catalogue.tsv");

/// The page. Fails where a cause is neither.
pub(super) fn page() -> Result<String> {
    let mut page = "# The catalogue of causes\n\n\
        Why mutual TLS fails, the most frequent first, and how mtlscope names it: by a rule, where a capture, a probe or a\n\
        server shows it; as a hint, where no wire does. Written by `cargo xtask docs`.\n\n\
        | cause | named by | |\n|---|---|---|\n"
        .to_owned();
    for (id, title) in causes() {
        let by = if across::rule(id).is_some() {
            format!("[rule across connections](rules/{id}.md)")
        } else if rule(id).is_some() {
            format!("[rule](rules/{id}.md)")
        } else if let Some(hint) = hint(id) {
            let near: Vec<String> =
                hint.near.iter().map(|near| format!("[{near}](rules/{near}.md)")).collect();
            format!("[hint](hints.md#{id}) of {}", near.join(", "))
        } else {
            bail!("{id} is neither a rule nor a hint");
        };
        page.push_str(&format!("| {id} | {by} | {title} |\n"));
    }
    Ok(page)
}

fn causes() -> impl Iterator<Item = (&'static str, &'static str)> {
    CATALOGUE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_of_the_catalogue_is_a_rule_or_a_hint() {
        assert_eq!(causes().count(), 104);
        assert!(page().is_ok());
    }
}
