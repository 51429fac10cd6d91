//! A probed server as one line of JSON: the shape `probe-v1`, written down in `docs/probe-v1.schema.json`.
//!
//! Fields may be added; none is renamed, removed or given another meaning.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Layer;
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::probe::{Asked, Judgement, Met, Probe, Protocol, Reading, Took, Try};
use mtlscope_diagnose::requirement::Level;
use serde::Serialize;

use super::words;
use crate::json::Safe;

/// Writes one server. `expected`: what the user said it should be, and whether it is.
pub fn write_line(probe: &Probe, expected: Option<(&str, bool)>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    Line::of(probe, expected).serialize(&mut serde_json::Serializer::with_formatter(&mut line, Safe))?;
    line.push(b'\n');
    out.write_all(&line)
}

#[derive(Serialize)]
struct Line<'a> {
    shape: &'static str,
    target: &'a str,
    address: Option<String>,
    trouble: Option<&'a str>,
    requirement: &'static str,
    layers: Vec<&'static str>,
    expected: Option<&'a str>,
    as_expected: Option<bool>,
    attempts: Vec<Attempt<'a>>,
    notes: &'a [String],
}

impl<'a> Line<'a> {
    fn of(probe: &'a Probe, expected: Option<(&'a str, bool)>) -> Self {
        let layers = [(Level::RequiredByTls, "tls"), (Level::RequiredByHttp, "http")];
        let enforces = |level| probe.tries.iter().any(|one| one.level() == Some(level));
        Self {
            shape: "probe-v1",
            target: &probe.target,
            address: probe.address.map(|address| address.to_string()),
            trouble: probe.trouble.as_deref(),
            requirement: match probe.trouble {
                Some(_) => words::word(Judgement::Untold),
                None => words::word(probe.judgement()),
            },
            layers: layers.into_iter().filter(|(level, _)| enforces(*level)).map(|(_, name)| name).collect(),
            expected: expected.map(|(expected, _)| expected),
            as_expected: expected.map(|(_, holds)| holds),
            attempts: probe.tries.iter().map(Attempt::of).collect(),
            notes: &probe.notes,
        }
    }
}

#[derive(Serialize)]
struct Attempt<'a> {
    version: String,
    protocol: Option<&'static str>,
    with_certificate: bool,
    post_handshake_auth: bool,
    result: &'static str,
    why: Option<&'a str>,
    asked: Option<&'static str>,
    requirement: Option<&'static str>,
    layer: Option<&'static str>,
    confidence: Option<String>,
    http_status: Option<u16>,
    authorities: Option<Vec<String>>,
    certificate_types: Option<Vec<String>>,
    signature_algorithms: Option<Vec<String>>,
    findings: Vec<Cause<'a>>,
}

impl<'a> Attempt<'a> {
    fn of(attempt: &'a Try) -> Self {
        let reading = attempt.reading();
        let request = reading.and_then(|reading| reading.request.as_ref());
        let (result, why) = result(&attempt.result);
        Self {
            version: attempt.version.to_string(),
            protocol: match attempt.protocol {
                Protocol::Http2 => Some("h2"),
                Protocol::Http1 => Some("http/1.1"),
                Protocol::None => None,
            },
            with_certificate: attempt.with_certificate,
            post_handshake_auth: attempt.offers_post_handshake,
            result,
            why,
            asked: reading.map(|reading| asked(reading.asked)),
            requirement: attempt.level().map(|level| words::word(Judgement::Same(level))),
            layer: reading.and_then(layer),
            confidence: reading.map(|reading| reading.confidence.to_string()),
            http_status: reading.and_then(|reading| reading.status),
            authorities: request.map(|request| strings(&request.authorities)),
            certificate_types: request.map(|request| strings(&request.certificate_types)),
            signature_algorithms: request.map(|request| strings(&request.signature_algorithms)),
            findings: match attempt.with_certificate {
                true => attempt.findings.iter().map(Cause::of).collect(),
                false => Vec::new(),
            },
        }
    }
}

fn result(met: &Met) -> (&'static str, Option<&str>) {
    match met {
        Met::NotSpoken => ("version_not_spoken", None),
        Met::Failed(why) => ("failed", Some(why)),
        Met::Read(reading) => match &reading.took {
            Took::WentOn(_) => ("accepted", None),
            Took::RefusedInTls(what) => ("refused", Some(what)),
            Took::RefusedInHttp { .. } => ("refused", None),
            Took::WantsHttp1 => ("http_1_1_required", None),
            Took::WeRefused(what) => ("server_refused", Some(what)),
            Took::Untold(why) => ("unknown", Some(why)),
        },
    }
}

fn asked(asked: Asked) -> &'static str {
    match asked {
        Asked::Never => "no",
        Asked::InHandshake => "handshake",
        Asked::InRenegotiation => "renegotiation",
        Asked::AfterHandshake => "post_handshake",
        Asked::Untold => "unknown",
    }
}

fn layer(reading: &Reading) -> Option<&'static str> {
    match reading.took {
        Took::WentOn(Layer::Http) | Took::RefusedInHttp { .. } => Some("http"),
        Took::WentOn(_) | Took::RefusedInTls(_) => Some("tls"),
        Took::WantsHttp1 | Took::WeRefused(_) | Took::Untold(_) => None,
    }
}

fn strings<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// What a rule says.
#[derive(Serialize)]
struct Cause<'a> {
    rule: &'static str,
    severity: String,
    confidence: String,
    message: &'a str,
    fix: &'a str,
}

impl<'a> Cause<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.id,
            severity: finding.severity.to_string(),
            confidence: finding.confidence.to_string(),
            message: &finding.message,
            fix: &finding.fix,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::probe::samples;

    fn lines() -> Vec<(&'static str, Value)> {
        let line = |probe: &Probe| {
            let mut out = Vec::new();
            write_line(probe, Some(("required", true)), &mut out).unwrap();
            assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
            serde_json::from_slice(&out).unwrap()
        };
        samples::all().iter().map(|(name, probe)| (*name, line(probe))).collect()
    }

    /// Forbids every property that the schema does not name, and asks that each has a description.
    fn tighten(schema: &mut Value) {
        match schema {
            Value::Object(object) => {
                if let Some(Value::Object(properties)) = object.get("properties") {
                    for (name, property) in properties {
                        assert!(property.get("description").is_some(), "{name} has no description");
                    }
                    object.insert("additionalProperties".to_owned(), Value::Bool(false));
                }
                object.values_mut().for_each(tighten);
            }
            Value::Array(list) => list.iter_mut().for_each(tighten),
            _ => {}
        }
    }

    #[test]
    fn every_line_fits_the_published_schema_and_holds_nothing_that_it_does_not_name() {
        let mut schema = serde_json::from_str(include_str!("../../../../docs/probe-v1.schema.json")).unwrap();
        tighten(&mut schema);
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for (name, line) in lines() {
            let errors: Vec<String> = validator
                .iter_errors(&line)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
        }
    }

    #[test]
    fn a_line_says_what_the_attempts_show() {
        let lines = lines();
        let line = |name: &str| &lines.iter().find(|(known, _)| *known == name).unwrap().1;
        let by_status = line("required_by_status");
        assert_eq!(
            (&by_status["requirement"], &by_status["layers"][0]),
            (&"required".into(), &"http".into())
        );
        assert_eq!(by_status["attempts"][0]["http_status"], 400);
        assert_eq!(by_status["attempts"][0]["authorities"].as_array().unwrap().len(), 2);
        assert_eq!(by_status["attempts"][3]["findings"][0]["rule"], "unknown-ca");
        assert_eq!(line("not_of_one_mind")["requirement"], "differs");
        assert_eq!(line("late")["attempts"][0]["result"], "http_1_1_required");
        assert_eq!(line("late")["attempts"][1]["asked"], "post_handshake");
        assert_eq!(line("never_asks")["requirement"], "none");
        assert_eq!(line("out_of_reach")["requirement"], "unknown");
    }
}
