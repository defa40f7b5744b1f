//! A guest's words, made harmless where a person sees them.

use std::borrow::Cow;

/// The text with everything escaped that could move a cursor, start a line or
/// turn the reading direction: control characters, line and paragraph
/// separators, bidirectional controls and other invisible format characters.
///
/// Ordinary text of any language comes back as it is, without a copy.
pub fn printable(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Whether a text is nothing but printable ASCII, as most are. All bytes are looked
/// at together, which is many times faster than one character after the other.
pub fn is_plain(text: &str) -> bool {
    let plain = |byte: &u8| (0x20..0x7f).contains(byte);
    text.as_bytes().iter().fold(true, |all, byte| all & plain(byte))
}

/// Whether a character could mislead whoever sees it.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{is_hostile, is_plain, printable};
    use std::borrow::Cow;

    #[test]
    fn ordinary_text_is_untouched() {
        for text in ["", "plain", "逆否命题：若p则q", "naïve — “quoted” 🙂"] {
            assert!(matches!(printable(text), Cow::Borrowed(t) if t == text));
        }
    }

    #[test]
    fn plain_text_has_nothing_that_misleads() {
        for byte in 0..=255_u8 {
            let c = char::from(byte);
            let text = c.to_string();
            assert!(!is_plain(&text) || !is_hostile(c), "{byte:#x}");
            assert_eq!(is_plain(&text), (' '..='~').contains(&c), "{byte:#x}");
        }
    }

    #[test]
    fn what_could_mislead_is_escaped() {
        assert_eq!(printable("a\r\nb\tc"), "a\\r\\nb\\tc");
        assert_eq!(printable("\u{1b}[31mred"), "\\u{1b}[31mred");
        assert_eq!(printable("abc\u{202e}fdp"), "abc\\u{202e}fdp");
        assert_eq!(printable("\u{9b}0m\u{2028}"), "\\u{9b}0m\\u{2028}");
    }
}
