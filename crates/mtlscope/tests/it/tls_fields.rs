//! The fields of TLS and of certificates, beside what tshark 4.0.17 prints of the same fixtures.
//!
//! `tls_fields.tsv` was made with `tshark -2 -T pdml -o tls.keylog_file:keys.log`: a line a field that occurs in a fixture, then
//! `frame=value|value` for each frame. Values of more than sixty characters are cut, with their length behind. What tshark tells of
//! application data that it puts together (`tls.segment.data`, `tls.reassembled_in`) is left out.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::Path;

use mtlscope_dissect::event::{ConnectionId, Event, EventKind};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::registry::ProtocolVersion;
use mtlscope_dissect::{Dissector, Settings, reader};
use mtlscope_sources::{CaptureFile, KeyLogFile, Source};
use mtlscope_views::fields::tls::Conversation;
use mtlscope_views::fields::{Base, Kind, Occurrence, Value, Wanted};

const EXPECTED: &str = include_str!("tls_fields.tsv");

/// The longest values that the table has whole, in characters.
const WHOLE: usize = 60;

#[test]
fn every_field_has_the_values_that_tshark_prints() {
    let mut expected: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in EXPECTED.lines() {
        let (fixture, row) = line.split_once('\t').unwrap();
        expected.entry(fixture).or_default().push(row.to_owned());
    }
    assert_eq!(expected.len(), 4);
    for (fixture, mut rows) in expected {
        rows.sort_unstable();
        assert!(rows.len() > 60, "{fixture}: {}", rows.len());
        assert_same(fixture, &rows, &told(fixture, &Wanted::All));
    }
}

#[test]
fn what_is_not_wanted_is_not_told() {
    let only = |name: &'static str| Wanted::Only([name].into());
    let fixture = "wireshark-article-tls12-with-certificate";
    for name in ["x509sat.uTF8String", "tls.handshake.type", "tls.record.length", "tls"] {
        let all = told(fixture, &Wanted::All);
        let of_name: Vec<_> =
            all.iter().filter(|row| row.split('\t').next() == Some(name)).cloned().collect();
        assert_eq!((told(fixture, &only(name)), of_name.len()), (of_name, 1), "{name}");
    }
}

/// Says of the first difference what is missing and what is too much, instead of two long lists.
fn assert_same(fixture: &str, expected: &[String], told: &[String]) {
    let missing: Vec<_> = expected.iter().filter(|row| !told.contains(row)).collect();
    let more: Vec<_> = told.iter().filter(|row| !expected.contains(row)).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "{fixture}: only tshark: {missing:#?}\nonly we: {more:#?}"
    );
}

/// The rows of the table for a fixture, as we tell them.
fn told(fixture: &str, wanted: &Wanted) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(fixture);
    let versions = versions(&folder);
    let mut frames: BTreeMap<FrameNumber, Vec<Occurrence>> = BTreeMap::new();
    let mut conversations: HashMap<ConnectionId, Conversation> = HashMap::new();
    let mut hear = |event: Event| {
        let Some(id) = event.connection else { return };
        let conversation = conversations.entry(id).or_default();
        match event.kind {
            EventKind::Opened(opened) => {
                *conversation = Conversation::new(&opened).of_version(versions.get(&id).copied());
            }
            EventKind::Record(record) => {
                let values = frames.entry(record.evidence.frame.unwrap()).or_default();
                conversation.record(&record, wanted, values);
            }
            EventKind::Message(message) => {
                let values = frames.entry(message.evidence.frame.unwrap()).or_default();
                conversation.message(&message, wanted, values);
            }
            _ => {}
        }
    };
    read(&folder, &mut hear);
    let mut rows: BTreeMap<&str, String> = BTreeMap::new();
    for (frame, occurrences) in frames {
        let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for Occurrence { field, value, .. } in occurrences {
            by_name.entry(field.name).or_default().push(printed(field.kind, &value));
        }
        for (name, values) in by_name {
            let mut values = values.join("|");
            let length = values.len();
            if length > WHOLE {
                values.truncate(WHOLE);
                write!(values, "~{length}").unwrap();
            }
            write!(rows.entry(name).or_insert_with(|| name.to_owned()), "\t{frame}={values}").unwrap();
        }
    }
    rows.into_values().collect()
}

/// The version of each connection, which tshark knows in the second of its two passes.
fn versions(folder: &Path) -> HashMap<ConnectionId, ProtocolVersion> {
    let mut versions = HashMap::new();
    read(folder, &mut |event| {
        if let (Some(id), EventKind::Message(message)) = (event.connection, event.kind)
            && let Body::ServerHello(hello) = &message.body
        {
            versions.insert(id, hello.version());
        }
    });
    versions
}

fn read(folder: &Path, hear: &mut dyn FnMut(Event)) {
    let settings = Settings { keep_bytes: true, packets: true, ..Settings::default() };
    let mut dissector = Dissector::new(settings);
    let mut keys = KeyLogFile::open(&folder.join("keys.log")).unwrap();
    let mut capture = CaptureFile::open(&folder.join("capture.pcap")).unwrap();
    for source in [&mut keys as &mut dyn Source, &mut capture] {
        while let Some(input) = source.next().unwrap() {
            dissector.push(input);
            while let Some(event) = dissector.poll() {
                hear(event);
            }
        }
    }
}

/// A value as the table has it.
fn printed(kind: Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::Protocol, _) | (_, Value::Present) => String::new(),
        (_, Value::Boolean(is_so)) => u8::from(*is_so).to_string(),
        (Kind::Unsigned(Base::Hexadecimal(digits)), Value::Unsigned(number)) => {
            format!("0x{number:0width$x}", width = usize::from(digits))
        }
        (_, Value::Unsigned(number)) => number.to_string(),
        (_, Value::Signed(number)) => number.to_string(),
        (_, Value::Text(text)) => text.to_string(),
        (_, Value::Bytes(bytes)) => reader::hex(bytes),
        (_, Value::Ipv4(address)) => address.to_string(),
        (_, Value::Ipv6(address)) => address.to_string(),
        (_, Value::AbsoluteTime(time)) => time.nanoseconds().to_string(),
        (_, Value::Oid(dotted)) => dotted.to_string(),
        (_, other) => panic!("{other:?}"),
    }
}
