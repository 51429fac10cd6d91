//! `mtlscope read`: where captures and keys come from, and what the closing words say.

use std::ffi::OsString;
use std::io::Write;

use mtlscope::Exit;

use crate::run::{Given, accepted, fixture, refused, run, run_with};

fn read(arguments: &[&str], files: &[std::path::PathBuf]) -> Vec<OsString> {
    std::iter::once(&"read")
        .chain(arguments)
        .map(OsString::from)
        .chain(files.iter().map(|file| file.clone().into()))
        .collect()
}

#[test]
fn a_capture_is_told_the_same_from_a_file_a_pipe_and_packed() {
    let plain = run(read(&[], &[refused()]));
    assert!(plain.out.contains("unknown_ca") || plain.out.contains("unknown-ca"), "{}", plain.out);
    let bytes = std::fs::read(refused()).unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&bytes).unwrap();
    for input in [bytes, packer.finish().unwrap()] {
        let piped = run_with(["read", "-"], Given { input, ..Given::default() });
        assert_eq!((piped.out, piped.exit), (plain.out.clone(), plain.exit));
    }
}

#[test]
fn each_line_of_json_is_one_connection_and_names_its_file() {
    let ran = run(read(&["--json"], &[refused(), accepted()]));
    let lines: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{}", ran.out);
    for (line, file) in lines.iter().zip([refused(), accepted()]) {
        assert_eq!(line["file"], file.to_str().unwrap());
    }
    assert_eq!(lines[0]["outcome"]["result"], "refused");
    assert_eq!(lines[1]["outcome"]["result"], "accepted");
}

#[test]
fn keys_of_a_key_log_open_and_the_closing_words_say_so() {
    let capture = fixture("wireshark-article-tls13/capture.pcap");
    let keys = fixture("wireshark-article-tls13/keys.log");
    let sealed = run(read(&[], std::slice::from_ref(&capture)));
    assert!(!sealed.out.contains("keys opened"), "{}", sealed.out);
    let opened = run(read(&["--keylog", keys.to_str().unwrap()], std::slice::from_ref(&capture)));
    assert!(opened.out.ends_with("The keys opened it.\n"), "{}", opened.out);
    let foreign = fixture("unknown-ca-tls12/keys.log");
    let foreign = run(read(&["--keylog", foreign.to_str().unwrap()], std::slice::from_ref(&capture)));
    assert!(foreign.out.contains("The keys opened none"), "{}", foreign.out);
    let both = run(read(&["--keylog", keys.to_str().unwrap()], &[accepted(), capture]));
    assert!(both.out.ends_with("The keys opened 1 of 2.\n"), "{}", both.out);
}

#[test]
fn an_rsa_key_opens_rsa_key_exchange_and_what_resumes_it() {
    let capture = fixture("rsa-key-exchange/capture.pcap");
    let key = fixture("rsa-key-exchange/server.key");
    let ran = run(read(&["--json", "--rsa-key", key.to_str().unwrap()], std::slice::from_ref(&capture)));
    let lines: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let opened: Vec<_> = lines.iter().map(|line| line["decrypted_with"].as_str()).collect();
    assert_eq!(
        opened,
        [Some("rsa_key"), Some("rsa_key"), Some("rsa_key"), Some("rsa_key"), None],
        "{}",
        ran.out
    );
    let resumed: Vec<_> = lines.iter().map(|line| line["resumed"].as_bool()).collect();
    assert_eq!(resumed[..4], [Some(false), Some(true), Some(false), Some(true)]);
    let told = run(read(&["--rsa-key", key.to_str().unwrap()], std::slice::from_ref(&capture))).out;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(told.matches("decrypted with the server's RSA key").count(), 4, "{told}");
    assert_eq!(
        told.matches("agreed on by Diffie-Hellman, which no key of the server undoes").count(),
        1,
        "{told}"
    );
    let other = run(read(&["--rsa-key", key.to_str().unwrap()], &[accepted()]));
    assert!(!other.out.contains("decrypted with"), "{}", other.out);
}

#[test]
fn a_file_that_is_no_rsa_key_is_said_and_the_rest_is_told() {
    let capture = fixture("rsa-key-exchange/capture.pcap");
    for (file, says) in [
        (fixture("rsa-key-exchange/README.md"), "README.md"),
        (capture.with_file_name("not-there.key"), "no such file"),
    ] {
        let ran = run(read(&["--rsa-key", file.to_str().unwrap()], std::slice::from_ref(&capture)));
        assert_eq!(ran.exit, Exit::CouldNotLook);
        assert!(ran.err.contains(says) && ran.err.lines().count() == 1, "{}", ran.err);
        assert!(ran.out.contains("5 connections:"), "{}", ran.out);
    }
    let key = fixture("rsa-key-exchange/server.key");
    let ran = run(read(
        &["--rsa-key", key.to_str().unwrap(), "--rsa-key-pass-file", "/not/there"],
        std::slice::from_ref(&capture),
    ));
    assert!(ran.exit == Exit::CouldNotLook && ran.err.contains("/not/there"), "{}", ran.err);
}

#[test]
fn exported_keys_open_the_same_connections_and_are_for_their_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let exported = directory.path().join("exported.log");
    let exported = exported.to_str().unwrap();
    let rsa = fixture("rsa-key-exchange/capture.pcap");
    let tls13 = fixture("wireshark-article-tls13/capture.pcap");
    let dsb = fixture("secrets-inside-the-capture/capture.pcapng");
    let (key, log) = (fixture("rsa-key-exchange/server.key"), fixture("wireshark-article-tls13/keys.log"));
    let given = ["--rsa-key", key.to_str().unwrap(), "--keylog", log.to_str().unwrap()];
    let files = [rsa.clone(), tls13.clone(), dsb];
    let first = run(read(&[&given[..], &["--export-keys", exported]].concat(), &files));
    assert_eq!(first.err, "");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(exported).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let ran = run(read(&["--json", "--keylog", exported], &[rsa, tls13]));
    let opened: Vec<_> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["decrypted_with"].clone())
        .collect();
    assert_eq!(opened.iter().filter(|opened| *opened == "key_log").count(), 5, "{opened:?}");
    // The capture with secrets inside gave its own.
    let inside = std::fs::read_to_string(exported).unwrap();
    assert_eq!(inside.matches("CLIENT_RANDOM ").count(), 5, "four by the RSA key, one from the capture");

    let again = run(read(&[&given[..], &["--export-keys", exported]].concat(), &files));
    assert_eq!(again.exit, Exit::CouldNotLook);
    assert!(again.err.contains("there is such a file already"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(exported).unwrap(), inside);
}

#[test]
fn secrets_inside_a_capture_are_found_in_a_file_and_in_a_pipe() {
    let capture = fixture("secrets-inside-the-capture/capture.pcapng");
    for ran in [
        run(read(&["--json"], std::slice::from_ref(&capture))),
        run_with(
            ["read", "--json", "-"],
            Given { input: std::fs::read(&capture).unwrap(), ..Given::default() },
        ),
    ] {
        let line: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(line["decrypted_with"], "dsb");
    }
}

#[test]
fn a_capture_without_tls_is_no_failure_and_says_how_much_was_read() {
    // A pcap header and one frame of zeros.
    let mut input = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    input.extend([0, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 60, 0, 0, 0]);
    input.extend([0; 60]);
    let ran = run_with(["read", "-"], Given { input: input.clone(), ..Given::default() });
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Clean, ""));
    assert!(ran.out.starts_with("No TLS found in 1 packet."), "{}", ran.out);
    let ran = run_with(["read", "--json", "-"], Given { input, ..Given::default() });
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Clean, ""));
    assert!(ran.err.starts_with("mtlscope: No TLS found"), "{}", ran.err);
}

#[test]
fn a_cut_capture_is_read_as_far_as_it_goes_and_says_so() {
    let mut input = std::fs::read(accepted()).unwrap();
    input.truncate(input.len() - 10);
    let ran = run_with(["read", "-"], Given { input: input.clone(), ..Given::default() });
    assert!(
        ran.out.contains("the capture ends in the middle") && ran.out.contains("1 connection:"),
        "{}",
        ran.out
    );
    let ran = run_with(["read", "--json", "-"], Given { input, ..Given::default() });
    assert!(ran.err.contains("the capture ends in the middle"), "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 1);
}
