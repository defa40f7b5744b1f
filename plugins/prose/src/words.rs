//! Words: cutting a text into them, counting them, making forms comparable.

use crate::language::is_han;

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A word in letters or digits, with inner apostrophes and hyphens.
    Word(&'a str),
    /// Chinese characters with nothing between them.
    Han(&'a str),
    /// Punctuation, the end of a line, a formula or an address: no phrase goes
    /// across it.
    Break,
}

/// Cuts a text into words, Chinese runs and what separates phrases.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
        let first = rest.chars().next()?;
        let length = token_length(rest, first);
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(match first {
            _ if is_han(first) => Token::Han(token),
            _ if first.is_alphanumeric() && !token.contains("://") => Token::Word(token),
            _ => Token::Break,
        })
    })
}

fn token_length(text: &str, first: char) -> usize {
    if is_han(first) {
        text.find(|c| !is_han(c)).unwrap_or(text.len())
    } else if first.is_alphanumeric() {
        address_length(text).unwrap_or_else(|| word_length(text))
    } else if first == '$' {
        formula_length(text).unwrap_or(1)
    } else {
        first.len_utf8()
    }
}

fn address_length(text: &str) -> Option<usize> {
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    let end = |c: char| c.is_whitespace() || is_han(c) || "。，；）".contains(c);
    is_address.then(|| text.find(end).unwrap_or(text.len()))
}

/// The length of `$…$` on one line, which no price is: a formula touches both
/// of its signs.
fn formula_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('$')?;
    let end = inner.find(['$', '\n'])?;
    let formula = inner.get(..end)?;
    let is_formula = inner.get(end..)?.starts_with('$') && formula == formula.trim() && !formula.is_empty();
    is_formula.then_some(end + 2)
}

fn word_length(text: &str) -> usize {
    let letter = |c: char| c.is_alphanumeric() && !is_han(c);
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let joins = matches!(c, '\'' | '’' | '-') && characters.peek().is_some_and(|(_, next)| letter(*next));
        if !letter(c) && !joins {
            return at;
        }
    }
    text.len()
}

/// How much text there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measure {
    /// Words in letters or digits.
    pub words: usize,
    /// Chinese characters.
    pub han: usize,
}

/// Counts words and Chinese characters.
pub fn measure(text: &str) -> Measure {
    let mut measure = Measure::default();
    for token in tokens(text) {
        match token {
            Token::Word(_) => measure.words += 1,
            Token::Han(run) => measure.han += run.chars().count(),
            Token::Break => {}
        }
    }
    measure
}

/// The form under which a word is compared: lower case, without a possessive
/// or a regular plural ending.
pub fn fold(word: &str) -> String {
    let lower = word.to_lowercase();
    let bare = lower.trim_end_matches("'s").trim_end_matches("’s");
    if bare.len() <= 3 || !bare.is_ascii() {
        return bare.to_owned();
    }
    if let Some(stem) = bare.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let sibilant = ["sses", "xes", "ches", "shes", "zzes"];
    let single = ["ss", "us", "is"];
    if sibilant.iter().any(|end| bare.ends_with(end)) {
        bare.trim_end_matches("es").to_owned()
    } else if single.iter().any(|end| bare.ends_with(end)) {
        bare.to_owned()
    } else {
        bare.strip_suffix('s').unwrap_or(bare).to_owned()
    }
}

/// About how many syllables an English word has: its groups of vowels, without
/// a silent `e` at the end, and at least one.
pub fn syllables(word: &str) -> usize {
    let vowel = |c: char| "aeiouy".contains(c.to_ascii_lowercase());
    let mut groups = 0;
    let mut inside = false;
    for c in word.chars() {
        groups += usize::from(vowel(c) && !inside);
        inside = vowel(c);
    }
    let silent = word.ends_with('e') && !word.ends_with("le");
    groups.saturating_sub(usize::from(silent)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Token<'_>> {
        tokens(text).collect()
    }

    #[test]
    fn languages_part_without_a_space() {
        let expected = [Token::Word("RNA"), Token::Han("聚合酶"), Token::Word("II")];
        assert_eq!(all("RNA聚合酶II"), expected);
    }

    #[test]
    fn words_keep_inner_marks_only() {
        let expected = [Token::Word("don't"), Token::Word("well-kept"), Token::Break];
        assert_eq!(all("don't well-kept-"), expected);
    }

    #[test]
    fn formulas_and_addresses_are_no_words() {
        assert_eq!(all(r"$\frac{a}{b}$"), [Token::Break]);
        assert_eq!(measure("from $5 to $6").words, 4);
        assert_eq!(all("https://a.b/c?d见"), [Token::Break, Token::Han("见")]);
    }

    #[test]
    fn lines_end_phrases() {
        assert_eq!(all("a\r\nb").len(), 3);
    }

    #[test]
    fn odd_text_is_counted() {
        assert_eq!(measure("🦀\u{200d}é 𠮷野家"), Measure { words: 1, han: 3 });
        assert_eq!(measure(""), Measure::default());
    }

    #[test]
    fn plurals_fold_and_lookalikes_do_not() {
        let pairs = [
            ("Cells", "cell"),
            ("theories", "theory"),
            ("classes", "class"),
            ("boxes", "box"),
            ("Newton's", "newton"),
            ("analysis", "analysis"),
            ("virus", "virus"),
            ("gas", "gas"),
            ("cafés", "cafés"),
        ];
        for (word, folded) in pairs {
            assert_eq!(fold(word), folded);
        }
    }

    #[test]
    fn syllables_are_groups_of_vowels() {
        let counts = [
            ("cat", 1),
            ("make", 1),
            ("table", 2),
            ("photosynthesis", 5),
            ("hmm", 1),
        ];
        for (word, count) in counts {
            assert_eq!(syllables(word), count, "{word}");
        }
    }
}
