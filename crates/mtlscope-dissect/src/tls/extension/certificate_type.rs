//! client_certificate_type and server_certificate_type: whether certificates are X.509, or bare public keys.
//!
//! RFC 7250 section 3. The client offers a list, the server answers with one.
//!
//! ```text
//! struct {
//!     select(ClientOrServerExtension) {
//!         case client:
//!             CertificateType client_certificate_types<1..2^8-1>;
//!         case server:
//!             CertificateType client_certificate_type;
//!     }
//! } ClientCertTypeExtension;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::{CertificateType, HandshakeType};

/// The types offered, the preferred first, or the one chosen.
pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, message: HandshakeType) -> Vec<CertificateType> {
    if message == HandshakeType::CLIENT_HELLO {
        r.vector8("certificate_types", |r| r.list("certificate_type"))
    } else {
        vec![r.registered("certificate_type")]
    }
}
