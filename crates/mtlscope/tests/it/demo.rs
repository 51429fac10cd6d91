//! `mtlscope demo`, played live: as a process, and what it leaves behind.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use mtlscope::Exit;

use crate::run::{fixture, run};

/// Plays the demo in a folder of its own, which is also where temporary files would go.
fn demo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mtlscope"))
        .arg("demo")
        .args(arguments)
        .current_dir(folder)
        .env("TMPDIR", folder)
        .env("HOME", folder)
        .env_remove("SSLKEYLOGFILE")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn every_scene_goes_as_told_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path(), &["--ascii"]);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{out}");
    assert!(out.is_ascii());
    let scenes: Vec<&str> = out.lines().filter(|line| line.starts_with("Scene ")).collect();
    assert_eq!(scenes.len(), 7, "{scenes:?}");
    let scene = |number: usize| {
        let rest = out.split(&format!("\nScene {number}: ")).nth(1);
        let rest = rest.or_else(|| out.strip_prefix(&format!("Scene {number}: "))).unwrap();
        rest.split("\nScene ").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (number, told) in [
        (1, "Refused by the server, with alert fatal handshake_failure (40)"),
        (1, "error: no-client-cert-configured"),
        (2, "CertificateVerify (15)"),
        (2, "The page says: Welcome TestClient"),
        (3, "by the sizes of encrypted records, asked for"),
        (4, "CertificateRequest (13)"),
        (4, "decrypted with the secrets in the capture"),
        (4, "The page says: Welcome TestClient"),
        (5, "HelloRequest (0)"),
        (5, "The page says: Welcome TestClient"),
        (6, "Request after the handshake"),
        (6, "The page says: Welcome TestClient"),
        (7, "Refused by the server, with alert fatal certificate_expired (45)"),
        (7, "error: leaf-expired (certain)"),
        (7, "6 connections: 4 accepted, 2 refused. The keys opened all of them."),
        (7, "mtlscope demo -w demo.pcapng"),
    ] {
        assert!(scene(number).contains(told), "scene {number} should tell {told:?}:\n{out}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_recording_that_is_kept_opens_with_the_secrets_inside() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path(), &["-w", "kept.pcapng"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("mtlscope read kept.pcapng"));
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["kept.pcapng"]);
    let file = folder.path().join("kept.pcapng");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let read = run(["read".as_ref(), file.as_os_str()]);
    assert_eq!(read.exit, Exit::Trouble, "the refusals are errors");
    assert!(read.out.contains("6 connections: 4 accepted, 2 refused."), "{}", read.out);
    let Ok(tshark) = Command::new("tshark")
        .arg("-r")
        .arg(&file)
        .args([
            "-Y",
            "http.response.code == 200 || tls.alert_message.desc == 45",
            "-T",
            "fields",
            "-e",
            "tcp.stream",
        ])
        .output()
    else {
        return;
    };
    let streams = String::from_utf8(tshark.stdout).unwrap();
    assert_eq!(streams.split_whitespace().collect::<Vec<_>>(), ["1", "2", "3", "4", "5"]);
}

#[test]
fn a_recording_that_cannot_be_written_is_said_before_anything_is_played() {
    let ran = run(["demo", "-w", "/nowhere/demo.pcapng"]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::CouldNotLook, ""));
    assert!(ran.err.contains("/nowhere/demo.pcapng"), "{}", ran.err);
}

#[test]
fn what_the_readme_shows_is_what_the_program_prints() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let read =
        run(["read".as_ref(), "--verify".as_ref(), fixture("unknown-ca-tls12/capture.pcap").as_os_str()]).out;
    assert!(read.contains(shown), "README.md shows\n{shown}\nand the program prints\n{read}");
}
