//! Which of Wireshark's fields stands where in a message: tables from the names under which our parser reads something to
//! the fields that tell of it.
//!
//! A value is made from the very bytes that the parser says it read under that name, so the two cannot disagree.

use std::ops::Range;

use mtlscope_dissect::reader;

use super::super::Field;
use super::super::named::Told;

/// One row of a table.
pub(super) struct Place {
    /// The names from the outermost group to the field, with slashes between.
    path: &'static str,
    take: Take,
    field: &'static Field,
    /// Tells what is inside the bytes, behind the field itself.
    inside: Option<fn(&[u8], &mut Told<'_>)>,
}

/// Which bytes are the value.
#[derive(Clone, Copy)]
enum Take {
    /// All, if there are any.
    All,
    /// What stands behind the length of a vector, if anything does.
    BehindLength,
    /// What stands behind the length of a vector, even nothing.
    BehindLengthEvenNone,
    /// All, if there are no fields inside.
    Leaf,
    /// These.
    Part(usize, usize),
}

/// A field with the bytes at a path, if there are any.
pub(super) const fn at(path: &'static str, field: &'static Field) -> Place {
    Place { path, take: Take::All, field, inside: None }
}

/// A field with the content of a vector, without its length.
pub(super) const fn content(path: &'static str, field: &'static Field) -> Place {
    Place { path, take: Take::BehindLength, field, inside: None }
}

/// A field with the content of a vector, without its length, even if empty.
pub(super) const fn content_even_empty(path: &'static str, field: &'static Field) -> Place {
    Place { path, take: Take::BehindLengthEvenNone, field, inside: None }
}

/// A field with the bytes at a path that is not taken apart further.
pub(super) const fn leaf(path: &'static str, field: &'static Field) -> Place {
    Place { path, take: Take::Leaf, field, inside: None }
}

/// A field with some of the bytes at a path.
pub(super) const fn part(path: &'static str, start: usize, end: usize, field: &'static Field) -> Place {
    Place { path, take: Take::Part(start, end), field, inside: None }
}

impl Place {
    /// The same, and behind it what `inside` tells of its bytes.
    pub(super) const fn holding(self, inside: fn(&[u8], &mut Told<'_>)) -> Self {
        Self { inside: Some(inside), ..self }
    }

    fn range(&self, node: &reader::Field) -> Option<Range<usize>> {
        let Range { start, end } = node.range;
        let range = match self.take {
            Take::All => start..end,
            Take::Leaf if node.fields.is_empty() => start..end,
            Take::Leaf => return None,
            Take::BehindLength | Take::BehindLengthEvenNone => node.fields.first()?.range.end..end,
            Take::Part(from, to) if start + to <= end => start + from..start + to,
            Take::Part(..) => return None,
        };
        let may_be_empty = matches!(self.take, Take::BehindLengthEvenNone);
        (may_be_empty || !range.is_empty()).then_some(range)
    }
}

/// Walks over what a parser read, and tells of each place in the tables. `elsewhere` takes nodes that it knows better, and
/// says so.
pub(super) fn tell(
    nodes: &[reader::Field],
    message: &[u8],
    places: &[Place],
    told: &mut Told<'_>,
    elsewhere: &mut dyn FnMut(&reader::Field, &mut Told<'_>) -> bool,
) {
    walk(nodes, &mut String::new(), message, places, told, elsewhere);
}

fn walk(
    nodes: &[reader::Field],
    path: &mut String,
    message: &[u8],
    places: &[Place],
    told: &mut Told<'_>,
    elsewhere: &mut dyn FnMut(&reader::Field, &mut Told<'_>) -> bool,
) {
    for node in nodes {
        if elsewhere(node, told) {
            continue;
        }
        let length = path.len();
        if length > 0 {
            path.push('/');
        }
        path.push_str(node.name);
        for place in places.iter().filter(|place| place.path == *path) {
            let Some(bytes) = place.range(node).and_then(|range| message.get(range)) else { continue };
            told.put_bytes(place.field, bytes);
            if let Some(inside) = place.inside {
                inside(bytes, told);
            }
        }
        walk(&node.fields, path, message, places, told, elsewhere);
        path.truncate(length);
    }
}
