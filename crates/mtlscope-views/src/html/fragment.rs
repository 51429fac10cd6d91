//! A piece of a page in which no text of the wire can do harm.
//!
//! Two things hold by construction. The template library escapes every value, so that none becomes an element or an
//! attribute. And every fragment passes [`Fragment::of`], where what could still deceive a reader, such as marks that turn
//! the writing direction, becomes a visible `\XX`: our own templates hold nothing of that kind, not even a line end, so
//! whatever is found came from a peer.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use maud::{Markup, PreEscaped, Render};

use crate::printable::deceives;
use crate::wording::grouped;

/// A piece of a page.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fragment(String);

impl Fragment {
    /// What a template made, with whatever could deceive made visible.
    pub fn of(markup: Markup) -> Self {
        let text = markup.into_string();
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.chars().any(is_unfit) {
            return Self(text);
        }
        let mut safe = String::with_capacity(text.len() + text.len() / 8);
        for c in text.chars() {
            if is_unfit(c) {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a string cannot fail.
                    let _ = write!(safe, "\\{byte:02X}");
                }
            } else {
                safe.push(c);
            }
        }
        Self(safe)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Stands in another template as it is.
impl Render for Fragment {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.0);
    }
}

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fragment({} bytes)", self.0.len())
    }
}

/// Whether a character may not stand in a page: one that deceives, or that XML knows not (section 2.2), since the same
/// markup makes SVG files.
fn is_unfit(c: char) -> bool {
    deceives(c) || matches!(u32::from(c) & 0xfffe, 0xfffe)
}

/// A line end of our own: a reference, which no peer can write.
pub(super) const LINE_END: PreEscaped<&str> = PreEscaped("&#10;");

/// A text of at most so many characters; of a longer one the beginning, and how long it is.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most).filter(|_| text.len() > most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let length = grouped(text.chars().count() as u64);
            Cow::Owned(format!("{}… ({length} characters in all)", text.get(..end).unwrap_or_default()))
        }
    }
}

/// The longest sentence that is shown whole.
pub(super) const SENTENCE: usize = 2_000;

/// The longest name, value or address that is shown whole.
pub(super) const VALUE: usize = 400;

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn what_a_peer_wrote_is_shown_and_never_run() {
        let text = "<script>\"'&\u{202e}a\nb\0\u{ffff}</script>";
        let fragment = Fragment::of(html! { p title=(text) { (text) (LINE_END) } });
        let shown = "&lt;script&gt;&quot;'&amp;\\E2\\80\\AEa\\0Ab\\00\\EF\\BF\\BF&lt;/script&gt;";
        assert_eq!(fragment.as_str(), format!("<p title=\"{shown}\">{shown}&#10;</p>"));
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert_eq!(Fragment::of(html! { "Zoë \\ 証明" }).as_str(), "Zoë \\ 証明");
    }

    #[test]
    fn a_long_text_is_cut_and_its_length_said() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut(&"é".repeat(2000), 2), "éé… (2,000 characters in all)");
    }
}
