//! How the fields of one kind of header are declared: a name, a kind, a sentence, and where in the header its value is.

use std::collections::HashSet;

use mtlscope_dissect::packet::{Layer, Packet};

use super::{Field, Kind, Occurrence, Value};

/// Fields that somebody wants the values of.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// All there are.
    All,
    /// These.
    Only(HashSet<&'static str>),
}

impl Wanted {
    /// Whether the values of this field are wanted.
    pub fn wants(&self, field: &Field) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(field.name),
        }
    }
}

/// A header, with the packet it stands in.
pub(super) struct Of<'a, H> {
    pub(super) packet: &'a Packet,
    pub(super) layer: &'a Layer,
    pub(super) header: &'a H,
}

impl<H> Of<'_, H> {
    /// The header as it stands in the packet.
    pub(super) fn bytes(&self) -> Value {
        Value::Bytes(self.packet.header_bytes(self.layer).into())
    }
}

type Tell<H> = fn(&Of<'_, H>, &mut dyn FnMut(Value));

/// One field of a kind of header.
pub(super) struct HeaderField<H> {
    pub(super) field: Field,
    tell: Tell<H>,
}

/// A field, and how its values are taken from a header.
pub(super) const fn field<H>(
    name: &'static str,
    kind: Kind,
    about: &'static str,
    tell: Tell<H>,
) -> HeaderField<H> {
    HeaderField { field: Field { name, kind, about }, tell }
}

/// Adds what a header says of the fields of its table. `layer`: how many of its protocol stand before it, and one.
pub(super) fn tell<H>(
    table: &'static [HeaderField<H>],
    of: &Of<'_, H>,
    layer: u8,
    wanted: &Wanted,
    told: &mut Vec<Occurrence>,
) {
    for HeaderField { field, tell } in table {
        if wanted.wants(field) {
            tell(of, &mut |value| told.push(Occurrence { field, value, layer }));
        }
    }
}
