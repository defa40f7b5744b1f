//! A guest's words on a person's board.

use std::borrow::Cow;

/// The text as it is put on a board.
///
/// It stays whole and readable as Markdown, so nothing is escaped as it would be
/// for a terminal. But the board is shown, copied and exported by programs that
/// know nothing of where a text came from: control characters (what steers a
/// terminal, once copied there) and those that override or isolate the reading
/// direction (what makes a link or a file name read as another) become U+FFFD.
/// Line ends and tabs are text; a carriage return belongs to a line end, or is a
/// way to overwrite a line. The marks for right-to-left scripts (U+200E, U+200F,
/// U+061C) turn nothing but their neighbours and are part of ordinary text.
pub(super) fn for_board(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    Cow::Owned(text.replace(is_hostile, "\u{fffd}"))
}

fn is_hostile(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A character's usual width in the board's units.
const CHAR_WIDTH: f64 = 9.0;
/// A line's height.
const LINE_HEIGHT: f64 = 24.0;
/// What a node's frame takes of its width and height.
const FRAME: f64 = 40.0;

/// About how high a node of this width has to be to show a text: it need not be
/// exact, a node scrolls.
pub(super) fn height(text: &str, width: f64) -> f64 {
    let per_line = ((width - FRAME) / CHAR_WIDTH).max(1.0);
    // Characters from Hangul Jamo on are mostly drawn twice as wide.
    let wide = |c: char| if c >= '\u{1100}' { 2.0 } else { 1.0 };
    let rows = |line: &str| (line.chars().map(wide).sum::<f64>() / per_line).ceil().max(1.0);
    let rows: f64 = text.lines().map(rows).sum();
    (rows * LINE_HEIGHT + FRAME).clamp(100.0, 800.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_turns_is_replaced_and_text_is_not() {
        assert_eq!(
            for_board("a\r\nb\rc\u{1b}[2J\u{9b}0m\u{7f}\0"),
            "a\nb\u{fffd}c\u{fffd}[2J\u{fffd}0m\u{fffd}\u{fffd}"
        );
        assert_eq!(
            for_board("x\u{202e}fdp\u{2066}y\u{2069}"),
            "x\u{fffd}fdp\u{fffd}y\u{fffd}"
        );
        for text in ["# Title\n\n\t- 逆否命题", "שלום\u{200f}!", "🙂"] {
            assert!(matches!(for_board(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_height_is_bounded_and_grows_with_the_text() {
        assert_eq!(height("", 400.0), 100.0);
        assert_eq!(height(&"word ".repeat(10_000), 400.0), 800.0);
        assert!(height(&"界".repeat(200), 400.0) > height(&"a".repeat(200), 400.0));
        assert_eq!(height(&"a\n".repeat(10), 0.0), 280.0);
    }
}
