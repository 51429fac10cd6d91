//! The page of a rule, which is written in a little Markdown, as HTML.

use maud::{Markup, html};
use mtlscope_diagnose::rule::Rule;

use super::Fragment;

/// The page of a rule, under `id="rule-<id>"`.
pub fn rule_page(rule: &Rule) -> Fragment {
    let blocks = blocks(rule.page);
    Fragment::of(html! {
        article.rule-page id={ "rule-" (rule.id) } {
            h3 { code { (rule.id) } }
            @for block in &blocks {
                @match block {
                    Block::Heading(text) => h4 { (inline(text)) },
                    Block::Paragraph(text) => p { (inline(text)) },
                    Block::List(items) => ul { @for item in items { li { (inline(item)) } } },
                    Block::Code(lines) => pre { @for line in lines { code { (line) } } },
                }
            }
        }
    })
}

/// What the pages are made of.
#[derive(PartialEq, Eq, Debug)]
enum Block {
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
    Code(Vec<String>),
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    let mut fenced = false;
    for line in page.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            fenced = !fenced;
            if fenced {
                blocks.push(Block::Code(Vec::new()));
            }
            open = false;
            continue;
        }
        if fenced {
            if let Some(Block::Code(lines)) = blocks.last_mut() {
                lines.push(line.to_owned());
            }
            continue;
        }
        let text = line.trim();
        if text.is_empty() {
            open = false;
        } else if let Some(heading) = text.strip_prefix("## ") {
            blocks.push(Block::Heading(heading.to_owned()));
            open = false;
        } else if let Some(item) = text.strip_prefix("- ").or_else(|| text.strip_prefix("* ")) {
            match blocks.last_mut() {
                Some(Block::List(items)) => items.push(item.to_owned()),
                _ => blocks.push(Block::List(vec![item.to_owned()])),
            }
            open = true;
        } else {
            let before = match blocks.last_mut().filter(|_| open) {
                Some(Block::Paragraph(before)) => Some(before),
                Some(Block::List(items)) => items.last_mut(),
                _ => None,
            };
            match before {
                Some(before) => {
                    before.push(' ');
                    before.push_str(text);
                }
                None => blocks.push(Block::Paragraph(text.to_owned())),
            }
            open = true;
        }
    }
    blocks
}

/// Text with `code` in it.
fn inline(text: &str) -> Markup {
    html! {
        @for (place, piece) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_paragraphs_lists_and_code_are_told_apart() {
        let page = " Title\n goes on.\n\n ## What to do\n - one\n   more\n - two\n\n End with `code`.\n ```text\n a < b\n ```\n";
        let words = |text: &[&str]| text.iter().map(ToString::to_string).collect();
        assert_eq!(
            blocks(page),
            [
                Block::Paragraph("Title goes on.".to_owned()),
                Block::Heading("What to do".to_owned()),
                Block::List(words(&["one more", "two"])),
                Block::Paragraph("End with `code`.".to_owned()),
                Block::Code(words(&["a < b"])),
            ]
        );
        assert_eq!(inline("a `b` c").into_string(), "a <code>b</code> c");
    }
}
