//! gzip (RFC 1952) and deflate (RFC 1950, 1951).

use flate2::{Decompress, FlushDecompress, Status};

use super::decoder::Step;

/// The largest window that there is, as a power of two.
const WINDOW_BITS: u8 = 15;
/// What every member of a gzip file begins with.
const GZIP: u8 = 0x1f;

pub(super) struct Inflate {
    engine: Decompress,
    is_gzip: bool,
    is_over: bool,
}

impl Inflate {
    pub(super) fn gzip() -> Self {
        Self::of(Decompress::new_gzip(WINDOW_BITS), true)
    }

    /// In zlib's frame or bare, by its first byte: that names the method, 8, and the
    /// size of a window, 7 at most. A bare stream does not begin so.
    pub(super) fn deflate(first: u8) -> Self {
        let is_framed = first & 0x0f == 8 && first >> 4 <= 7;
        Self::of(Decompress::new(is_framed), false)
    }

    fn of(engine: Decompress, is_gzip: bool) -> Self {
        Self {
            engine,
            is_gzip,
            is_over: false,
        }
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, String> {
        if self.is_over {
            // Padding after the end is nobody's, and common. What else stands there
            // is the next member of a gzip file.
            match input.first() {
                Some(&GZIP) if self.is_gzip => *self = Self::gzip(),
                _ => {
                    return Ok(Step {
                        read: input.len(),
                        written: 0,
                    });
                }
            }
        }
        let (read, written) = (self.engine.total_in(), self.engine.total_out());
        let status = self.engine.decompress(input, output, FlushDecompress::None);
        self.is_over = status.map_err(|error| error.to_string())? == Status::StreamEnd;
        Ok(Step {
            read: usize::try_from(self.engine.total_in() - read).unwrap_or(usize::MAX),
            written: usize::try_from(self.engine.total_out() - written).unwrap_or(usize::MAX),
        })
    }

    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }
}
