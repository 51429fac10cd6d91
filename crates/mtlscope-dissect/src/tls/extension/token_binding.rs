//! token_binding: tokens of the application are tied to a key of the client, proven in each connection.
//!
//! RFC 8472 section 2.
//!
//! ```text
//! struct {
//!     TB_ProtocolVersion token_binding_version;       /* uint8 major; uint8 minor; */
//!     TokenBindingKeyParameters key_parameters_list<1..2^8-1>;
//! } TokenBindingParameters;
//! ```

use crate::reader::{Reader, Trace};

/// What the client can do, or what the server chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenBinding {
    /// Version, the larger part first.
    pub version: (u8, u8),
    /// Kinds of keys, as IANA numbers them ("Token Binding Key Parameters"); one in an answer.
    pub key_parameters: Box<[u8]>,
}

impl TokenBinding {
    pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Self {
        Self {
            version: (r.u8("major"), r.u8("minor")),
            key_parameters: r.opaque8("key_parameters_list").into(),
        }
    }
}
