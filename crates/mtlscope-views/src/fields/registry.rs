//! Every field there is, by name.

use super::{Field, connection, packet, tls, x509};

/// How alike two names must be to suggest one for the other; 1 is equal.
const ALIKE: f64 = 0.8;

/// Every field, ours first.
pub fn all() -> impl Iterator<Item = &'static Field> {
    connection::fields().chain(packet::fields()).chain(tls::fields()).chain(x509::fields())
}

/// The field of this name. `ssl` and `ssl.*` are what `tls` and `tls.*` were called before Wireshark 3.0.
pub fn find(name: &str) -> Option<&'static Field> {
    let renamed = match name.strip_prefix("ssl") {
        Some(rest) if rest.is_empty() || rest.starts_with('.') => Some(format!("tls{rest}")),
        _ => None,
    };
    let name = renamed.as_deref().unwrap_or(name);
    all().find(|field| field.name == name)
}

/// The name most like one that [`find`] does not know, if any is.
pub fn nearest(unknown: &str) -> Option<&'static str> {
    let unknown = unknown.to_lowercase();
    let ends_so = |name: &str| {
        name.len() > unknown.len()
            && name.ends_with(&unknown)
            && name[..name.len() - unknown.len()].ends_with('.')
    };
    let names = || all().map(|field| field.name);
    names()
        .find(|name| name.to_lowercase() == unknown)
        .or_else(|| names().filter(|_| !unknown.is_empty()).find(|name| ends_so(name)))
        .or_else(|| {
            names()
                .map(|name| (strsim::jaro_winkler(&unknown, &name.to_lowercase()), name))
                .filter(|(likeness, _)| *likeness >= ALIKE)
                .max_by(|one, other| one.0.total_cmp(&other.0))
                .map(|(_, name)| name)
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_stands_twice() {
        let mut names = BTreeSet::new();
        for field in all() {
            assert!(names.insert(field.name), "{} stands twice", field.name);
        }
    }

    #[test]
    fn every_field_is_found_by_its_name_and_explained_in_a_sentence() {
        for field in all() {
            assert!(find(field.name).is_some_and(|found| std::ptr::eq(found, field)), "{}", field.name);
            assert!(field.about.ends_with('.') && field.about.len() > 5, "{}: {}", field.name, field.about);
            let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            assert!(field.name.chars().all(letters), "{}", field.name);
        }
        assert!(find("no.such.field").is_none());
        assert!(find("sslx").is_none());
    }

    #[test]
    fn what_was_mistyped_is_guessed() {
        assert_eq!(nearest("Outcome.Result"), Some("outcome.result"));
        assert_eq!(nearest("outcome.resutl"), Some("outcome.result"));
        assert_eq!(nearest("refused_by"), Some("outcome.refused_by"));
        assert_eq!(nearest("zzz"), None);
        assert_eq!(nearest(""), None);
    }
}
