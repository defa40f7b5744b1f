//! Texts as editors and programs of other systems write them: with a byte order mark
//! in front, or in UTF-16.

/// The byte order mark that some programs write in front of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Bytes that are no text in UTF-8. It does not show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUtf8 {
    /// A text of another kind.
    #[error("it is a text in UTF-16; save it as UTF-8")]
    Utf16,
    /// Something else.
    #[error("it is no text in UTF-8")]
    Other,
}

/// The text of some bytes, without a byte order mark in front.
///
/// # Errors
/// If they are no UTF-8.
pub fn of_bytes(bytes: Vec<u8>) -> Result<String, NotUtf8> {
    let is_utf16 = is_utf16(&bytes);
    String::from_utf8(without_mark(bytes)).map_err(|_| match is_utf16 {
        true => NotUtf8::Utf16,
        false => NotUtf8::Other,
    })
}

/// The bytes behind a byte order mark in front.
pub fn behind_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// The same of bytes that are owned, which are moved only if there is a mark.
pub fn without_mark(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(MARK) {
        bytes.drain(..MARK.len());
    }
    bytes
}

/// Whether they begin with UTF-16's mark, in either order: no text in UTF-8 does.
pub fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_in_front_is_no_part_of_a_text_and_one_inside_is() {
        for (bytes, text) in [
            ("\u{feff}a\u{feff}", "a\u{feff}"),
            ("\u{feff}", ""),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(of_bytes(bytes.into()), Ok(text.to_owned()));
            assert_eq!(behind_mark(bytes.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn a_text_in_utf16_is_named() {
        for bytes in [&[0xff, 0xfe, b'a', 0][..], &[0xfe, 0xff, 0, b'a']] {
            assert_eq!(of_bytes(bytes.to_vec()), Err(NotUtf8::Utf16));
        }
        assert_eq!(of_bytes(vec![b'a', 0xff]), Err(NotUtf8::Other));
    }
}
