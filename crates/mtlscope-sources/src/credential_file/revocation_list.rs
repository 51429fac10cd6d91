//! A revocation list (CRL): which certificates an authority has taken back. RFC 5280 section 5.

use std::fmt;

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::x509::X509Crl;

/// A revocation list.
pub struct RevocationList {
    list: X509Crl,
    /// Whose it is: a Name as DER.
    pub issuer: Vec<u8>,
    /// When it was made, in seconds since 1970.
    pub this_update: i64,
    /// When the next one was to come, in seconds since 1970.
    pub next_update: Option<i64>,
    /// The serial numbers on it, as unsigned numbers without zeros in front.
    pub revoked: Vec<Vec<u8>>,
}

impl RevocationList {
    pub(super) fn read(list: X509Crl) -> Result<Self, ErrorStack> {
        let revoked = list.get_revoked().into_iter().flatten();
        Ok(Self {
            issuer: list.issuer_name().to_der()?,
            this_update: seconds(list.last_update())?,
            next_update: list.next_update().map(seconds).transpose()?,
            revoked: revoked
                .map(|entry| Ok(entry.serial_number().to_bn()?.to_vec()))
                .collect::<Result<_, ErrorStack>>()?,
            list,
        })
    }

    /// Whether this key, a SubjectPublicKeyInfo, signed it.
    pub fn is_signed_by(&self, public_key: &[u8]) -> bool {
        PKey::public_key_from_der(public_key).and_then(|key| self.list.verify(&key)).unwrap_or(false)
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList").field("revoked", &self.revoked.len()).finish_non_exhaustive()
    }
}

fn seconds(time: &Asn1TimeRef) -> Result<i64, ErrorStack> {
    let difference = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(difference.days) * 86_400 + i64::from(difference.secs))
}
