//! Tests: every certificate of the lab reads as OpenSSL reads it. Skipped where there is no `openssl` or no lab.

#![allow(clippy::disallowed_types, clippy::print_stderr)]

use std::path::Path;
use std::process::Command;

use super::{Certificate, pem};
use crate::reader::hex;

#[test]
fn every_lab_certificate_reads_as_openssl_reads_it() {
    let lab = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/lab/pki"));
    let own = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/x509/test_data"));
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: no openssl");
        return;
    }
    let Ok(lab) = std::fs::read_dir(lab) else {
        eprintln!("skipped: no lab at {}", lab.display());
        return;
    };
    let mut compared = 0;
    for entry in lab.chain(std::fs::read_dir(own).unwrap()) {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            compare(&path);
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

/// `openssl x509` reads only the first certificate of a file, so the first is compared.
fn compare(path: &Path) {
    let text = std::fs::read(path).unwrap();
    let certificate = Certificate::parse(pem::certificates(&text)[0].as_ref().unwrap()).unwrap();
    let output = Command::new("openssl")
        .args(["x509", "-noout", "-nameopt", "RFC2253,-esc_msb", "-dateopt", "iso_8601"])
        .args(["-subject", "-issuer", "-serial", "-dates", "-fingerprint", "-sha256", "-in"])
        .arg(path)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let ours = [
        format!("subject={}", certificate.subject),
        format!("issuer={}", certificate.issuer),
        format!("serial={}", certificate.serial),
        format!("notBefore={}", certificate.not_before.to_string().replace('T', " ")),
        format!("notAfter={}", certificate.not_after.to_string().replace('T', " ")),
        format!("sha256 Fingerprint={}", hex(&certificate.sha256)),
    ];
    for (theirs, ours) in said.lines().zip(&ours) {
        let theirs = if theirs.contains("Fingerprint") { theirs.replace(':', "") } else { theirs.to_owned() };
        assert!(theirs.eq_ignore_ascii_case(ours), "{}: {theirs} / {ours}", path.display());
    }
    assert_eq!(said.lines().count(), ours.len(), "{}: {said}", path.display());
    assert_eq!(certificate.notes, [""; 0], "{}", path.display());
}
