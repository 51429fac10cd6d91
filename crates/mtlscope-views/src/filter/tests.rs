//! What filters mean, held against what Wireshark 4.0 answers, and what no filter may do: panic, hang, contradict itself.

use super::*;
use crate::fields::{Value, registry};

/// Occurrences of fields of every type.
fn frame(values: &[(&str, Value)]) -> Vec<Occurrence> {
    let occurrence = |(name, value): &(&str, Value)| {
        let (name, layer) = name.split_once('#').unwrap_or((name, "1"));
        let field = registry::find(name).unwrap();
        Occurrence { field, value: value.clone(), layer: layer.parse().unwrap() }
    };
    values.iter().map(occurrence).collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// A connection from a port to another, with a name, a hash and times; `authority` occurs twice.
fn sample() -> Vec<Occurrence> {
    use mtlscope_dissect::time::Timestamp;
    frame(&[
        ("client.port", Value::Unsigned(4406)),
        ("server.port", Value::Unsigned(443)),
        ("client.ip#1", Value::Ipv4("10.77.0.2".parse().unwrap())),
        ("client.ip#2", Value::Ipv4("192.168.1.5".parse().unwrap())),
        ("server.ipv6", Value::Ipv6("2001:db8::1".parse().unwrap())),
        ("server_name", text("client.test")),
        ("authority", text("CN=Lab Root CA")),
        ("authority", text("CN=b,O=Lab")),
        ("leaf.sha256", Value::Bytes(Box::new([0x16, 3, 1, 0, 0xff]))),
        ("connection.start", Value::AbsoluteTime(Timestamp::from_parts(1_795_348_800, 500_000_000))),
        ("connection.duration", Value::RelativeTime(1_500_000_000)),
        ("connection.start_seen", Value::Boolean(true)),
        ("resumed", Value::Boolean(false)),
        ("finding.frame", Value::Unsigned(4)),
        ("finding.frame", Value::Unsigned(7)),
    ])
}

fn holds(filter: &str) -> bool {
    match Filter::compile(filter) {
        Ok(filter) => filter.matches(&sample()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn these_hold() {
    for filter in [
        "",
        "  \n ",
        "client.port",
        "client.port == 4406 and server.port eq 443",
        "client.port == 0x1136 && client.port == 010466 && client.port == 0b1000100110110",
        "client.port != 443 and not server.port != 443",
        "client.port > 4405 && client.port >= 4406 && client.port < 4407 && client.port <= 4406",
        "server.port lt client.port",
        "server.port < client.port == 4406",
        "server.port in {80, 443}",
        "server.port in {400..500}",
        "server.port in { 80 , 443..445 } and server.port in {client.port, server.port}",
        "server.port not in {80, 8000..8100} and alpn not in {\"h2\"}",
        "not server.port in {80}",
        // Precedence: and before xor before or, not before all.
        "server.port == 443 or server.port == 80 and server.port == 81",
        "not server.port == 80 and client.port",
        "resumed xor client.port and server.port == 443 and server.port == 80",
        "client.port ^^ server.port ^^ resumed",
        "!(client.port == 1 || client.port == 2)",
        // Several values: any for ==, all for !=.
        "authority == \"CN=Lab Root CA\"",
        "authority != \"x\" and authority !== \"CN=Lab Root CA\" and authority ~= \"CN=Lab Root CA\"",
        "not authority != \"CN=Lab Root CA\"",
        "not authority === \"CN=Lab Root CA\"",
        "finding.frame === 4 or all finding.frame > 3 and any finding.frame != 4",
        "all finding.frame in {4,7} and not all finding.frame in {4}",
        "finding.frame any_eq 4 && finding.frame all_ne 5 && finding.frame any_ne 4 && !(finding.frame all_eq 4)",
        // Text.
        "server_name == client.test",
        "server_name == \"cl\\x69ent.test\"",
        "server_name contains \"test\" and server_name contains est",
        "server_name contains \"\"",
        "server_name matches \"^CLIENT\" and server_name ~ r\"t\\.test$\"",
        "not server_name matches \"(?-i)^CLIENT\"",
        "upper(server_name) == \"CLIENT.TEST\" and lower(server_name) == client.test",
        "server_name > \"b\" and server_name < \"d\"",
        "server_name in {\"a\" .. \"d\"}",
        "server_name[0:3] == \"cli\" and server_name[0-2] == 63:6c:69 and server_name[-4:] == \"test\"",
        "len(server_name) == 11 and count(authority) == 2",
        // Bytes.
        "leaf.sha256 == 16:03:01:00:ff and leaf.sha256 == 16030100ff and leaf.sha256 == 16-03-01-00-ff",
        "leaf.sha256 contains 03:01 and leaf.sha256 contains 0x03 and leaf.sha256 contains \"\\x03\\x01\"",
        "leaf.sha256[0] == 16 and leaf.sha256[0] == 0x16 and leaf.sha256[0] == '\\x16'",
        "leaf.sha256[1:2] == 03:01 and leaf.sha256[1-2] == 03.01 and leaf.sha256[0,2,4] == 16:01:ff",
        "leaf.sha256[0,90] == 16 and leaf.sha256[90:] != 00 and leaf.sha256[90] == \"\"",
        "leaf.sha256[0:2] and not leaf.sha256[3] and not leaf.sha256[90]",
        "leaf.sha256 matches \"^\\x16\\x03.\\x00\\xff$\"",
        "leaf.sha256[4] & 0f == 0f",
        "leaf.sha256 > 16:03:00 and len(leaf.sha256) == 5",
        // Addresses.
        "client.ip == 10.77.0.2 and client.ip == 10.0.0.0/8 and client.ip != 11.0.0.0/8",
        "client.ip in {10.77.0.1 .. 10.77.0.9, 127.0.0.0/8}",
        "client.ip > 10.77.0.1 and client.ip[0] == 0a",
        "client.ip & 255.0.0.0 == 10.0.0.0",
        "server.ipv6 == 2001:db8::/32 and server.ipv6 == 2001:db8::1 and server.ipv6[0:2] == 20:01",
        "string(client.ip) matches r\"^10\\.\" and string(server.port) == \"443\"",
        "client.ip#1 == 10.77.0.2 and client.ip#2 == 192.168.0.0/16 and client.ip#[1-2] and !client.ip#3",
        "client.ip#[2:] and client.ip#[1,3] and not client.ip#[3-9]",
        // Times.
        "connection.start > \"2026-11-22 12:00:00\" and connection.start < \"Nov 22, 2026 12:00:01\"",
        "connection.start == \"2026-11-22T12:00:00.5Z\" and connection.start > 2026-11-22",
        "connection.duration == 1.5 and connection.duration > 1 and connection.duration > -1",
        "connection.duration in {1 .. 1.5} and connection.duration + 1 == 2.5",
        // Yes and no.
        "connection.start_seen == True and connection.start_seen == 1 and connection.start_seen == 2",
        "resumed == FALSE and resumed == 0 and resumed == \"Not set\" and resumed != TRUE",
        // Arithmetic.
        "server.port + 1 == 444 and server.port - 1 == 442 and server.port -1 == 442 and server.port+1 == 444",
        "server.port * 2 == 886 and server.port / 2 == 221 and server.port % 2 == 1 and server.port/2 == 221",
        "client.port >= 3 * {server.port + 3} and -server.port < 0 and server.port == 442 + 1",
        "server.port & 1 and server.port & 2 == 2 and not server.port & 4 and server.port bitwise_and 1",
        "max(client.port, server.port) == 4406 and min(client.port, server.port, 9) == 9",
        "abs(server.port - client.port) == 3963 and max(finding.frame) == 7",
        "not server.port - server.port and client.port - server.port",
        // A field by a leading dot, bytes by a leading colon.
        ".server.port == 443 and leaf.sha256[4] == :ff",
    ] {
        assert!(holds(filter), "{filter}");
    }
}

#[test]
fn a_field_that_is_not_there_answers_every_question_with_no() {
    for filter in [
        "alpn",
        "alpn == \"h2\"",
        "alpn != \"h2\"",
        "alpn in {\"h2\"}",
        "all alpn == \"h2\"",
        "count(alpn) == 0",
        "len(alpn) >= 0",
        "alpn == server_name",
        "server_name != alpn",
        "server.port / 0 == 0",
        "server.port % {server.port - 443} == 0",
        "max(chain.depth, server.port) > 0",
        "client.ip#3 == 10.0.0.0/8",
    ] {
        assert!(!holds(filter), "{filter}");
        assert!(holds(&format!("not ({filter})")), "{filter}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_was_meant() {
    for (filter, place, said) in [
        ("outcome.resutl == \"x\"", 0..14, "no field is called outcome.resutl, did you mean outcome.result?"),
        ("nonsense", 0..8, "`mtlscope read --fields` lists them all"),
        ("refused_by", 0..10, "did you mean outcome.refused_by?"),
        ("client.port ==", 14..14, "ends too soon"),
        ("client.port and", 15..15, "ends too soon"),
        ("(client.port", 12..12, "closing )"),
        ("client.port)", 11..12, "no place here"),
        ("client.port server.port", 12..23, "no place here"),
        ("client.port = 80", 12..13, "equality is written =="),
        ("client.port == http", 15..19, "is no number"),
        ("client.port == \"http\"", 15..21, "is no number"),
        ("client.port == 1.5", 15..18, "is no number"),
        ("client.port == server.prot", 15..26, "or is the field server.port meant?"),
        ("80 == client.port", 0..2, "a field or a function is wanted here"),
        ("\"a\" == server_name", 0..3, "a field or a function is wanted here"),
        ("client.port == client.ip", 15..24, "a number is compared with an IPv4 address"),
        ("client.ip == www.example.test", 13..29, "names are not looked up"),
        ("client.ip == 10.0.0.0/33", 13..24, "at most 32 bits"),
        ("client.ip == \"10.0.0.1\"", 13..23, "without quotes"),
        ("server.ipv6 == 10.0.0.1", 15..23, "is no IPv6 address"),
        ("client.port contains 80", 0..20, "only text and bytes do"),
        ("client.port matches \"80\"", 0..19, "string() makes text of it"),
        ("server_name matches abc", 20..23, "double quotes"),
        ("server_name matches \"[\"", 20..23, "no regular expression"),
        ("server_name matches \"(?=a)\"", 20..27, "look-around"),
        ("leaf.sha256 == 0x1603", 15..21, "no byte string"),
        ("client.port[0] == 1", 0..14, "no bytes to take a slice of"),
        ("leaf.sha256[3:0] == 1", 12..15, "not above zero"),
        ("leaf.sha256[a] == 1", 12..13, "is no number"),
        ("count(authority)", 0..16, "needs something to be compared with"),
        ("foo(client.port) == 1", 0..16, "no function is called foo; there are len"),
        ("len() == 1", 0..5, "takes one argument"),
        ("len(client.port) == 1", 4..15, "not a number"),
        ("lower(client.port) == \"a\"", 6..17, "takes text"),
        ("any client.port", 15..15, "need a comparison"),
        ("client.port in {80 443}", 19..22, "parted by commas"),
        ("client.port in {}", 16..17, "a field or a value is wanted"),
        ("client.port in 80", 15..17, "followed by a set"),
        ("client.ip#a", 10..11, "number of a layer"),
        ("connection.start > \"yesterday\"", 19..30, "is no moment"),
        ("connection.duration > \"1\"", 22..25, "without quotes"),
        ("connection.start_seen == true", 25..29, "which is 1 or 0, True or False"),
        ("${client.port} == 1", 0..1, "macros are not known here"),
        ("server_name + 1 == \"a\"", 0..15, "cannot be calculated with"),
    ] {
        let error = Filter::compile(filter).unwrap_err();
        assert!(error.message().contains(said), "{filter}: {}", error.message());
        assert_eq!(error.place(), place, "{filter}: {}", error.message());
        assert!(!error.message().contains('\n'), "{filter}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |depth| format!("{}client.port{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::compile(&nested(90)).is_ok());
    for filter in [
        nested(100_000 / 20),
        format!("{}client.port", "!".repeat(60_000)),
        format!("client.port == {}1", "-".repeat(60_000)),
        format!("client.port == {}1", "{".repeat(60_000)),
        format!("client.port == 1{}", "+1".repeat(20_000)),
        format!("{}client.port", "min(".repeat(10_000)),
        "a".repeat(LONGEST + 1),
        format!("server_name matches \"{}\"", "(a{99}){99}".repeat(9)),
    ] {
        assert!(Filter::compile(&filter).is_err());
    }
    let long = vec!["client.port == 1"; 3000].join(" or ");
    assert!(!Filter::compile(&long).unwrap().matches(&sample()));
}

#[test]
fn a_filter_names_its_fields_once() {
    let filter =
        Filter::compile("outcome.result == \"refused\" and count(authority) > 1 and authority").unwrap();
    let names: Vec<_> = filter.fields().iter().map(|field| field.name).collect();
    assert_eq!(names, ["outcome.result", "authority"]);
    assert!(!filter.needs_frames());
}

/// Numbers that look like chance and are the same in each run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, things: &[&'a T]) -> &'a T {
        things[self.below(things.len())]
    }
}

/// A question whose answer may be either, over fields of every type.
fn question(chance: &mut Chance) -> String {
    let comparison =
        ["==", "!=", "===", "!==", "<", "<=", ">", ">=", "eq", "ne", "gt", "lt", "any_ne", "all_eq"];
    let (fields, values): (&[&str], &[&str]) = match chance.below(7) {
        0 => (
            &[
                "client.port",
                "server.port",
                "finding.frame",
                "count(authority)",
                "len(server_name)",
                "chain.depth",
            ],
            &[
                "443",
                "4406",
                "4",
                "2",
                "0x1bb",
                "server.port",
                "finding.frame",
                "4 + 3",
                "max(finding.frame)",
            ],
        ),
        1 => (
            &["client.ip", "client.ip#1", "client.ip#[2:]"],
            &["10.77.0.2", "10.0.0.0/8", "192.168.1.5", "client.ip"],
        ),
        2 => (
            &["server_name", "authority", "upper(server_name)", "alpn"],
            &["\"client.test\"", "\"CN=Lab Root CA\"", "\"CLIENT.TEST\"", "authority", "\"\""],
        ),
        3 => (
            &["leaf.sha256", "leaf.sha256[1:2]", "server_name[0:3]", "leaf.sha256[0,9]"],
            &["16:03", "03:01", "\"cli\"", "leaf.sha256", "16", "00"],
        ),
        4 => (&["connection.duration"], &["1", "1.5", "2", "-1", "connection.duration"]),
        5 => (&["connection.start_seen", "resumed"], &["True", "FALSE", "0", "1"]),
        _ => (&["connection.start"], &["\"2026-11-22\"", "\"2026-11-22 12:00:00.5\"", "\"2027-01-01\""]),
    };
    let quantifier = chance.of(&["", "", "", "any ", "all "]);
    let field = chance.of(fields);
    match chance.below(4) {
        0 => format!("{quantifier}{field} in {{{}, {}}}", chance.of(values), chance.of(values)),
        _ => format!("{quantifier}{field} {} {}", chance.of(&comparison), chance.of(values)),
    }
}

#[test]
fn filters_obey_the_laws_of_logic() {
    let mut chance = Chance(0x1234_5678_9abc_def1);
    let (mut yes, mut no) = (0, 0);
    for _ in 0..3000 {
        let (a, b) = (question(&mut chance), question(&mut chance));
        let (is_a, is_b) = (holds(&a), holds(&b));
        *if is_a { &mut yes } else { &mut no } += 1;
        assert_eq!(holds(&format!("not {a}")), !is_a, "{a}");
        assert_eq!(holds(&format!("{a} and {b}")), is_a && is_b, "{a} and {b}");
        assert_eq!(holds(&format!("{a} || {b}")), is_a || is_b, "{a} || {b}");
        assert_eq!(holds(&format!("{a} xor {b}")), is_a != is_b, "{a} xor {b}");
        assert_eq!(holds(&format!("!({a} && {b})")), holds(&format!("!{a} || !{b}")), "{a} {b}");
    }
    assert!(yes > 500 && no > 500, "{yes} {no}: the questions prove nothing");
}

#[test]
fn equal_and_not_equal_are_each_others_contrary_where_the_field_is() {
    let mut chance = Chance(0x0fed_cba9_8765_4321);
    for _ in 0..2000 {
        let question = question(&mut chance);
        let Some((field, value)) = question.split_once(" == ") else { continue };
        let field = field.trim_start_matches("any ").trim_start_matches("all ");
        let is_there = holds(&format!("{field} == {field}"));
        assert_eq!(holds(&format!("{field} != {value}")), is_there && !holds(&format!("{field} == {value}")));
        assert_eq!(
            holds(&format!("{field} !== {value}")),
            is_there && !holds(&format!("{field} === {value}"))
        );
    }
}

#[test]
fn whatever_is_written_neither_panics_nor_loses_its_place() {
    const PIECES: &[&str] = &[
        "client.port",
        "server_name",
        "leaf.sha256",
        "client.ip",
        "connection.start",
        "authority",
        "nothing",
        "==",
        "!=",
        "===",
        "~",
        "matches",
        "contains",
        "in",
        "{",
        "}",
        "(",
        ")",
        "[0:2]",
        "[-1]",
        "[",
        "]",
        "#",
        "#1",
        "#[1-2]",
        "..",
        ",",
        "and",
        "or",
        "xor",
        "not",
        "!",
        "&",
        "+",
        "-",
        "*",
        "/",
        "%",
        "any",
        "all",
        "len(",
        "count(",
        "max(",
        "string(",
        "443",
        "0x16",
        "16:03",
        "10.0.0.0/8",
        "::1",
        "\"a\"",
        "r\"\\d\"",
        "'a'",
        "\"",
        "'",
        "\\",
        "ä",
        "\u{202e}",
        "1.5",
        "True",
        "\"2026-11-22\"",
        "\n",
        "$",
        "\u{0}",
        "bitwise_and",
        "9223372036854775808",
    ];
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut good, sample) = (0, sample());
    for _ in 0..30_000 {
        let pieces = 1 + chance.below(9);
        let glue = chance.of(&["", " "]);
        let text = (0..pieces).map(|_| chance.of(PIECES)).collect::<Vec<_>>().join(glue);
        match Filter::compile(&text) {
            Ok(filter) => {
                filter.matches(&sample);
                good += 1;
            }
            Err(error) => {
                let place = error.place();
                assert!(text.get(place.clone()).is_some(), "{text:?}: {place:?}");
                assert!(
                    error.to_string().chars().all(|c| c == '\n' || !crate::printable::deceives(c)),
                    "{text:?}"
                );
            }
        }
    }
    assert!(good > 300, "only {good} were filters");
}

#[test]
fn every_part_of_a_filter_is_a_filter_or_an_error() {
    for filter in [
        "client.ip#[1-2] == 10.0.0.0/8 and not server_name[0:3,5-] matches r\"a\\\"b\" xor {client.port + 0x1f} > 3",
        "all finding.frame in {1..3, '\\x41', \"a\\u00e4\"} || max(client.port, -1) !== 080 && ::1",
    ] {
        for end in (0..=filter.len()).filter(|end| filter.is_char_boundary(*end)) {
            let _ = Filter::compile(&filter[..end]);
            let _ = Filter::compile(&filter[end..]);
        }
    }
}

#[test]
fn over_connections_frames_and_the_whole_are_joined() {
    // Until a field of frames is asked for, frames need not be told.
    let filter = OverConnections::compile("outcome.result == \"refused\" and server.port == 443").unwrap();
    let own = frame(&[("outcome.result", text("refused")), ("server.port", Value::Unsigned(443))]);
    assert!(filter.matches(&Candidate::default(), &own));
    assert!(!filter.matches(&Candidate::default(), &own[..1]));
}
