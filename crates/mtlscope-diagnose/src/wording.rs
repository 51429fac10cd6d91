//! How numbers and names of a connection read in a sentence.

use std::fmt;
use std::time::Duration;

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::x509::Name;

/// A stretch of time in the unit in which a person would say it: `1055 days`, `3 hours`, `1 second`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (count, unit) = match seconds {
            0..120 => (seconds, "second"),
            120..7200 => (seconds / 60, "minute"),
            7200..172_800 => (seconds / 3600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// The first few names of a list, and how many more there are: `CN=A, CN=B, CN=C and 12 more`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a>(pub(crate) &'a [Name]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        for (place, name) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{name}", if place > 0 { "; " } else { "" })?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Where to look: ` in frame 11`, or nothing where there are no frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(pub(crate) Evidence);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.frame {
            Some(frame) => write!(f, " in frame {frame}"),
            None => Ok(()),
        }
    }
}

/// The certificate's subject, or what to say where it has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a>(pub(crate) &'a Name);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("without a subject") } else { self.0.fmt(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_a_span_in_the_unit_a_person_would_use() {
        let say = |seconds| Span(Duration::from_secs(seconds)).to_string();
        assert_eq!(say(1), "1 second");
        assert_eq!(say(119), "119 seconds");
        assert_eq!(say(3600), "60 minutes");
        assert_eq!(say(7200), "2 hours");
        assert_eq!(say(91_157_018), "1055 days");
    }

    #[test]
    fn says_the_first_names_and_counts_the_others() {
        // RFC 4514 section 4: an empty RDNSequence is a name too.
        let empty = Name::from_der(&[0x30, 0]).expect("an empty name");
        let names = vec![empty; 5];
        assert_eq!(Names(&names).to_string(), "; ;  and 2 more");
        assert_eq!(Names(&[]).to_string(), "");
        assert_eq!(Subject(&names[0]).to_string(), "without a subject");
    }
}
