//! Random words that open the page: the token in its address, and the session in the browser's cookie.

use std::fmt;
use std::io;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// 128 random bits in hexadecimal digits.
pub(super) struct Secret(Zeroizing<String>);

impl Secret {
    /// A new one, from the system.
    pub(super) fn new() -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0_u8; 16]);
        getrandom::fill(&mut *bytes).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self(Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect())))
    }

    /// Whether this is it. Takes as long for a good guess as for a bad one.
    pub(super) fn is(&self, guess: &str) -> bool {
        self.0.as_bytes().ct_eq(guess.as_bytes()).into()
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same_and_none_shows_itself() {
        let (one, other) = (Secret::new().unwrap(), Secret::new().unwrap());
        assert!(one.is(one.text()) && !one.is(other.text()) && !one.is(""));
        assert_eq!(one.text().len(), 32);
        assert!(!format!("{one:?}").contains(one.text()));
    }
}
