//! The sections of a text.

use prose::{Block, Kind, blocks, clip, sentences, without_end};

const TITLE_COLUMNS: usize = 72;

/// A section and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// How deep it is nested, from 1.
    pub(crate) level: usize,
    pub(crate) title: String,
    pub(crate) sentences: Vec<String>,
    /// How many list items it has.
    pub(crate) items: usize,
}

/// The sections in the order of the text. Its headings make them; in a text
/// without headings every paragraph and every list item does.
pub(crate) fn sections(text: &str, depth: usize) -> Vec<Section> {
    let blocks = blocks(text);
    let by_heading = blocks.iter().any(|block| matches!(block.kind, Kind::Heading(_)));
    let mut builder = Builder {
        depth,
        ..Builder::default()
    };
    for block in &blocks {
        match (block.kind, by_heading) {
            (Kind::Heading(level), _) => builder.head(usize::from(level), block.lines.join(" ")),
            (_, true) => builder.add(block),
            // An indented item lies below one that is less so, and every item
            // below the paragraph before it.
            (Kind::Item(indent), false) => builder.name(indent + 1, block),
            (Kind::Paragraph, false) => builder.name(0, block),
        }
    }
    builder.sections
}

#[derive(Default)]
struct Builder {
    depth: usize,
    /// The ranks of the sections that the next one can lie in.
    ranks: Vec<usize>,
    sections: Vec<Section>,
}

impl Builder {
    /// Starts a section below the last one of a lower rank, or says that it
    /// would be too deep.
    fn open(&mut self, rank: usize, title: &str) -> bool {
        while self.ranks.last().is_some_and(|above| *above >= rank) {
            self.ranks.pop();
        }
        if self.ranks.len() >= self.depth {
            return false;
        }
        self.ranks.push(rank);
        self.sections.push(Section {
            level: self.ranks.len(),
            title: title.to_owned(),
            sentences: Vec::new(),
            items: 0,
        });
        true
    }

    /// A heading that is too deep is a sentence of the section above it.
    fn head(&mut self, rank: usize, title: String) {
        if !self.open(rank, &title) {
            self.append(vec![title], 0);
        }
    }

    /// Starts a section that is named after its first sentence.
    fn name(&mut self, rank: usize, block: &Block) {
        let sentences = sentences_of(block);
        let Some(first) = sentences.first() else {
            return;
        };
        let is_open = self.open(rank, &title_of(first));
        let is_item = matches!(block.kind, Kind::Item(_));
        self.append(sentences, usize::from(is_item && !is_open));
        if is_item && is_open {
            self.count_item();
        }
    }

    /// Adds to the section that is open. What stands before the first heading
    /// makes a section that no heading lies in.
    fn add(&mut self, block: &Block) {
        if self.sections.is_empty() {
            return self.name(usize::MAX, block);
        }
        let items = usize::from(matches!(block.kind, Kind::Item(_)));
        self.append(sentences_of(block), items);
    }

    fn append(&mut self, sentences: Vec<String>, items: usize) {
        if let Some(section) = self.sections.last_mut() {
            section.sentences.extend(sentences);
            section.items += items;
        }
    }

    /// Counts the newest section as an item of the one that it lies in.
    fn count_item(&mut self) {
        let Some(level) = self.sections.last().map(|section| section.level) else {
            return;
        };
        let parent = self
            .sections
            .iter_mut()
            .rev()
            .find(|section| section.level < level);
        if let Some(parent) = parent {
            parent.items += 1;
        }
    }
}

fn sentences_of(block: &Block) -> Vec<String> {
    let sentences = block.lines.iter().flat_map(|line| sentences(line));
    sentences.map(str::to_owned).collect()
}

/// Only the mark of a question says something in a title.
fn title_of(sentence: &str) -> String {
    let title = if prose::is_question(sentence) {
        sentence
    } else {
        without_end(sentence)
    };
    clip(title, TITLE_COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str, depth: usize) -> Vec<(usize, String)> {
        sections(text, depth)
            .into_iter()
            .map(|s| (s.level, s.title))
            .collect()
    }

    fn expected(shape: &[(usize, &str)]) -> Vec<(usize, String)> {
        shape
            .iter()
            .map(|(level, title)| (*level, (*title).to_owned()))
            .collect()
    }

    #[test]
    fn headings_nest_by_rank_and_not_by_number() {
        let text = "# A\n### B\ntext\n## C\n#### D\n# E";
        let nested = expected(&[(1, "A"), (2, "B"), (2, "C"), (3, "D"), (1, "E")]);
        assert_eq!(shape(text, 3), nested);
    }

    #[test]
    fn what_is_too_deep_belongs_above() {
        let found = sections("# A\n## B\nOne. Two.", 1);
        assert_eq!(
            found.iter().map(|s| s.sentences.join("|")).collect::<Vec<_>>(),
            ["B|One.|Two."]
        );
    }

    #[test]
    fn without_headings_paragraphs_and_items_do() {
        let text = "光合作用。它需要光。\r\n\r\n- 光反应\r\n  - 水\r\n- 暗反应\r\n\r\nThe end.";
        let nested = expected(&[
            (1, "光合作用"),
            (2, "光反应"),
            (3, "水"),
            (2, "暗反应"),
            (1, "The end"),
        ]);
        assert_eq!(shape(text, 3), nested);
        assert_eq!(sections(text, 3).first().map(|s| s.items), Some(2));
    }

    #[test]
    fn a_text_may_begin_before_its_first_heading() {
        assert_eq!(
            shape("Intro here.\n\n# A", 3),
            expected(&[(1, "Intro here"), (1, "A")])
        );
    }

    #[test]
    fn long_sentences_make_short_titles() {
        let found = shape(&"很长的句子".repeat(50), 3);
        assert!(
            found
                .iter()
                .all(|(_, title)| title.chars().count() <= 40 && title.ends_with('…'))
        );
    }
}
