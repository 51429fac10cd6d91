//! The secrets that opened records, told as lines of a key log for those who want to open them elsewhere too.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::{Surroundings, TlsDissector};
use crate::decrypt::TrafficSecret;
use crate::event::{EventKind, SessionKeys};

impl TlsDissector {
    /// Up to TLS 1.2, once a handshake: by the random of its ClientHello, wherever the secret came from.
    #[cold]
    pub(super) fn tell_master_secret(&mut self, s: &mut Surroundings<'_>) {
        if std::mem::replace(&mut self.negotiated.master_secret_told, true) {
            return;
        }
        let (Some(random), Some(secret)) = (&self.negotiated.client_random, &self.negotiated.master_secret)
        else {
            return;
        };
        let mut lines = Zeroizing::new(String::with_capacity(LINE));
        write_line(&mut lines, "CLIENT_RANDOM", random, &*secret.bytes);
        self.tell(EventKind::SessionKeys(SessionKeys { lines }), s);
    }

    /// In TLS 1.3, at the end of the connection: those that its key log has.
    pub(super) fn tell_traffic_secrets(&mut self, s: &mut Surroundings<'_>) {
        if !self.keys_fit || !self.is_tls13() {
            return;
        }
        let (Some(random), Some(secrets)) = (&self.negotiated.client_random, self.secrets(s)) else { return };
        let mut lines = Zeroizing::new(String::with_capacity(5 * LINE));
        for (label, secret) in [
            ("CLIENT_EARLY_TRAFFIC_SECRET", secrets.client_early_traffic_secret()),
            ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", secrets.client_handshake_traffic_secret()),
            ("SERVER_HANDSHAKE_TRAFFIC_SECRET", secrets.server_handshake_traffic_secret()),
            ("CLIENT_TRAFFIC_SECRET_0", secrets.client_traffic_secret_0()),
            ("SERVER_TRAFFIC_SECRET_0", secrets.server_traffic_secret_0()),
        ] {
            if let Some(secret) = secret.map(TrafficSecret::as_bytes) {
                write_line(&mut lines, label, random, secret);
            }
        }
        self.tell(EventKind::SessionKeys(SessionKeys { lines }), s);
    }
}

/// The longest line: so much room that a text of lines never moves and leaves nothing behind.
const LINE: usize = "CLIENT_HANDSHAKE_TRAFFIC_SECRET".len() + 1 + 64 + 1 + 96 + 1;

fn write_line(lines: &mut String, label: &str, random: &[u8; 32], secret: &[u8]) {
    lines.push_str(label);
    for bytes in [random.as_slice(), secret] {
        lines.push(' ');
        for byte in bytes {
            // A String takes whatever is written.
            let _ = write!(lines, "{byte:02x}");
        }
    }
    lines.push('\n');
}
