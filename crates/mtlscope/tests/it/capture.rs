//! `mtlscope capture` typed wrongly, and what it lists. What it captures is shown by the suite `live` of `cargo xtask test`: it gives
//! up the rights of the whole process, which a test among others cannot.

#![cfg(target_os = "linux")]

use mtlscope::Exit;

use crate::run::run;

#[test]
fn lists_the_interfaces() {
    let ran = run(["capture", "-D"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Clean, ""));
    let mut lines = ran.out.lines();
    assert!(lines.next().unwrap().starts_with("any "), "{}", ran.out);
    assert!(lines.any(|line| line.starts_with("lo ") && line.contains("loopback")), "{}", ran.out);
}

#[test]
fn a_wrong_name_is_answered_with_the_one_that_was_meant() {
    let ran = run(["capture", "-i", "l0"]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.err.contains("there is no interface l0 (did you mean lo?"), "{}", ran.err);
    let ran = run(["capture", "-i", "a\x1b[2Jb"]);
    assert!(ran.err.contains("there is no interface") && !ran.err.contains('\x1b'), "{:?}", ran.err);
}

#[test]
fn what_makes_no_sense_is_said_before_anything_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let not_keys = directory.path().join("not-keys.txt");
    std::fs::write(&not_keys, "-----BEGIN CERTIFICATE-----\n").unwrap();
    for (arguments, says) in [
        (&["--net", "10.0.0.0/33"][..], "10.0.0.0/33 is no network"),
        (&["--host", "10.0.0.0/8"], "cannot find the address of 10.0.0.0/8"),
        (&["--duration", "soon"], "such as 15m"),
        (&["-Y", "outcome.result ="], "outcome.result"),
        (&["-w", "/no/such/directory/a.pcapng"], "cannot write /no/such/directory/a.pcapng"),
        (&["--keylog", not_keys.to_str().unwrap()], "as a key log"),
        (&["-p", "--promiscuous"], "cannot be used with"),
        (
            &["tcp", "port", "443"],
            "cannot read the expression tcp port 443: what is captured is said with --port",
        ),
        (&["--nice", "20"], "20 is not in -20..=19"),
        (&["--run-as", "no-such-user-here"], "no-such-user-here"),
    ] {
        let ran = run([&["capture", "-i", "no-such-interface"], arguments].concat());
        assert_eq!(ran.exit, Exit::CouldNotLook, "{arguments:?}");
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
    }
}
