//! Strings and numbers of a JSON text.

use super::parse::Parser;
use super::{Node, index};
use crate::plugin::schema::Misfit;
use crate::sandbox::pace::{PIECE, grow};

/// Most characters of a number: more are no number that anyone means.
const MAX_NUMBER: usize = 1024;

impl Parser<'_, '_, '_> {
    /// Whether all of the text is UTF-8.
    pub(super) async fn check_utf8(&mut self) -> Result<(), Misfit> {
        let mut from = 0;
        while let Some(rest) = self.document.input.get(from..).filter(|rest| !rest.is_empty()) {
            let piece = rest.get(..PIECE).unwrap_or(rest);
            let (taken, bad) = match std::str::from_utf8(piece) {
                Ok(_) => (piece.len(), false),
                // Cut inside of a character: the next piece begins with it.
                Err(error) if error.error_len().is_none() && piece.len() < rest.len() => {
                    (error.valid_up_to(), false)
                }
                Err(error) => (error.valid_up_to(), true),
            };
            from += taken;
            if bad {
                self.at = from;
                return Err(self.wrong("UTF-8 is expected"));
            }
            self.pace.bytes(taken).await?;
        }
        Ok(())
    }

    /// Reads a string; it stays where it is unless it has escapes.
    pub(super) async fn string(&mut self) -> Result<(), Misfit> {
        self.at += 1;
        let start = self.at;
        let unescaped = self.document.unescaped.len();
        let mut copied = None;
        while self.plain().await? == b'\\' {
            self.copy(copied.unwrap_or(start)).await?;
            let character = self.escape()?;
            self.append(character.encode_utf8(&mut [0; 4]).as_bytes())?;
            copied = Some(self.at);
        }
        let node = match copied {
            None => Node::Plain {
                start: index(start),
                len: index(self.at - start),
            },
            Some(from) => {
                self.copy(from).await?;
                Node::Unescaped {
                    start: index(unescaped),
                    len: index(self.document.unescaped.len() - unescaped),
                }
            }
        };
        self.at += 1;
        self.push(node)
    }

    /// Goes to the end of the string or its next escape; which it is.
    async fn plain(&mut self) -> Result<u8, Misfit> {
        loop {
            let rest = self.document.input.get(self.at..).unwrap_or_default();
            let piece = rest.get(..PIECE).unwrap_or(rest);
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            let skipped = piece.iter().position(special).unwrap_or(piece.len());
            let found = piece.get(skipped).copied();
            let is_end = piece.is_empty();
            self.at += skipped;
            self.pace.bytes(skipped).await?;
            match found {
                Some(byte @ (b'"' | b'\\')) => return Ok(byte),
                Some(_) => return Err(self.wrong("a control character in a string must be escaped")),
                None if is_end => return Err(self.wrong("the string does not end")),
                None => {}
            }
        }
    }

    /// Copies what was read since a place.
    async fn copy(&mut self, mut from: usize) -> Result<(), Misfit> {
        while self.keep && from < self.at {
            let to = self.at.min(from + PIECE);
            let document = &mut self.document;
            grow(&mut document.unescaped, to - from, self.pace)?;
            let piece = document.input.get(from..to).unwrap_or_default();
            document.unescaped.extend_from_slice(piece);
            self.pace.bytes(to - from).await?;
            from = to;
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Misfit> {
        if self.keep {
            grow(&mut self.document.unescaped, bytes.len(), self.pace)?;
            self.document.unescaped.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<char, Misfit> {
        let kind = self.document.input.get(self.at + 1).copied();
        let character = match kind {
            Some(b'u') => return self.unicode(),
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(self.wrong("an escape is expected")),
        };
        self.at += 2;
        Ok(character)
    }

    /// `\uXXXX`, or two of them for a character beyond.
    fn unicode(&mut self) -> Result<char, Misfit> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.wrong("half a character"));
        }
        let second = self.unit()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(self.wrong("half a character"));
        }
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        char::from_u32(code).ok_or_else(|| self.wrong("half a character"))
    }

    fn unit(&mut self) -> Result<u32, Misfit> {
        let written = self.document.input.get(self.at..self.at + 6);
        let hex = written.and_then(|written| written.strip_prefix(br"\u"));
        let digit = |value: u32, byte: &u8| Some(value * 16 + char::from(*byte).to_digit(16)?);
        let value = hex.and_then(|hex| hex.iter().try_fold(0, digit));
        self.at += if value.is_some() { 6 } else { 0 };
        value.ok_or_else(|| self.wrong("`\\u` and four digits are expected"))
    }

    /// Reads a number. One that no float can hold is refused, not taken as
    /// infinity.
    pub(super) fn number(&mut self) -> Result<(), Misfit> {
        let rest = self.document.input.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .take(MAX_NUMBER + 1)
            .position(|byte| !is_of_number(*byte));
        let length = length.unwrap_or(rest.len());
        let written = rest.get(..length.min(MAX_NUMBER + 1)).unwrap_or_default();
        if length > MAX_NUMBER {
            return Err(self.wrong("a number of more than 1024 characters"));
        }
        let node = std::str::from_utf8(written)
            .ok()
            .filter(|text| is_number(text))
            .map(value);
        match node {
            None => Err(self.wrong("a number is expected")),
            Some(Node::Float(float)) if !float.is_finite() => Err(self.wrong("a number out of range")),
            Some(node) => {
                self.at += length;
                self.push(node)
            }
        }
    }
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
}

/// JSON's grammar of numbers.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

fn value(text: &str) -> Node {
    if let Ok(int) = text.parse() {
        return Node::Int(int);
    }
    if let Ok(large) = text.parse() {
        return Node::Large(large);
    }
    text.parse().map_or(Node::Float(f64::INFINITY), Node::Float)
}
