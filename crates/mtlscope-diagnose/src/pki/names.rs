//! Does a chain come from one of the authorities that were asked for? RFC 5246 section 7.4.4 (certificate_authorities in
//! the request), RFC 8446 section 4.2.4 (the extension of that name).

use std::sync::Arc;

use mtlscope_dissect::x509::{Certificate, Name};

/// How a chain stands to the authorities that were named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuthorityMatch<'a> {
    /// None was named, so any will do.
    AnyWillDo,
    /// A certificate sent bears or was issued by one of those named.
    Named {
        /// The place, in what was sent, of the certificate.
        place: usize,
        /// The name, as it was asked for.
        authority: &'a Name,
        /// Whether the two are the same byte by byte, and not only to RFC 5280 section 7.1.
        exactly: bool,
    },
    /// None of them is among those named.
    NotNamed {
        /// The two names that differ the least; `None` where nothing was sent.
        nearest: Option<Nearest<'a>>,
    },
}

/// Two names that are not the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nearest<'a> {
    /// That of an issuer in the chain.
    pub ours: &'a Name,
    /// The one that was asked for.
    pub asked: &'a Name,
    /// How many characters must be changed, added or taken away to make one of the other, as RFC 4514 text.
    pub distance: usize,
}

/// Looks for one of the authorities `asked` for among the issuers and intermediates of `sent`, the leaf's issuer first.
pub fn match_authorities<'a>(sent: &'a [Arc<Certificate>], asked: &'a [Name]) -> AuthorityMatch<'a> {
    if asked.is_empty() {
        return AuthorityMatch::AnyWillDo;
    }
    match find_named(sent, asked) {
        Some(Named { place, authority, exactly }) => AuthorityMatch::Named { place, authority, exactly },
        None => AuthorityMatch::NotNamed { nearest: nearest_below(sent, asked, usize::MAX) },
    }
}

/// One of the authorities asked for, and the certificate that bears or was issued by it.
pub(crate) struct Named<'a> {
    pub(crate) place: usize,
    pub(crate) authority: &'a Name,
    pub(crate) exactly: bool,
}

/// As [`match_authorities`], without a look at names that are merely near: that takes time.
pub(crate) fn find_named<'a>(sent: &'a [Arc<Certificate>], asked: &'a [Name]) -> Option<Named<'a>> {
    names_of(sent).find_map(|(place, ours)| {
        let exact = asked.iter().find(|authority| *authority == ours);
        let authority = exact.or_else(|| asked.iter().find(|authority| authority.matches(ours)))?;
        Some(Named { place, authority, exactly: exact.is_some() })
    })
}

/// The names that count: of the leaf only its issuer, of the others the subject as well.
fn names_of(sent: &[Arc<Certificate>]) -> impl Iterator<Item = (usize, &Name)> {
    sent.iter().enumerate().flat_map(|(place, certificate)| {
        let subject = (place > 0).then_some((place, &certificate.subject));
        subject.into_iter().chain([(place, &certificate.issuer)])
    })
}

/// Bounds on the search for the nearest name, which is a courtesy and must not take seconds.
const NAMES_COMPARED: usize = 512;
const CHARACTERS_COMPARED: usize = 256;

/// The two names that differ the least, if that is by fewer characters than `below`: the fewer, the sooner a pair is given up.
pub(crate) fn nearest_below<'a>(
    sent: &'a [Arc<Certificate>],
    asked: &'a [Name],
    below: usize,
) -> Option<Nearest<'a>> {
    let text = |name: &Name| name.to_string().chars().take(CHARACTERS_COMPARED).collect::<Vec<char>>();
    let mut best: Option<Nearest<'a>> = None;
    let asked: Vec<(&Name, Vec<char>)> =
        asked.iter().take(NAMES_COMPARED).map(|name| (name, text(name))).collect();
    // A sender's chain is short; what stands behind the first few certificates is no chain.
    for (_, ours) in names_of(sent).take(8) {
        let our_text = text(ours);
        for (asked, their_text) in &asked {
            let enough = best.as_ref().map_or(below, |best| best.distance);
            if let Some(distance) = distance_below(&our_text, their_text, enough) {
                best = Some(Nearest { ours, asked, distance });
            }
        }
    }
    best
}

/// The Levenshtein distance, if it is below `enough`.
fn distance_below(a: &[char], b: &[char], enough: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) >= enough {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = i + 1;
        next.push(left);
        for (pair, to) in row.windows(2).zip(b) {
            let [diagonal, above] = pair else { continue };
            left = (left + 1).min(above + 1).min(diagonal + usize::from(from != to));
            next.push(left);
        }
        if next.iter().all(|distance| *distance >= enough) {
            return None;
        }
        row = next;
    }
    row.last().copied().filter(|distance| *distance < enough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures::*;

    #[test]
    fn no_name_means_any_will_do() {
        assert_eq!(match_authorities(&[good()], &[]), AuthorityMatch::AnyWillDo);
    }

    #[test]
    fn the_issuer_of_the_leaf_or_of_an_intermediate_counts() {
        let asked = [other().subject.clone(), root().subject.clone()];
        let sent = [good()];
        let named = AuthorityMatch::Named { place: 0, authority: &asked[1], exactly: true };
        assert_eq!(match_authorities(&sent, &asked), named);
        assert!(matches!(match_authorities(&[intleaf()], &asked), AuthorityMatch::NotNamed { .. }));
        let sent = [intleaf(), inter()];
        assert!(matches!(match_authorities(&sent, &asked), AuthorityMatch::Named { place: 1, .. }));
    }

    #[test]
    fn a_name_in_other_letters_is_the_same_but_not_exactly() {
        let mut der = root().subject.der().to_vec();
        let place = der.windows(4).position(|window| window == b"Root").unwrap();
        der[place..place + 4].copy_from_slice(b"ROOT");
        let asked = [Name::from_der(&der).unwrap()];
        let sent = [good()];
        assert!(matches!(match_authorities(&sent, &asked), AuthorityMatch::Named { exactly: false, .. }));
    }

    #[test]
    fn the_nearest_name_is_told() {
        let asked = [other().subject.clone(), ecroot().subject.clone()];
        let sent = [good()];
        let AuthorityMatch::NotNamed { nearest: Some(nearest) } = match_authorities(&sent, &asked) else {
            panic!()
        };
        assert_eq!((nearest.ours, nearest.asked, nearest.distance), (&root().subject, &asked[1], 3));
        assert_eq!(match_authorities(&[], &asked), AuthorityMatch::NotNamed { nearest: None });
    }

    #[test]
    fn the_distance_is_levenshteins() {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let distance = |a: &str, b: &str| distance_below(&chars(a), &chars(b), usize::MAX);
        assert_eq!(distance("kitten", "sitting"), Some(3));
        assert_eq!(distance("", "abc"), Some(3));
        assert_eq!(distance("abc", ""), Some(3));
        assert_eq!(distance_below(&chars("kitten"), &chars("sitting"), 3), None);
    }
}
