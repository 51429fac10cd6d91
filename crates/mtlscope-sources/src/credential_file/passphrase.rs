//! A passphrase: never shown, and wiped after use.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::CredentialError;
use crate::error::printable;

/// What keys and PKCS#12 files are encrypted with.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The longest that OpenSSL's reader of PEM takes, in bytes.
    const LONGEST: usize = 1023;

    /// As it was typed.
    ///
    /// # Errors
    /// Where OpenSSL would take it for another: with a zero byte inside, or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, CredentialError> {
        let text = Zeroizing::new(text.into());
        if text.contains('\0') || text.len() > Self::LONGEST {
            return Err(CredentialError::BadPassphrase);
        }
        Ok(Self(text))
    }

    /// The first line of a file, without its line break.
    ///
    /// # Errors
    /// Where the file cannot be read or is no text.
    pub fn from_file(path: &Path) -> Result<Self, CredentialError> {
        let failed = |cause: String| CredentialError::PassphraseFile { name: printable(path), cause };
        let content = Zeroizing::new(std::fs::read(path).map_err(|error| failed(error.to_string()))?);
        let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Self::new(std::str::from_utf8(line).map_err(|_| failed("it is no UTF-8 text".to_owned()))?)
    }

    /// The one that is given: as it is, or as the first line of a file; `None` where neither is.
    ///
    /// # Errors
    /// As [`Passphrase::new`] and [`Passphrase::from_file`].
    pub fn given(text: Option<&str>, file: Option<&Path>) -> Result<Option<Self>, CredentialError> {
        match (text, file) {
            (Some(text), _) => Self::new(text).map(Some),
            (None, Some(file)) => Self::from_file(file).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The passphrase itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
