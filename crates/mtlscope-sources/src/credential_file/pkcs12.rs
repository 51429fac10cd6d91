//! PKCS#12 (PFX): a key with its certificates, encrypted with a passphrase. RFC 7292.

use openssl::error::ErrorStack;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12Ref};

use super::{CredentialError, Item, Opening, PrivateKey, der};
use crate::legacy_provider;

const WHAT: &str = "PKCS#12 content";

/// What is in it, and whether it took the legacy provider to read it.
pub(super) fn open(store: &Pkcs12Ref, opening: &Opening<'_>) -> Result<(bool, Vec<Item>), CredentialError> {
    // Some are encrypted with the empty passphrase, which nobody should have to give.
    let passphrase = opening.passphrase.map_or("", |passphrase| passphrase.expose());
    let failed = |error: &ErrorStack| failure(error, opening);
    let (legacy, parsed) = match store.parse2(passphrase) {
        Ok(parsed) => (false, parsed),
        Err(error) if is_unsupported(&error) => {
            let _loaded = legacy_provider::load().map_err(|_| failed(&error))?;
            (true, store.parse2(passphrase).map_err(|error| failed(&error))?)
        }
        Err(error) => return Err(failed(&error)),
    };
    let items = items(parsed).map_err(|error| failed(&error))?;
    Ok((legacy, items))
}

fn items(parsed: ParsedPkcs12_2) -> Result<Vec<Item>, ErrorStack> {
    let mut items = Vec::new();
    if let Some(certificate) = parsed.cert {
        items.push(Item::Certificate(certificate.to_der()?));
    }
    if let Some(key) = parsed.pkey {
        items.push(Item::PrivateKey(PrivateKey::new(key, true)));
    }
    for certificate in parsed.ca.into_iter().flatten() {
        items.push(Item::Certificate(certificate.to_der()?));
    }
    Ok(items)
}

/// Whether a cipher is missing, which the legacy provider may have.
pub(super) fn is_unsupported(error: &ErrorStack) -> bool {
    let telling =
        ["unsupported", "unknown pbe algorithm", "unknown cipher", "unsupported algorithm", "unknown digest"];
    error.errors().iter().filter_map(|error| error.reason()).any(|reason| telling.contains(&reason))
}

fn failure(error: &ErrorStack, opening: &Opening<'_>) -> CredentialError {
    let name = opening.name.to_owned();
    let reasons = || error.errors().iter().filter_map(|error| error.reason());
    if reasons().any(|reason| reason == "mac verify failure") {
        return match opening.passphrase {
            Some(_) => CredentialError::WrongPassphrase { name, what: WHAT },
            None => CredentialError::PassphraseNeeded { name, what: WHAT },
        };
    }
    let cause = der::told(error);
    if is_unsupported(error) {
        return CredentialError::UnknownEncryption { name, what: WHAT, cause };
    }
    if reasons().any(|reason| matches!(reason, "bad decrypt" | "pkcs12 cipherfinal error" | "decode error")) {
        // Stores without a MAC show a wrong passphrase only so.
        return match opening.passphrase {
            Some(_) => CredentialError::WrongPassphrase { name, what: WHAT },
            None => CredentialError::PassphraseNeeded { name, what: WHAT },
        };
    }
    CredentialError::Damaged { name, what: WHAT.to_owned(), cause }
}
