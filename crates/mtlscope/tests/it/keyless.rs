//! Reading without keys, over the captures made to break it: nothing that is said may be wrong.

use serde_json::Value;

use crate::run::{fixture, run};

/// Each line of the table: name, requested, answer, refusal.
fn cases() -> Vec<[String; 4]> {
    let table = std::fs::read_to_string(fixture("keyless/truth.tsv")).unwrap();
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap())
        .collect()
}

#[test]
fn nothing_inferred_is_wrong_and_only_padding_hides_the_answer() {
    let cases = cases();
    assert!(cases.len() > 90);
    for [name, requested, answer, refusal] in cases {
        let capture = fixture(&format!("keyless/{name}.pcap.gz"));
        let ran = run(["read".into(), "--json".into(), capture.into_os_string()]);
        let line: Value = serde_json::from_str(ran.out.trim()).unwrap();
        let said = |field: &str| line["client_auth"][field].as_str().unwrap().to_owned();
        let outcome = match (line["outcome"]["result"].as_str().unwrap(), line["outcome"]["by"].as_str()) {
            ("refused", Some(by)) => format!("refused {by}"),
            ("accepted", _) => "accepted".to_owned(),
            _ => "unknown".to_owned(),
        };
        for (said, truth) in [(said("requested"), &requested), (said("answer"), &answer), (outcome, &refusal)]
        {
            assert!(said == *truth || said == "unknown", "{name}: {truth} is true, we say {said}");
        }
        let hides_the_answer = name.starts_with("padclient") || name.starts_with("padboth");
        assert_eq!(said("answer") == "unknown", hides_the_answer, "{name}");
        for unclear in line["client_auth"]["inferred"]["unclear"].as_array().unwrap() {
            assert!(!unclear["why"].as_str().unwrap().is_empty(), "{name}");
        }
    }
}

#[test]
fn the_arithmetic_is_shown_and_the_certificate_of_that_size_is_named() {
    let capture = fixture("keyless/notickets-rogue-refused.pcap.gz").into_os_string();
    let keys = fixture("keyless/notickets-rogue-refused.keys").into_os_string();
    let directory = tempfile::tempdir().unwrap();
    let certificates = directory.path().join("certificates").into_os_string();
    let saved = run([
        "read".into(),
        capture.clone(),
        "--keylog".into(),
        keys,
        "--save-certs".into(),
        certificates.clone(),
    ]);
    assert!(saved.out.contains("unknown-ca"), "{}", saved.out);
    let ran = run(["read".into(), capture.clone(), "--how".into(), "--cert-dir".into(), certificates]);
    assert_eq!(ran.exit, mtlscope::Exit::Trouble);
    assert!(ran.out.contains("Confidence: likely."), "{}", ran.out);
    assert!(ran.out.contains("How (from sizes)") && ran.out.contains("= 2 alert + 1 content"), "{}", ran.out);
    assert!(ran.out.contains("certificate-refused-without-keys (likely)"), "{}", ran.out);
    assert!(ran.out.contains("WrongCaClient"), "{}", ran.out);
    let missing = run(["read".into(), capture, "--cert-dir".into(), "/no/such/directory".into()]);
    assert_eq!(missing.exit, mtlscope::Exit::CouldNotLook);
    assert!(missing.err.contains("name a directory"), "{}", missing.err);
}
