//! `mtlscope pki`: what it makes is what OpenSSL's own program finds it to be, and what `show` says of it is its flaw.

use std::fs;
use std::path::Path;
use std::process::Command;

use mtlscope::Exit;
use serde_json::Value;

use crate::run::{Given, Ran, run, run_with};

/// An authority in a directory that vanishes.
struct Made {
    directory: tempfile::TempDir,
}

impl Made {
    fn with(arguments: &[&str]) -> Self {
        let made = Self { directory: tempfile::tempdir().unwrap() };
        let ran = made.init(arguments);
        assert_eq!((ran.exit, ran.err.as_str()), (Exit::Clean, ""), "{}", ran.out);
        made
    }

    fn init(&self, arguments: &[&str]) -> Ran {
        let path = self.directory.path().to_str().unwrap();
        run(["pki", "init", path].iter().chain(arguments).copied())
    }

    fn path(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        assert!(path.is_file(), "{}", path.display());
        path.to_str().unwrap().to_owned()
    }

    fn manifest(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.path("manifest.json")).unwrap()).unwrap()
    }

    /// `pki show` of these files of it, as JSON.
    fn show(&self, files: &[&str], trusted: &str, options: &[&str]) -> (Exit, Value) {
        let files: Vec<String> = files.iter().map(|file| self.path(file)).collect();
        let trusted = self.path(trusted);
        let typed = ["pki", "show", "--json", "--cacert", &trusted];
        let ran =
            run(typed.into_iter().chain(files.iter().map(String::as_str)).chain(options.iter().copied()));
        assert_eq!(ran.err, "");
        (ran.exit, serde_json::from_str(&ran.out).unwrap())
    }
}

/// The causes that `show` names, with how bad they are.
fn causes(shown: &Value) -> Vec<(&str, &str)> {
    let flaws = shown["flaws"].as_array().unwrap().iter();
    flaws.map(|flaw| (flaw["severity"].as_str().unwrap(), flaw["cause"].as_str().unwrap_or("-"))).collect()
}

/// Whether OpenSSL's program is there to be asked. Where it is not, the test says so.
fn has_openssl() -> bool {
    let has = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !has {
        #[allow(clippy::print_stderr)] // What was not compared must be seen.
        {
            eprintln!("skipped: there is no openssl program on the PATH to compare with");
        }
    }
    has
}

/// What OpenSSL's program says, on both streams, and whether it was content.
fn openssl(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn good_clients_of_every_kind_of_key_have_no_flaw_in_any_form() {
    let made = Made::with(&["--no-zoo"]);
    for client in made.manifest()["clients"].as_array().unwrap() {
        let file = |form: &str| client[form].as_str().unwrap();
        for (files, options) in [
            (vec![file("certificate"), file("key")], &[][..]),
            (vec![file("pkcs12")], &["--pass", "mtlscope"]),
        ] {
            let (exit, shown) = made.show(&files, "ca.pem", options);
            assert_eq!((exit, causes(&shown)), (Exit::Clean, vec![]), "{shown}");
            assert_eq!((shown["can_serve"].as_bool(), shown["key"].as_str()), (Some(true), Some("proven")));
        }
    }
    assert_eq!(made.manifest()["clients"].as_array().unwrap().len(), 5);
}

#[test]
fn show_names_the_flaw_of_each_specimen_and_no_other() {
    // Most servers accept these.
    const WARNINGS: &[&str] =
        &["ca-used-as-end-entity", "x509-v1-certificate", "ca-list-exceeds-client-limit"];
    let made = Made::with(&["--client", "one"]);
    let manifest = made.manifest();
    let zoo = manifest["zoo"].as_array().unwrap();
    assert_eq!(zoo.len(), 21);
    for specimen in zoo {
        let name = specimen["name"].as_str().unwrap();
        let mut files = vec![specimen["certificate"].as_str().unwrap(), specimen["key"].as_str().unwrap()];
        files.extend(specimen["server"]["revoked"].as_str());
        let trusted = specimen["server"]["named"].as_str().unwrap_or("ca.pem");
        let (exit, shown) = made.show(&files, trusted, &[]);
        let is_warning = WARNINGS.contains(&name);
        let severity = if is_warning { "warning" } else { "error" };
        assert_eq!(causes(&shown), [(severity, name)], "{shown}");
        assert_eq!(exit, if is_warning { Exit::Clean } else { Exit::Trouble }, "{name}");
        let key = if name == "wrong-private-key" { "false" } else { "proven" };
        assert_eq!(shown["key"], key, "{name}");
    }
}

#[test]
fn openssl_verify_finds_the_same_in_each_specimen() {
    if !has_openssl() {
        return;
    }
    let made = Made::with(&[]);
    let manifest = made.manifest();
    let verify = |options: &[&str], certificate: &str| {
        let (root, file) = (made.path("ca.pem"), made.path(certificate));
        let fixed = ["verify", "-purpose", "sslclient", "-auth_level", "2", "-CAfile", &root];
        openssl(&[&fixed[..], options, &["-untrusted", &file, &file]].concat())
    };
    for client in manifest["clients"].as_array().unwrap() {
        let (content, said) = verify(&[], client["certificate"].as_str().unwrap());
        assert!(content, "{said}");
    }
    for specimen in manifest["zoo"].as_array().unwrap() {
        let name = specimen["name"].as_str().unwrap();
        // The number of X509_V_ERR_*, and 0 where the chain itself is in order.
        let expected = match name {
            "leaf-expired" | "intermediate-expired" => 10,
            "leaf-not-yet-valid-clock-skew" => 9,
            "eku-missing-clientauth" | "eku-any-not-enough" | "keyusage-no-digitalsignature" => 26,
            "unknown-ca" | "chain-incomplete-intermediate-missing" => 20,
            "leaf-signature-invalid" => 7,
            "self-signed-client-cert" => 18,
            "pathlen-exceeded" => 25,
            "name-constraints-violation" => 47,
            "weak-signature-hash" => 68,
            "key-too-small" => 66,
            "leaf-revoked" => 23,
            "crl-expired" => 12,
            "unknown-critical-extension" => 34,
            "ca-used-as-end-entity"
            | "x509-v1-certificate"
            | "wrong-private-key"
            | "ca-list-exceeds-client-limit" => 0,
            other => panic!("{other} has no expectation"),
        };
        let list = specimen["server"]["revoked"].as_str().map(|list| made.path(list));
        let options: Vec<&str> =
            list.iter().flat_map(|list| ["-crl_check", "-CRLfile", list.as_str()]).collect();
        let (content, said) = verify(&options, specimen["certificate"].as_str().unwrap());
        let errors: Vec<&str> = said
            .split("error ")
            .skip(1)
            .filter_map(|rest| rest.split([' ', ':']).next())
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            .collect();
        let expected: Vec<String> = (expected != 0).then(|| expected.to_string()).into_iter().collect();
        assert_eq!(
            (content, errors),
            (expected.is_empty(), expected.iter().map(String::as_str).collect()),
            "{name}: {said}"
        );
    }
}

#[test]
fn openssl_opens_what_was_packed_and_finds_key_and_certificate_alike() {
    if !has_openssl() {
        return;
    }
    let made = Made::with(&["--pass", "a pass", "--client", "one"]);
    for file in ["one", "server", "zoo/leaf-expired", "zoo/wrong-private-key"] {
        let (packed, certificate, key) = (
            made.path(&format!("{file}.p12")),
            made.path(&format!("{file}.pem")),
            made.path(&format!("{file}.key")),
        );
        let (content, said) = openssl(&["pkcs12", "-in", &packed, "-passin", "pass:a pass", "-nodes"]);
        assert!(content && said.contains("BEGIN PRIVATE KEY"), "{said}");
        assert_eq!(said.matches("BEGIN CERTIFICATE").count(), 2, "{said}");
        assert!(!openssl(&["pkcs12", "-in", &packed, "-passin", "pass:other", "-nodes"]).0);
        let of_certificate = openssl(&["x509", "-in", &certificate, "-noout", "-pubkey"]);
        let of_key = openssl(&["pkey", "-in", &key, "-pubout"]);
        assert!(
            of_certificate.0 && of_certificate == of_key,
            "{file}: programs that compare these see no difference"
        );
    }
    let (_, text) = openssl(&["x509", "-in", &made.path("zoo/x509-v1-certificate.pem"), "-noout", "-text"]);
    assert!(text.contains("Version: 1 (0x0)"), "{text}");
    let (_, text) = openssl(&["crl", "-in", &made.path("expired-crl.pem"), "-noout", "-text"]);
    assert!(text.contains("Version 2"), "{text}");
}

#[test]
fn exports_of_old_windows_are_read_and_named() {
    if !has_openssl() {
        return;
    }
    let made = Made::with(&["--no-zoo", "--client", "one"]);
    let old = made.directory.path().join("old.pfx");
    let (certificate, key) = (made.path("one.pem"), made.path("one.key"));
    let (content, said) = openssl(&[
        "pkcs12",
        "-export",
        "-legacy",
        "-in",
        &certificate,
        "-inkey",
        &key,
        "-out",
        old.to_str().unwrap(),
        "-passout",
        "pass:old",
        "-certpbe",
        "PBE-SHA1-RC2-40",
        "-keypbe",
        "PBE-SHA1-3DES",
        "-macalg",
        "sha1",
    ]);
    if !content {
        eprintln!("skipped: this openssl program has no legacy provider: {said}");
        return;
    }
    let (exit, shown) = made.show(&["old.pfx"], "ca.pem", &["--pass", "old"]);
    assert_eq!(causes(&shown), [("warning", "pkcs12-legacy-encryption")], "{shown}");
    assert_eq!((exit, shown["key"].as_str()), (Exit::Clean, Some("proven")));
}

#[cfg(unix)]
#[test]
fn keys_have_mode_0600_and_nothing_else_does() {
    use std::os::unix::fs::PermissionsExt;
    fn walk(directory: &Path, files: &mut Vec<(String, u32)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                let mode = path.metadata().unwrap().permissions().mode() & 0o777;
                files.push((path.to_str().unwrap().to_owned(), mode));
            }
        }
    }
    let made = Made::with(&[]);
    let mut files = Vec::new();
    walk(made.directory.path(), &mut files);
    assert!(files.len() > 80, "{}", files.len());
    for (file, mode) in files {
        let is_secret = file.ends_with(".key") || file.ends_with(".p12");
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(is_secret || !text.contains("PRIVATE KEY"), "{file}");
        assert_eq!(mode == 0o600, is_secret, "{file}: {mode:o}");
    }
}

#[test]
fn nothing_is_overwritten_without_force_and_everything_with_it() {
    let made = Made::with(&["--no-zoo"]);
    let root = fs::read(made.path("ca.pem")).unwrap();
    let ran = made.init(&[]);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.err.contains("is already there") && ran.err.contains("--force"), "{}", ran.err);
    assert_eq!(fs::read(made.path("ca.pem")).unwrap(), root);
    assert!(!made.directory.path().join("zoo").exists(), "not even what was not there was written");
    assert_eq!(made.init(&["--force"]).exit, Exit::Clean);
    assert_ne!(fs::read(made.path("ca.pem")).unwrap(), root);
    assert_eq!(made.show(&["client.pem", "client.key"], "ca.pem", &[]).0, Exit::Clean);
}

#[test]
fn what_cannot_be_made_is_said_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pki");
    for arguments in [
        &["--server-name", "a b"][..],
        &["--client", "../x"],
        &["--client", "server"],
        &["--client", "a", "--client", "a"],
        &["--days", "0"],
    ] {
        let ran = run(["pki", "init", path.to_str().unwrap()].iter().chain(arguments).copied());
        assert_eq!((ran.exit, ran.err.lines().count()), (Exit::CouldNotLook, 1), "{}", ran.err);
        assert!(!path.exists(), "{arguments:?}");
    }
}

#[test]
fn names_and_keys_are_those_asked_for() {
    let made = Made::with(&[
        "--server-name",
        "a.test",
        "--server-name",
        "192.0.2.7",
        "--client",
        "al",
        "--key",
        "ed25519",
        "--no-zoo",
    ]);
    let (_, shown) = made.show(&["al.pem", "al.key"], "ca.pem", &[]);
    assert_eq!(shown["files"][1]["content"][0]["key"], "Ed25519", "{shown}");
    assert_eq!(shown["chain"][0]["subject"], "CN=al,O=mtlscope test");
    let server = made.path("server.pem");
    let ran = run(["pki", "show", "--certs", &server]);
    assert!(ran.out.contains("DNS:a.test, IP:192.0.2.7"), "{}", ran.out);
    assert_eq!(ran.exit, Exit::Trouble, "a server's certificate is not for clients");
}

#[test]
fn each_trouble_with_a_file_has_its_own_words_and_exit_code() {
    let made = Made::with(&["--no-zoo", "--client", "one"]);
    let packed = made.path("one.p12");
    let pass = made.directory.path().join("pass");
    fs::write(&pass, "mtlscope\n").unwrap();
    let nothing = made.directory.path().join("nothing");
    fs::write(&nothing, "hello\n").unwrap();
    let (pass, nothing) = (pass.to_str().unwrap(), nothing.to_str().unwrap());
    let directory = made.directory.path().to_str().unwrap();
    for (arguments, exit, wanted) in [
        (&[packed.as_str()][..], Exit::CouldNotLook, "no passphrase was given"),
        (&[&packed, "--pass", "other"], Exit::CouldNotLook, "the passphrase is not that of"),
        (&[&packed, "--pass-file", pass], Exit::Clean, ""),
        (&[nothing], Exit::CouldNotLook, "wanted are certificates or keys"),
        (&["/nonexistent"], Exit::CouldNotLook, "there is no such file"),
        (&[directory], Exit::CouldNotLook, "it is a directory"),
        (&[&packed, "--pass-file", "/nonexistent"], Exit::CouldNotLook, "cannot read the passphrase"),
    ] {
        let ran = run(["pki", "show"].iter().chain(arguments).copied());
        assert_eq!(ran.exit, exit, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(wanted) && ran.err.lines().count() <= 1, "{}", ran.err);
    }
}

#[test]
fn files_without_a_client_certificate_are_called_what_they_are() {
    let made = Made::with(&["--no-zoo", "--client", "one"]);
    for (file, wanted) in [
        ("one.key", "There is a private key, and no certificate."),
        ("ca-chain.pem", "certificates of authorities only"),
        ("crl.pem", "There is a revocation list (CRL), and no certificate."),
    ] {
        let ran = run(["pki", "show", &made.path(file), "--width", "200"]);
        assert_eq!(ran.exit, Exit::Trouble, "{file}");
        assert!(ran.out.contains(wanted), "{file}: {}", ran.out);
    }
}

#[test]
fn keys_of_others_are_told_from_false_ones() {
    let made = Made::with(&["--client", "one", "--client", "two"]);
    let (exit, shown) = made.show(&["one.pem", "two.key"], "ca.pem", &[]);
    assert_eq!((exit, causes(&shown)), (Exit::Trouble, vec![("error", "client-key-load-failure")]));
    assert_eq!(shown["key"], "other");
}

#[test]
fn show_reads_standard_input_and_says_what_leads_where() {
    let made = Made::with(&["--no-zoo", "--client", "one"]);
    let given = Given { input: fs::read(made.path("one.pem")).unwrap(), ..Given::default() };
    let ran = run_with(["pki", "show", "-", "--cacert", &made.path("ca.pem")], given);
    assert_eq!(ran.exit, Exit::Clean, "{}", ran.err);
    assert!(ran.out.contains("standard input  PEM"), "{}", ran.out);
    assert!(ran.out.contains("<- CN=mtlscope Test Root CA (trusted)"), "{}", ran.out);
}
