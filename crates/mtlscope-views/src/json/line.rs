//! Values written as JSON at the end of a line: what `serde_json` with [`Safe`] writes, byte for byte, in a quarter of the time.
//!
//! A line of a connection is some hundred and fifty names of fields and as many short strings. A serialiser for any writer looks
//! at each of them byte by byte. Here a name, which the code chose, is copied, and so is a string in which nothing must be
//! escaped, as nearly all are; any other is left to `serde_json`.
//!
//! What is called for each field is `inline(always)`: in the code that `derive` writes a name is then a constant, and putting it
//! is a few moves where it was a call with three copies. A line took 26,700 instructions before, of which these calls were a third.

use std::fmt::{self, Display, Write};

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    Serializer,
};
use serde_json::Error;

use super::Safe;

/// The end of a line, to which a value is written.
pub(super) struct Line<'line> {
    line: &'line mut Vec<u8>,
    /// Whether the next string is JSON already.
    is_written: bool,
}

/// JSON that was written before, and is copied as it stands.
pub(super) struct Written<'a>(pub(super) &'a str);

/// The name by which [`Line`] knows it.
const WRITTEN: &str = "json::line::Written";

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(WRITTEN, self.0)
    }
}

/// A list or an object that is being written.
pub(super) struct Open<'value, 'line> {
    line: &'value mut Line<'line>,
    /// Whether an element stands in it already.
    is_begun: bool,
    /// What closes it.
    end: u8,
    /// Whether it is the content of a variant, and closes that too.
    is_in_variant: bool,
}

impl<'line> Line<'line> {
    pub(super) fn new(line: &'line mut Vec<u8>) -> Self {
        Self { line, is_written: false }
    }

    #[inline(always)]
    fn put(&mut self, text: &[u8]) {
        self.line.extend_from_slice(text);
    }

    #[inline(always)]
    fn put_quoted(&mut self, plain: &str) {
        self.line.push(b'"');
        self.line.extend_from_slice(plain.as_bytes());
        self.line.push(b'"');
    }

    fn put_string(&mut self, value: &str) -> Result<(), Error> {
        if is_plain(value.as_bytes()) {
            self.put_quoted(value);
            return Ok(());
        }
        self.general(value)
    }

    /// A name of a field with what stands around it. Put together beside the line, where all of it is known to the compiler, and
    /// copied at once: room in the line is then asked for once, and not for each piece.
    #[inline(always)]
    fn put_name(&mut self, name: &'static str, is_first: bool) {
        const ROOM: usize = 32;
        let start = usize::from(is_first);
        let mut text = [b'"'; ROOM];
        text[0] = b',';
        if let Some(place) = text.get_mut(2..2 + name.len())
            && name.len() + 4 <= ROOM
        {
            place.copy_from_slice(name.as_bytes());
            text[3 + name.len()] = b':';
            self.put(&text[start..4 + name.len()]);
            return;
        }
        self.put(if is_first { b"\"" } else { b",\"" });
        self.put(name.as_bytes());
        self.put(b"\":");
    }

    fn general(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut *self.line, Safe))
    }
}

/// Whether a string stands in JSON as it is, and is safe there.
fn is_plain(text: &[u8]) -> bool {
    // Without an early end a block is looked at as one; in what remains, and in short texts, each byte is looked up.
    let (blocks, rest) = text.as_chunks::<16>();
    let of_block = |block: &[u8; 16]| block.iter().fold(true, |plain, byte| plain & is_plain_byte(*byte));
    blocks.iter().fold(true, |plain, block| plain & of_block(block))
        && rest.iter().all(|byte| PLAIN[usize::from(*byte)])
}

const fn is_plain_byte(byte: u8) -> bool {
    byte >= b' ' && byte < 0x7f && byte != b'"' && byte != b'\\'
}

static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = is_plain_byte(byte as u8);
        byte += 1;
    }
    plain
};

/// Appends a number in decimal.
pub(super) fn append_number(line: &mut Vec<u8>, number: u64) {
    line.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

impl fmt::Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

impl<'value, 'line> Serializer for &'value mut Line<'line> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'value, 'line>;
    type SerializeTuple = Open<'value, 'line>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Open<'value, 'line>;
    type SerializeStructVariant = Open<'value, 'line>;

    #[inline(always)]
    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.put(if value { b"true" } else { b"false" });
        Ok(())
    }

    #[inline(always)]
    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        append_number(self.line, value);
        Ok(())
    }

    #[inline(always)]
    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    #[inline(always)]
    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    #[inline(always)]
    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        if value < 0 {
            self.put(b"-");
        }
        self.serialize_u64(value.unsigned_abs())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.general(&value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.general(&value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline(always)]
    fn serialize_str(self, value: &str) -> Result<(), Error> {
        if std::mem::take(&mut self.is_written) {
            self.put(value.as_bytes());
            return Ok(());
        }
        self.put_string(value)
    }

    /// What has a `Display` is written in place, and looked at when it stands there.
    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<(), Error> {
        self.line.push(b'"');
        let start = self.line.len();
        write!(self, "{value}").map_err(Error::custom)?;
        let text = self.line.get(start..).unwrap_or_default();
        if is_plain(text) {
            self.line.push(b'"');
            return Ok(());
        }
        let text = String::from_utf8_lossy(text).into_owned();
        self.line.truncate(start.saturating_sub(1));
        self.general(&text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        Err(Error::custom("bytes have no form of their own in JSON"))
    }

    #[inline(always)]
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline(always)]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline(always)]
    fn serialize_unit(self) -> Result<(), Error> {
        self.put(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline(always)]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.put_quoted(variant);
        Ok(())
    }

    #[inline(always)]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.is_written = name == WRITTEN;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.put(b"{");
        self.put_quoted(variant);
        self.put(b":");
        value.serialize(&mut *self)?;
        self.put(b"}");
        Ok(())
    }

    #[inline(always)]
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        self.put(b"[");
        Ok(Open { line: self, is_begun: false, end: b']', is_in_variant: false })
    }

    #[inline(always)]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        self.put(b"{");
        Ok(Open { line: self, is_begun: false, end: b'}', is_in_variant: false })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        self.put(b"{");
        self.put_quoted(variant);
        self.put(b":{");
        Ok(Open { line: self, is_begun: false, end: b'}', is_in_variant: true })
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, Error> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        Err(Error::custom(format_args!("no line holds the tuple {name}")))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(Error::custom(format_args!("no line holds the tuple {name}")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        Err(Error::custom("no line holds a map: its keys would be promised to nobody"))
    }
}

impl Open<'_, '_> {
    #[inline(always)]
    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        self.line.put_name(name, is_first);
        value.serialize(&mut *self.line)
    }

    #[inline(always)]
    fn close(self) {
        self.line.line.push(self.end);
        if self.is_in_variant {
            self.line.line.push(b'}');
        }
    }
}

impl SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline(always)]
    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        if std::mem::replace(&mut self.is_begun, true) {
            self.line.line.push(b',');
        }
        value.serialize(&mut *self.line)
    }

    #[inline(always)]
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline(always)]
    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.field(name, value)
    }

    #[inline(always)]
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeStructVariant for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        OneWord,
        Newtype(u8),
        Fields { a: i64, b: Option<bool> },
    }

    #[derive(Serialize)]
    struct Whole {
        text: &'static str,
        shown: Vec<Display>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
        numbers: Vec<i64>,
        large: u64,
        part: f64,
        choices: Vec<Choice>,
        none: Vec<u8>,
        pair: [u8; 2],
        unit: (),
        letter: char,
        empty: Empty,
        a_name_that_is_just_as_long_1: u8,
        a_name_that_is_by_one_too_long: Long,
    }

    #[derive(Serialize)]
    struct Empty {}

    #[derive(Serialize)]
    struct Long {
        a_name_that_is_longer_than_the_room_for_names: u8,
    }

    struct Display(&'static str);

    impl Serialize for Display {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self.0)
        }
    }

    const TEXTS: &[&str] =
        &["", "plain", "\"", "\\", "a\nb\tc\u{8}\u{c}\r\u{1}", "\x1b[2J\u{7f}", "Zoë", "\u{202e}\u{e0001}"];

    #[test]
    fn writes_what_serde_json_writes() {
        for text in TEXTS {
            let whole = Whole {
                text,
                shown: TEXTS.iter().map(|text| Display(text)).collect(),
                left_out: None,
                numbers: vec![0, 7, -1, 10, i64::MIN, i64::MAX],
                large: u64::MAX,
                part: 0.125,
                choices: vec![
                    Choice::OneWord,
                    Choice::Newtype(3),
                    Choice::Fields { a: -5, b: Some(true) },
                    Choice::Fields { a: 5, b: None },
                ],
                none: Vec::new(),
                pair: [1, 2],
                unit: (),
                letter: '"',
                empty: Empty {},
                a_name_that_is_just_as_long_1: 1,
                a_name_that_is_by_one_too_long: Long { a_name_that_is_longer_than_the_room_for_names: 2 },
            };
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            whole.serialize(&mut Line::new(&mut ours)).unwrap();
            whole.serialize(&mut serde_json::Serializer::with_formatter(&mut theirs, Safe)).unwrap();
            assert_eq!(String::from_utf8(ours).unwrap(), String::from_utf8(theirs).unwrap());
        }
    }

    #[test]
    fn every_byte_is_plain_or_left_to_serde_json_wherever_it_stands() {
        for c in (0..0x300).filter_map(char::from_u32) {
            for (before, behind) in [(0, 0), (1, 16), (15, 0), (15, 17), (16, 0), (31, 1), (40, 3)] {
                let text = format!("{}{c}{}", "a".repeat(before), "b".repeat(behind));
                let (mut ours, mut theirs) = (Vec::new(), Vec::new());
                text.serialize(&mut Line::new(&mut ours)).unwrap();
                text.serialize(&mut serde_json::Serializer::with_formatter(&mut theirs, Safe)).unwrap();
                assert_eq!(ours, theirs, "{c:?}");
            }
        }
    }
}
