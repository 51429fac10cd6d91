//! Whether a server's certificate is for the name that a client asks for. RFC 9525 section 6.

use mtlscope_dissect::x509::{Certificate, GeneralName};

/// Whether the certificate names this host. Where it names none in `subjectAltName`, its common name counts, as it does for
/// OpenSSL and curl: what is wrong for every client is wrong for those too.
pub fn names_host(leaf: &Certificate, host: &str) -> bool {
    let mut hosts = leaf
        .extensions
        .subject_alternative_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::Dns(pattern) => Some(pattern.as_str()),
            _ => None,
        })
        .peekable();
    if hosts.peek().is_some() {
        return hosts.any(|pattern| matches(pattern, host));
    }
    leaf.subject.common_name().is_some_and(|name| matches(&name, host))
}

/// A wildcard stands for the whole left-most label, and for no more than one. RFC 9525 section 6.3.
fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim_end_matches('.'), host.trim_end_matches('.'));
    if let Some(parent) = pattern.strip_prefix("*.") {
        return host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent));
    }
    pattern.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_one_label() {
        assert!(matches("*.lab.test", "a.LAB.test"));
        assert!(!matches("*.lab.test", "a.b.lab.test"));
        assert!(!matches("*.lab.test", "lab.test"));
        assert!(matches("lab.test.", "lab.test"));
        assert!(!matches("a*.lab.test", "ab.lab.test"));
    }

    #[test]
    fn names_of_hosts_count_before_the_common_name() {
        let leaf = crate::pki::fixtures::server();
        assert!(names_host(&leaf, "server.lab.test"));
        assert!(!names_host(&leaf, "wrong.lab.test"));
    }
}
