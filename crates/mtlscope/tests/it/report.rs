//! `mtlscope report`: one page, a picture or Markdown out of captures, and what is said where that cannot be.

use mtlscope::{Exit, Terminal};

use crate::run::{Given, Ran, accepted, fixture, refused, run, run_with};

fn report(arguments: &[&str]) -> Ran {
    run(std::iter::once("report").chain(arguments.iter().copied()))
}

fn path(path: std::path::PathBuf) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_page_holds_the_verdict_of_the_terminal_and_no_key() {
    let (capture, keys) = (path(refused()), path(fixture("unknown-ca-tls12/keys.log")));
    let page = report(&[&capture, "--keylog", &keys]);
    assert_eq!(page.exit, Exit::Trouble, "{}", page.err);
    assert!(page.out.starts_with("<!DOCTYPE html>"));
    assert!(page.out.contains("with alert fatal unknown_ca (48) in frame 11"));
    assert!(page.out.contains("1 connection: 1 refused. The keys opened it."));
    let log = std::fs::read_to_string(keys).unwrap();
    for secret in log.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit(' ').next())
    {
        assert!(secret.len() < 32 || !page.out.contains(secret));
    }
}

/// What is written of small fixtures, whole: a change of any word, number or stroke shows.
#[test]
fn pages_pictures_and_markdown_are_as_they_were_seen_and_found_good() {
    for name in ["tls-version-mismatch", "required-none-sent-tls13"] {
        let folder = fixture(&format!("{name}/README.md")).parent().unwrap().to_owned();
        let capture = path(folder.join("capture.pcap"));
        let keys = path(folder.join("keys.log"));
        for (form, options) in [("html", &[][..]), ("svg", &["--svg"]), ("md", &["--markdown"])] {
            let mut arguments = vec![capture.as_str()];
            if std::path::Path::new(&keys).is_file() {
                arguments.extend(["--keylog", &keys]);
            }
            arguments.extend(options);
            let ran = report(&arguments);
            assert_ne!(ran.exit, Exit::CouldNotLook, "{}", ran.err);
            let version = format!("mtlscope {}", env!("CARGO_PKG_VERSION"));
            let written = without_style(&ran.out).replace(&version, "mtlscope VERSION");
            // An element a line, so that a change can be read.
            let written = if form == "md" { written } else { written.replace("><", ">\n<") };
            insta::assert_snapshot!(format!("{name}.{form}"), written);
        }
    }
}

/// The stylesheet has nothing to do with a fixture.
fn without_style(written: &str) -> String {
    match written.split_once("<style>") {
        Some((before, rest)) => format!("{before}<style>{}", rest.split_once("</style>").unwrap().1),
        None => written.to_owned(),
    }
}

#[test]
fn no_fixture_is_too_odd_for_a_report_and_the_sentence_is_always_that_of_the_terminal() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut compared = 0;
    for folder in std::fs::read_dir(fixtures).unwrap() {
        let folder = folder.unwrap().path();
        for capture in ["capture.pcap", "capture.pcapng"].map(|name| folder.join(name)) {
            if !capture.is_file() {
                continue;
            }
            let mut arguments = vec![path(capture)];
            let keys = folder.join("keys.log");
            if keys.is_file() {
                arguments.extend(["--keylog".to_owned(), path(keys)]);
            }
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let read =
                run(std::iter::once("read").chain(arguments.iter().copied()).chain(["--width", "10000"]));
            let page = report(&arguments);
            assert_eq!(page.exit, read.exit, "{arguments:?}: {}", page.err);
            let page = text_of(&page.out);
            for line in read.out.lines() {
                let line = line.trim();
                let words = ["Accepted ", "Refused ", "Incomplete ", "Unknown "];
                if words.iter().any(|word| line.starts_with(word)) {
                    let start: String = line.split_whitespace().take(14).collect::<Vec<_>>().join(" ");
                    assert!(page.contains(&start), "{arguments:?}: {start}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 60, "{compared}");
}

/// The words of a page, without its tags.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    for piece in page.split('<') {
        let words = piece.split_once('>').map_or(piece, |(_, words)| words);
        text.push_str(
            &words.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"),
        );
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ["Accepted", "Incomplete", "Unknown"]
        .iter()
        .fold(text, |text, word| text.replace(&format!("{word}: "), &format!("{word} ")))
}

#[test]
fn it_goes_to_a_file_and_its_size_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("report.html");
    let ran = report(&[&path(refused()), "-o", output.to_str().unwrap()]);
    assert_eq!(ran.out, "");
    assert!(
        ran.err.contains("report.html: ") && ran.err.contains(" KB. 1 connection: 1 refused."),
        "{}",
        ran.err
    );
    let page = std::fs::read_to_string(output).unwrap();
    assert!(page.ends_with("</html>"), "{}", &page[page.len() - 40..]);
    assert!(page.len() < 100_000, "{}", page.len());
}

#[test]
fn a_picture_and_markdown_are_of_the_connection_that_is_meant() {
    let capture = path(refused());
    let picture = report(&[&capture, "--svg"]);
    assert!(picture.out.starts_with("<?xml") && picture.out.ends_with("</svg>\n"));
    assert!(picture.out.contains("Alert: fatal unknown_ca (48)"));
    let markdown = report(&[&capture, "--markdown"]);
    assert!(
        markdown.out.contains("**Refused** by the server, with alert fatal unknown\\_ca"),
        "{}",
        markdown.out
    );
    assert!(markdown.out.contains("```text\n"));
    let numbered = report(&[&format!("{capture}#1"), "--markdown"]);
    assert_eq!((numbered.out, numbered.err), (markdown.out, String::new()));
}

#[test]
fn several_captures_share_a_page_and_failures_come_first() {
    let ran = report(&[&path(accepted()), &path(refused()), "--full", "1"]);
    assert!(ran.out.contains("1 of 2 connections are shown in full"), "no word on it");
    assert!(ran.out.contains("f2c1-verdict") || ran.out.contains("f1c1-verdict"));
    assert_eq!(ran.out.matches("-verdict\"").count(), 1);
    assert!(ran.out.contains("data-outcome=\"refused\""));
}

#[test]
fn a_stranger_is_told_nothing_that_was_said_inside() {
    let (capture, keys) = (
        path(fixture("asked-in-renegotiation/capture.pcap")),
        path(fixture("asked-in-renegotiation/keys.log")),
    );
    let inside = "/secure/index.php";
    let arguments = [capture.as_str(), "--keylog", &keys];
    assert!(report(&arguments).out.contains(inside));
    for form in [&["-V"][..], &["--markdown"], &["--svg"]] {
        let ran = report(&[&arguments[..], form, &["--share"]].concat());
        assert!(ran.out.contains("GET …"), "{form:?}");
        assert!(!ran.out.contains(inside) && !ran.out.contains("index.php"), "{form:?}");
        assert!(!ran.out.contains(env!("CARGO_MANIFEST_DIR")), "{form:?}: a path");
    }
    let page = report(&[&arguments[..], &["--share"]].concat()).out;
    assert!(page.contains("Made for a stranger") && page.contains("CN=TestClient"));
}

#[test]
fn what_makes_no_sense_is_said_in_one_line() {
    let capture = path(refused());
    let terminal = Given { terminal: Some(Terminal { columns: Some(80) }), ..Given::default() };
    let ran = run_with(["report", &capture], terminal);
    assert_eq!(ran.exit, Exit::CouldNotLook);
    assert!(ran.err.contains("-o report.html"), "{}", ran.err);
    for (arguments, says) in [
        (vec![format!("{capture}#9")], "there is no connection 9"),
        (vec![format!("{capture}#1"), capture.clone()], "picks a connection of one capture"),
        (vec![capture.clone(), "-o".to_owned(), capture.clone()], "give -o another name"),
        (
            vec![capture.clone(), "-o".to_owned(), "/nowhere/at/all.html".to_owned()],
            "cannot write /nowhere/at/all.html",
        ),
        (vec![capture.clone(), "-Y".to_owned(), "nonsense ==".to_owned()], "nonsense"),
        (vec!["/nowhere.pcap".to_owned()], "nowhere.pcap"),
        (
            vec![capture.clone(), "--svg".to_owned(), "-Y".to_owned(), "connection.id == 7".to_owned()],
            "does not match",
        ),
    ] {
        let ran = run(std::iter::once("report".to_owned()).chain(arguments.clone()));
        assert_eq!(ran.exit, Exit::CouldNotLook, "{arguments:?}");
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}
