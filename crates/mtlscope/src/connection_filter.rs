//! `-Y` over connections: which are shown, and why others may have been meant and cannot be told.

use std::collections::HashMap;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::ConnectionId;
use mtlscope_dissect::packet::Header;
use mtlscope_views::fields::{Occurrence, Wanted, connection};
use mtlscope_views::filter::{Candidate, FilterError, OverConnections};
use mtlscope_views::packets::{Frame, Known, Values};

use crate::passed_over::PassedOver;

/// A filter, and what did not pass it.
#[derive(Debug)]
pub(crate) struct ConnectionFilter {
    filter: OverConnections,
    occurrences: Vec<Occurrence>,
    /// What frames of this input have, where they are asked about.
    values: Option<Values>,
    /// What is remembered of each TCP stream whose frames were seen, until its connection is told.
    streams: HashMap<u32, Candidate>,
    /// The stream of each connection.
    stream_of: HashMap<ConnectionId, u32>,
    passed_over: PassedOver,
}

/// How many streams in which no TLS was seen are remembered.
const MOST_STREAMS: usize = 100_000;

impl ConnectionFilter {
    /// Understands a filter.
    pub(crate) fn compile(text: &str) -> Result<Self, FilterError> {
        Ok(Self {
            filter: OverConnections::compile(text)?,
            occurrences: Vec::new(),
            values: None,
            streams: HashMap::new(),
            stream_of: HashMap::new(),
            passed_over: PassedOver::default(),
        })
    }

    /// Whether it asks about frames, so that they have to be told.
    pub(crate) fn needs_frames(&self) -> bool {
        self.filter.filter().needs_frames()
    }

    /// From here on frames and connections are those of another input.
    pub(crate) fn input(&mut self) {
        self.streams.clear();
        self.stream_of.clear();
        if self.needs_frames() {
            let fields = self.filter.filter().fields().iter().map(|field| field.name);
            self.values = Some(Values::new(Wanted::Only(fields.collect()), Known::default()));
        }
    }

    /// Takes a frame, with all that it completed.
    pub(crate) fn frame(&mut self, frame: &Frame) {
        let Some(values) = &mut self.values else { return };
        let occurrences = values.of(frame);
        values.pass(&frame.packet, true);
        // The innermost segment is the one that connections are read from.
        let stream = frame.packet.layers.iter().rev().find_map(|layer| match &layer.header {
            Header::Tcp(tcp) => Some(tcp.stream),
            _ => None,
        });
        let Some(stream) = stream else { return };
        if let Some(connection) = frame.packet.connection {
            self.stream_of.insert(connection, stream);
        } else if self.streams.len() >= MOST_STREAMS && !self.streams.contains_key(&stream) {
            return;
        }
        self.filter.frame(self.streams.entry(stream).or_default(), &occurrences);
    }

    /// Whether a connection is to be shown. Remembers those that are not.
    pub(crate) fn passes(&mut self, connection: &Connection, findings: &[Finding]) -> bool {
        let filter = self.filter.filter();
        self.occurrences.clear();
        for field in filter.connection_fields() {
            connection::tell(field, connection, findings, &mut self.occurrences);
        }
        let stream = self.stream_of.remove(&connection.id);
        let candidate = stream.and_then(|stream| self.streams.remove(&stream)).unwrap_or_default();
        let passes = self.filter.matches(&candidate, &self.occurrences);
        if !passes {
            self.passed_over.take(connection, filter.asks_for());
        }
        passes
    }

    /// What did not pass so far.
    pub(crate) fn passed_over(&self) -> &PassedOver {
        &self.passed_over
    }
}
