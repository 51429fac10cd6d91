//! Every fragment of every told connection: what it says, and what a parser of HTML5 makes of it, also where a peer chose the
//! words.

use std::collections::BTreeSet;
use std::sync::Arc;

use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use mtlscope_diagnose::comparison::{Compared, compare};
use mtlscope_diagnose::connection::{Said, StepKind};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::identities;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::notice::{Notice, NoticeKind};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509::{Certificate, GeneralName, Name};

use super::*;
use crate::View;
use crate::comparison::Named;
use crate::printable::deceives;
use crate::told;

#[test]
fn the_verdict_and_the_ladder_of_each_told_connection() {
    let settings = Settings::default();
    for (name, connection) in told::all() {
        let findings = told::findings(&connection);
        let text =
            format!("{}\n{}\n", head(&connection, &settings), verdict(&connection, &findings, &settings));
        insta::assert_snapshot!(format!("verdict_{name}"), text.replace("><", ">\n<"));
        let text = ladder(&connection, &settings).into_string();
        insta::assert_snapshot!(format!("ladder_{name}"), text.replace("><", ">\n<"));
    }
}

#[test]
fn the_certificates_of_a_refused_client() {
    let connection = told::unknown_ca();
    let identities = identities::checked(&connection, &Context::default());
    let text = certificates(&connection, &identities, &Settings::default()).into_string();
    insta::assert_snapshot!(text.replace("><", ">\n<"));
}

#[test]
fn two_connections_side_by_side_and_a_summary_of_both() {
    let (good, bad) = (told::accepted(), told::unknown_ca());
    insta::assert_snapshot!("comparison", compared(&good, &bad).into_string().replace("><", ">\n<"));
    let mut both = Summary::default();
    both.add(Brief::of(&good, &[], None, None), 1);
    both.add(Brief::of(&bad, &told::findings(&bad), None, None), 1);
    let text = summary(&both, "summary", &Settings::default()).into_string();
    insta::assert_snapshot!("summary", text.replace("><", ">\n<"));
}

#[test]
fn the_sentence_is_that_of_the_terminal() {
    for (name, connection) in told::all() {
        let page = page("t", &verdict(&connection, &[], &Settings::default()));
        let mut out = Vec::new();
        let settings = crate::terminal::Settings { width: Some(100), ..Default::default() };
        crate::terminal::Terminal::new(settings).connection(&connection, &[], &mut out).unwrap();
        let terminal = words(&String::from_utf8(out).unwrap());
        let sentence = words(&text_of(&find(&parsed(&page), "h3").expect("a sentence")).replacen(':', "", 1));
        assert!(terminal.contains(&sentence), "{name}: {sentence:?}");
    }
}

#[test]
fn a_drawing_is_well_formed_on_its_own() {
    for (name, connection) in told::all() {
        for spacing in [Spacing::Even, Spacing::ToScale] {
            let file = ladder_svg_file(&connection, &Settings { spacing, ..Settings::default() });
            let body =
                file.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("a declaration");
            let mut open = Vec::new();
            for tag in body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
                match tag.strip_prefix('/') {
                    Some(closed) => assert_eq!(open.pop(), Some(closed.to_owned()), "{name}"),
                    None => open.push(tag.split(' ').next().unwrap_or_default().to_owned()),
                }
            }
            assert!(open.is_empty(), "{name}: {open:?}");
        }
    }
}

#[test]
fn to_scale_time_is_space() {
    let connection = told::asked_later();
    let height = |spacing| {
        let file = ladder_svg_file(&connection, &Settings { spacing, ..Settings::default() });
        let height = file.split(" height=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        height.parse::<u32>().unwrap()
    };
    assert!(height(Spacing::ToScale) > height(Spacing::Even) + 100);
}

#[test]
fn nothing_on_a_page_comes_from_elsewhere_or_runs() {
    for (name, connection) in told::all() {
        let page = parsed(&whole_page(&connection, true));
        for (element, attributes) in elements(&page) {
            assert!(
                !["script", "iframe", "object", "embed", "link", "img", "base", "form"]
                    .contains(&element.as_str())
            );
            for (attribute, value) in attributes {
                assert!(
                    !attribute.starts_with("on") && attribute != "style" && attribute != "src",
                    "{name}: {attribute}"
                );
                assert!(attribute != "href" || value.starts_with('#'), "{name}: {value}");
            }
        }
    }
}

#[test]
fn ids_are_there_once_and_what_is_pointed_at_exists() {
    for (name, connection) in told::all() {
        let page = parsed(&whole_page(&connection, true));
        let mut ids = BTreeSet::new();
        for (_, attributes) in elements(&page) {
            for (attribute, value) in attributes {
                assert!(attribute != "id" || ids.insert(value.clone()), "{name}: {value} twice");
            }
        }
        for (_, attributes) in elements(&page) {
            for (attribute, value) in attributes {
                let pointed = match attribute.as_str() {
                    "aria-labelledby" => value.as_str(),
                    "href" => &value[1..],
                    _ => continue,
                };
                // The pages of rules stand behind the connections, in a report.
                assert!(ids.contains(pointed) || pointed.starts_with("rule-"), "{name}: {pointed}");
            }
        }
    }
}

/// Texts that a peer may choose to do harm.
fn attacks() -> Vec<String> {
    vec![
        "<script>alert(1)</script>".to_owned(),
        "\"><img src=x onerror=alert(1)>".to_owned(),
        "' onmouseover='alert(1)".to_owned(),
        "</style></title></textarea></svg></svg>--><script>alert(1)</script>".to_owned(),
        "]]><![CDATA[<svg onload=alert(1)>".to_owned(),
        "javascript:alert(1)".to_owned(),
        "&lt;b&gt; &#60;b&#62; &amp;amp;".to_owned(),
        "\u{202e}gpj.exe\u{2066}\u{200f}\u{feff}a\u{200b}b".to_owned(),
        "\0\x1b[2J\r\n\t\u{85}\u{2028}\u{ffff}\u{fffe}\u{1fffe}".to_owned(),
        String::from_utf8_lossy(b"\xff\xfe\xc0<b>\xed\xa0\x80").into_owned(),
        "```\n# heading\n@everyone".to_owned(),
    ]
}

/// A name with this common name, as DER: a peer may put any bytes there.
fn name(text: &str) -> Name {
    let tlv = |tag: u8, content: &[u8]| {
        let mut der = vec![tag, 0x84];
        der.extend((content.len() as u32).to_be_bytes());
        der.extend(content);
        der
    };
    let attribute = [vec![6, 3, 0x55, 4, 3], tlv(0x0c, text.as_bytes())].concat();
    Name::from_der(&tlv(0x30, &tlv(0x31, &tlv(0x30, &attribute)))).expect("a name")
}

/// A connection in which whatever a peer chooses says this.
fn attacked(text: &str) -> Connection {
    let mut connection = told::unknown_ca();
    connection.preambles = vec![preamble(text)];
    connection.tunnel = vec![text.to_owned()];
    let forged = |certificate: &Arc<Certificate>| {
        let mut forged = Certificate::parse(&certificate.der).expect("a certificate");
        forged.subject = name(text);
        forged.issuer = name(text);
        forged.notes = vec![text.to_owned()];
        forged.extensions.subject_alternative_names = vec![GeneralName::Dns(text.to_owned())];
        forged.extensions.ocsp = vec![text.to_owned()];
        Arc::new(forged)
    };
    for handshake in &mut connection.handshakes {
        handshake.server_name = Observed::Seen(text.to_owned());
        handshake.alpn = Observed::Seen(text.to_owned());
        if let Observed::Seen(request) = &mut handshake.request {
            request.authorities = [name(text), name("other")].into();
        }
        if let Observed::Seen(answer) = &mut handshake.answer {
            answer.certificates = answer.certificates.iter().map(forged).collect();
        }
        if let Observed::Seen(identity) = &mut handshake.server_identity {
            identity.certificates = identity.certificates.iter().map(forged).collect();
        }
    }
    for step in &mut connection.steps {
        if let StepKind::Message(message) = &mut step.kind {
            message.certificates = message.certificates.iter().map(forged).collect();
            // How much is shown of a long message is bounded elsewhere.
            let bytes = &text.as_bytes()[..text.len().min(600)];
            message.bytes = Some([&[22, 0, 0, 200], bytes].concat().into());
        }
    }
    connection.said = vec![Said { side: Side::Server, time: connection.start, text: text.to_owned() }];
    connection.notices = vec![Notice { kind: NoticeKind::Source(text.to_owned()), frame: None }];
    connection
}

fn preamble(text: &str) -> mtlscope_dissect::preamble::Preamble {
    use mtlscope_dissect::evidence::Evidence;
    use mtlscope_dissect::preamble::{Preamble, PreambleProtocol, PreambleResult, PreambleStep};
    let evidence = Evidence {
        first_frame: None,
        frame: None,
        time: told::unknown_ca().start,
        side: Side::Client,
        offset: 0,
        length: 1,
    };
    Preamble {
        protocol: PreambleProtocol::HttpConnect,
        steps: vec![PreambleStep { text: text.to_owned(), evidence }],
        destination: Some(text.to_owned()),
        source: None,
        result: PreambleResult::Agreed,
    }
}

fn compared(good: &Connection, bad: &Connection) -> Fragment {
    let findings = told::findings(bad);
    let comparison_of_both = compare(
        Compared { connection: good, findings: &[] },
        Compared { connection: bad, findings: &findings },
    );
    let [good, bad] =
        [(good, "good.pcap"), (bad, "bad.pcap")].map(|(connection, name)| Named { connection, name });
    comparison(good, bad, &comparison_of_both, "comparison", &Settings::default())
}

/// Every fragment there is, of one connection, in a page.
fn whole_page(connection: &Connection, interactive: bool) -> String {
    let settings = Settings { interactive, ..Settings::default() };
    let mut findings = told::findings(connection);
    for finding in &mut findings {
        if let Some(name) = connection.initial().server_name.seen() {
            finding.message = name.clone();
            finding.fix = name.clone();
        }
    }
    let identities = identities::checked(connection, &Context::default());
    let mut all = Summary::default();
    let name = connection.initial().server_name.seen().map_or("a.pcap", String::as_str);
    for _ in 0..2 {
        all.add(Brief::of(connection, &findings, Some(name), None), 10);
    }
    let messages = connection.steps.iter().enumerate().filter_map(|(place, step)| match &step.kind {
        StepKind::Message(told) => {
            message(told, Some(connection.initial()), &format!("message-{place}"), &settings)
        }
        _ => None,
    });
    let body = maud::html! {
        (head(connection, &settings))
        (verdict(connection, &findings, &settings))
        (ladder(connection, &settings))
        (certificates(connection, &identities, &settings))
        (compared(&told::accepted(), connection))
        (summary(&all, "summary", &settings))
        @for message in messages { (message) }
    };
    page(name, &Fragment::of(body))
}

/// Each element, and each with an attribute that it has.
fn shape(page: &Handle) -> BTreeSet<(String, String)> {
    let mut shape = BTreeSet::new();
    for (element, attributes) in elements(page) {
        shape.insert((element.clone(), String::new()));
        shape.extend(attributes.into_iter().map(|(attribute, _)| (element.clone(), attribute)));
    }
    shape
}

/// Nothing in a page but what is in one where no peer meant harm.
fn is_harmless(page: &str, harmless: &BTreeSet<(String, String)>, attack: &str) {
    let start: String = attack.chars().take(30).collect();
    let tree = parsed(page);
    let more: Vec<_> = shape(&tree).difference(harmless).cloned().collect();
    assert!(more.is_empty(), "{start:?} made {more:?}");
    for (element, attributes) in elements(&tree) {
        for (attribute, value) in attributes {
            assert!(attribute != "href" || value.starts_with('#'), "{start:?} in {element}: {value}");
        }
    }
    let text = text_of(&find(&tree, "body").expect("a body"));
    assert!(text.chars().all(|c| c == '\n' || !deceives(c)), "{start:?} is not made visible");
}

#[test]
fn no_element_and_no_attribute_comes_from_a_peer() {
    for interactive in [false, true] {
        let harmless = shape(&parsed(&whole_page(&attacked("harmless"), interactive)));
        assert!(harmless.len() > 100);
        for attack in attacks() {
            is_harmless(&whole_page(&attacked(&attack), interactive), &harmless, &attack);
        }
    }
}

#[test]
fn a_megabyte_of_a_peers_text_makes_no_large_page() {
    let harmless = shape(&parsed(&whole_page(&attacked("harmless"), false)));
    for attack in ["<b>".repeat(350_000), "\u{202e}".repeat(350_000)] {
        let page = whole_page(&attacked(&attack), false);
        assert!(page.len() < 600_000, "{}", page.len());
        is_harmless(&page, &harmless, &attack);
    }
}

#[test]
fn what_a_peer_wrote_is_shown() {
    let attack = "<script>alert(1)</script>";
    let tree = parsed(&whole_page(&attacked(attack), false));
    assert!(text_of(&find(&tree, "h2").unwrap()).contains(attack));
    assert!(text_of(&find(&tree, "title").unwrap()).contains(attack));
    assert!(text_of(&find(&tree, "svg").unwrap()).contains(attack));
}

#[test]
fn a_report_shows_failures_first_and_says_what_it_leaves_out() {
    let settings = ReportSettings {
        full: 2,
        listed: 3,
        messages: true,
        spacing: Spacing::Even,
        name_files: false,
        remark: None,
    };
    let mut report = Report::new(settings, Context::default());
    let mut out = Vec::new();
    report.file("dir/a<b>.pcap", &mut out).unwrap();
    for (place, connection) in
        [told::accepted(), told::accepted(), told::hidden(), told::unknown_ca()].into_iter().enumerate()
    {
        let mut connection = connection;
        connection.id.0 = place as u64 + 1;
        let findings = if place == 3 { told::findings(&connection) } else { Vec::new() };
        report.connection(&connection, &findings, &mut out).unwrap();
    }
    report.across(&told::findings(&told::unknown_ca()), &mut out).unwrap();
    assert!(out.is_empty());
    assert_eq!(report.shown(), (4, 2));
    let page = report.finish("4 connections.");
    let tree = parsed(&page);
    let ids: Vec<String> = elements(&tree)
        .into_iter()
        .filter(|(element, _)| element == "article")
        .filter_map(|(_, attributes)| attributes.into_iter().find(|(name, _)| name == "id"))
        .map(|(_, id)| id)
        .filter(|id| id.ends_with("-connection"))
        .collect();
    assert_eq!(ids, ["c4-connection", "c1-connection"]);
    let text = words(&text_of(&tree));
    assert!(text.contains("Mutual TLS in a<b>.pcap"), "{text}");
    assert!(text.contains("2 of 4 connections are shown in full, those that failed first"), "{text}");
    assert!(text.contains("and 1 more, which are counted above and not listed"), "{text}");
    assert!(page.contains("href=\"#c1-connection\"") && !page.contains("href=\"#c2-connection\""));
    assert!(page.contains("id=\"rule-unknown-ca\""));
}

#[test]
fn a_long_message_is_shown_in_part_and_so_said() {
    let connection = told::unknown_ca();
    let Some(StepKind::Message(told)) = connection.steps.first().map(|step| &step.kind) else {
        panic!("a message")
    };
    let mut long = told.clone();
    long.bytes = Some(vec![0; 1 << 20].into());
    let shown = message(&long, None, "m", &Settings::default()).expect("its bytes").into_string();
    assert!(shown.len() < 800_000, "{}", shown.len());
    assert!(shown.contains("and 1,040,384 bytes more"));
}

fn parsed(page: &str) -> Handle {
    let dom: RcDom = html5ever::parse_document(RcDom::default(), Default::default()).one(page);
    let errors: Vec<_> = dom.errors.borrow().iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
    dom.document
}

/// Every element with its attributes.
fn elements(node: &Handle) -> Vec<(String, Vec<(String, String)>)> {
    let mut all = Vec::new();
    let mut left = vec![node.clone()];
    while let Some(node) = left.pop() {
        if let NodeData::Element { name, attrs, .. } = &node.data {
            let attributes = attrs.borrow();
            let attributes =
                attributes.iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect();
            all.push((name.local.to_string(), attributes));
        }
        left.extend(node.children.borrow().iter().rev().cloned());
    }
    all
}

fn find(node: &Handle, element: &str) -> Option<Handle> {
    if matches!(&node.data, NodeData::Element { name, .. } if &*name.local == element) {
        return Some(node.clone());
    }
    node.children.borrow().iter().find_map(|child| find(child, element))
}

fn text_of(node: &Handle) -> String {
    if let NodeData::Text { contents } = &node.data {
        return contents.borrow().to_string();
    }
    node.children.borrow().iter().map(text_of).collect()
}

/// With one space between words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
