//! The rules, in the order in which readers should meet their findings.
//!
//! One rule, one file, named like its id. To add one: write the file, name it here twice, and give it a test that fires
//! and one that is quiet.

pub mod server_cert_rejected_by_client;
pub mod leaf_expired;
pub mod leaf_not_yet_valid_clock_skew;
pub mod eku_missing_clientauth;
pub mod chain_incomplete_intermediate_missing;
pub mod unknown_ca;
pub mod no_client_cert_configured;
pub mod ca_list_mismatch_client_withheld;
pub mod server_never_asks;
pub mod certificate_refused_without_keys;
pub mod request_hidden_without_keys;

#[cfg(test)]
mod checking;

use crate::rule::Rule;

/// Every rule.
pub static RULES: &[&Rule] = &[
    // Direction first: who refused the server says nothing about the client's certificate.
    &server_cert_rejected_by_client::SERVER_CERT_REJECTED_BY_CLIENT,
    // What the certificate itself shows.
    &leaf_expired::LEAF_EXPIRED,
    &leaf_not_yet_valid_clock_skew::LEAF_NOT_YET_VALID_CLOCK_SKEW,
    &eku_missing_clientauth::EKU_MISSING_CLIENTAUTH,
    // Where its chain leads.
    &chain_incomplete_intermediate_missing::CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
    &unknown_ca::UNKNOWN_CA,
    // No certificate.
    &no_client_cert_configured::NO_CLIENT_CERT_CONFIGURED,
    &ca_list_mismatch_client_withheld::CA_LIST_MISMATCH_CLIENT_WITHHELD,
    // No question.
    &server_never_asks::SERVER_NEVER_ASKS,
    // No keys.
    &certificate_refused_without_keys::CERTIFICATE_REFUSED_WITHOUT_KEYS,
    &request_hidden_without_keys::REQUEST_HIDDEN_WITHOUT_KEYS,
];

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

/// Every rule's page, with its id, in the order of [`RULES`].
pub fn pages() -> Vec<(&'static str, String)> {
    RULES.iter().map(|rule| (rule.id, rule.markdown())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

    const HEADINGS: [&str; 6] = [
        "## What happened",
        "## Why it happens",
        "## What to do",
        "## See it in Wireshark",
        "## How to reproduce",
        "## References",
    ];

    fn file_of(rule: &Rule) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/rules")
            .join(format!("{}.rs", rule.id.replace('-', "_")));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    #[test]
    fn every_file_is_a_rule_of_the_list() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let files: HashSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !["mod.rs", "checking.rs"].contains(&name.as_str()))
            .collect();
        let listed: HashSet<String> =
            RULES.iter().map(|rule| format!("{}.rs", rule.id.replace('-', "_"))).collect();
        assert_eq!(files, listed);
    }

    #[test]
    fn ids_are_kebab_case_and_unique() {
        let ids: HashSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for id in ids {
            assert!(
                id.split('-')
                    .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())),
                "{id}"
            );
            assert_eq!(rule(id).map(|rule| rule.id), Some(id));
        }
        assert!(rule("no-such-rule").is_none());
    }

    #[test]
    fn every_page_has_a_title_and_the_headings_in_order() {
        for (id, page) in pages() {
            let mut lines = page.lines();
            assert_eq!(lines.next(), Some(format!("# {id}").as_str()));
            let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings, HEADINGS, "{id}");
            let title = rule(id).unwrap().title();
            assert!(title.ends_with('.') && title.len() < 90, "{id}: {title}");
            assert_eq!(page.matches("```").count() % 2, 0, "{id}");
        }
    }

    #[test]
    fn every_rule_has_a_test_in_which_it_fires_and_one_in_which_it_is_quiet() {
        for rule in RULES {
            let file = file_of(rule);
            assert!(file.contains("fn fires_when_") && file.contains("fn quiet_when_"), "{}", rule.id);
        }
    }
}
