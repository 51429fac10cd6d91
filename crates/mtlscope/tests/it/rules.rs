//! Every fixture whose README names a rule is read, and that rule speaks; with a revocation list beside it, as `--crl`.

use std::collections::BTreeSet;
use std::path::Path;

use mtlscope_diagnose::rules::RULES;
use serde_json::Value;

use crate::run::run;

#[test]
fn every_fixture_leads_to_the_rule_that_its_readme_names() {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut spoke = BTreeSet::new();
    for folder in std::fs::read_dir(folders).unwrap() {
        let folder = folder.unwrap().path();
        let Ok(readme) = std::fs::read_to_string(folder.join("README.md")) else { continue };
        let Some(rule) = readme.lines().find_map(|line| line.strip_prefix("| rule that should lead | "))
        else {
            continue;
        };
        let rule = rule.trim_end_matches([' ', '|']);
        let found = findings(&folder);
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if rule == "-" {
            assert!(found.iter().all(|(_, severity)| severity != "error"), "{name}: {found:?}");
        } else {
            assert!(found.iter().any(|(id, _)| id == rule), "{name}: {rule} is not among {found:?}");
        }
        spoke.extend(found.into_iter().map(|(id, _)| id));
    }
    let without: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !spoke.contains(*id)).collect();
    let mut known: Vec<&str> = NOT_AMONG_THE_FIXTURES.iter().map(|(id, _)| *id).collect();
    known.sort_by_key(|id| RULES.iter().position(|rule| rule.id == *id));
    assert_eq!(without, known, "rules that speak of no fixture");
}

/// Rules that speak of no fixture, and why. Their own tests are on connections that were built.
const NOT_AMONG_THE_FIXTURES: &[(&str, &str)] = &[
    ("aws-apigateway-mtls", "a service of others"),
    ("azure-app-service-client-cert", "a service of others"),
    ("azure-application-gateway-mtls", "a service of others"),
    ("cloudflare-mtls", "a service of others"),
    ("f5-or-appliance-generic-alert", "an appliance"),
    ("iis-403-codes", "Windows"),
    ("iis-late-negotiation", "Windows"),
    ("schannel-ca-list-truncated", "Windows"),
    ("ca-list-exceeds-client-limit", "no stack at hand has such a limit"),
    ("certverify-scheme-not-allowed", "no stack at hand signs with what was not asked for"),
    ("client-cert-parse-failure", "no stack at hand sends what it cannot read itself"),
    ("clienthello-too-large", "a device on the way"),
    ("missing-extension", "no stack at hand leaves one out"),
    ("pss-unsupported-by-token", "a token"),
    ("session-resumption-cross-vhost", "OpenSSL resumes no session under another name"),
    ("not-as-expected", "needs --expect: the test below"),
];

/// Id and severity of each finding.
fn findings(folder: &Path) -> Vec<(String, String)> {
    let file = |name: &str| Some(folder.join(name)).filter(|path| path.exists());
    let capture = file("capture.pcap").or_else(|| file("capture.pcapng")).unwrap();
    let mut arguments: Vec<String> = ["read", "--json", "--across"].map(str::to_owned).to_vec();
    arguments.push(capture.to_string_lossy().into_owned());
    if let Some(keys) = file("keys.log") {
        arguments.extend(["--keylog".to_owned(), keys.to_string_lossy().into_owned()]);
    }
    if let Some(list) = file("crl.pem") {
        arguments.extend(["--crl".to_owned(), list.to_string_lossy().into_owned()]);
    }
    let ran = run(arguments.iter().map(String::as_str));
    ran.out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        // The last line holds what several connections show together.
        .flat_map(|line| line.get("findings").unwrap_or(&line["across"]).as_array().unwrap().clone())
        .map(|finding| {
            (finding["id"].as_str().unwrap().to_owned(), finding["severity"].as_str().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn authorities_lists_and_expectations_reach_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let good = path("wireshark-article-tls12-with-certificate/capture.pcap");
    let keys = path("wireshark-article-tls12-with-certificate/keys.log");
    let ran = run([
        "read",
        &good,
        "--keylog",
        &keys,
        "--expect",
        "requested=yes,answer=certificate,outcome=accepted",
    ]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.out);
    let ran = run(["read", &good, "--keylog", &keys, "--expect", "outcome=refused"]);
    assert_eq!(ran.exit, mtlscope::Exit::Trouble);
    assert!(ran.out.contains("error: not-as-expected"), "{}", ran.out);
    let ran = run(["read", &good, "--expect", "outcome=maybe"]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    let ran = run(["read", &good, "--ca-certificate", "no-such-file.pem"]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    let refused = path("leaf-revoked/capture.pcap");
    let list = path("leaf-revoked/crl.pem");
    let ran = run(["read", "--json", &refused, "--crl", &list]);
    assert!(ran.out.contains("was revoked by"), "{}", ran.out);
}

#[test]
fn connections_are_held_against_each_other_at_the_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let path = folder.join("resumed-tls12/capture.pcap").to_string_lossy().into_owned();
    let ran = run(["read", "--json", "--across", &path]);
    let last: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert!(last["across"].as_array().unwrap().is_empty() && last.get("connection").is_none(), "{last}");
    let ran = run(["read", "--json", &path]);
    assert!(ran.out.lines().all(|line| line.contains("\"connection\":")));
}

#[test]
fn hints_can_be_explained() {
    let all = run(["explain", "hints"]);
    assert!(all.out.contains("ssloptions-stdenvvars-missing") && all.out.contains("netsh-binding"));
    let one = run(["explain", "java-keystore-no-usable-entry"]);
    assert!(one.out.contains("PrivateKeyEntry"));
}
