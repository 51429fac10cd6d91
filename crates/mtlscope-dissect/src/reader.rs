//! A bounds-checked cursor: the only code that takes wire bytes apart.
//!
//! Reading past the end never fails: it yields zeros or nothing, and the reader remembers that it was cut short. So a
//! parse function follows its RFC structure line by line, and a truncated message still gives the fields that are there.
//!
//! The same parse function serves two readers. One only wants the values; the other wants the tree of every field
//! with its byte offsets (`-V`). [`Trace`] is the difference, and costs nothing where it is `()`.

use std::fmt;
use std::ops::Range;

/// Hears of every field that is read.
pub trait Trace {
    /// Whether anyone listens. Where not, field values are never formatted.
    const LISTENS: bool;

    /// Whether what fields say is wanted in words, besides where they stand.
    const WANTS_WORDS: bool = Self::LISTENS;

    /// A group of fields opens at `offset`.
    fn open(&mut self, name: &'static str, offset: usize);

    /// The group opened last ends before `end`. `value` says in short what it holds.
    fn close(&mut self, end: usize, value: Option<String>);

    /// One field.
    fn field(&mut self, name: &'static str, range: Range<usize>, value: String);
}

/// Nobody listens.
impl Trace for () {
    const LISTENS: bool = false;

    #[inline(always)]
    fn open(&mut self, _: &'static str, _: usize) {}

    #[inline(always)]
    fn close(&mut self, _: usize, _: Option<String>) {}

    #[inline(always)]
    fn field(&mut self, _: &'static str, _: Range<usize>, _: String) {}
}

/// A number of an IANA registry that can be read from the wire.
pub trait Registered: Copy + fmt::Display {
    /// Its size on the wire in bytes: 1 or 2.
    const SIZE: usize;

    /// From the number on the wire.
    fn from_wire(number: u16) -> Self;
}

/// A cursor over bytes, with offsets counted from the start of the message.
#[derive(Debug)]
pub struct Reader<'a, 't, T: Trace> {
    bytes: &'a [u8],
    position: usize,
    base: usize,
    cut_short: bool,
    trace: &'t mut T,
}

impl<'a, 't, T: Trace> Reader<'a, 't, T> {
    /// Reads `bytes`, which stand `base` bytes behind the start of the message.
    #[inline]
    pub fn new(bytes: &'a [u8], base: usize, trace: &'t mut T) -> Self {
        Self { bytes, position: 0, base, cut_short: false, trace }
    }

    /// Whether something was asked for that is not there.
    #[inline]
    pub fn is_cut_short(&self) -> bool {
        self.cut_short
    }

    /// How many bytes are left; 0 once the reader was cut short.
    #[inline]
    pub fn remaining(&self) -> usize {
        if self.cut_short { 0 } else { self.bytes.len() - self.position }
    }

    /// Whether there is more to read. Loops over lists end on this, also when cut short.
    #[inline]
    pub fn has_more(&self) -> bool {
        self.remaining() > 0
    }

    /// The offset of the next byte in the message.
    #[inline]
    pub fn offset(&self) -> usize {
        self.base + self.position
    }

    /// One byte.
    #[inline]
    pub fn u8(&mut self, name: &'static str) -> u8 {
        let start = self.offset();
        let value = self.number(1) as u8;
        self.tell(name, start, || value.to_string());
        value
    }

    /// Two bytes, most significant first.
    #[inline]
    pub fn u16(&mut self, name: &'static str) -> u16 {
        let start = self.offset();
        let value = self.number(2) as u16;
        self.tell(name, start, || value.to_string());
        value
    }

    /// Three bytes, most significant first.
    #[inline]
    pub fn u24(&mut self, name: &'static str) -> u32 {
        let start = self.offset();
        let value = self.number(3);
        self.tell(name, start, || value.to_string());
        value
    }

    /// Four bytes, most significant first.
    #[inline]
    pub fn u32(&mut self, name: &'static str) -> u32 {
        let start = self.offset();
        let value = self.number(4);
        self.tell(name, start, || value.to_string());
        value
    }

    /// A registered number, shown by its name.
    #[inline]
    pub fn registered<R: Registered>(&mut self, name: &'static str) -> R {
        let start = self.offset();
        let value = R::from_wire(self.number(R::SIZE) as u16);
        self.tell(name, start, || value.to_string());
        value
    }

    /// `length` opaque bytes, shown in hex; what is there of them if cut short.
    #[inline]
    pub fn bytes(&mut self, name: &'static str, length: usize) -> &'a [u8] {
        self.bytes_shown(name, length, hex)
    }

    /// `length` opaque bytes, shown as `show` says.
    #[inline]
    pub fn bytes_shown(
        &mut self,
        name: &'static str,
        length: usize,
        show: impl FnOnce(&[u8]) -> String,
    ) -> &'a [u8] {
        let start = self.offset();
        let bytes = self.take(length);
        self.tell(name, start, || show(bytes));
        bytes
    }

    /// All that is left, shown in hex.
    #[inline]
    pub fn rest(&mut self, name: &'static str) -> &'a [u8] {
        self.bytes(name, self.remaining())
    }

    /// A fixed number of opaque bytes; zeros where cut short.
    #[inline]
    pub fn array<const N: usize>(&mut self, name: &'static str) -> [u8; N] {
        let bytes = self.bytes(name, N);
        let mut array = [0; N];
        array[..bytes.len()].copy_from_slice(bytes);
        array
    }

    /// An opaque vector with a length of one byte: `opaque name<0..2^8-1>`.
    #[inline]
    pub fn opaque8(&mut self, name: &'static str) -> &'a [u8] {
        self.vector8(name, |r| r.rest("data"))
    }

    /// An opaque vector with a length of two bytes: `opaque name<0..2^16-1>`.
    #[inline]
    pub fn opaque16(&mut self, name: &'static str) -> &'a [u8] {
        self.vector16(name, |r| r.rest("data"))
    }

    /// An opaque vector with a length of three bytes: `opaque name<0..2^24-1>`.
    #[inline]
    pub fn opaque24(&mut self, name: &'static str) -> &'a [u8] {
        self.vector24(name, |r| r.rest("data"))
    }

    /// A vector with a length of one byte, read by `read`, which sees nothing outside it.
    #[inline]
    pub fn vector8<V>(&mut self, name: &'static str, read: impl FnOnce(&mut Reader<'a, '_, T>) -> V) -> V {
        self.vector(name, 1, read)
    }

    /// A vector with a length of two bytes.
    #[inline]
    pub fn vector16<V>(&mut self, name: &'static str, read: impl FnOnce(&mut Reader<'a, '_, T>) -> V) -> V {
        self.vector(name, 2, read)
    }

    /// A vector with a length of three bytes.
    #[inline]
    pub fn vector24<V>(&mut self, name: &'static str, read: impl FnOnce(&mut Reader<'a, '_, T>) -> V) -> V {
        self.vector(name, 3, read)
    }

    /// A list of registered numbers that fills the reader to its end.
    #[inline]
    pub fn list<R: Registered>(&mut self, name: &'static str) -> Vec<R> {
        let mut list = Vec::with_capacity(self.remaining() / R::SIZE);
        while self.has_more() {
            let number = self.registered(name);
            if self.cut_short {
                break;
            }
            list.push(number);
        }
        list
    }

    /// A group of fields that share a name, shown as one node of the tree.
    #[inline]
    pub fn group<V>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> V) -> V {
        self.trace.open(name, self.base + self.position);
        let value = read(self);
        self.trace.close(self.base + self.position, None);
        value
    }

    /// Like [`Reader::group`], with a short word on what the group holds.
    #[inline]
    pub fn group_shown<V>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> V,
        show: impl FnOnce(&V) -> String,
    ) -> V {
        self.trace.open(name, self.base + self.position);
        let value = read(self);
        let shown = T::WANTS_WORDS.then(|| show(&value));
        self.trace.close(self.base + self.position, shown);
        value
    }

    /// The next `length` bytes as a reader of their own.
    #[inline]
    pub fn within<V>(&mut self, length: usize, read: impl FnOnce(&mut Reader<'a, '_, T>) -> V) -> V {
        let base = self.offset();
        let cut_before = self.cut_short;
        let bytes = self.take(length);
        let cut = self.cut_short && !cut_before;
        let mut inner = Reader::new(bytes, base, &mut *self.trace);
        let value = read(&mut inner);
        let cut = cut | inner.cut_short;
        self.cut_short |= cut;
        value
    }

    /// As [`Reader::within`], but what goes wrong inside stays inside: where `read` asks for more than the bytes hold, this
    /// reader goes on behind them. Also tells whether `read` did.
    #[inline]
    pub fn apart<V>(&mut self, length: usize, read: impl FnOnce(&mut Reader<'a, '_, T>) -> V) -> (V, bool) {
        let base = self.offset();
        let bytes = self.take(length);
        let mut inner = Reader::new(bytes, base, &mut *self.trace);
        let value = read(&mut inner);
        (value, inner.cut_short)
    }

    /// What is left, without reading it: for the few structures whose shape their length decides.
    #[inline]
    pub fn ahead(&self) -> &'a [u8] {
        if self.cut_short { &[] } else { &self.bytes[self.position..] }
    }

    fn vector<V>(
        &mut self,
        name: &'static str,
        size: usize,
        read: impl FnOnce(&mut Reader<'a, '_, T>) -> V,
    ) -> V {
        self.trace.open(name, self.base + self.position);
        let start = self.offset();
        let length = self.number(size) as usize;
        self.tell("length", start, || length.to_string());
        let value = self.within(length, read);
        self.trace.close(self.base + self.position, None);
        value
    }

    #[inline]
    fn tell(&mut self, name: &'static str, start: usize, value: impl FnOnce() -> String) {
        if T::LISTENS && !self.cut_short {
            let end = self.offset();
            self.trace.field(name, start..end, if T::WANTS_WORDS { value() } else { String::new() });
        }
    }

    #[inline]
    fn number(&mut self, size: usize) -> u32 {
        if self.remaining() < size {
            self.cut_short = true;
            return 0;
        }
        let bytes = &self.bytes[self.position..self.position + size];
        self.position += size;
        bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
    }

    #[inline]
    fn take(&mut self, length: usize) -> &'a [u8] {
        let there = self.remaining().min(length);
        let bytes = &self.bytes[self.position..self.position + there];
        self.position += there;
        if there < length {
            self.cut_short = true;
        }
        bytes
    }
}

/// Bytes in lower-case hex, without separators.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}

/// The tree of every field read, for `-V`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldTree {
    /// The fields at the top, in the order of their bytes.
    pub fields: Vec<Field>,
    open: Vec<Field>,
}

/// A field, or a group of fields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// The RFC's name of it.
    pub name: &'static str,
    /// Where its bytes stand in the message.
    pub range: Range<usize>,
    /// What they say; `None` for a group that needs no word.
    pub value: Option<String>,
    /// The fields inside.
    pub fields: Vec<Field>,
}

impl Trace for FieldTree {
    const LISTENS: bool = true;

    fn open(&mut self, name: &'static str, offset: usize) {
        self.open.push(Field { name, range: offset..offset, value: None, fields: Vec::new() });
    }

    fn close(&mut self, end: usize, value: Option<String>) {
        if let Some(mut group) = self.open.pop() {
            group.range.end = end;
            group.value = value;
            self.place(group);
        }
    }

    fn field(&mut self, name: &'static str, range: Range<usize>, value: String) {
        self.place(Field { name, range, value: Some(value), fields: Vec::new() });
    }
}

/// The tree of every field read, without words: only names and places. Much cheaper where values are long.
#[derive(Debug, Default)]
pub struct PlaceTree(pub FieldTree);

impl Trace for PlaceTree {
    const LISTENS: bool = true;
    const WANTS_WORDS: bool = false;

    fn open(&mut self, name: &'static str, offset: usize) {
        self.0.open(name, offset);
    }

    fn close(&mut self, end: usize, value: Option<String>) {
        self.0.close(end, value);
    }

    fn field(&mut self, name: &'static str, range: Range<usize>, value: String) {
        self.0.field(name, range, value);
    }
}

impl FieldTree {
    fn place(&mut self, field: Field) {
        match self.open.last_mut() {
            Some(group) => group.fields.push(field),
            None => self.fields.push(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_there_when_cut_short() {
        let mut trace = ();
        let mut r = Reader::new(&[0, 5, 1, 2], 0, &mut trace);
        let data = r.opaque16("data");
        assert_eq!(data, [1, 2]);
        assert!(r.is_cut_short());
        assert_eq!(r.u8("after"), 0);
        assert!(!r.has_more());
    }

    #[test]
    fn tells_every_field_with_its_bytes() {
        let mut tree = FieldTree::default();
        let mut r = Reader::new(&[3, 3, 2, 9, 8], 4, &mut tree);
        r.u16("version");
        r.vector8("list", |r| {
            while r.has_more() {
                r.u8("item");
            }
        });
        assert_eq!(tree.fields[0].range, 4..6);
        assert_eq!(tree.fields[1].range, 6..9);
        assert_eq!(tree.fields[1].fields.len(), 3);
        assert_eq!(tree.fields[1].fields[2].value.as_deref(), Some("8"));
    }

    #[test]
    fn what_goes_wrong_apart_stays_there() {
        let mut trace = ();
        let mut r = Reader::new(&[1, 2, 3], 0, &mut trace);
        assert_eq!(r.apart(1, |r| r.u16("too_much")), (0, true));
        assert_eq!((r.is_cut_short(), r.ahead()), (false, &[2, 3][..]));
        assert_eq!(r.apart(5, |r| r.rest("data")), (&[2, 3][..], false));
        assert_eq!((r.is_cut_short(), r.ahead()), (true, &[][..]));
    }
}
