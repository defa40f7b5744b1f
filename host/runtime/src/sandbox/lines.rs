//! What a guest says, line by line, bounded.

use std::sync::Arc;

use fusebox_types::{Line, Lines};

use super::account::pairs_cost;
use fusebox_secrets::{Hide, Redactor};

/// Collects lines up to a number of bytes.
#[derive(Debug)]
pub(super) struct Collector {
    lines: Lines,
    bytes_left: u64,
    /// What no line shows.
    redactor: Option<Arc<Redactor>>,
}

/// What a line costs besides its text and its fields, in bytes, so that a flood
/// of empty ones ends too: what holds it in memory, and its frame in the file.
const LINE_COST: usize = size_of::<Line>() + 32;

impl Collector {
    pub(super) fn new(limit: u64, redactor: Option<Arc<Redactor>>) -> Self {
        Self {
            lines: Lines::default(),
            bytes_left: limit,
            redactor,
        }
    }

    pub(super) fn push(&mut self, mut line: Line) {
        if let Some(redactor) = &self.redactor {
            line.hide(redactor);
        }
        let cost = (line.message.len() + pairs_cost(&line.fields) + LINE_COST) as u64;
        match self.bytes_left.checked_sub(cost) {
            Some(left) => {
                self.bytes_left = left;
                self.lines.kept.push(line);
            }
            None => self.lines.dropped += 1,
        }
    }

    /// Cuts off the beginning of a secret at the end of what was cut.
    pub(super) fn trim_cut(&self, bytes: &mut Vec<u8>) {
        if let Some(redactor) = &self.redactor {
            redactor.trim_cut(bytes);
        }
    }

    /// Keeps a line of the host's own, whatever there is room for.
    pub(super) fn note(&mut self, line: Line) {
        self.lines.kept.push(line);
    }

    /// The message of the last line that has a field of this name.
    pub(super) fn last_with(&self, field: &str) -> Option<(&str, &str)> {
        self.lines.kept.iter().rev().find_map(|line| {
            let (_, value) = line.fields.iter().find(|(key, _)| key == field)?;
            Some((line.message.as_str(), value.as_str()))
        })
    }

    pub(super) fn into_lines(self) -> Lines {
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_types::Level;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let mut collector = Collector::new(150, None);
        for _ in 0..10 {
            collector.push(Line {
                level: Level::Info,
                message: "x".into(),
                fields: vec![],
            });
        }
        let lines = collector.into_lines();
        assert_eq!((lines.kept.len(), lines.dropped), (1, 9));
    }
}
