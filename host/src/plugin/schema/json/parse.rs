//! Reads a JSON text, a value at a time, as `serde_json` would: 127 levels,
//! no number beyond a float, of equal keys the last one.

use std::borrow::Cow;

use super::{Document, Node, index};
use crate::plugin::schema::Misfit;
use crate::plugin::schema::pace::{PIECE, Pace, grow};

/// Most levels of arrays and objects.
const MAX_DEPTH: usize = 127;
/// Most members of an object whose keys are sorted at once.
const FEW_KEYS: usize = 64;

/// Reads a text to a tree.
pub(in super::super) async fn read<'t>(
    input: Cow<'t, [u8]>,
    pace: &mut Pace<'_>,
) -> Result<Document<'t>, Misfit> {
    parse(input, true, pace).await
}

/// Whether a text is JSON; nothing is kept.
pub(in super::super) async fn skim(input: &[u8], pace: &mut Pace<'_>) -> Result<(), Misfit> {
    parse(Cow::Borrowed(input), false, pace).await.map(drop)
}

async fn parse<'t>(input: Cow<'t, [u8]>, keep: bool, pace: &mut Pace<'_>) -> Result<Document<'t>, Misfit> {
    if u32::try_from(input.len()).is_err() {
        return Err(Misfit::Value("it is longer than 4 GiB".to_owned()));
    }
    let document = Document {
        input,
        unescaped: Vec::new(),
        nodes: Vec::new(),
        keys: Vec::new(),
    };
    let mut parser = Parser {
        document,
        at: 0,
        open: Vec::new(),
        keep,
        pace,
    };
    parser.run().await?;
    Ok(parser.document)
}

/// A text that is being read.
pub(super) struct Parser<'t, 'p, 'a> {
    pub(super) document: Document<'t>,
    /// The next byte.
    pub(super) at: usize,
    open: Vec<Open>,
    /// Whether a tree is made.
    pub(super) keep: bool,
    pub(super) pace: &'p mut Pace<'a>,
}

/// An array or an object whose end has not been read.
struct Open {
    node: usize,
    is_object: bool,
    count: u32,
}

impl Parser<'_, '_, '_> {
    async fn run(&mut self) -> Result<(), Misfit> {
        self.check_utf8().await?;
        loop {
            self.pace.step(1).await?;
            if !self.begin().await? && self.finish().await? {
                break;
            }
        }
        match self.peek().await? {
            None => Ok(()),
            Some(_) => Err(self.wrong("nothing more is expected")),
        }
    }

    /// Reads a value up to its first inner value; whether there is one.
    async fn begin(&mut self) -> Result<bool, Misfit> {
        match self.peek().await? {
            Some(b'[') => self.enter(false).await,
            Some(b'{') => self.enter(true).await,
            Some(b'"') => self.string().await.map(|()| false),
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| false),
            Some(b't') => self.word(b"true", Node::Bool(true)),
            Some(b'f') => self.word(b"false", Node::Bool(false)),
            Some(b'n') => self.word(b"null", Node::Null),
            _ => Err(self.wrong("a value is expected")),
        }
    }

    /// After a value: ends what ends here; whether everything has.
    async fn finish(&mut self) -> Result<bool, Misfit> {
        loop {
            let next = self.peek().await?;
            let Some(inner) = self.open.last_mut() else {
                return Ok(true);
            };
            match (next, inner.is_object) {
                (Some(b','), is_object) => {
                    inner.count = inner.count.saturating_add(1);
                    self.at += 1;
                    if is_object {
                        self.key().await?;
                    }
                    return Ok(false);
                }
                (Some(b']'), false) | (Some(b'}'), true) => self.close().await?,
                (_, true) => return Err(self.wrong("`,` or `}` is expected")),
                (_, false) => return Err(self.wrong("`,` or `]` is expected")),
            }
        }
    }

    async fn enter(&mut self, is_object: bool) -> Result<bool, Misfit> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.wrong("it is nested deeper than 127"));
        }
        self.open.push(Open {
            node: self.document.nodes.len(),
            is_object,
            count: 1,
        });
        self.push(Node::Null)?;
        self.at += 1;
        match (self.peek().await?, is_object) {
            (Some(b']'), false) | (Some(b'}'), true) => {
                if let Some(open) = self.open.last_mut() {
                    open.count = 0;
                }
                self.close().await.map(|()| false)
            }
            (_, true) => self.key().await.map(|()| true),
            (_, false) => Ok(true),
        }
    }

    async fn key(&mut self) -> Result<(), Misfit> {
        if self.peek().await? != Some(b'"') {
            return Err(self.wrong("a key is expected"));
        }
        self.string().await?;
        if self.peek().await? != Some(b':') {
            return Err(self.wrong("`:` is expected"));
        }
        self.at += 1;
        Ok(())
    }

    /// Ends the innermost array or object.
    async fn close(&mut self) -> Result<(), Misfit> {
        self.at += 1;
        let Some(open) = self.open.pop().filter(|_| self.keep) else {
            return Ok(());
        };
        let end = index(self.document.nodes.len());
        let count = open.count;
        let whole = if open.is_object {
            let first = index(self.document.keys.len());
            self.sort_keys(open.node, count).await?;
            let count = index(self.document.keys.len()).saturating_sub(first);
            Node::Object { end, first, count }
        } else {
            Node::Array { end, count }
        };
        if let Some(node) = self.document.nodes.get_mut(open.node) {
            *node = whole;
        }
        Ok(())
    }

    /// Lists the keys of an object, sorted; of equal ones the last.
    async fn sort_keys(&mut self, object: usize, count: u32) -> Result<(), Misfit> {
        grow(&mut self.document.keys, count as usize, self.pace)?;
        let mut keys = std::mem::take(&mut self.document.keys);
        let first = keys.len();
        let mut key = self.document.value(index(object).saturating_add(1));
        let mut length = 0;
        for _ in 0..count {
            self.pace.step(1).await?;
            keys.push(key.at);
            length += key.text().map_or(0, <[u8]>::len);
            key = key.after().after();
        }
        let added = keys.get_mut(first..).unwrap_or_default();
        if added.len() <= FEW_KEYS && length <= PIECE {
            added.sort_by(|one, other| self.text(*one).cmp(self.text(*other)));
        } else {
            self.sort_many(added).await?;
        }
        let mut kept = first;
        for place in first..keys.len() {
            self.pace.step(1).await?;
            let (Some(key), next) = (keys.get(place).copied(), keys.get(place + 1)) else {
                break;
            };
            let repeated = match next {
                Some(next) => self.same_text(key, *next).await?,
                None => false,
            };
            if let Some(slot) = keys.get_mut(kept).filter(|_| !repeated) {
                *slot = key;
                kept += 1;
            }
        }
        keys.truncate(kept);
        self.document.keys = keys;
        Ok(())
    }

    async fn sort_many(&mut self, keys: &mut [u32]) -> Result<(), Misfit> {
        let before = self.pace.held();
        let mut list = Vec::new();
        grow(&mut list, keys.len(), self.pace)?;
        list.extend(keys.iter().map(|at| self.document.value(*at)));
        super::sort(&mut list, self.pace).await?;
        for (slot, key) in keys.iter_mut().zip(&list) {
            *slot = key.at;
        }
        self.pace.release(self.pace.held() - before);
        Ok(())
    }

    async fn same_text(&mut self, one: u32, other: u32) -> Result<bool, Misfit> {
        let (one, other) = (self.document.value(one), self.document.value(other));
        Ok(super::compare(one, other, self.pace).await?.is_eq())
    }

    fn text(&self, at: u32) -> &[u8] {
        self.document.value(at).text().unwrap_or_default()
    }

    fn word(&mut self, word: &[u8], node: Node) -> Result<bool, Misfit> {
        let rest = self.document.input.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.wrong("a value is expected"));
        }
        self.at += word.len();
        self.push(node).map(|()| false)
    }

    pub(super) fn push(&mut self, node: Node) -> Result<(), Misfit> {
        if self.keep {
            grow(&mut self.document.nodes, 1, self.pace)?;
            self.document.nodes.push(node);
        }
        Ok(())
    }

    /// The next byte that is no space.
    async fn peek(&mut self) -> Result<Option<u8>, Misfit> {
        loop {
            let rest = self.document.input.get(self.at..).unwrap_or_default();
            let piece = rest.get(..PIECE).unwrap_or(rest);
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            if let Some(skipped) = piece.iter().position(|byte| !blank(byte)) {
                self.at += skipped;
                return Ok(piece.get(skipped).copied());
            }
            if piece.is_empty() {
                return Ok(None);
            }
            self.at += piece.len();
            self.pace.bytes(piece.len()).await?;
        }
    }

    pub(super) fn wrong(&self, what: &str) -> Misfit {
        Misfit::Value(format!("it is not JSON: {what}, at byte {}", self.at + 1))
    }
}
