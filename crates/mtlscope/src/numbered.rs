//! A capture, or one connection of it, as it is typed: `CAPTURE`, `CAPTURE#N`.

use std::path::{Path, PathBuf};

/// A capture, and the number of a connection if one is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Numbered {
    pub(crate) file: PathBuf,
    pub(crate) number: Option<u64>,
}

impl Numbered {
    /// A file may have a `#` in its name: where it is there, it is meant.
    pub(crate) fn parse(text: &str) -> Self {
        let numbered = text.rsplit_once('#').filter(|_| !Path::new(text).exists());
        match numbered.and_then(|(file, number)| Some((file, number.parse().ok()?))) {
            Some((file, number)) => Self { file: file.into(), number: Some(number) },
            None => Self { file: text.into(), number: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_behind_the_last_mark() {
        let parsed = |text: &str| {
            let Numbered { file, number } = Numbered::parse(text);
            (file.to_string_lossy().into_owned(), number)
        };
        assert_eq!(parsed("a.pcap#3"), ("a.pcap".to_owned(), Some(3)));
        assert_eq!(parsed("a#b.pcap#3"), ("a#b.pcap".to_owned(), Some(3)));
        assert_eq!(parsed("a.pcap"), ("a.pcap".to_owned(), None));
        assert_eq!(parsed("a.pcap#b"), ("a.pcap#b".to_owned(), None));
    }
}
