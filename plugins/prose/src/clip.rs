//! Titles of a bearable length.

use crate::language::is_han;

/// The text, or as much of it as fits `columns` with an ellipsis after it. A
/// Chinese character takes two columns. Letters are not cut inside a word.
pub fn clip(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut last_gap = 0;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() || is_han(c) {
            last_gap = at;
        }
        used += width(c);
        if used > columns {
            let end = if last_gap == 0 { at } else { last_gap };
            let kept = text.get(..end).unwrap_or_default();
            return format!("{}…", kept.trim_end());
        }
    }
    text.to_owned()
}

/// How many columns a character takes.
pub(crate) fn width(c: char) -> usize {
    1 + usize::from(
        is_han(c) || ('\u{3000}'..='\u{303F}').contains(&c) || ('\u{FF00}'..='\u{FF60}').contains(&c),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("水是液体", 8), "水是液体");
    }

    #[test]
    fn words_are_not_cut_and_characters_are() {
        assert_eq!(clip("The quick brown fox", 12), "The quick…");
        assert_eq!(clip("水是液体", 6), "水是液…");
        assert_eq!(clip("abcdefgh", 4), "abcd…");
    }

    #[test]
    fn odd_characters_are_not_split() {
        assert_eq!(clip("🦀🦀🦀", 2), "🦀🦀…");
    }
}
