//! supported_groups: the groups the sender can agree on a secret with, the preferred first.
//!
//! RFC 8446 section 4.2.7; as elliptic_curves, RFC 8422 section 5.1.1.
//!
//! ```text
//! struct {
//!     NamedGroup named_group_list<2..2^16-1>;
//! } NamedGroupList;
//! ```

use crate::reader::{Reader, Trace};
use crate::tls::registry::NamedGroup;

pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<NamedGroup> {
    r.vector16("named_group_list", |r| r.list("named_group"))
}
