//! `mtlscope inject-secrets`: a capture with its keys inside reads as with the key log beside it.

use std::path::Path;

use crate::run::{fixture, run};

const NAME: &str = "unknown-ca-tls13";

fn told(arguments: &[&str]) -> String {
    let ran = run(["read", "--json"].iter().chain(arguments));
    // Where the keys came from, and what the file is called, differ.
    let values = ran.out.lines().map(|line| {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["decrypted_with"] = serde_json::Value::Null;
        value["file"] = serde_json::Value::Null;
        value["files"] = serde_json::Value::Null;
        value.to_string()
    });
    values.collect::<Vec<String>>().join("\n")
}

#[test]
fn a_pcap_becomes_a_pcapng_that_needs_no_key_log() {
    let [capture, keys] =
        [format!("{NAME}/capture.pcap"), format!("{NAME}/keys.log")].map(|path| fixture(&path));
    let (capture, keys) = (capture.to_str().unwrap(), keys.to_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let [one, other, third] = ["one", "other", "third"].map(|name| folder.path().join(name));
    let [one, other, third] = [&one, &other, &third].map(|path| path.to_str().unwrap());
    let ran = run(["inject-secrets", capture, "--keylog", keys, "-o", one]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    assert!(ran.out.contains("the secrets of 1 session"), "{}", ran.out);
    assert_eq!(told(&[one]), told(&[capture, "--keylog", keys]));
    // As editcap takes it.
    let ran = run(["inject-secrets", &format!("tls,{keys}"), capture, other]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
    // Of a pcapng every block stays.
    let ran = run(["inject-secrets", one, "--keylog", keys, "-o", third]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    assert_eq!(told(&[third]), told(&[one]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(one).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn blocks_stay_as_they_are_and_the_section_is_of_unknown_length() {
    let capture = fixture("secrets-inside-the-capture/capture.pcapng");
    let keys = fixture(&format!("{NAME}/keys.log"));
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.pcapng");
    let ran = run([
        "inject-secrets",
        capture.to_str().unwrap(),
        "--all",
        "--keylog",
        keys.to_str().unwrap(),
        "-o",
        output.to_str().unwrap(),
    ]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    let (before, after) = (std::fs::read(&capture).unwrap(), std::fs::read(&output).unwrap());
    let length =
        |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
    let header = length(&before, 0);
    assert_eq!(after[16..24], [0xff; 8]);
    assert_eq!((&after[..16], &after[24..header]), (&before[..16], &before[24..header]));
    let injected = length(&after, header);
    assert_eq!(after[header..header + 4], [10, 0, 0, 0]);
    assert_eq!(after[header + injected..], before[header..]);
}

#[test]
fn secrets_of_other_captures_stay_out() {
    let capture = fixture("unknown-ca-tls12/capture.pcap");
    let keys = fixture(&format!("{NAME}/keys.log"));
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.pcapng");
    let arguments = |output: &Path| {
        ["inject-secrets".to_owned(), capture.display().to_string(), "--keylog".to_owned()]
            .into_iter()
            .chain([keys.display().to_string(), "-o".to_owned(), output.display().to_string()])
    };
    let ran = run(arguments(&output));
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("nothing was written") && !output.exists(), "{}", ran.err);
    let ran = run(arguments(&output).chain(["--all".to_owned()]));
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
}

#[test]
fn what_is_missing_on_the_command_line_is_named() {
    let capture = fixture("unknown-ca-tls12/capture.pcap");
    let capture = capture.to_str().unwrap();
    for (arguments, words) in [
        (vec!["inject-secrets", capture, "-o", "x"], "which key log"),
        (vec!["inject-secrets", capture, "--keylog", "k"], "where to write"),
        (vec!["inject-secrets", "tls,keys.log", "-o", "x"], "which capture"),
        (vec!["inject-secrets", capture, "a", "b", "--keylog", "k"], "too many files"),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
        assert!(ran.err.contains(words) && ran.err.lines().count() == 1, "{}", ran.err);
    }
}
