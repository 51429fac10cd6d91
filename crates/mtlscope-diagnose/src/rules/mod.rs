//! The rules, in the order in which readers should meet their findings.
//!
//! One rule, one file, named like its id. To add one: write the file, name it here twice, and give it a test that fires
//! and one that is quiet.

mod server_cert_rejected_by_client;
mod leaf_expired;
mod leaf_not_yet_valid_clock_skew;
mod eku_missing_clientauth;
mod chain_incomplete_intermediate_missing;
mod unknown_ca;
mod no_client_cert_configured;
mod ca_list_mismatch_client_withheld;
mod server_never_asks;
mod request_hidden_without_keys;

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
