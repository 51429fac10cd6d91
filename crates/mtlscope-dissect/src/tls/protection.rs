//! How one direction of a connection is protected at the moment, and the attempt to open what it sends.
//!
//! The keys of a direction change with its epoch: in clear, then (TLS 1.2 and below) a new epoch at each
//! ChangeCipherSpec, or (TLS 1.3) early data, handshake, application, and a generation more at each KeyUpdate. A capture
//! with holes leaves the record's sequence number, and even the epoch, uncertain; authenticated encryption then tells
//! which guess was right.

use crate::decrypt::{KeyBlock, NextKeys, Secrets, SuiteParameters, Tls12Opener, Tls13Opener, TrafficSecret};
use crate::side::Side;
use crate::tls::registry::{ContentType, ProtocolVersion};

/// Sequence numbers tried ahead where records may be missing.
const TRIED_AHEAD: u64 = 64;

/// Records that may fail to open before the keys are given up as wrong.
const FAILURES_ALLOWED: u32 = 128;

/// How one direction is protected.
#[derive(Debug, Default)]
pub(crate) enum Protected {
    /// Not at all.
    #[default]
    InClear,
    /// Up to TLS 1.2, behind a ChangeCipherSpec, and there is no key.
    Sealed,
    /// Up to TLS 1.2, behind a ChangeCipherSpec, with a suite that does not encrypt: a MAC of this length stands behind the
    /// content, and there is no key to check it.
    OnlyMac(usize),
    /// Up to TLS 1.2, behind a ChangeCipherSpec.
    Tls12(Box<Tls12Keys>),
    /// TLS 1.3, behind the ServerHello.
    Tls13(Box<Tls13Keys>),
}

/// One direction up to TLS 1.2.
#[derive(Debug)]
pub(crate) struct Tls12Keys {
    opener: Tls12Opener,
    sequence: u64,
    failures: u32,
}

/// One direction in TLS 1.3.
#[derive(Debug)]
pub(crate) struct Tls13Keys {
    epoch: Epoch,
    /// Boxed, since it has the key schedules of the cipher, and most connections are never opened.
    opener: Option<Box<Tls13Opener>>,
    /// The keys of the application epoch, made along with those of the handshake.
    next: Option<Box<NextKeys>>,
    sequence: u64,
    failures: u32,
}

/// The epochs of TLS 1.3, in order. RFC 8446 section 2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Epoch {
    EarlyData,
    Handshake,
    Application,
}

/// What opens records in TLS 1.3.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tls13Secrets<'a> {
    pub(crate) secrets: &'a Secrets,
    pub(crate) suite: SuiteParameters,
    pub(crate) side: Side,
}

impl Tls12Keys {
    /// The keys of `side` from a key block; `None` if the suite is one that cannot be opened.
    pub(crate) fn new(key_block: &KeyBlock, side: Side, encrypt_then_mac: bool) -> Option<Self> {
        Some(Self { opener: Tls12Opener::new(key_block, side, encrypt_then_mac)?, sequence: 0, failures: 0 })
    }

    /// Opens a record into `out`. `uncertain`: records may be missing before it.
    pub(crate) fn open(
        &mut self,
        content_type: ContentType,
        version: ProtocolVersion,
        fragment: &[u8],
        uncertain: bool,
        out: &mut Vec<u8>,
    ) -> bool {
        if self.failures >= FAILURES_ALLOWED {
            return false;
        }
        let ahead = if uncertain { TRIED_AHEAD } else { 0 };
        for sequence in self.sequence..=self.sequence + ahead {
            if self.opener.open(sequence, content_type, version, fragment, out).is_ok() {
                self.sequence = sequence + 1;
                self.failures = 0;
                return true;
            }
        }
        self.pass_over(fragment);
        self.failures += 1;
        false
    }

    /// A record of this direction went by unopened.
    pub(crate) fn pass_over(&mut self, fragment: &[u8]) {
        self.opener.pass_over(fragment);
        self.sequence += 1;
    }
}

impl Tls13Keys {
    /// The state of a side behind the ServerHello. `early_data`: it may be sending 0-RTT data.
    pub(crate) fn new(early_data: bool) -> Self {
        let epoch = if early_data { Epoch::EarlyData } else { Epoch::Handshake };
        Self { epoch, opener: None, next: None, sequence: 0, failures: 0 }
    }

    /// Opens the first record of early data, sent before the ServerHello tells the suite. Gives the suite that fits.
    pub(crate) fn open_early_data(
        secrets: &Secrets,
        fragment: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<(Self, u16)> {
        const SUITES: [u16; 5] = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305];
        secrets.client_early_traffic_secret()?;
        SUITES.into_iter().find_map(|number| {
            let suite = SuiteParameters::of(number, ProtocolVersion::TLS13)?;
            let opener = Epoch::EarlyData.opener(Tls13Secrets { secrets, suite, side: Side::Client })?;
            opener.open(0, fragment, out).ok()?;
            Some((Self { opener: Some(Box::new(opener)), sequence: 1, ..Self::new(true) }, number))
        })
    }

    /// Whether the keys of the epoch are at hand.
    pub(crate) fn has_opener(&self) -> bool {
        self.opener.is_some()
    }

    /// Opens the record that is due, if the keys are at hand: nearly all of them. What does not open is as if it had not
    /// been tried.
    pub(crate) fn open_next(&mut self, fragment: &[u8], out: &mut Vec<u8>) -> Option<ContentType> {
        if self.failures >= FAILURES_ALLOWED {
            return None;
        }
        let content_type = self.opener.as_ref()?.open(self.sequence, fragment, out).ok()?;
        self.sequence += 1;
        self.failures = 0;
        Some(content_type)
    }

    /// Opens a record into `out` and tells what it carries. `uncertain`: records may be missing before it.
    pub(crate) fn open(
        &mut self,
        keys: Tls13Secrets<'_>,
        fragment: &[u8],
        uncertain: bool,
        out: &mut Vec<u8>,
    ) -> Option<ContentType> {
        if self.failures >= FAILURES_ALLOWED {
            return None;
        }
        let ahead = if uncertain { TRIED_AHEAD } else { 0 };
        if self.opener.is_none() {
            self.opener = self.make_opener(keys).map(Box::new);
        }
        if let Some(opener) = &self.opener {
            for sequence in self.sequence..=self.sequence + ahead {
                if let Ok(content_type) = opener.open(sequence, fragment, out) {
                    self.sequence = sequence + 1;
                    self.failures = 0;
                    return Some(content_type);
                }
            }
        }
        // Not this epoch: the end of the one before may be missing, sealed, or (early data) refused by the server.
        let mut epoch = self.epoch;
        while let Some(later) = epoch.next() {
            epoch = later;
            let Some(opener) = epoch.opener(keys) else { continue };
            for sequence in 0..=ahead {
                if let Ok(content_type) = opener.open(sequence, fragment, out) {
                    self.enter(epoch);
                    (self.opener, self.sequence, self.failures) = (Some(Box::new(opener)), sequence + 1, 0);
                    return Some(content_type);
                }
            }
        }
        self.failures += 1;
        None
    }

    /// This side's Finished went by: from here on it uses its application traffic keys.
    pub(crate) fn finished(&mut self) {
        self.enter(Epoch::Application);
    }

    /// Early data ended: from here on the side uses its handshake traffic keys.
    pub(crate) fn early_data_ended(&mut self) {
        self.enter(Epoch::Handshake);
    }

    /// This side's KeyUpdate went by.
    pub(crate) fn key_update(&mut self) {
        if let Some(next) = self.opener.as_deref().map(Tls13Opener::next_generation) {
            self.opener = Some(Box::new(next));
            self.sequence = 0;
        }
    }

    /// Whether a record that does not open is nothing to wonder at: early data that the server refused, or for which
    /// there is no key.
    pub(crate) fn may_be_early_data(&self) -> bool {
        self.epoch == Epoch::EarlyData
    }

    /// Whether there is no key for what this side sends now: an end that refused its peer made none.
    pub(crate) fn lacks_key(&self, keys: Tls13Secrets<'_>) -> bool {
        self.opener.is_none() && self.epoch.opener(keys).is_none()
    }

    /// The same, where the key may still come: for early data also that of the handshake, which opens what follows data that
    /// the server refused.
    pub(crate) fn awaits_key(&self, keys: Tls13Secrets<'_>) -> bool {
        self.lacks_key(keys) && (self.epoch != Epoch::EarlyData || Epoch::Handshake.opener(keys).is_none())
    }

    fn enter(&mut self, epoch: Epoch) {
        (self.epoch, self.opener, self.sequence) = (epoch, None, 0);
    }

    /// The opener of the epoch; in the handshake, the keys behind it are made at once.
    fn make_opener(&mut self, keys: Tls13Secrets<'_>) -> Option<Tls13Opener> {
        let secret = self.epoch.secret(keys)?;
        if let Some(next) = self.next.take()
            && let Some(opener) = next.opener(keys.suite, secret)
        {
            return Some(opener);
        }
        if self.epoch == Epoch::Handshake
            && let Some(application) = Epoch::Application.secret(keys)
            && let Some((opener, next)) =
                Tls13Opener::with_next(keys.suite, secret.clone(), application.clone())
        {
            self.next = Some(Box::new(next));
            return Some(opener);
        }
        Tls13Opener::new(keys.suite, secret.clone())
    }
}

impl Epoch {
    fn next(self) -> Option<Self> {
        match self {
            Self::EarlyData => Some(Self::Handshake),
            Self::Handshake => Some(Self::Application),
            Self::Application => None,
        }
    }

    fn opener(self, keys: Tls13Secrets<'_>) -> Option<Tls13Opener> {
        Tls13Opener::new(keys.suite, self.secret(keys)?.clone())
    }

    fn secret(self, keys: Tls13Secrets<'_>) -> Option<&TrafficSecret> {
        match (self, keys.side) {
            (Self::EarlyData, Side::Client) => keys.secrets.client_early_traffic_secret(),
            (Self::EarlyData, Side::Server) => None,
            (Self::Handshake, Side::Client) => keys.secrets.client_handshake_traffic_secret(),
            (Self::Handshake, Side::Server) => keys.secrets.server_handshake_traffic_secret(),
            (Self::Application, Side::Client) => keys.secrets.client_traffic_secret_0(),
            (Self::Application, Side::Server) => keys.secrets.server_traffic_secret_0(),
        }
    }
}
