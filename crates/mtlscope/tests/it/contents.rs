//! JSON shows no contents of messages, so they are let go early (`Teller::letting_contents_go`): the lines must be those that
//! come of messages kept whole, or a rule looks at what is gone.

use std::fs;
use std::path::Path;

use mtlscope_diagnose::connection::{StepKind, Teller, Told};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::diagnose;
use mtlscope_dissect::input::{Input, Secret, SecretOrigin};
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{CaptureFile, Source, decryption_secrets};
use mtlscope_views::View;
use mtlscope_views::json::v1::Lines;

use crate::run::run;

/// What is told with every message kept, or with the contents of all let go.
fn lines(capture: &Path, keys: Option<&Path>, lets_go: bool) -> String {
    let mut dissector = Dissector::new(Settings::default());
    let mut context = Context::default();
    let mut take = |source: &mut dyn Source, dissector: &mut Dissector| {
        while let Some(input) = source.next().unwrap() {
            context.keys_given |= matches!(input, Input::Secret(_));
            dissector.push(input);
        }
    };
    if let Some(keys) = keys {
        let lines = &fs::read(keys).unwrap();
        dissector.push(Input::Secret(Secret { origin: SecretOrigin::KeyLog, lines, flow: None }));
    }
    take(&mut decryption_secrets(capture).unwrap(), &mut dissector);
    take(&mut CaptureFile::open(capture).unwrap(), &mut dissector);
    context.keys_given |= keys.is_some();
    dissector.finish();
    let (mut view, mut out, mut teller) =
        (Lines::new(), Vec::new(), Teller::default().letting_contents_go(lets_go));
    view.file(&capture.to_string_lossy(), &mut out).unwrap();
    while let Some(event) = dissector.poll() {
        teller.hear(event);
        while let Some(told) = teller.poll() {
            if let Told::Connection(connection) = told {
                let has_contents =
                    connection.steps.iter().any(|step| matches!(step.kind, StepKind::Message(_)));
                assert!(!(lets_go && has_contents), "{}", capture.display());
                view.connection(&connection, &diagnose(&connection, &context), &mut out).unwrap();
            }
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn lines_do_not_depend_on_whether_contents_are_kept() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut count = 0;
    for folder in fs::read_dir(fixtures).unwrap() {
        let folder = folder.unwrap().path();
        let Some(capture) = ["capture.pcap", "capture.pcapng"]
            .map(|name| folder.join(name))
            .into_iter()
            .find(|file| file.is_file())
        else {
            continue;
        };
        let keys = Some(folder.join("keys.log")).filter(|keys| keys.is_file());
        let mut arguments = vec!["read".into(), "--json".into(), capture.clone().into_os_string()];
        if let Some(keys) = &keys {
            arguments.extend(["--keylog".into(), keys.clone().into_os_string()]);
        }
        let kept = lines(&capture, keys.as_deref(), false);
        assert_eq!(lines(&capture, keys.as_deref(), true), kept, "{}", folder.display());
        assert_eq!(run(arguments).out, kept, "{}", folder.display());
        count += 1;
    }
    assert!(count > 10, "{count} fixtures");
}
