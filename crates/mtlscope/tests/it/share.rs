//! `mtlscope share`: what leaves, what does not, and what the receiver reads of it.

use std::path::{Path, PathBuf};

use mtlscope_dissect::input::{Frame, Input};
use mtlscope_sources::capture_writer::Kept;
use mtlscope_sources::{CaptureFile, CaptureWriter, Source};
use serde_json::Value;

use crate::rotated::part;
use crate::run::{Ran, fixture, run};

/// A fixture, with its key log where it has one.
fn files(name: &str) -> (PathBuf, Option<PathBuf>) {
    captured(name).unwrap()
}

/// The same; `None` for a folder without a capture of its own.
fn captured(name: &str) -> Option<(PathBuf, Option<PathBuf>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    let capture = ["capture.pcap", "capture.pcapng"].map(|name| folder.join(name));
    let keys = folder.join("keys.log");
    Some((capture.into_iter().find(|path| path.is_file())?, keys.is_file().then_some(keys)))
}

/// Shares a fixture, and gives what was printed with where it was written.
fn share(name: &str, options: &[&str]) -> (Ran, tempfile::TempDir, PathBuf) {
    let (capture, keys) = files(name);
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("shared.pcapng");
    let mut arguments: Vec<std::ffi::OsString> =
        vec!["share".into(), capture.into(), "-o".into(), output.clone().into()];
    if let Some(keys) = keys {
        arguments.extend(["--keylog".into(), keys.into()]);
    }
    arguments.extend(options.iter().map(Into::into));
    (run(arguments), folder, output)
}

fn told(capture: &Path, keys: Option<&Path>) -> Vec<Value> {
    let mut arguments: Vec<std::ffi::OsString> = vec!["read".into(), "--json".into(), capture.into()];
    if let Some(keys) = keys {
        arguments.extend(["--keylog".into(), keys.into()]);
    }
    let ran = run(arguments);
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What must be the same of what is shared.
fn verdict(connection: &Value) -> Value {
    let (outcome, answer) = (&connection["outcome"], &connection["client_auth"]);
    let leading = connection["findings"].get(0).map_or(Value::Null, |finding| finding["id"].clone());
    serde_json::json!([
        outcome["result"],
        outcome["by"],
        outcome["how"],
        answer["requested"],
        answer["answer"],
        leading
    ])
}

/// The secrets inside a capture.
fn secrets(capture: &Path) -> String {
    let mut source = CaptureFile::open(capture).unwrap();
    let mut secrets = String::new();
    while let Some(input) = source.next().unwrap() {
        if let Input::Secret(secret) = input {
            secrets.push_str(std::str::from_utf8(secret.lines).unwrap());
        }
    }
    secrets
}

#[test]
fn every_fixture_tells_the_same_once_it_is_shared_and_gives_no_other_secret_away() {
    let fixtures = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")).unwrap();
    let mut count = 0;
    for folder in fixtures {
        let name = folder.unwrap().file_name().into_string().unwrap();
        // What its server said in clear is no TLS, and does not leave.
        if ["plaintext-port", "plain-http-to-tls-port"].contains(&name.as_str()) {
            continue;
        }
        let Some((capture, keys)) = captured(&name) else { continue };
        let original: Vec<Value> = told(&capture, keys.as_deref()).iter().map(verdict).collect();
        let (ran, _folder, output) = share(&name, &[]);
        assert_eq!(ran.exit, mtlscope::Exit::Clean, "{name}: {}", ran.err);
        let shared = told(&output, None);
        assert_eq!(shared.iter().map(verdict).collect::<Vec<_>>(), original, "{name}");
        for label in secrets(&output).lines().filter_map(|line| line.split(' ').next()) {
            assert!(label.ends_with("_HANDSHAKE_TRAFFIC_SECRET"), "{name}: {label}");
        }
        let bytes = std::fs::read(&output).unwrap();
        let all = keys.map(|keys| std::fs::read_to_string(keys).unwrap()).unwrap_or_default();
        for line in all.lines().filter(|line| !line.contains("_HANDSHAKE_TRAFFIC_SECRET")) {
            let Some(secret) = line.split(' ').nth(2) else { continue };
            let occurs = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!occurs, "{name}: {line}");
        }
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn what_only_other_secrets_open_is_told_marked_and_never_certain() {
    let (ran, _folder, output) = share("unknown-ca-tls13", &[]);
    assert!(ran.out.contains("server alert 48 unknown_ca"), "{}", ran.out);
    let connection = &told(&output, None)[0];
    let alert = &connection["alerts"][0];
    assert_eq!((&alert["number"], &alert["attested"]), (&48.into(), &true.into()));
    assert!(connection["findings"].as_array().unwrap().iter().all(|one| one["confidence"] != "certain"));
    let read = run(["read", output.to_str().unwrap()]);
    assert!(read.out.contains("unknown_ca (48)  (says a comment)"), "{}", read.out);
    assert!(read.out.contains("taken on trust"), "{}", read.out);
}

#[test]
fn a_comment_says_nothing_of_what_can_be_seen() {
    let (_, _folder, output) = share("unknown-ca-tls13", &[]);
    let (_, keys) = files("unknown-ca-tls13");
    let connection = &told(&output, keys.as_deref())[0];
    assert_eq!(connection["alerts"][0]["number"], 48);
    assert!(connection["alerts"][0].get("attested").is_none());
}

#[test]
fn a_shared_capture_can_be_shared_again() {
    let (_, folder, output) = share("unknown-ca-tls13", &[]);
    let again = folder.path().join("again.pcapng");
    let ran = run(["share", output.to_str().unwrap(), "-o", again.to_str().unwrap()]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    assert_eq!(
        told(&again, None).iter().map(verdict).collect::<Vec<_>>(),
        told(&output, None).iter().map(verdict).collect::<Vec<_>>()
    );
}

#[test]
fn no_byte_of_application_data_leaves() {
    let (_, _folder, output) = share("wireshark-article-tls13", &[]);
    let (capture, keys) = files("wireshark-article-tls13");
    let whole = told(&capture, keys.as_deref());
    assert!(!whole[0]["http"]["status"].is_null());
    // With every key there is: what is not there cannot be opened.
    let shared = &told(&output, keys.as_deref())[0];
    assert_eq!(shared["http"]["request"], "GET (not shared) HTTP/1.1");
    let frames =
        run(["read", output.to_str().unwrap(), "-T", "fields", "-e", "frame.cap_len", "-e", "frame.len"]);
    let cut = frames.out.lines().filter(|line| {
        let (captured, whole) = line.split_once('\t').unwrap();
        captured.parse::<u32>().unwrap() < whole.parse::<u32>().unwrap()
    });
    assert!(cut.count() >= 2, "{}", frames.out);
}

#[test]
fn master_secrets_leave_only_when_asked_for_and_with_a_warning() {
    let (_, _folder, output) = share("wireshark-article-tls12-with-certificate", &[]);
    assert_eq!(secrets(&output), "");
    let (ran, _folder, output) = share("required-none-sent-http400", &["--with-master-secrets"]);
    let has_keys = files("required-none-sent-http400").1.is_some();
    if has_keys && secrets(&output).starts_with("CLIENT_RANDOM ") {
        assert!(ran.out.contains("WARNING"), "{}", ran.out);
    }
}

#[test]
fn an_identity_is_hidden_or_the_capture_is_not_shared() {
    let (ran, _folder, output) = share("unknown-ca-tls13", &["--hide-identities"]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    assert!(!secrets(&output).contains("CLIENT_HANDSHAKE"));
    let (capture, keys) = files("unknown-ca-tls13");
    let (whole, shared) = (&told(&capture, keys.as_deref())[0], &told(&output, None)[0]);
    let subject = whole["client_auth"]["certificates"][0]["subject"].as_str().unwrap();
    assert!(!shared.to_string().contains(subject), "{subject}");
    assert_eq!(shared["client_auth"]["answer"], "certificate");
    let (ran, _folder, output) = share("unknown-ca-tls12", &["--hide-identities"]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("certificate passed in clear") && !output.exists(), "{}", ran.err);
}

#[test]
fn false_addresses_are_the_same_for_the_same_and_checksums_stay_right() {
    let (ran, _folder, output) = share("unknown-ca-tls13", &["--pseudonymise"]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    let (capture, keys) = files("unknown-ca-tls13");
    let (whole, shared) = (told(&capture, keys.as_deref()), told(&output, None));
    assert_eq!(shared.iter().map(verdict).collect::<Vec<_>>(), whole.iter().map(verdict).collect::<Vec<_>>());
    let address = whole[0]["client"]["ip"].as_str().unwrap();
    assert_eq!(
        (&shared[0]["client"]["ip"], &shared[0]["server"]["ip"]),
        (&"192.0.2.1".into(), &"192.0.2.2".into())
    );
    assert!(!shared[0].to_string().contains(address));
    let bytes = std::fs::read(&output).unwrap();
    let octets = address.parse::<std::net::Ipv4Addr>().unwrap().octets();
    assert!(!bytes.windows(4).any(|window| window == octets), "{address}");
}

/// The sum over what has a right Internet checksum is this.
fn sum(bytes: &[u8]) -> u16 {
    let mut sum: u32 =
        bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// An Ethernet frame in which a router says that a packet was too big, and quotes its head.
fn too_big(router: [u8; 4], quoted: &[u8]) -> Vec<u8> {
    let quote = &quoted[14..quoted.len().min(14 + 60)];
    let mut ip = vec![0x45, 0, 0, (28 + quote.len()) as u8, 0, 1, 0, 0, 64, 1, 0, 0];
    ip.extend(router);
    ip.extend(&quote[12..16]);
    let mut icmp = vec![3, 4, 0, 0, 0, 0, 5, 0];
    icmp.extend(quote);
    for (bytes, at) in [(&mut ip, 10), (&mut icmp, 2)] {
        let checksum = !sum(bytes);
        bytes[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
    }
    [&quoted[..14], &ip, &icmp].concat()
}

#[test]
fn addresses_in_tcp_options_and_in_quotes_of_icmp_do_not_leave() {
    const OTHER: [u8; 4] = [10, 77, 66, 55];
    const ROUTER: [u8; 4] = [10, 88, 77, 66];
    let (capture, _) = files("unknown-ca-tls13");
    let folder = tempfile::tempdir().unwrap();
    let (made, output) = (folder.path().join("made.pcapng"), folder.path().join("shared.pcapng"));
    let mut writer = CaptureWriter::create(&made, &capture).unwrap();
    let mut source = CaptureFile::open(&capture).unwrap();
    let mut client = [0; 4];
    while let Some(input) = source.next().unwrap() {
        let Input::Frame(Frame { number, time, link_type, bytes, .. }) = input else { continue };
        let mut bytes = bytes.to_vec();
        if number.get() == 1 {
            assert_eq!((link_type.0, bytes[14]), (1, 0x45), "Ethernet and IPv4");
            client.copy_from_slice(&bytes[26..30]);
            let options = &mut bytes[54..];
            let timestamps = options.windows(2).position(|option| option == [8, 10]).unwrap();
            let added = [&[30, 10, 0x30, 1][..], &OTHER, &[1, 0xbb]].concat();
            options[timestamps..timestamps + 10].copy_from_slice(&added);
        }
        let frames = match number.get() {
            1 => vec![bytes.clone(), too_big(ROUTER, &bytes)],
            _ => vec![bytes],
        };
        for bytes in frames {
            let kept = Kept { time, link_type, wire_length: bytes.len() as u32, bytes: &bytes, comment: "" };
            writer.packet(&kept).unwrap();
        }
    }
    writer.finish().unwrap();
    let ran = run(["share", made.to_str().unwrap(), "--pseudonymise", "-o", output.to_str().unwrap()]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    let bytes = std::fs::read(&output).unwrap();
    for address in [OTHER, ROUTER, client] {
        assert!(!bytes.windows(4).any(|window| window == address), "{address:?}");
    }
    let mut source = CaptureFile::open(&output).unwrap();
    let mut quotes = 0;
    while let Some(input) = source.next().unwrap() {
        let Input::Frame(frame) = input else { continue };
        let ip = &frame.bytes[14..];
        if ip[9] == 1 {
            quotes += 1;
            assert_eq!((sum(&ip[..20]), sum(&ip[20..]), sum(&ip[28..48])), (0xffff, 0xffff, 0xffff));
            assert_eq!(ip[40..44], ip[16..20], "the same address is the same in the quote");
        }
    }
    assert_eq!(quotes, 1);
}

#[test]
fn the_files_of_a_rotated_capture_are_shared_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let first = part(folder.path(), "cap_1.pcap", 0..9, 0);
    let second = part(folder.path(), "cap_2.pcap", 9..100, 0);
    let output = folder.path().join("shared.pcapng");
    let [first, second, out] = [&first, &second, &output].map(|path| path.to_str().unwrap());
    let ran = run(["share", second, first, "-o", out]);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    let (capture, _) = files("required-none-sent-tls12");
    let (whole, shared) = (told(&capture, None), told(&output, None));
    assert_eq!(shared.iter().map(verdict).collect::<Vec<_>>(), whole.iter().map(verdict).collect::<Vec<_>>());
    let other = capture.to_str().unwrap();
    for (captures, said) in [
        (vec![first, other], "share them one by one"),
        (vec![other, "cap#2"], "of several files choose with -Y"),
        (vec![first, out], "it is the capture that is read"),
    ] {
        let ran = run([&["share", "-o", out][..], &captures].concat());
        assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn what_an_rsa_key_opens_stays_unless_asked_for() {
    let key = fixture("rsa-key-exchange/server.key");
    let key = ["--rsa-key", key.to_str().unwrap()];
    let (ran, _folder, output) = share("rsa-key-exchange", &key);
    assert_eq!(ran.exit, mtlscope::Exit::Clean, "{}", ran.err);
    assert_eq!(secrets(&output), "");
    let (capture, _) = files("rsa-key-exchange");
    let opened = run([&["read", "--json", capture.to_str().unwrap()][..], &key].concat());
    let opened: Value = serde_json::from_str(opened.out.lines().next().unwrap()).unwrap();
    let shared = &told(&output, None)[0];
    assert!(opened["decrypted_with"].is_string() && shared["decrypted_with"].is_null());
    assert_eq!(verdict(shared), verdict(&opened), "the rest stands in comments");
    let (ran, _folder, output) = share("rsa-key-exchange", &[&key[..], &["--with-master-secrets"]].concat());
    assert!(secrets(&output).starts_with("CLIENT_RANDOM ") && ran.out.contains("WARNING"), "{}", ran.out);
}

#[test]
fn only_the_connection_that_is_meant_is_shared() {
    let (capture, _) = files("unknown-ca-tls12");
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("shared.pcapng");
    let capture = capture.to_str().unwrap();
    let out = output.to_str().unwrap();
    let ran = run(["share", &format!("{capture}#9"), "-o", out]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("there is no connection 9") && !output.exists(), "{}", ran.err);
    let ran = run(["share", capture, "--failed", "-o", out]);
    assert!(ran.out.contains("1 of 1 connection"), "{}{}", ran.out, ran.err);
    let ran = run(["share", capture, "-Y", "outcome.result == \"accepted\"", "-o", out]);
    assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
    assert!(ran.err.contains("nothing was written"), "{}", ran.err);
}

#[test]
fn a_pipe_and_the_capture_itself_are_refused() {
    let ran = run(["share", "-", "-o", "x.pcapng"]);
    assert!(ran.err.contains("read twice"), "{}", ran.err);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.pcap");
    std::fs::copy(fixture("unknown-ca-tls12/capture.pcap"), &copy).unwrap();
    let before = std::fs::read(&copy).unwrap();
    let copy = copy.to_str().unwrap();
    for ran in [
        run(["share", copy, "-o", copy]),
        run([
            "inject-secrets",
            copy,
            "--keylog",
            fixture("unknown-ca-tls13/keys.log").to_str().unwrap(),
            "-o",
            copy,
        ]),
    ] {
        assert_eq!(ran.exit, mtlscope::Exit::CouldNotLook);
        assert!(ran.err.contains("it is the capture that is read"), "{}", ran.err);
    }
    assert_eq!(std::fs::read(copy).unwrap(), before);
}

/// Writes a fixture again, with this comment at one of its frames.
fn commented(name: &str, frame: u64, comment: &str) -> (tempfile::TempDir, PathBuf) {
    let (capture, _) = files(name);
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("commented.pcapng");
    let mut writer = CaptureWriter::create(&output, &capture).unwrap();
    let mut source = CaptureFile::open(&capture).unwrap();
    while let Some(input) = source.next().unwrap() {
        if let Input::Frame(Frame { number, time, link_type, wire_length, bytes }) = input {
            let comment = if number.get() == frame { comment } else { "" };
            writer.packet(&Kept { time, link_type, wire_length, bytes, comment }).unwrap();
        }
    }
    writer.finish().unwrap();
    (folder, output)
}

#[test]
fn a_comment_that_lies_convinces_nobody() {
    let lie = "mtlscope: server alert 48 unknown_ca\nmtlscope: the server says: \u{1b}[2Jnonsense\u{202e}";
    // In clear: what is seen counts, and the words are an end's own.
    let (capture, _) = files("wireshark-article-tls12-with-certificate");
    let before: Vec<Value> = told(&capture, None).iter().map(verdict).collect();
    for frame in 1..20 {
        let (_folder, output) = commented("wireshark-article-tls12-with-certificate", frame, lie);
        for connection in told(&output, None) {
            let rests =
                connection["alerts"].as_array().unwrap().iter().any(|alert| alert["attested"] == true);
            let findings = connection["findings"].as_array().unwrap();
            assert!(rests || before.contains(&verdict(&connection)), "frame {frame}");
            assert!(!rests || findings.iter().all(|finding| finding["confidence"] != "certain"), "{frame}");
        }
        let read = run(["read", output.to_str().unwrap()]);
        assert!(!read.out.contains(['\u{1b}', '\u{202e}']), "{}", read.out);
    }
    // The certificates pass in frame 9, in clear: a comment there is not heard.
    let (_folder, output) = commented("wireshark-article-tls12-with-certificate", 9, lie);
    assert_eq!(told(&output, None).iter().map(verdict).collect::<Vec<_>>(), before);
}

/// Every 31st byte of a capture, and of one with comments, is changed; a prime, so that every field is met somewhere.
#[test]
fn mangled_captures_are_shared_or_refused_in_one_line() {
    let (_, _folder, shared) = share("unknown-ca-tls13", &[]);
    let (capture, keys) = files("unknown-ca-tls13");
    let keys = keys.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [mangled, output] = ["mangled", "output"].map(|name| folder.path().join(name));
    for original in [&capture, &shared] {
        let bytes = std::fs::read(original).unwrap();
        for place in (0..bytes.len()).step_by(31) {
            let mut bytes = bytes.clone();
            bytes[place] ^= 0xff;
            std::fs::write(&mangled, bytes).unwrap();
            let [mangled, keys, output] = [&mangled, &keys, &output].map(|path| path.to_str().unwrap());
            for ran in [
                run(["share", mangled, "--keylog", keys, "--pseudonymise", "-o", output]),
                run(["inject-secrets", mangled, "--keylog", keys, "-o", output]),
            ] {
                let is_told = match ran.exit {
                    mtlscope::Exit::Clean => true,
                    _ => ran.exit == mtlscope::Exit::CouldNotLook && !ran.err.is_empty(),
                };
                assert!(is_told, "byte {place} of {}: {}", original.display(), ran.err);
            }
            let read = run(["read", mangled]);
            assert!(!read.out.contains(|c: char| c.is_control() && c != '\n'), "byte {place}: {}", read.out);
        }
    }
}
