//! The key log: secrets by the client random of the connection they belong to, as TLS stacks write them out for
//! `SSLKEYLOGFILE`.
//!
//! draft-ietf-tls-keylogfile; NSS Key Log Format:
//!
//! ```text
//! # comment
//! <label> <client_random, 64 hex digits> <secret, hex>
//! RSA <first 8 bytes of the encrypted premaster secret, 16 hex digits> <premaster secret, 96 hex digits>
//! RSA Session-ID:<session id, hex> Master-Key:<master secret, 96 hex digits>
//! ```
//!
//! The last is what `openssl s_client` prints of a session, put on one line. Text that is no such line is counted and
//! skipped: key logs are appended to by several processes at once, cut off
//! while they grow, and written by stacks that know more labels than we can use.

use std::fmt;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use zeroize::Zeroizing;

use super::schedule::TrafficSecret;
use super::sessions::{MasterSecret, SessionName};
use crate::input::SecretOrigin;

/// Every secret that any source has handed in.
///
/// Holds them in binary, so it stays well under the size of the text they came from.
#[derive(Default)]
pub struct KeyLog {
    by_client_random: HashMap<[u8; 32], Secrets, foldhash::fast::RandomState>,
    /// Boxed, so that a growing table leaves no copies behind.
    premasters: HashMap<[u8; 8], Box<Zeroizing<[u8; 48]>>, foldhash::fast::RandomState>,
    /// By the digest of the session's id.
    by_session_id: HashMap<[u8; 32], MasterSecret, foldhash::fast::RandomState>,
    lines_ignored: u64,
    lines_ill_formed: u64,
    /// Counts calls of [`KeyLog::add`], to list a client random once a call.
    additions: u32,
}

impl KeyLog {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the text of a key log, whole lines, as many as there are. Never fails.
    ///
    /// A line that says again what is known changes nothing; one that says otherwise replaces what was known.
    pub fn add(&mut self, lines: &[u8], origin: SecretOrigin) -> Added {
        self.additions = self.additions.wrapping_add(1);
        let mut added = Added::default();
        for line in lines.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if self.add_line(line, origin, &mut added).is_none() {
                self.lines_ignored += 1;
                // Those inside a capture come twice: ahead, and where they stand.
                let counts = origin == SecretOrigin::KeyLog && !is_well_formed(line);
                self.lines_ill_formed += u64::from(counts);
            }
        }
        added
    }

    /// The secrets of the connection whose ClientHello had this random.
    pub fn get(&self, client_random: &[u8; 32]) -> Option<&Secrets> {
        self.by_client_random.get(client_random)
    }

    /// The premaster secret whose RSA encryption, in the ClientKeyExchange, starts with these 8 bytes.
    pub fn premaster(&self, encrypted: &[u8; 8]) -> Option<&[u8; 48]> {
        self.premasters.get(encrypted).map(|premaster| &***premaster)
    }

    /// The master secret of a session, by the digest of its id.
    pub fn session(&self, name: &[u8; 32]) -> Option<&MasterSecret> {
        self.by_session_id.get(name)
    }

    /// Forgets the secrets of the connection whose ClientHello had this random.
    pub fn forget(&mut self, client_random: &[u8; 32]) {
        self.by_client_random.remove(client_random);
    }

    /// Whether it has premaster secrets.
    pub fn has_premasters(&self) -> bool {
        !self.premasters.is_empty()
    }

    /// Whether it has anything.
    pub fn has_any(&self) -> bool {
        !self.by_client_random.is_empty() || self.has_premasters() || !self.by_session_id.is_empty()
    }

    /// How many client randoms it has secrets for.
    pub fn randoms(&self) -> usize {
        self.by_client_random.len()
    }

    /// How many lines were of no use: labels that open no record (`EXPORTER_SECRET`, `ECH_SECRET`) and broken ones.
    pub const fn lines_ignored(&self) -> u64 {
        self.lines_ignored
    }

    /// How many of those are no lines of a key log at all, or not whole.
    pub const fn lines_ill_formed(&self) -> u64 {
        self.lines_ill_formed
    }

    fn add_line(&mut self, line: &[u8], origin: SecretOrigin, added: &mut Added) -> Option<()> {
        let [label, subject, secret] = words_as_written(line).or_else(|| words(line))?;
        if label == b"RSA" && subject.starts_with(SESSION_ID) {
            return self.add_session(
                subject.strip_prefix(SESSION_ID)?,
                secret.strip_prefix(MASTER_KEY)?,
                origin,
            );
        }
        if label == b"RSA" {
            return self.add_premaster(from_hex(subject)?, secret, added);
        }
        let label = Label::of(label)?;
        let client_random = from_hex::<32>(subject)?;
        let mut bytes = Zeroizing::new([0; 48]);
        let secret = decode_hex(secret, &mut *bytes)?;
        let secret = match (label, secret.len()) {
            (Label::Master, 48) | (Label::Traffic(_), 32 | 48) => TrafficSecret::new(secret)?,
            _ => return None,
        };

        let secrets = match self.by_client_random.entry(client_random) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Secrets::new(origin)),
        };
        if secrets.set(label, secret) {
            secrets.origin = origin;
            if secrets.changed_in != self.additions {
                secrets.changed_in = self.additions;
                added.client_randoms.push(client_random);
            }
        }
        Some(())
    }

    fn add_session(&mut self, id: &[u8], secret: &[u8], origin: SecretOrigin) -> Option<()> {
        let mut bytes = [0; 32];
        let name = SessionName::Id(decode_hex(id, &mut bytes)?).digest()?;
        let bytes = Zeroizing::new(from_hex::<48>(secret)?);
        self.by_session_id.insert(name, MasterSecret { bytes, origin });
        Some(())
    }

    fn add_premaster(&mut self, encrypted: [u8; 8], secret: &[u8], added: &mut Added) -> Option<()> {
        let premaster = Zeroizing::new(from_hex::<48>(secret)?);
        let known = self.premasters.insert(encrypted, Box::new(premaster.clone()));
        if known.is_none_or(|known| *known != premaster) {
            added.premasters.push(encrypted);
        }
        Some(())
    }
}

/// Never prints the secrets.
impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLog")
            .field("randoms", &self.by_client_random.len())
            .field("premasters", &self.premasters.len())
            .field("sessions", &self.by_session_id.len())
            .field("lines_ignored", &self.lines_ignored)
            .finish_non_exhaustive()
    }
}

/// What a call of [`KeyLog::add`] brought, so that flows waiting for it can be woken.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Added {
    /// Client randoms with a new or changed secret, each once, in the order of their first such line.
    pub client_randoms: Vec<[u8; 32]>,
    /// First 8 bytes of encrypted premaster secrets that are new or changed.
    pub premasters: Vec<[u8; 8]>,
}

/// The secrets of one connection.
pub struct Secrets {
    origin: SecretOrigin,
    changed_in: u32,
    // A connection has either one of these or several of the others, so neither takes room unless it is there.
    master: Option<Box<TrafficSecret>>,
    traffic: Option<Box<[Option<TrafficSecret>; 5]>>,
}

impl Secrets {
    /// Where the newest of them was found.
    pub const fn origin(&self) -> SecretOrigin {
        self.origin
    }

    /// `CLIENT_RANDOM`: the master secret, up to TLS 1.2.
    pub fn master_secret(&self) -> Option<&[u8]> {
        self.master.as_ref().map(|secret| secret.as_bytes())
    }

    /// `CLIENT_EARLY_TRAFFIC_SECRET`: what the client writes before it has an answer (0-RTT).
    pub fn client_early_traffic_secret(&self) -> Option<&TrafficSecret> {
        self.traffic(Traffic::ClientEarly)
    }

    /// `CLIENT_HANDSHAKE_TRAFFIC_SECRET`.
    pub fn client_handshake_traffic_secret(&self) -> Option<&TrafficSecret> {
        self.traffic(Traffic::ClientHandshake)
    }

    /// `SERVER_HANDSHAKE_TRAFFIC_SECRET`.
    pub fn server_handshake_traffic_secret(&self) -> Option<&TrafficSecret> {
        self.traffic(Traffic::ServerHandshake)
    }

    /// `CLIENT_TRAFFIC_SECRET_0`: what the client writes after its Finished, until its first KeyUpdate.
    pub fn client_traffic_secret_0(&self) -> Option<&TrafficSecret> {
        self.traffic(Traffic::Client)
    }

    /// `SERVER_TRAFFIC_SECRET_0`: what the server writes after its Finished, until its first KeyUpdate.
    pub fn server_traffic_secret_0(&self) -> Option<&TrafficSecret> {
        self.traffic(Traffic::Server)
    }

    const fn new(origin: SecretOrigin) -> Self {
        Self { origin, changed_in: 0, master: None, traffic: None }
    }

    fn traffic(&self, which: Traffic) -> Option<&TrafficSecret> {
        self.traffic.as_ref()?.get(which as usize)?.as_ref()
    }

    /// Whether that was news.
    fn set(&mut self, label: Label, secret: TrafficSecret) -> bool {
        match label {
            Label::Master => {
                let news = self.master.as_deref() != Some(&secret);
                if news {
                    self.master = Some(Box::new(secret));
                }
                news
            }
            Label::Traffic(which) => {
                let Some(place) = self.traffic.get_or_insert_default().get_mut(which as usize) else {
                    return false;
                };
                let news = place.as_ref() != Some(&secret);
                if news {
                    *place = Some(secret);
                }
                news
            }
        }
    }
}

/// Prints which secrets there are, never the secrets.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("origin", &self.origin)
            .field("master", &self.master)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

/// The labels of use to us.
#[derive(Clone, Copy)]
enum Label {
    Master,
    Traffic(Traffic),
}

/// Labels of TLS 1.3; the number is the place in [`Secrets`].
#[derive(Clone, Copy)]
enum Traffic {
    ClientEarly,
    ClientHandshake,
    ServerHandshake,
    Client,
    Server,
}

impl Label {
    fn of(label: &[u8]) -> Option<Self> {
        Some(match label {
            b"CLIENT_RANDOM" => Self::Master,
            b"CLIENT_EARLY_TRAFFIC_SECRET" => Self::Traffic(Traffic::ClientEarly),
            b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Self::Traffic(Traffic::ClientHandshake),
            b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Self::Traffic(Traffic::ServerHandshake),
            b"CLIENT_TRAFFIC_SECRET_0" => Self::Traffic(Traffic::Client),
            b"SERVER_TRAFFIC_SECRET_0" => Self::Traffic(Traffic::Server),
            _ => return None,
        })
    }
}

/// The three words of a line whose second is a client random, as stacks write it: one space between them. Only the label is
/// searched for its end; white space further on is no hex, which is found where that is decoded.
fn words_as_written(line: &[u8]) -> Option<[&[u8]; 3]> {
    let (label, rest) = line.split_at_checked(line.iter().position(|byte| *byte == b' ')?)?;
    let (subject, rest) = rest.get(1..)?.split_at_checked(64)?;
    let secret = rest.strip_prefix(b" ").filter(|secret| !secret.starts_with(b" "))?;
    Some([label, subject, secret])
}

/// The words of a line, if there are three.
fn words(line: &[u8]) -> Option<[&[u8]; 3]> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let three = [words.next()?, words.next()?, words.next()?];
    words.next().is_none().then_some(three)
}

const SESSION_ID: &[u8] = b"Session-ID:";
const MASTER_KEY: &[u8] = b"Master-Key:";

/// Whether a line has the form of those with secrets, whatever its label: what is not is cut off, or another file's.
fn is_well_formed(line: &[u8]) -> bool {
    let Some([label, subject, secret]) = words_as_written(line).or_else(|| words(line)) else { return false };
    let is_hex = |word: &[u8]| word.len().is_multiple_of(2) && word.iter().all(u8::is_ascii_hexdigit);
    let is_label = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    // A label that is used here and a line that is not is a wrong line.
    label.iter().all(is_label)
        && is_hex(subject)
        && is_hex(secret)
        && label != b"RSA"
        && Label::of(label).is_none()
}

/// Exactly `N` bytes of hex.
fn from_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (decode_hex(text, &mut bytes)?.len() == N).then_some(bytes)
}

/// Decodes `text` to the front of `out` and returns that part; `None` if it does not fit or is not hex.
fn decode_hex<'a>(text: &[u8], out: &'a mut [u8]) -> Option<&'a [u8]> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let out = out.get_mut(..pairs.len())?;
    // One check for the whole word: key logs of busy servers are long, and their lines are nearly all digits.
    let mut seen = 0;
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        let (high, low) = (HEX_DIGITS[*high as usize], HEX_DIGITS[*low as usize]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen < 16).then_some(out)
}

/// The value of each hex digit; 255 for all other bytes.
static HEX_DIGITS: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value];
        digits[digit as usize] = value as u8;
        digits[digit.to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    digits
};

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

    fn random() -> [u8; 32] {
        std::array::from_fn(|place| place as u8)
    }

    fn added(text: &str) -> (KeyLog, Added) {
        let mut key_log = KeyLog::new();
        let added = key_log.add(text.as_bytes(), SecretOrigin::KeyLog);
        (key_log, added)
    }

    #[test]
    fn reads_every_label_it_can_use() {
        let text = format!(
            "# a comment\r\n\r\nCLIENT_RANDOM {RANDOM} {}\r\n\
             CLIENT_EARLY_TRAFFIC_SECRET {RANDOM} {}\nCLIENT_HANDSHAKE_TRAFFIC_SECRET {RANDOM} {}\n\
             SERVER_HANDSHAKE_TRAFFIC_SECRET {RANDOM} {}\nCLIENT_TRAFFIC_SECRET_0 {RANDOM} {}\n\
             SERVER_TRAFFIC_SECRET_0\t{RANDOM}  {}",
            "ab".repeat(48),
            "01".repeat(32),
            "02".repeat(32),
            "03".repeat(48),
            "04".repeat(32),
            "0F".repeat(32),
        );
        let (key_log, added) = added(&text);
        let secrets = key_log.get(&random()).expect("known");
        assert_eq!(secrets.master_secret(), Some(&[0xab; 48][..]));
        assert_eq!(secrets.client_early_traffic_secret(), TrafficSecret::new(&[1; 32]).as_ref());
        assert_eq!(secrets.client_handshake_traffic_secret(), TrafficSecret::new(&[2; 32]).as_ref());
        assert_eq!(secrets.server_handshake_traffic_secret(), TrafficSecret::new(&[3; 48]).as_ref());
        assert_eq!(secrets.client_traffic_secret_0(), TrafficSecret::new(&[4; 32]).as_ref());
        assert_eq!(secrets.server_traffic_secret_0(), TrafficSecret::new(&[15; 32]).as_ref());
        assert_eq!(secrets.origin(), SecretOrigin::KeyLog);
        assert_eq!((key_log.randoms(), key_log.lines_ignored()), (1, 0));
        assert_eq!(added, Added { client_randoms: vec![random()], premasters: vec![] });
        assert!(key_log.get(&[9; 32]).is_none());
    }

    #[test]
    fn counts_what_it_cannot_use_and_goes_on() {
        let master = "ab".repeat(48);
        let text = format!(
            "EXPORTER_SECRET {RANDOM} {}\nEARLY_EXPORTER_SECRET {RANDOM} {0}\nECH_SECRET {RANDOM} {0}\n\
             CLIENT_RANDOM {RANDOM}\nCLIENT_RANDOM {RANDOM} abc\nCLIENT_RANDOM {RANDOM} {0}\n\
             CLIENT_RANDOM {RANDOM}00 {master}\nCLIENT_RANDOM {RANDOM} {master} x\nCLIENT_RANDOM {RANDOM} {master}00\n\
             CLIENT_RANDOM {RANDOM} zz{}\nclient_random {RANDOM} {master}\nRSA 00 {master}\nwhat\n\
             CLIENT_TRAFFIC_SECRET_0 {RANDOM} 00\n  CLIENT_RANDOM {RANDOM} {master}  \n",
            "01".repeat(32),
            "ab".repeat(47),
        );
        let (key_log, added) = added(&text);
        assert_eq!((key_log.randoms(), key_log.lines_ignored()), (1, 14));
        assert_eq!(key_log.lines_ill_formed(), 11, "all but the three with labels of no use");
        assert_eq!(added.client_randoms, [random()]);
        assert_eq!(key_log.get(&random()).expect("known").master_secret(), Some(&[0xab; 48][..]));
    }

    #[test]
    fn tells_only_of_what_is_new_or_changed() {
        let line = |secret: &str| format!("CLIENT_RANDOM {RANDOM} {}\n", secret.repeat(48));
        let (mut key_log, first) = added(&line("ab").repeat(2));
        assert_eq!(first.client_randoms, [random()]);
        let again = key_log.add(line("AB").as_bytes(), SecretOrigin::DecryptionSecretsBlock);
        assert_eq!(again, Added::default());
        assert_eq!(key_log.get(&random()).map(Secrets::origin), Some(SecretOrigin::KeyLog));
        let changed = key_log.add(line("ac").as_bytes(), SecretOrigin::DecryptionSecretsBlock);
        assert_eq!(changed.client_randoms, [random()]);
        assert_eq!(key_log.get(&random()).map(Secrets::origin), Some(SecretOrigin::DecryptionSecretsBlock));
    }

    #[test]
    fn keeps_premasters_by_how_their_encryption_starts() {
        let line = format!("RSA 0102030405060708 {}\n", "cd".repeat(48));
        let (mut key_log, first) = added(&line);
        assert_eq!(first.premasters, [[1, 2, 3, 4, 5, 6, 7, 8]]);
        assert_eq!(key_log.premaster(&[1, 2, 3, 4, 5, 6, 7, 8]), Some(&[0xcd; 48]));
        assert_eq!(key_log.premaster(&[0; 8]), None);
        assert_eq!(key_log.add(line.as_bytes(), SecretOrigin::KeyLog), Added::default());
    }

    #[test]
    fn keeps_master_secrets_by_session_id() {
        let line = format!("RSA Session-ID:0102 Master-Key:{}\n", "ab".repeat(48));
        let broken = "RSA Session-ID: Master-Key:00\nRSA Session-ID:01 Master-Key:00\nRSA Session-ID:01 00\n";
        let (key_log, _) = added(&(line.clone() + broken));
        let name = SessionName::Id(&[1, 2]).digest().expect("a name");
        assert_eq!(key_log.session(&name).map(|secret| *secret.bytes), Some([0xab; 48]));
        assert_eq!((key_log.lines_ignored(), key_log.lines_ill_formed()), (3, 3));
        for place in 0..line.len() {
            let mut changed = line.clone().into_bytes();
            changed[place] ^= 0x85;
            KeyLog::new().add(&changed, SecretOrigin::KeyLog);
            KeyLog::new().add(&line.as_bytes()[..place], SecretOrigin::KeyLog);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let (key_log, _) = added(&format!("CLIENT_RANDOM {RANDOM} {}\n", "ab".repeat(48)));
        assert_eq!(
            format!("{key_log:?}"),
            "KeyLog { randoms: 1, premasters: 0, sessions: 0, lines_ignored: 0, .. }"
        );
        let secrets = format!("{:?}", key_log.get(&random()));
        assert!(secrets.contains("TrafficSecret(..)") && !secrets.contains("171"), "{secrets}");
    }

    #[test]
    fn survives_every_prefix_and_every_changed_byte() {
        let text = format!("CLIENT_RANDOM {RANDOM} {}\r\n# x\nRSA 0102030405060708 00\n", "ab".repeat(48));
        for end in 0..text.len() {
            KeyLog::new().add(&text.as_bytes()[..end], SecretOrigin::KeyLog);
        }
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] ^= 0x85;
            KeyLog::new().add(&changed, SecretOrigin::KeyLog);
        }
    }

    #[test]
    fn a_connection_takes_less_room_than_its_text() {
        // 5 lines of a TLS 1.3 connection with SHA-256 are about 700 bytes.
        let held = size_of::<Secrets>() + 32 + size_of::<[Option<TrafficSecret>; 5]>();
        assert!(held < 700 / 2, "{held}");
    }
}
