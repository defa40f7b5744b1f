//! Codings behind each other, read a bounded step at a time.

use bytes::Bytes;

use super::Coding;
use super::decoder::{Decoder, Step};

/// Most bytes that one step gives: what it costs is little, however much a few
/// packed bytes stand for.
const STEP: usize = 32 << 10;
/// Most steps without a byte of plain text before others have their turn.
const STEPS: u32 = 16;

/// What there is of a body, unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::call) enum Unpacked {
    /// The next plain bytes; never none.
    Some(Bytes),
    /// More has to be fed.
    Hungry,
    /// Nothing yet, and there is more to do: ask again, after others.
    Busy,
}

/// That a body cannot be unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::call) enum Broken {
    /// It is none of its coding, or not all of it.
    Corrupt { coding: &'static str, why: String },
    /// What comes between two codings is too much.
    TooLarge,
}

/// Unpacks a body. Its time is the guest's, who reads the body; memory is that of
/// the codings' windows.
pub(in crate::call) struct Unpacker {
    /// The one that was applied last is the first.
    layers: Vec<Layer>,
    scratch: Vec<u8>,
    /// Most bytes that any but the last may give.
    most: u64,
}

struct Layer {
    coding: Coding,
    decoder: Decoder,
    input: Bytes,
    /// Whether it filled all room that it had, and so may have more.
    has_more: bool,
    given: u64,
}

impl Unpacker {
    /// For these codings, in the order in which they were applied. None for none.
    pub(in crate::call) fn new(codings: &[Coding], most: u64) -> Option<Self> {
        let layers: Vec<_> = codings.iter().rev().map(|coding| Layer::new(*coding)).collect();
        (!layers.is_empty()).then(|| Self {
            layers,
            scratch: vec![0; STEP],
            most,
        })
    }

    /// Takes packed bytes, when it is hungry.
    pub(in crate::call) fn feed(&mut self, packed: Bytes) {
        if let Some(first) = self.layers.first_mut() {
            first.input = packed;
        }
    }

    /// The next plain bytes.
    ///
    /// # Errors
    /// If they cannot be had.
    pub(in crate::call) fn next(&mut self) -> Result<Unpacked, Broken> {
        for _ in 0..STEPS {
            let Some(at) = self.layers.iter().rposition(Layer::can_go_on) else {
                return Ok(Unpacked::Hungry);
            };
            let plain = self.step(at)?;
            if plain.is_empty() {
                continue;
            }
            match self.layers.get_mut(at + 1) {
                Some(next) => next.input = plain,
                None => return Ok(Unpacked::Some(plain)),
            }
        }
        Ok(Unpacked::Busy)
    }

    /// Nothing more is fed, and all that was is unpacked.
    ///
    /// # Errors
    /// If that is not all of a body.
    pub(in crate::call) fn finish(&self) -> Result<(), Broken> {
        let cut = self.layers.iter().find(|layer| !layer.decoder.is_whole());
        cut.map_or(Ok(()), |layer| Err(layer.corrupt("it ends too early".into())))
    }

    fn step(&mut self, at: usize) -> Result<Bytes, Broken> {
        let is_last = at + 1 == self.layers.len();
        let Some(layer) = self.layers.get_mut(at) else {
            return Ok(Bytes::new());
        };
        let plain = layer.step(&mut self.scratch)?;
        match !is_last && layer.given > self.most {
            true => Err(Broken::TooLarge),
            false => Ok(plain),
        }
    }
}

impl Layer {
    fn new(coding: Coding) -> Self {
        Self {
            coding,
            decoder: Decoder::Waiting(coding),
            input: Bytes::new(),
            has_more: false,
            given: 0,
        }
    }

    fn can_go_on(&self) -> bool {
        self.has_more || !self.input.is_empty()
    }

    fn step(&mut self, scratch: &mut [u8]) -> Result<Bytes, Broken> {
        let step = self.decoder.step(&self.input, scratch);
        let step = step.map_err(|why| self.corrupt(why))?;
        if step == Step::default() && !self.input.is_empty() && !self.has_more {
            return Err(self.corrupt("it does not go on".into()));
        }
        self.input = self.input.slice(step.read.min(self.input.len())..);
        self.has_more = step.written == scratch.len();
        self.given = self.given.saturating_add(step.written as u64);
        Ok(Bytes::copy_from_slice(
            scratch.get(..step.written).unwrap_or_default(),
        ))
    }

    const fn corrupt(&self, why: String) -> Broken {
        Broken::Corrupt {
            coding: self.coding.name(),
            why,
        }
    }
}
