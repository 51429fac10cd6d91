//! The rules, in the order in which readers should meet their findings.
//!
//! One rule, one file, named like its id. To add one: write the file, name it here twice, and give it a test that fires
//! and one that is quiet.

pub mod across;
pub mod server_cert_rejected_by_client;
pub mod tls_version_mismatch;
pub mod no_shared_cipher;
pub mod alpn_mismatch;
pub mod unrecognized_sni;
pub mod missing_extension;
pub mod plaintext_to_mtls_port;
pub mod clienthello_too_large;
pub mod unsafe_legacy_renegotiation;
pub mod wrong_private_key;
pub mod certverify_scheme_not_allowed;
pub mod client_cert_parse_failure;
pub mod leaf_expired;
pub mod leaf_not_yet_valid_clock_skew;
pub mod etcd_server_cert_as_client;
pub mod public_ca_dropped_clientauth_eku;
pub mod eku_missing_clientauth;
pub mod eku_any_not_enough;
pub mod keyusage_no_digitalsignature;
pub mod unknown_critical_extension;
pub mod key_too_small;
pub mod weak_signature_hash;
pub mod unsupported_client_key_type;
pub mod ca_used_as_end_entity;
pub mod x509_v1_certificate;
pub mod self_signed_client_cert;
pub mod leaf_signature_invalid;
pub mod intermediate_expired;
pub mod intermediate_eku_excludes_clientauth;
pub mod pathlen_exceeded;
pub mod name_constraints_violation;
pub mod issuer_not_a_ca;
pub mod issuer_lacks_keycertsign;
pub mod chain_incomplete_intermediate_missing;
pub mod unknown_ca;
pub mod ca_rotated_server_not_updated;
pub mod server_trusts_intermediate_only;
pub mod verify_depth_exceeded;
pub mod chain_too_many_or_too_big;
pub mod chain_misordered_or_padded;
pub mod leaf_revoked;
pub mod crl_expired;
pub mod crl_missing_for_issuer;
pub mod ocsp_or_crl_unreachable;
pub mod san_or_spiffe_authorization;
pub mod no_client_cert_configured;
pub mod ca_list_mismatch_client_withheld;
pub mod sigalg_mismatch_client_withheld;
pub mod certificate_types_mismatch_tls12;
pub mod pss_unsupported_by_token;
pub mod token_or_keychain_unavailable;
pub mod schannel_ca_list_truncated;
pub mod ca_list_exceeds_client_limit;
pub mod ca_list_over_64k;
pub mod server_sigalgs_invalid_for_tls13;
pub mod ca_list_empty;
pub mod f5_or_appliance_generic_alert;
pub mod server_asks_late_tls12_renegotiation;
pub mod server_asks_late_tls13_pha;
pub mod iis_late_negotiation;
pub mod h2_forbids_late_auth;
pub mod late_auth_request_body_too_large;
pub mod session_resumed_without_client_auth;
pub mod session_resumption_cross_vhost;
pub mod sni_missing_default_vhost;
pub mod psk_or_anonymous_cipher_no_request;
pub mod tls_inspection_middlebox;
pub mod server_never_asks;
pub mod certificate_refused_without_keys;
pub mod request_hidden_without_keys;
pub mod nginx_defers_to_http_400;
pub mod optional_verify_app_rejects;
pub mod iis_403_codes;
pub mod sni_host_mismatch_421;
pub mod aws_apigateway_mtls;
pub mod cloudflare_mtls;
pub mod azure_application_gateway_mtls;
pub mod azure_app_service_client_cert;
pub mod identity_mapping_mismatch;
pub mod server_closes_silently;
pub mod alert_lost_reset;
pub mod connection_reset_mid_handshake;
pub mod mtu_blackhole;
pub mod benign_user_canceled;
pub mod benign_rst_after_close;
pub mod not_as_expected;
pub mod certificate_expires_soon;
pub mod client_identity_in_clear;

#[cfg(test)]
mod checking;

use crate::rule::Rule;

/// Every rule.
pub static RULES: &[&Rule] = &[
    // Direction first: who refused the server says nothing about the client's certificate.
    &server_cert_rejected_by_client::SERVER_CERT_REJECTED_BY_CLIENT,
    // What stopped it before certificates came.
    &tls_version_mismatch::TLS_VERSION_MISMATCH,
    &no_shared_cipher::NO_SHARED_CIPHER,
    &alpn_mismatch::ALPN_MISMATCH,
    &unrecognized_sni::UNRECOGNIZED_SNI,
    &missing_extension::MISSING_EXTENSION,
    &plaintext_to_mtls_port::PLAINTEXT_TO_MTLS_PORT,
    &clienthello_too_large::CLIENTHELLO_TOO_LARGE,
    &unsafe_legacy_renegotiation::UNSAFE_LEGACY_RENEGOTIATION,
    // What the proof shows.
    &wrong_private_key::WRONG_PRIVATE_KEY,
    &certverify_scheme_not_allowed::CERTVERIFY_SCHEME_NOT_ALLOWED,
    // What the certificate itself shows.
    &client_cert_parse_failure::CLIENT_CERT_PARSE_FAILURE,
    &leaf_expired::LEAF_EXPIRED,
    &leaf_not_yet_valid_clock_skew::LEAF_NOT_YET_VALID_CLOCK_SKEW,
    &etcd_server_cert_as_client::ETCD_SERVER_CERT_AS_CLIENT,
    &public_ca_dropped_clientauth_eku::PUBLIC_CA_DROPPED_CLIENTAUTH_EKU,
    &eku_missing_clientauth::EKU_MISSING_CLIENTAUTH,
    &eku_any_not_enough::EKU_ANY_NOT_ENOUGH,
    &keyusage_no_digitalsignature::KEYUSAGE_NO_DIGITALSIGNATURE,
    &unknown_critical_extension::UNKNOWN_CRITICAL_EXTENSION,
    &key_too_small::KEY_TOO_SMALL,
    &weak_signature_hash::WEAK_SIGNATURE_HASH,
    &unsupported_client_key_type::UNSUPPORTED_CLIENT_KEY_TYPE,
    &ca_used_as_end_entity::CA_USED_AS_END_ENTITY,
    &x509_v1_certificate::X509_V1_CERTIFICATE,
    // Where its chain leads.
    &self_signed_client_cert::SELF_SIGNED_CLIENT_CERT,
    &leaf_signature_invalid::LEAF_SIGNATURE_INVALID,
    &intermediate_expired::INTERMEDIATE_EXPIRED,
    &intermediate_eku_excludes_clientauth::INTERMEDIATE_EKU_EXCLUDES_CLIENTAUTH,
    &pathlen_exceeded::PATHLEN_EXCEEDED,
    &name_constraints_violation::NAME_CONSTRAINTS_VIOLATION,
    &issuer_not_a_ca::ISSUER_NOT_A_CA,
    &issuer_lacks_keycertsign::ISSUER_LACKS_KEYCERTSIGN,
    &chain_incomplete_intermediate_missing::CHAIN_INCOMPLETE_INTERMEDIATE_MISSING,
    &unknown_ca::UNKNOWN_CA,
    &ca_rotated_server_not_updated::CA_ROTATED_SERVER_NOT_UPDATED,
    &server_trusts_intermediate_only::SERVER_TRUSTS_INTERMEDIATE_ONLY,
    &verify_depth_exceeded::VERIFY_DEPTH_EXCEEDED,
    &chain_too_many_or_too_big::CHAIN_TOO_MANY_OR_TOO_BIG,
    &chain_misordered_or_padded::CHAIN_MISORDERED_OR_PADDED,
    // What only the server knows.
    &leaf_revoked::LEAF_REVOKED,
    &crl_expired::CRL_EXPIRED,
    &crl_missing_for_issuer::CRL_MISSING_FOR_ISSUER,
    &ocsp_or_crl_unreachable::OCSP_OR_CRL_UNREACHABLE,
    &san_or_spiffe_authorization::SAN_OR_SPIFFE_AUTHORIZATION,
    // No certificate.
    &no_client_cert_configured::NO_CLIENT_CERT_CONFIGURED,
    &ca_list_mismatch_client_withheld::CA_LIST_MISMATCH_CLIENT_WITHHELD,
    &sigalg_mismatch_client_withheld::SIGALG_MISMATCH_CLIENT_WITHHELD,
    &certificate_types_mismatch_tls12::CERTIFICATE_TYPES_MISMATCH_TLS12,
    &pss_unsupported_by_token::PSS_UNSUPPORTED_BY_TOKEN,
    &token_or_keychain_unavailable::TOKEN_OR_KEYCHAIN_UNAVAILABLE,
    &schannel_ca_list_truncated::SCHANNEL_CA_LIST_TRUNCATED,
    &ca_list_exceeds_client_limit::CA_LIST_EXCEEDS_CLIENT_LIMIT,
    &ca_list_over_64k::CA_LIST_OVER_64K,
    &server_sigalgs_invalid_for_tls13::SERVER_SIGALGS_INVALID_FOR_TLS13,
    &ca_list_empty::CA_LIST_EMPTY,
    &f5_or_appliance_generic_alert::F5_OR_APPLIANCE_GENERIC_ALERT,
    // No question.
    &server_asks_late_tls12_renegotiation::SERVER_ASKS_LATE_TLS12_RENEGOTIATION,
    &server_asks_late_tls13_pha::SERVER_ASKS_LATE_TLS13_PHA,
    &iis_late_negotiation::IIS_LATE_NEGOTIATION,
    &h2_forbids_late_auth::H2_FORBIDS_LATE_AUTH,
    &late_auth_request_body_too_large::LATE_AUTH_REQUEST_BODY_TOO_LARGE,
    &session_resumed_without_client_auth::SESSION_RESUMED_WITHOUT_CLIENT_AUTH,
    &session_resumption_cross_vhost::SESSION_RESUMPTION_CROSS_VHOST,
    &sni_missing_default_vhost::SNI_MISSING_DEFAULT_VHOST,
    &psk_or_anonymous_cipher_no_request::PSK_OR_ANONYMOUS_CIPHER_NO_REQUEST,
    &tls_inspection_middlebox::TLS_INSPECTION_MIDDLEBOX,
    &server_never_asks::SERVER_NEVER_ASKS,
    // No keys.
    &certificate_refused_without_keys::CERTIFICATE_REFUSED_WITHOUT_KEYS,
    &request_hidden_without_keys::REQUEST_HIDDEN_WITHOUT_KEYS,
    // What HTTP says.
    &nginx_defers_to_http_400::NGINX_DEFERS_TO_HTTP_400,
    &optional_verify_app_rejects::OPTIONAL_VERIFY_APP_REJECTS,
    &iis_403_codes::IIS_403_CODES,
    &sni_host_mismatch_421::SNI_HOST_MISMATCH_421,
    &aws_apigateway_mtls::AWS_APIGATEWAY_MTLS,
    &cloudflare_mtls::CLOUDFLARE_MTLS,
    &azure_application_gateway_mtls::AZURE_APPLICATION_GATEWAY_MTLS,
    &azure_app_service_client_cert::AZURE_APP_SERVICE_CLIENT_CERT,
    &identity_mapping_mismatch::IDENTITY_MAPPING_MISMATCH,
    // How it ended.
    &server_closes_silently::SERVER_CLOSES_SILENTLY,
    &alert_lost_reset::ALERT_LOST_RESET,
    &connection_reset_mid_handshake::CONNECTION_RESET_MID_HANDSHAKE,
    &mtu_blackhole::MTU_BLACKHOLE,
    &benign_user_canceled::BENIGN_USER_CANCELED,
    &benign_rst_after_close::BENIGN_RST_AFTER_CLOSE,
    // What should have happened.
    &not_as_expected::NOT_AS_EXPECTED,
    // What will break.
    &certificate_expires_soon::CERTIFICATE_EXPIRES_SOON,
    &client_identity_in_clear::CLIENT_IDENTITY_IN_CLEAR,
];

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// Every rule, those across connections behind the others.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().chain(across::RULES.iter().map(|across| across.rule))
}

/// Every rule's page, with its id, in the order of [`all`].
pub fn pages() -> Vec<(&'static str, String)> {
    all().map(|rule| (rule.id, rule.markdown())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;
    use crate::connection::ClientChain;
    use crate::connection::script::tell;
    use crate::context::Context;
    use crate::diagnose;
    use crate::marks::Marks;
    use crate::rule::RuleSet;

    const HEADINGS: [&str; 6] = [
        "## What happened",
        "## Why it happens",
        "## What to do",
        "## See it in Wireshark",
        "## How to reproduce",
        "## References",
    ];

    fn file_of(rule: &Rule) -> String {
        let folder = if across::rule(rule.id).is_some() { "src/rules/across" } else { "src/rules" };
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join(format!("{}.rs", rule.id.replace('-', "_")));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    #[test]
    fn every_file_is_a_rule_of_the_list() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let files: HashSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !["mod.rs", "checking.rs", "across"].contains(&name.as_str()))
            .collect();
        let listed: HashSet<String> =
            RULES.iter().map(|rule| format!("{}.rs", rule.id.replace('-', "_"))).collect();
        assert_eq!(files, listed);
    }

    #[test]
    fn ids_are_kebab_case_and_unique() {
        let ids: HashSet<&str> = all().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), all().count());
        for id in ids {
            assert!(
                id.split('-').all(|word| !word.is_empty()
                    && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())),
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

    /// How a connection goes on behind a client's certificate.
    const ENDINGS: [&str; 8] = [
        "S> ChangeCipherSpec, Sealed(22,40)",
        "S> ChangeCipherSpec, Sealed(22,40)\nC> Data(GET / HTTP/1.1\\r\\n)\nS> Data(HTTP/1.1 403 Forbidden\\r\\n)",
        "S> Alert(fatal, unknown_ca)",
        "S> Alert(fatal, bad_certificate), FIN",
        "S> Alert(fatal, certificate_expired)",
        "S> RST",
        "S> FIN",
        "ends",
    ];

    const CHAINS: [&str; 20] = [
        "good",
        "good root",
        "good inter",
        "intleaf",
        "intleaf inter",
        "inter intleaf",
        "selfsigned",
        "expired",
        "server",
        "srveku",
        "weak",
        "zoo/ca-used-as-end-entity",
        "zoo/eku-any-not-enough",
        "zoo/keyusage-no-digitalsignature",
        "zoo/name-constraints-violation",
        "zoo/unknown-critical-extension",
        "zoo/x509-v1-certificate",
        "built/issuer-not-a-ca",
        "built/public-both",
        "built/secp256k1",
    ];

    /// What is passed over for what was seen before is asked again by `diagnose` in a debug build: that is what fails here.
    #[test]
    fn a_rule_of_the_chain_is_silent_of_it_whatever_else_a_connection_shows() {
        let told = |chain: &str, request: &str, ending: &str| {
            tell(&format!(
                "C> ClientHello
                 S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest({request}), ServerHelloDone
                 C> Certificate({chain}), ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Sealed(22,40)
                 {ending}"
            ))
        };
        for is_reversed in [false, true] {
            let context = Context::default();
            for request in ["any", "@root; sigalgs=0403"] {
                for chain in CHAINS {
                    for turn in 0..ENDINGS.len() {
                        let turn = if is_reversed { ENDINGS.len() - 1 - turn } else { turn };
                        diagnose(&told(chain, request, ENDINGS[turn]), &context);
                    }
                }
            }
            // Nothing is wrong with the first of them.
            let first = told(CHAINS[0], "any", ENDINGS[0]);
            let silent = ClientChain::of(first.asking()).unwrap().silent(&context);
            let of_chain = RULES.iter().filter(|rule| rule.of_chain).map(|rule| rule.id);
            assert!(silent.rules().map(|(_, rule)| rule.id).eq(of_chain));
        }
    }

    #[test]
    fn those_are_passed_over_that_need_what_is_not_there() {
        let mut marks = Marks::NONE;
        for mark in 0..Marks::COUNT {
            let over = RULES.iter().filter(|rule| !marks.has(rule.needs)).map(|rule| rule.id);
            assert!(RuleSet::needing_more_than(marks).rules().map(|(_, rule)| rule.id).eq(over), "{marks:?}");
            marks = marks.and(Marks::numbered(mark));
        }
        assert!(RuleSet::needing_more_than(marks).is_empty() && marks.has(Marks::ATTESTED));
        assert!(RuleSet::ALL.rules().map(|(_, rule)| rule.id).eq(RULES.iter().map(|rule| rule.id)));
    }

    #[test]
    fn a_rule_of_the_chain_needs_one() {
        assert!(RULES.iter().all(|rule| !rule.of_chain || rule.needs.has(Marks::SHOWN)));
        assert!(across::RULES.iter().all(|across| !across.rule.of_chain));
    }

    #[test]
    fn every_rule_has_a_test_in_which_it_fires_and_one_in_which_it_is_quiet() {
        for rule in all() {
            let file = file_of(rule);
            assert!(file.contains("fn fires_when_") && file.contains("fn quiet_when_"), "{}", rule.id);
        }
    }
}
