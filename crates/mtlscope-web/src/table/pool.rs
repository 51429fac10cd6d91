//! The texts of the rows, each held once: most rows share theirs.

use std::collections::HashMap;
use std::sync::Arc;

use mtlscope_views::printable::printable;

/// A text of the pool. The first is empty.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Text(u32);

/// Every text there is.
#[derive(Debug)]
pub(super) struct Pool {
    texts: Vec<Arc<str>>,
    place: HashMap<Arc<str>, Text>,
}

impl Default for Pool {
    fn default() -> Self {
        let empty: Arc<str> = Arc::from("");
        Self { texts: vec![Arc::clone(&empty)], place: HashMap::from([(empty, Text(0))]) }
    }
}

impl Pool {
    /// Holds a text: what could deceive a reader is spelled out, and no more than so many characters are kept.
    pub(super) fn hold(&mut self, text: &str, most: usize) -> Text {
        let safe = printable(text);
        let kept = match safe.char_indices().nth(most) {
            Some((end, _)) => format!("{}…", &safe[..end]).into(),
            None => safe,
        };
        if let Some(known) = self.place.get(&*kept) {
            return *known;
        }
        let text: Arc<str> = Arc::from(&*kept);
        let place = Text(u32::try_from(self.texts.len()).unwrap_or_default());
        self.texts.push(Arc::clone(&text));
        self.place.insert(text, place);
        place
    }

    pub(super) fn text(&self, text: Text) -> &str {
        self.texts.get(text.0 as usize).map_or("", |text| text)
    }

    /// Which texts have this in them, whatever the case: asked of each text once.
    pub(super) fn holding(&self, wanted: &str) -> Vec<bool> {
        let wanted = wanted.to_lowercase();
        self.texts.iter().map(|text| text.to_lowercase().contains(&wanted)).collect()
    }

    /// The rank of each text in alphabetical order.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut sorted: Vec<u32> = (0..).take(self.texts.len()).collect();
        sorted.sort_by_cached_key(|place| self.texts.get(*place as usize).map(|text| text.to_lowercase()));
        let mut ranks = vec![0; sorted.len()];
        for (rank, place) in (0..).zip(sorted) {
            if let Some(slot) = ranks.get_mut(place as usize) {
                *slot = rank;
            }
        }
        ranks
    }
}

impl Text {
    /// What a list with an entry for each text has for this one.
    pub(super) fn of<T: Copy + Default>(self, list: &[T]) -> T {
        list.get(self.0 as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_held_once_cut_and_made_safe() {
        let mut pool = Pool::default();
        let one = pool.hold("a\u{202e}b", 100);
        assert_eq!(pool.text(one), r"a\E2\80\AEb");
        assert_eq!(pool.hold("a\u{202e}b", 100), one);
        let long = pool.hold(&"é".repeat(1_000_000), 3);
        assert_eq!(pool.text(long), "ééé…");
        assert_eq!(pool.text(Text::default()), "");
    }

    #[test]
    fn texts_are_ranked_and_found_whatever_their_case() {
        let mut pool = Pool::default();
        let [b, a, c] = ["Beta", "alpha", "gamma"].map(|text| pool.hold(text, 10));
        let ranks = pool.ranks();
        assert!(Text::default().of(&ranks) < a.of(&ranks));
        assert!(a.of(&ranks) < b.of(&ranks) && b.of(&ranks) < c.of(&ranks));
        let holding = pool.holding("ETA");
        assert!(b.of(&holding) && !a.of(&holding) && !c.of(&holding));
    }
}
