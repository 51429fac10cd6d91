//! The wrong private key: the key file names the certificate's public key, and beside it holds another's private number.
//!
//! Programs compare the public parts when they load certificate and key, and find them equal. Only the proof in the
//! handshake, CertificateVerify, shows that the key is not the certificate's.

use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;

use super::{AuthorityError, Identity, Pki, Specimen, client};

const NAME: &str = "wrong-private-key";

pub(super) fn specimen(pki: &Pki) -> Result<Specimen, AuthorityError> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let (right, wrong) = (EcKey::generate(&curve)?, EcKey::generate(&curve)?);
    let patched = EcKey::from_private_components(&curve, wrong.private_key(), right.public_key())?;
    let whole = client(NAME, pki)?.issue(NAME, PKey::from_ec_key(right)?, &pki.intermediate)?;
    let identity = Identity { key: PKey::from_ec_key(patched)?, ..whole };
    Ok(Specimen {
        openssl_alert: Some(51),
        others: &[
            ("nginx", "alert 51 too, and no HTTP 400"),
            ("Java", "alert 40"),
            ("GnuTLS, Go, rustls", "alert 51"),
        ],
        ..Specimen::new(
            NAME,
            "The private key is not the certificate's, though the public key beside it is: the proof in the handshake is wrong.",
            identity,
        )
    })
}
