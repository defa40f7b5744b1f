//! Reads a JSON text, a value at a time, as `serde_json` would: 127 levels,
//! no number beyond a float, of equal keys the last one.

use std::borrow::Cow;

use super::{Document, Node, index};
use crate::plugin::schema::Misfit;
use crate::sandbox::pace::{PIECE, Pace, grow};

/// Most levels of arrays and objects.
const MAX_DEPTH: usize = 127;

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
