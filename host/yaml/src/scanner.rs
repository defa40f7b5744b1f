//! The walk over the events of a parser: one pass over a YAML text before
//! anything is built of it.
//!
//! It refuses what would blow up (aliases, depth) while it holds nothing but
//! counts, and finds keys that are there twice. What it makes is the place of
//! every key and value, which the deserializer does not report.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::error::{YamlError, fault, place};
use super::key::Step;
use super::marks::{Marks, Place};
use super::refused::{no_control_characters, no_tag, usable_number};

/// Deepest nesting of mappings and lists.
const MAX_DEPTH: usize = 100;
/// What all aliases of a configuration may stand for together, in bytes of
/// memory.
const MAX_ALIASED: usize = 2 << 20;
/// Elsewhere long texts are shared on purpose: how many times the length of the
/// whole text they may stand for.
const MAX_GROWTH: usize = 10;
/// What a node takes in memory besides its text, in bytes, all copies of it
/// counted.
const NODE: usize = 128;

/// Whether a text can be read without harm.
///
/// # Errors
/// If it is no YAML, holds several documents, is nested too deep, or its
/// aliases stand for too much.
pub(super) fn check(text: &str) -> Result<(), YamlError> {
    Walker::new(text, None).document(text).map(|_| ())
}

/// The same, and where everything stands.
pub fn scan(text: &str) -> Result<Marks, YamlError> {
    let marks = Walker::new(text, Some(Marks::default())).document(text)?;
    Ok(marks.unwrap_or_default())
}

/// Walks over a text's events.
struct Walker<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// What each anchor stands for comes to, in bytes; none while it is open.
    anchors: HashMap<usize, usize>,
    /// How much its aliases have come to.
    grown: usize,
    most: usize,
    marks: Option<Marks>,
    /// The steps to where it is; kept with the places.
    path: Vec<Step>,
}

impl<'t> Walker<'t> {
    fn new(text: &'t str, marks: Option<Marks>) -> Self {
        Self {
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            grown: 0,
            most: match marks {
                Some(_) => MAX_ALIASED,
                None => text.len().saturating_mul(MAX_GROWTH).max(MAX_ALIASED),
            },
            marks,
            path: Vec::new(),
        }
    }

    fn document(mut self, text: &str) -> Result<Option<Marks>, YamlError> {
        no_control_characters(text)?;
        let mut documents = 0;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::StreamEnd => break,
                Event::DocumentStart(_) if documents > 0 => {
                    return Err(fault(place(&span), "a second document begins here; one is read"));
                }
                Event::DocumentStart(_) => {}
                node => {
                    documents += 1;
                    let root = self
                        .marks
                        .as_mut()
                        .map_or(0, |marks| marks.add(place(&span), place(&span)));
                    self.node(root, node, &span, 0)?;
                }
            }
        }
        Ok(self.marks)
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, YamlError> {
        self.parser.next_event().transpose().map_err(|error| {
            let at = error.marker();
            let place = Place {
                line: at.line().max(1),
                column: at.col() + 1,
            };
            fault(place, error.info())
        })
    }

    /// The next event, which has to be there.
    fn more(&mut self, span: &Span) -> Result<(Event<'t>, Span), YamlError> {
        self.next()?
            .ok_or_else(|| fault(place(span), "it ends in the middle of this"))
    }

    /// Walks over one node and says how much it comes to, aliases written out.
    fn node(&mut self, at: usize, event: Event<'t>, span: &Span, depth: usize) -> Result<usize, YamlError> {
        if depth > MAX_DEPTH {
            return Err(fault(
                place(span),
                &format!("it is nested deeper than {MAX_DEPTH}"),
            ));
        }
        let (anchor, size) = match event {
            Event::Alias(anchor) => {
                let Some(size) = self.anchors.get(&anchor).copied() else {
                    return Err(fault(place(span), "this alias stands for what it is a part of"));
                };
                (0, self.grow(size, span)?)
            }
            Event::Scalar(text, style, anchor, tag) => {
                no_tag(tag.as_deref(), span)?;
                if style == ScalarStyle::Plain {
                    usable_number(&text, span)?;
                }
                (anchor, text.len().saturating_add(NODE))
            }
            Event::SequenceStart(anchor, tag) => {
                no_tag(tag.as_deref(), span)?;
                (anchor, self.sequence(at, span, depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                no_tag(tag.as_deref(), span)?;
                (anchor, self.mapping(at, span, depth)?)
            }
            _ => (0, 0),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, size);
        }
        Ok(size)
    }

    fn sequence(&mut self, at: usize, start: &Span, depth: usize) -> Result<usize, YamlError> {
        let mut size = NODE;
        for index in 0.. {
            let (event, span) = self.more(start)?;
            if event == Event::SequenceEnd {
                break;
            }
            let item = self.enter(at, Step::Index(index), place(&span), place(&span));
            size = size.saturating_add(self.node(item, event, &span, depth + 1)?);
            self.path.pop();
        }
        Ok(size)
    }

    fn mapping(&mut self, at: usize, start: &Span, depth: usize) -> Result<usize, YamlError> {
        let mut size = NODE;
        loop {
            let (event, key_span) = self.more(start)?;
            let key = match &event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.clone().into_owned(),
                _ => return Err(fault(place(&key_span), "a key has to be plain text")),
            };
            if key == "<<" && matches!(event, Event::Scalar(_, ScalarStyle::Plain, ..)) {
                return Err(fault(
                    place(&key_span),
                    "merge keys (`<<`) are not read; write the keys out",
                ));
            }
            size = size.saturating_add(self.node(at, event, &key_span, depth + 1)?);
            let (event, span) = self.more(start)?;
            let child = self.enter(at, Step::Key(key), place(&key_span), place(&span));
            size = size.saturating_add(self.node(child, event, &span, depth + 1)?);
            self.path.pop();
        }
        Ok(size)
    }

    /// Goes one step down, and marks what is there where places are kept. What
    /// is there again is marked apart, so that only it is the duplicate and not
    /// all that it holds.
    fn enter(&mut self, at: usize, step: Step, key: Place, value: Place) -> usize {
        let Some(marks) = &mut self.marks else { return 0 };
        self.path.push(step.clone());
        let child = marks.add(key, value);
        match marks
            .below
            .get(&(at, step.clone()))
            .and_then(|first| marks.places.get(*first))
        {
            Some(first) => marks
                .duplicates
                .push((self.path.iter().cloned().collect(), key, first.key)),
            None => drop(marks.below.insert((at, step), child)),
        }
        child
    }

    fn grow(&mut self, size: usize, span: &Span) -> Result<usize, YamlError> {
        self.grown = self.grown.saturating_add(size);
        if self.grown > self.most {
            let message = format!(
                "with its aliases written out it would be over {} bytes",
                self.most
            );
            return Err(fault(place(span), &message));
        }
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyPath;

    fn at(line: usize, column: usize) -> Option<Place> {
        Some(Place { line, column })
    }

    #[test]
    fn every_key_and_value_has_its_place() {
        let marks = scan(
            "a:\n  b: 1\n  c: [x, {d: y}]\ne: *f\n"
                .replace("*f", "2")
                .as_str(),
        )
        .unwrap();
        let place = |path: &str| {
            let path: KeyPath = path.parse().unwrap();
            (marks.key(&path), marks.value(&path))
        };
        assert_eq!(place("a.b"), (at(2, 3), at(2, 6)));
        assert_eq!(place("a.c[1].d"), (at(3, 11), at(3, 14)));
        assert_eq!(place("a.c[0].below"), (at(3, 7), at(3, 7)));
        assert_eq!(place("e"), (at(4, 1), at(4, 4)));
    }

    #[test]
    fn a_key_that_comes_twice_is_found_with_both_places() {
        let marks = scan("a: {b: 1}\nc: 2\na: 3\n").unwrap();
        let [(path, again, first)] = &marks.duplicates[..] else {
            panic!("{:?}", marks.duplicates)
        };
        assert_eq!((path.to_string().as_str(), again.line, first.line), ("a", 3, 1));
    }

    #[test]
    fn what_would_blow_up_is_refused() {
        let mut bomb = String::from("a0: &a0 [x, x]\n");
        for level in 1..30 {
            let below = level - 1;
            bomb.push_str(&format!(
                "a{level}: &a{level} [*a{below}, *a{below}, *a{below}]\n"
            ));
        }
        let deep = "[".repeat(MAX_DEPTH + 2);
        for (text, expected) in [
            (bomb.as_str(), "written out"),
            (deep.as_str(), "nested deeper"),
            ("a: &a [*a]", "a part of"),
            ("a: 1\n---\nb: 2\n", "second document"),
            ("a: &x {b: 1}\nc: {<<: *x}", "merge keys"),
            ("a: [", "line 2"),
        ] {
            let error = check(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:.40}: {error}");
        }
        check("a: &a [1, 2]\nb: *a\nc: *a\n").unwrap();
    }
}
