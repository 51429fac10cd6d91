//! Alert: a peer complains, or says goodbye.
//!
//! RFC 8446 section 6, RFC 5246 section 7.2.
//!
//! ```text
//! struct {
//!     AlertLevel level;
//!     AlertDescription description;
//! } Alert;
//! ```

use std::fmt;

use super::registry::{AlertDescription, AlertLevel};

/// One alert.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Alert {
    /// Whether it ends the connection; without meaning in TLS 1.3.
    pub level: AlertLevel,
    /// What it says.
    pub description: AlertDescription,
}

impl Alert {
    /// Whether it ends the connection, and was no goodbye. `is_sealed_13`: it came encrypted in TLS 1.3, where the level says nothing
    /// and every alert but two does (RFC 8446 section 6).
    pub fn is_fatal(self, is_sealed_13: bool) -> bool {
        let is_goodbye =
            matches!(self.description, AlertDescription::CLOSE_NOTIFY | AlertDescription::USER_CANCELED);
        !is_goodbye && (self.level == AlertLevel::FATAL || is_sealed_13)
    }

    /// From the two bytes in a record; `None` when it is any other number of bytes, as an encrypted alert is.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [level, description] => {
                Some(Self { level: AlertLevel(*level), description: AlertDescription(*description) })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.level, self.description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_two_bytes_and_nothing_else() {
        let alert = Alert { level: AlertLevel::FATAL, description: AlertDescription::UNKNOWN_CA };
        assert_eq!(Alert::parse(&[2, 48]), Some(alert));
        assert_eq!(alert.to_string(), "fatal unknown_ca");
        assert_eq!(Alert::parse(&[2]), None);
        let (warning, goodbye) =
            (Alert { level: AlertLevel::WARNING, ..alert }, Alert::parse(&[1, 0]).unwrap());
        assert_eq!([alert, warning, goodbye].map(|alert| alert.is_fatal(false)), [true, false, false]);
        assert_eq!([alert, warning, goodbye].map(|alert| alert.is_fatal(true)), [true, true, false]);
        assert_eq!(Alert::parse(&[2, 48, 0]), None);
    }
}
