//! Putting together the lines that an editor has wrapped.

use crate::clip::width;
use crate::language::is_han;

/// A shorter line was ended by its author, not by the width of a page.
const WRAPPED_COLUMNS: usize = 50;
/// A colon within so many characters makes a line an entry of its own, such as
/// `Osmosis: …` or `答：…`.
const ENTRY_CHARACTERS: usize = 30;

/// The lines as their author meant them.
pub(crate) fn unwrap(lines: &[&str]) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let mut before = "";
    for line in lines {
        match whole.last_mut() {
            Some(last) if goes_on(before, line) => join(last, line),
            _ => whole.push(line.trim().to_owned()),
        }
        before = line;
    }
    whole
}

fn goes_on(line: &str, next: &str) -> bool {
    let hard_break = line.ends_with("  ") || line.ends_with('\\');
    let line = line.trim_end();
    let ended = line.ends_with(|c: char| ".!?。！？:：;；".contains(c));
    if hard_break || ended || is_entry(next) {
        return false;
    }
    let lower = next.trim_start().starts_with(char::is_lowercase);
    lower || line.chars().map(width).sum::<usize>() >= WRAPPED_COLUMNS
}

fn is_entry(line: &str) -> bool {
    line.chars().take(ENTRY_CHARACTERS).any(|c| c == ':' || c == '：')
}

fn join(line: &mut String, next: &str) {
    let next = next.trim();
    let gap = !line.ends_with(is_closed) || !next.starts_with(is_closed);
    if gap {
        line.push(' ');
    }
    line.push_str(next);
}

/// Chinese needs no space where two lines meet.
fn is_closed(c: char) -> bool {
    is_han(c) || "，、；：（）《》“”".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_are_one() {
        let lines = [
            "Water moves through a membrane from where there is",
            "much of it.",
        ];
        assert_eq!(unwrap(&lines).len(), 1);
        let lines = [
            "逆否命题就是把原命题的条件和结论都取反然后交换二者的位置，",
            "真假性相同。",
        ];
        assert_eq!(unwrap(&lines), [lines.concat()]);
    }

    #[test]
    fn short_lines_entries_and_ended_lines_stay_apart() {
        for lines in [
            ["Cells", "Tissues"],
            [
                "Q: What is the powerhouse of the cell, as every pupil knows",
                "A: The mitochondrion",
            ],
            ["It ended here. ", "and so on"],
            ["a line with a hard break  ", "below"],
        ] {
            assert_eq!(unwrap(&lines).len(), 2, "{lines:?}");
        }
    }
}
