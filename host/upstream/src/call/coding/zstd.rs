//! Zstandard (RFC 8878), with windows as HTTP has them (RFC 9659).
//!
//! The library takes whole blocks. So bytes are gathered to the next header or
//! block, whose lengths stand in front of them, and one block is read at a time: a
//! few bytes can stand for 128 KiB.

use std::io::Read;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::decoder::Step;

/// The largest window of a content coding.
const MAX_WINDOW: u64 = 8 << 20;
/// What a frame begins with.
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
/// What a frame begins with that holds nothing; its lowest four bits are free.
const SKIPPABLE: u32 = 0x184D_2A50;
/// Bytes of a checksum at the end of a frame.
const CHECKSUM: usize = 4;

pub(super) struct Zstd {
    frames: FrameDecoder,
    /// The header or block that is being gathered.
    gathered: Vec<u8>,
    /// What is gathered.
    next: Next,
    /// Whether blocks of the frame end with a checksum.
    has_checksum: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Frame,
    Block,
    /// So many bytes that mean nothing.
    Skip(usize),
}

impl Default for Zstd {
    fn default() -> Self {
        let mut frames = FrameDecoder::new();
        frames.set_max_window_size(MAX_WINDOW);
        Self {
            frames,
            gathered: Vec::new(),
            next: Next::Frame,
            has_checksum: false,
        }
    }
}

impl Zstd {
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, String> {
        if self.frames.can_collect() > 0 {
            let written = self.drain(output)?;
            return Ok(Step { read: 0, written });
        }
        if let Next::Skip(left) = self.next {
            let read = left.min(input.len());
            self.next = match left - read {
                0 => Next::Frame,
                left => Next::Skip(left),
            };
            return Ok(Step { read, written: 0 });
        }
        let read = self.gather(input)?;
        if self.gathered.len() < self.wanted()? {
            return Ok(Step { read, written: 0 });
        }
        match self.next {
            Next::Block => self.block()?,
            Next::Frame | Next::Skip(_) => self.frame()?,
        }
        self.gathered.clear();
        let written = self.drain(output)?;
        Ok(Step { read, written })
    }

    /// Writes what is there, and looks at the checksum when a frame is all written.
    fn drain(&mut self, output: &mut [u8]) -> Result<usize, String> {
        let written = self.frames.read(output).map_err(|error| error.to_string())?;
        let is_all = self.frames.is_finished() && self.frames.can_collect() == 0;
        let said = self.frames.get_checksum_from_data().filter(|_| is_all);
        match said.is_some() && said != self.frames.get_calculated_checksum() {
            true => Err("a checksum does not fit".into()),
            false => Ok(written),
        }
    }

    /// Whether a frame has ended and none has begun.
    pub(super) fn is_over(&self) -> bool {
        self.next == Next::Frame && self.gathered.is_empty() && self.frames.can_collect() == 0
    }

    /// Takes no more than what is gathered next.
    fn gather(&mut self, input: &[u8]) -> Result<usize, String> {
        let mut rest = input;
        loop {
            let missing = self.wanted()?.saturating_sub(self.gathered.len());
            let taken = missing.min(rest.len());
            let (now, later) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            self.gathered.extend_from_slice(now);
            rest = later;
            if taken == 0 {
                return Ok(input.len() - rest.len());
            }
        }
    }

    /// Bytes that have to be there, by those that are: more once they say so.
    fn wanted(&self) -> Result<usize, String> {
        match self.next {
            Next::Block => self.wanted_of_block(),
            Next::Frame | Next::Skip(_) => self.wanted_of_frame(),
        }
    }

    /// RFC 8878, 3.1.1.1 and 3.1.2.
    fn wanted_of_frame(&self) -> Result<usize, String> {
        let Some(magic) = self.gathered.first_chunk::<4>() else {
            return Ok(MAGIC.len());
        };
        if *magic != MAGIC {
            let is_skippable = u32::from_le_bytes(*magic) & 0xFFFF_FFF0 == SKIPPABLE;
            return is_skippable
                .then_some(8)
                .ok_or_else(|| "no frame begins there".into());
        }
        let Some(descriptor) = self.gathered.get(4) else {
            return Ok(MAGIC.len() + 1);
        };
        let is_single = descriptor & 0x20 != 0;
        let dictionary = [0, 1, 2, 4]
            .get(usize::from(descriptor & 3))
            .copied()
            .unwrap_or(0);
        let size = match descriptor >> 6 {
            0 => usize::from(is_single),
            power => 1 << power,
        };
        Ok(MAGIC.len() + 1 + usize::from(!is_single) + dictionary + size)
    }

    /// RFC 8878, 3.1.1.2.
    fn wanted_of_block(&self) -> Result<usize, String> {
        let &[low, middle, high, ..] = self.gathered.as_slice() else {
            return Ok(3);
        };
        let header = u32::from_le_bytes([low, middle, high, 0]);
        let size = usize::try_from(header >> 3).unwrap_or(usize::MAX);
        let content = match (header >> 1) & 3 {
            1 => 1,
            3 => return Err("a block is of no kind".into()),
            _ if size > 128 << 10 => return Err("a block is too large".into()),
            _ => size,
        };
        let is_last = header & 1 != 0;
        let checksum = if is_last && self.has_checksum { CHECKSUM } else { 0 };
        Ok(3 + content + checksum)
    }

    fn frame(&mut self) -> Result<(), String> {
        let &[a, b, c, d, descriptor, ref rest @ ..] = self.gathered.as_slice() else {
            return Ok(());
        };
        if [a, b, c, d] != MAGIC {
            let &[two, three, four, ..] = rest else {
                return Ok(());
            };
            let length = u32::from_le_bytes([descriptor, two, three, four]);
            self.next = match usize::try_from(length).unwrap_or(usize::MAX) {
                0 => Next::Frame,
                length => Next::Skip(length),
            };
            return Ok(());
        }
        self.frames
            .reset(self.gathered.as_slice())
            .map_err(|error| error.to_string())?;
        self.has_checksum = descriptor & 4 != 0;
        self.next = Next::Block;
        Ok(())
    }

    fn block(&mut self) -> Result<(), String> {
        let one = BlockDecodingStrategy::UptoBlocks(1);
        let is_last = self.frames.decode_blocks(self.gathered.as_slice(), one);
        if is_last.map_err(|error| error.to_string())? {
            self.next = Next::Frame;
        }
        Ok(())
    }
}
