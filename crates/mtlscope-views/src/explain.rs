//! The pages of the rules on the terminal: light Markdown, wrapped to the width; and the list of them.

use std::io::{self, Write};

use mtlscope_diagnose::finding::Severity;
use mtlscope_diagnose::rule::Rule;

use crate::terminal::{Ink, Line, Settings, paragraph};

/// Writes one line for each rule: id, the worst it reports, title.
pub fn rule_list(rules: &[&Rule], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules {
        let ink = match rule.severity {
            Severity::Error => Ink::Bad,
            Severity::Warning => Ink::Doubtful,
            Severity::Note => Ink::Identity,
        };
        let mut line = Line::new();
        line.add(Ink::Strong, format!("{:<widest$}", rule.id))
            .add(ink, format!("  {:<7}", rule.severity.to_string()))
            .add(Ink::Plain, format!("  {}", rule.title()));
        line.write(settings, out)?;
    }
    Ok(())
}

/// Writes the page of one rule.
pub fn rule_page(rule: &Rule, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    markdown(&rule.markdown(), settings, out)
}

/// A block that is being read, until its end is seen.
#[derive(Default)]
struct Block {
    lead: String,
    text: String,
}

/// Writes light Markdown: headings bold, paragraphs and list items wrapped, code as it stands. What it does not know stays.
pub fn markdown(text: &str, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut block = Block::default();
    let mut is_code = false;
    for line in text.lines() {
        let trimmed = line.trim();
        let starts_fence = trimmed.starts_with("```");
        if is_code || starts_fence {
            block.finish(settings, out)?;
            if starts_fence {
                is_code = !is_code;
            } else {
                code(line.trim_end(), settings, out)?;
            }
        } else if let Some(heading) = trimmed.strip_prefix('#') {
            block.finish(settings, out)?;
            let mut line = Line::new();
            line.add(Ink::Strong, heading.trim_start_matches('#').trim());
            line.write(settings, out)?;
        } else if trimmed.is_empty() {
            block.finish(settings, out)?;
            out.write_all(b"\n")?;
        } else if let Some(indented) = line.strip_prefix("    ")
            && block.text.is_empty()
        {
            code(indented.trim_end(), settings, out)?;
        } else if let Some((lead, rest)) = list_item(trimmed) {
            block.finish(settings, out)?;
            block = Block { lead: lead.to_owned(), text: rest.to_owned() };
        } else {
            block.text.push(' ');
            block.text.push_str(trimmed);
        }
    }
    block.finish(settings, out)
}

impl Block {
    fn finish(&mut self, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let Self { lead, text } = std::mem::take(self);
        if text.trim().is_empty() {
            return Ok(());
        }
        paragraph(2, (Ink::Faint, &lead), Ink::Plain, &text.replace("**", ""), settings, out)
    }
}

/// Never cut: it is there to be copied. A terminal breaks a long line without changing what is copied.
fn code(line: &str, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut code = Line::new();
    code.add(Ink::Client, format!("    {line}"));
    code.write(&Settings { width: None, ..settings.clone() }, out)
}

/// The bullet or number of a list item, and what follows.
fn list_item(line: &str) -> Option<(&str, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let end = match line.get(digits..)?.get(..2)? {
        "- " | "* " if digits == 0 => 2,
        ". " if digits > 0 => digits + 2,
        _ => return None,
    };
    Some((line.get(..end)?, line.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told;

    fn shown(text: &str, settings: &Settings) -> String {
        let mut out = Vec::new();
        markdown(text, settings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn renders_headings_paragraphs_lists_and_code() {
        let settings = Settings { width: Some(40), ..Settings::default() };
        let page = "# an-id\n\nA paragraph that is **longer** than\none line of forty columns.\n## What to do\n\
            - one thing, which takes more than one line\n- another\n1. first\n\n```sh\nopenssl x509 -noout\n```\n";
        insta::assert_snapshot!(shown(page, &settings));
    }

    #[test]
    fn lists_rules_and_prints_a_page() {
        let mut out = Vec::new();
        rule_list(&[&told::RULE], &Settings::default(), &mut out).unwrap();
        rule_page(&told::RULE, &Settings::default(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn code_is_neither_cut_nor_moved_on_the_narrowest_terminal() {
        let settings = Settings { width: Some(20), ..Settings::default() };
        let command = "openssl x509 -noout -subject -issuer -enddate -ext extendedKeyUsage -in client.pem";
        for page in
            [format!("```sh\nif true\n    {command}\n```\n"), format!("    if true\n        {command}\n")]
        {
            assert_eq!(shown(&page, &settings), format!("    if true\n        {command}\n"));
        }
    }

    #[test]
    fn headings_are_bold_when_colour_is_on() {
        let settings = Settings { colour: true, ..Settings::default() };
        assert_eq!(shown("## Why", &settings), "\x1b[1mWhy\x1b[0m\n");
    }
}
