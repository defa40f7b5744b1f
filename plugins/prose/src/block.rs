//! The blocks of a Markdown or plain text.

use crate::inline::plain;
use crate::line::{Line, line};
use crate::unwrap::unwrap;

/// Front matter that is longer than this is a text between two rules.
const FRONT_MATTER_LINES: usize = 60;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A heading, with its level from 1 to 6.
    Heading(u8),
    /// A paragraph, or a cell of a table.
    Paragraph,
    /// A list item, with how far it is indented.
    Item(usize),
}

/// A heading, a paragraph or a list item, free of marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its lines as the author meant them: what was wrapped is one line.
    pub lines: Vec<String>,
    /// The words that are printed bold.
    pub strong: Vec<String>,
}

/// The blocks of a text. Code and front matter are left out.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for raw in after_front_matter(text).lines() {
        reader.read(raw);
    }
    reader.close();
    reader.blocks
}

/// The whole text without marks, one line as its author meant it a line.
pub fn plain_text(text: &str) -> String {
    let lines: Vec<String> = blocks(text).into_iter().flat_map(|block| block.lines).collect();
    lines.join("\n")
}

#[derive(Default)]
struct Reader<'a> {
    blocks: Vec<Block>,
    open: Option<Kind>,
    lines: Vec<&'a str>,
    /// The mark that ends the code that is being passed over.
    fence: Option<&'a str>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, raw: &'a str) {
        let seen = line(raw);
        if let Some(fence) = self.fence {
            let closes = matches!(seen, Line::Fence(mark) if mark.starts_with(fence));
            self.fence = (!closes).then_some(fence);
            return;
        }
        match seen {
            Line::Text(text) => self.text(text),
            Line::Underline(level) if self.open == Some(Kind::Paragraph) => {
                self.open = Some(Kind::Heading(level));
                self.close();
            }
            Line::Heading(level, text) => self.start(Kind::Heading(level), text),
            Line::Item(indent, text) => self.start(Kind::Item(indent), text),
            Line::Row(row) => self.row(row),
            Line::Fence(mark) => {
                self.close();
                self.fence = Some(mark);
            }
            Line::Blank | Line::Rule | Line::Underline(_) => self.close(),
        }
    }

    fn text(&mut self, text: &'a str) {
        if matches!(self.open, None | Some(Kind::Heading(_))) {
            self.close();
            self.open = Some(Kind::Paragraph);
        }
        self.lines.push(text);
    }

    fn start(&mut self, kind: Kind, text: &'a str) {
        self.close();
        self.open = Some(kind);
        self.lines.push(text);
    }

    fn row(&mut self, row: &'a str) {
        self.close();
        for cell in row.split('|').map(str::trim) {
            self.add(Kind::Paragraph, &[cell]);
        }
    }

    fn close(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if let Some(kind) = self.open.take() {
            self.add(kind, &lines);
        }
    }

    fn add(&mut self, kind: Kind, raw: &[&str]) {
        let mut block = Block {
            kind,
            lines: Vec::new(),
            strong: Vec::new(),
        };
        for line in unwrap(raw) {
            let line = plain(&line);
            block.strong.extend(line.strong);
            let text = line.text.trim();
            block.lines.extend((!text.is_empty()).then(|| text.to_owned()));
        }
        if !block.lines.is_empty() {
            self.blocks.push(block);
        }
    }
}

/// The text after a first block of `key: value` lines between two rules.
fn after_front_matter(text: &str) -> &str {
    let text = text.trim_start_matches('\u{FEFF}');
    let Some(matter) = text.strip_prefix("---").filter(|t| t.starts_with(['\n', '\r'])) else {
        return text;
    };
    let mut length = 0;
    for line in matter.split_inclusive('\n').take(FRONT_MATTER_LINES) {
        length += line.len();
        match line.trim_end() {
            "---" => return matter.get(length..).unwrap_or_default(),
            // What is no `key: value`, no list and no blank is no front matter.
            line if !line.is_empty() && !line.contains(':') && !line.starts_with([' ', '-']) => {
                break;
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, String)> {
        blocks(text)
            .into_iter()
            .map(|b| (b.kind, b.lines.join("/")))
            .collect()
    }

    #[test]
    fn a_note_is_taken_apart() {
        let text = "\u{FEFF}---\ntags: [a]\n---\n# 标题\r\nFirst\r\nSecond\r\n\r\n- one\r\n  - two\r\n\
                    more\r\n```\ncode\n```\nSetext\n===\n";
        let expected = [
            (Kind::Heading(1), "标题".to_owned()),
            (Kind::Paragraph, "First/Second".to_owned()),
            (Kind::Item(0), "one".to_owned()),
            (Kind::Item(2), "two more".to_owned()),
            (Kind::Heading(1), "Setext".to_owned()),
        ];
        assert_eq!(kinds(text), expected);
    }

    #[test]
    fn cells_stand_alone() {
        let expected: Vec<_> = ["a", "b", "c", "d"]
            .map(|c| (Kind::Paragraph, c.to_owned()))
            .into();
        assert_eq!(kinds("|a|b|\n|-|-|\n|**c**|d|"), expected);
    }

    #[test]
    fn rules_without_a_paragraph_make_no_heading() {
        assert_eq!(kinds("---\n\ntext\n\n---\n").len(), 1);
        assert_eq!(kinds("```\nnever closed"), []);
        assert_eq!(kinds("\r\n \n\t"), []);
    }

    #[test]
    fn bold_words_belong_to_their_block() {
        let found = blocks("**a** x\n\ny __b__");
        assert_eq!(
            found.iter().map(|b| b.strong.concat()).collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn a_huge_text_is_read_in_time() {
        assert_eq!(blocks(&"> - 水 **water**\n".repeat(20_000)).len(), 20_000);
        assert_eq!(blocks(&">".repeat(300_000)).len(), 0);
        assert_eq!(blocks(&"word\n".repeat(60_000)).len(), 1);
    }
}
