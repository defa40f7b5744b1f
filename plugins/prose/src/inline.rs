//! Taking the marks of Markdown off a line.

/// How far ahead the end of a mark is looked for. It keeps a line of nothing
/// but opening brackets from taking quadratic time.
const WINDOW_BYTES: usize = 512;

/// A line without marks, and the words in it that were printed bold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) text: String,
    pub(crate) strong: Vec<String>,
}

/// Takes the marks off: emphasis, code, links, images, tags. Formulas stay as
/// they are.
pub(crate) fn plain(line: &str) -> Plain {
    let mut scan = Scan {
        rest: line,
        plain: Plain::default(),
        bold_from: None,
    };
    while !scan.rest.is_empty() {
        let found =
            scan.escape() || scan.verbatim() || scan.link() || scan.tag() || scan.bold() || scan.emphasis();
        if !found {
            scan.character();
        }
    }
    scan.plain
}

struct Scan<'a> {
    rest: &'a str,
    plain: Plain,
    bold_from: Option<usize>,
}

impl<'a> Scan<'a> {
    fn take(&mut self, kept: &str, rest: &'a str) -> bool {
        self.plain.text.push_str(kept);
        self.rest = rest;
        true
    }

    fn character(&mut self) {
        let mut characters = self.rest.chars();
        self.plain.text.extend(characters.next());
        self.rest = characters.as_str();
    }

    fn escape(&mut self) -> bool {
        let Some(after) = self.rest.strip_prefix('\\') else {
            return false;
        };
        let escaped = after.chars().next().is_some_and(|c| c.is_ascii_punctuation());
        if escaped {
            self.rest = after;
            self.character();
        }
        escaped
    }

    /// Code keeps what is between its marks, a formula its marks as well.
    fn verbatim(&mut self) -> bool {
        for mark in ["``", "`"] {
            if let Some((code, after)) = between(self.rest, mark, mark) {
                return self.take(code, after);
            }
        }
        for mark in ["$$", "$"] {
            let formula = between(self.rest, mark, mark).filter(|(inner, _)| *inner == inner.trim());
            if let Some((formula, after)) = formula {
                return self.take(&format!("{mark}{formula}{mark}"), after);
            }
        }
        false
    }

    fn link(&mut self) -> bool {
        let rest = self.rest.strip_prefix('!').unwrap_or(self.rest);
        if let Some((_, after)) = between(rest, "[^", "]") {
            return self.take("", after);
        }
        if let Some((page, after)) = between(rest, "[[", "]]") {
            return self.take(page.rsplit('|').next().unwrap_or(page), after);
        }
        let Some((words, after)) = between(rest, "[", "](") else {
            return false;
        };
        let Some((_, after)) = ahead(after, ")") else {
            return false;
        };
        // The words end before the first `](`, so there is no link in them and
        // this goes one deep.
        let inner = plain(words);
        self.plain.strong.extend(inner.strong);
        self.take(&inner.text, after)
    }

    fn tag(&mut self) -> bool {
        let Some((tag, after)) = between(self.rest, "<", ">") else {
            return false;
        };
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        is_tag && !tag.contains('<') && self.take("", after)
    }

    fn bold(&mut self) -> bool {
        let Some(mark) = ["**", "__"].into_iter().find(|mark| self.rest.starts_with(mark)) else {
            return false;
        };
        let (_, after) = self.rest.split_at(mark.len());
        if let Some(from) = self.bold_from.take() {
            let bold = self.plain.text.get(from..).unwrap_or_default().trim();
            self.plain
                .strong
                .extend((!bold.is_empty()).then(|| bold.to_owned()));
            return self.take("", after);
        }
        let opens = !after.starts_with(char::is_whitespace) && ahead(after, mark).is_some();
        if opens {
            self.bold_from = Some(self.plain.text.len());
        }
        opens && self.take("", after)
    }

    /// A single mark counts if it touches a word on one side only, as in
    /// `*word*` but not in `2 * 3` or `snake_case`.
    fn emphasis(&mut self) -> bool {
        let marks = ["~~", "==", "*", "_"];
        let Some(mark) = marks.into_iter().find(|mark| self.rest.starts_with(mark)) else {
            return false;
        };
        let (_, after) = self.rest.split_at(mark.len());
        if after.starts_with(mark) || self.plain.text.ends_with(mark) {
            return false;
        }
        let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (left, right) = (
            joined(self.plain.text.chars().last()),
            joined(after.chars().next()),
        );
        let between_words = mark == "*" && left && right && !is_ascii_edge(&self.plain.text, after);
        (left != right || between_words) && self.take("", after)
    }
}

/// Whether letters of the Latin alphabet or digits are on both sides. Chinese
/// has no spaces, so there a mark between two characters is emphasis.
fn is_ascii_edge(before: &str, after: &str) -> bool {
    let ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii());
    ascii(before.chars().last()) && ascii(after.chars().next())
}

/// What is between two marks at the start of a text, and what is after them.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    ahead(text.strip_prefix(open)?, close).filter(|(inner, _)| !inner.is_empty())
}

/// What is before a mark that is not far off, and what is after it.
fn ahead<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let window = text.get(..text.floor_char_boundary(WINDOW_BYTES))?;
    let at = window.find(mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str) -> String {
        plain(line).text
    }

    #[test]
    fn marks_go_and_words_stay() {
        assert_eq!(
            text("A *very* `old` [link](http://x) ~~not~~ ==so=="),
            "A very old link not so"
        );
        assert_eq!(text("这是*重点*内容"), "这是重点内容");
        assert_eq!(text("![pic](a.png) [[Page|alias]] x[^1]<br/>y"), "pic alias xy");
    }

    #[test]
    fn bold_words_are_noted() {
        let found = plain("**Osmosis** moves [__water__](u) and **逆否命题**。");
        assert_eq!(found.text, "Osmosis moves water and 逆否命题。");
        assert_eq!(found.strong, ["Osmosis", "water", "逆否命题"]);
    }

    #[test]
    fn plain_text_is_left_alone() {
        for line in [
            "2 * 3 * 4",
            "snake_case_name",
            "a < b > c",
            "f(x)[1]",
            "cost $5 and $6",
            "2**3",
            "[请填写]",
        ] {
            assert_eq!(text(line), line);
        }
    }

    #[test]
    fn formulas_keep_their_marks() {
        assert_eq!(text(r"so $a_{i}*b_{j}$ holds"), r"so $a_{i}*b_{j}$ holds");
        assert_eq!(text(r"\*not\*"), "*not*");
    }

    #[test]
    fn endless_openings_take_linear_time() {
        for line in ["[", "**", "<a", "`", "$x"] {
            assert!(text(&line.repeat(100_000)).len() <= 300_000);
        }
        assert_eq!(text(&"汉".repeat(100_000)).chars().count(), 100_000);
    }
}
