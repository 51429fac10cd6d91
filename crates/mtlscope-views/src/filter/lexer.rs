//! The text of a filter in words and signs.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::error::FilterError;

/// A word or a sign, and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) place: Range<usize>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum TokenKind {
    /// A name, a number, an address, a time or bytes in hex: what it is, only its place tells.
    Word(String),
    /// Between double quotes, its escapes resolved.
    Quoted(Vec<u8>),
    /// Between single quotes: one byte.
    Character(u8),
    /// What stands between `[` and `]`.
    Brackets(String),
    /// Anything else: `==`, `&&`, `(`, `..`.
    Sign(&'static str),
}

/// The longer before those that they begin with.
const SIGNS: &[&str] = &[
    "===", "!==", "==", "!=", "~=", "<=", ">=", "&&", "||", "^^", "..", "<", ">", "~", "!", "&", "(", ")",
    "{", "}", ",", "+", "-", "*", "/", "%", "#",
];

/// All words and signs of a filter.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Result<Option<Token>, FilterError> {
        let blank = self.rest().len() - self.rest().trim_start().len();
        self.at += blank;
        let start = self.at;
        let mut characters = self.rest().chars();
        let (Some(first), second) = (characters.next(), characters.next()) else { return Ok(None) };
        let kind = match (first, second) {
            ('"', _) => TokenKind::Quoted(self.quoted('"')?),
            ('r' | 'R', Some('"')) => TokenKind::Quoted(self.raw()?),
            ('\'', _) => TokenKind::Character(self.character()?),
            ('[', _) => TokenKind::Brackets(self.brackets()?),
            _ if self.begins_a_word(first, second) => TokenKind::Word(self.word()),
            _ => TokenKind::Sign(self.sign(first)?),
        };
        Ok(Some(Token { kind, place: start..self.at }))
    }

    /// A field may be written with a leading dot and bytes with a leading colon, which tells them apart.
    fn begins_a_word(&self, first: char, second: Option<char>) -> bool {
        match first {
            '.' => second.is_some_and(is_word),
            ':' => second.is_some_and(|second| is_word(second) || second == ':'),
            _ => is_word(first),
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let mut end = 0;
        for (place, character) in rest.char_indices() {
            let (so_far, on) = rest.split_at(place);
            let continues = match character {
                '.' => place == 0 || !on.starts_with(".."),
                ':' | '-' => true,
                '/' => is_address(so_far) && on.chars().nth(1).is_some_and(|next| next.is_ascii_digit()),
                _ => is_word(character),
            };
            if !continues {
                break;
            }
            end = place + character.len_utf8();
        }
        let word = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        word
    }

    fn sign(&mut self, first: char) -> Result<&'static str, FilterError> {
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
            self.at += sign.len();
            return Ok(sign);
        }
        let hint = match first {
            '=' => "; equality is written ==",
            '|' => "; `or` is written ||",
            '$' => "; references to the frame selected in Wireshark and macros are not known here",
            _ => "",
        };
        let place = self.at..self.at + first.len_utf8();
        Err(FilterError::new(format!("`{first}` has no place in a filter{hint}"), place))
    }

    fn brackets(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        let Some(end) = self.rest().find(']') else {
            return Err(FilterError::new("the closing ] is missing", start..self.text.len()));
        };
        let inside = self.rest().get(1..end).unwrap_or_default().to_owned();
        self.at += end + 1;
        Ok(inside)
    }

    /// `r"\d"`: a backslash is a backslash; before a double quote it only keeps that from ending the text.
    fn raw(&mut self) -> Result<Vec<u8>, FilterError> {
        let start = self.at;
        let mut escaped = false;
        for (place, character) in self.rest().char_indices().skip(2) {
            if character == '"' && !escaped {
                let inside = self.rest().get(2..place).unwrap_or_default().as_bytes().to_vec();
                self.at += place + 1;
                return Ok(inside);
            }
            escaped = character == '\\' && !escaped;
        }
        Err(FilterError::new("the closing \" is missing", start..self.text.len()))
    }

    fn character(&mut self) -> Result<u8, FilterError> {
        let start = self.at;
        let bytes = self.quoted('\'')?;
        match bytes[..] {
            [byte] => Ok(byte),
            [] => Err(FilterError::new(
                "a character stands between single quotes, none does here",
                start..self.at,
            )),
            _ => Err(FilterError::new(
                "one character stands between single quotes; text stands between double quotes",
                start..self.at,
            )),
        }
    }

    /// Text between quotes, its escapes resolved.
    fn quoted(&mut self, quote: char) -> Result<Vec<u8>, FilterError> {
        let start = self.at;
        let missing = |end| FilterError::new(format!("the closing {quote} is missing"), start..end);
        let mut bytes = Vec::new();
        self.at += 1;
        loop {
            let Some(character) = self.rest().chars().next() else { return Err(missing(self.text.len())) };
            if character == '\\' {
                self.escape(&mut bytes)?;
                continue;
            }
            self.at += character.len_utf8();
            if character == quote {
                return Ok(bytes);
            }
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), FilterError> {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.rest().chars().next() else {
            return Err(FilterError::new("nothing follows the backslash", start..self.at));
        };
        if let '0'..='7' = letter {
            let number = self.digits(8, 3).unwrap_or_default();
            bytes.push(number as u8);
            return Ok(());
        }
        self.at += letter.len_utf8();
        let byte = match letter {
            '\'' | '"' | '\\' => letter as u8,
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'v' => 11,
            'x' => match self.digits(16, 2) {
                Some(byte) => byte as u8,
                None => return Err(FilterError::new("\\x needs two hex digits behind it", start..self.at)),
            },
            'u' | 'U' => {
                let digits = if letter == 'u' { 4 } else { 8 };
                let before = self.at;
                let character = self.digits(16, digits).and_then(char::from_u32);
                match character.filter(|_| self.at - before == digits) {
                    Some(character) => {
                        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        return Ok(());
                    }
                    None => {
                        let message = format!("\\{letter} needs {digits} hex digits of a Unicode character");
                        return Err(FilterError::new(message, start..self.at));
                    }
                }
            }
            _ => {
                let message = format!(
                    "\\{letter} is no escape; a backslash is written \\\\, or nothing is escaped in r\"...\""
                );
                return Err(FilterError::new(message, start..self.at));
            }
        };
        bytes.push(byte);
        Ok(())
    }

    /// Up to so many digits; none if there are none.
    fn digits(&mut self, radix: u32, most: usize) -> Option<u32> {
        let digits = self.rest().chars().take(most).take_while(|digit| digit.is_digit(radix)).count();
        let number = self.rest().get(..digits).and_then(|text| u32::from_str_radix(text, radix).ok());
        self.at += digits;
        number
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Whether a prefix length may follow.
fn is_address(word: &str) -> bool {
    word.contains(':') || word.parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text)
            .unwrap()
            .into_iter()
            .map(|token| match token.kind {
                TokenKind::Word(word) => word,
                TokenKind::Quoted(bytes) => format!("\"{}\"", String::from_utf8_lossy(&bytes)),
                TokenKind::Character(byte) => format!("'{byte}'"),
                TokenKind::Brackets(inside) => format!("[{inside}]"),
                TokenKind::Sign(sign) => sign.to_owned(),
            })
            .collect()
    }

    #[test]
    fn words_end_where_wireshark_ends_them() {
        assert_eq!(words("tcp.port==80&&udp"), ["tcp.port", "==", "80", "&&", "udp"]);
        assert_eq!(words("in{80..90,0x1f}"), ["in", "{", "80", "..", "90", ",", "0x1f", "}"]);
        assert_eq!(words("10.0.0.1..10.0.0.9"), ["10.0.0.1", "..", "10.0.0.9"]);
        assert_eq!(words("10.0.0.0/8 a/2 fe80::/10"), ["10.0.0.0/8", "a", "/", "2", "fe80::/10"]);
        assert_eq!(words("::1 :fc .tcp 00-01 a -1"), ["::1", ":fc", ".tcp", "00-01", "a", "-", "1"]);
        assert_eq!(words("ip.addr#[1-2] frame[-4:]"), ["ip.addr", "#", "[1-2]", "frame", "[-4:]"]);
        assert_eq!(words("a!==b!=c!d"), ["a", "!==", "b", "!=", "c", "!", "d"]);
    }

    #[test]
    fn quotes_are_opened() {
        assert_eq!(words(r#""a\x62\143\n\u00e4""#), ["\"abc\nä\""]);
        assert_eq!(words(r#"r"\d\"x""#), [r#""\d\"x""#]);
        assert_eq!(words(r"'\x41' 'b' '\''"), ["'65'", "'98'", "'39'"]);
    }

    #[test]
    fn what_is_no_text_is_refused_at_its_place() {
        for (text, place) in [
            ("tcp = 1", 4..5),
            (r#"a == "b"#, 5..7),
            (r#""a\qb""#, 2..4),
            ("'ab'", 0..4),
            ("''", 0..2),
            ("a[1", 1..3),
            (r#""\x""#, 1..3),
            ("\"\\", 1..2),
            ("ä = 1", 3..4),
        ] {
            assert_eq!(tokens(text).unwrap_err().place(), place, "{text}");
        }
    }
}
