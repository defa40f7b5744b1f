//! What one line of Markdown is.

/// A line, by its look alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Blank,
    /// The mark that opens or closes a block of code.
    Fence(&'a str),
    Heading(u8, &'a str),
    /// `===` or `---`: makes a heading of that level of the paragraph before
    /// it, or is a rule.
    Underline(u8),
    Rule,
    /// A list item: how far its mark is indented, and its text.
    Item(usize, &'a str),
    /// A row of a table, without the bars at its ends.
    Row(&'a str),
    Text(&'a str),
}

/// Looks at a line. Marks of quotation are passed over.
pub(crate) fn line(raw: &str) -> Line<'_> {
    let raw = unquote(raw);
    let text = raw.trim();
    if text.is_empty() {
        return Line::Blank;
    }
    fence(text)
        .or_else(|| heading(text))
        .or_else(|| rule(text))
        .or_else(|| row(text))
        .or_else(|| item(text).map(|item| Line::Item(indent(raw), item)))
        .unwrap_or(Line::Text(raw.trim_start()))
}

fn unquote(raw: &str) -> &str {
    let mut rest = raw;
    while let Some(inner) = rest.trim_start().strip_prefix('>') {
        rest = inner.strip_prefix(' ').unwrap_or(inner);
    }
    rest
}

fn indent(raw: &str) -> usize {
    let blank = raw.chars().take_while(|c| c.is_whitespace());
    blank.map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

fn fence(text: &str) -> Option<Line<'_>> {
    let marks = ["```", "~~~"];
    let mark = marks.into_iter().find(|mark| text.starts_with(mark))?;
    let length = text.chars().take_while(|c| mark.starts_with(*c)).count();
    let (mark, info) = text.split_at(length);
    (!info.contains('`')).then_some(Line::Fence(mark))
}

fn heading(text: &str) -> Option<Line<'_>> {
    let title = text.trim_start_matches('#');
    let level = u8::try_from(text.len() - title.len()).ok()?;
    if !(1..=6).contains(&level) || !title.starts_with([' ', '\t', '\u{3000}']) {
        return None;
    }
    Some(Line::Heading(
        level,
        title.trim().trim_end_matches('#').trim_end(),
    ))
}

fn rule(text: &str) -> Option<Line<'_>> {
    let of = |mark: char| text.chars().all(|c| c == mark || c == ' ');
    match text.chars().next()? {
        '=' if of('=') => Some(Line::Underline(1)),
        '-' if text.len() > 1 && text.bytes().all(|b| b == b'-') => Some(Line::Underline(2)),
        mark @ ('-' | '*' | '_') if of(mark) && text.len() > 2 => Some(Line::Rule),
        _ => None,
    }
}

fn row(text: &str) -> Option<Line<'_>> {
    let row = text.strip_prefix('|')?;
    let is_ruling = row.chars().all(|c| "|:- ".contains(c));
    Some(if is_ruling {
        Line::Rule
    } else {
        Line::Row(row.strip_suffix('|').unwrap_or(row))
    })
}

/// The text after the mark of a list item, if there is such a mark.
fn item(text: &str) -> Option<&str> {
    let after = after_bullet(text).or_else(|| after_number(text))?.trim();
    let checked = ["[ ] ", "[x] ", "[X] "]
        .iter()
        .find_map(|mark| after.strip_prefix(mark));
    Some(checked.unwrap_or(after))
}

fn after_bullet(text: &str) -> Option<&str> {
    let after = text.strip_prefix(['-', '*', '+', '•', '·'])?;
    after.starts_with([' ', '\t']).then_some(after)
}

/// `1. ` and `1) `, and the Chinese `1、`, `一、`, `（一）` and `①`.
fn after_number(text: &str) -> Option<&str> {
    if let Some(after) = text.strip_prefix(|c| ('①'..='⑳').contains(&c)) {
        return Some(after);
    }
    let bracketed = text.strip_prefix(['(', '（']);
    let digits = bracketed.unwrap_or(text);
    let is_digit = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let rest = digits.trim_start_matches(is_digit);
    let count = digits.chars().take_while(|c| is_digit(*c)).count();
    let ascii = digits.starts_with(|c: char| c.is_ascii_digit());
    if !(1..=3).contains(&count) {
        return None;
    }
    if bracketed.is_some() {
        return rest.strip_prefix([')', '）']);
    }
    let spaced = rest
        .strip_prefix(['.', ')'])
        .filter(|after| ascii && after.starts_with([' ', '\t']));
    spaced.or_else(|| rest.strip_prefix(['、', '．']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_need_their_space() {
        assert_eq!(line("## Cells ##"), Line::Heading(2, "Cells"));
        assert_eq!(line("#tag"), Line::Text("#tag"));
        assert_eq!(line("####### x"), Line::Text("####### x"));
    }

    #[test]
    fn items_of_both_languages() {
        let items = [
            "- a",
            "* a",
            "3. a",
            "12) a",
            "1、a",
            "十二、a",
            "（一）a",
            "(2) a",
            "① a",
            "- [x] a",
        ];
        for text in items {
            assert_eq!(line(text), Line::Item(0, "a"), "{text}");
        }
        assert_eq!(line("\t- a"), Line::Item(4, "a"));
    }

    #[test]
    fn what_only_looks_like_an_item_is_text() {
        for text in [
            "3.14 is pi",
            "-5 degrees",
            "*bold* word",
            "2024年、",
            "一个苹果",
            "(see) it",
        ] {
            assert_eq!(line(text), Line::Text(text), "{text}");
        }
    }

    #[test]
    fn rules_tables_fences_and_quotes() {
        assert_eq!(line("---"), Line::Underline(2));
        assert_eq!(line("* * *"), Line::Rule);
        assert_eq!(line("| a | b |"), Line::Row(" a | b "));
        assert_eq!(line("|---|:-:|"), Line::Rule);
        assert_eq!(line("````rust"), Line::Fence("````"));
        assert_eq!(line("> > # Title"), Line::Heading(1, "Title"));
        assert_eq!(line("\u{3000}\u{3000}中文"), Line::Text("中文"));
    }
}
