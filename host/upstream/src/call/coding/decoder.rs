//! One coding of a body.

use super::Coding;
use super::brotli::Brotli;
use super::inflate::Inflate;
use super::zstd::Zstd;

/// What one step came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Bytes of the input that were taken.
    pub(super) read: usize,
    /// Bytes of the output that were written.
    pub(super) written: usize,
}

/// Reads one coding. It begins when the first bytes are there to look at.
pub(super) enum Decoder {
    Waiting(Coding),
    /// It is not packed at all, whatever its head says: proxies unpack, and leave
    /// the head.
    Plain,
    Inflate(Inflate),
    Brotli(Box<Brotli>),
    Zstd(Box<Zstd>),
}

impl Decoder {
    /// Takes of the input what it can, and writes at most what fits. It may be
    /// called without input, for what it still has to write.
    ///
    /// # Errors
    /// What is broken.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, String> {
        match self {
            Self::Waiting(coding) => match input.first() {
                Some(first) => {
                    *self = Self::beginning(*coding, *first);
                    self.step(input, output)
                }
                None => Ok(Step::default()),
            },
            Self::Plain => Ok(plain(input, output)),
            Self::Inflate(inflate) => inflate.step(input, output),
            Self::Brotli(brotli) => brotli.step(input, output),
            Self::Zstd(zstd) => zstd.step(input, output),
        }
    }

    fn beginning(coding: Coding, first: u8) -> Self {
        match coding {
            // Neither can begin as JSON does.
            Coding::Gzip | Coding::Zstd if matches!(first, b'{' | b'[') => Self::Plain,
            Coding::Gzip => Self::Inflate(Inflate::gzip()),
            Coding::Deflate => Self::Inflate(Inflate::deflate(first)),
            Coding::Brotli => Self::Brotli(Box::default()),
            Coding::Zstd => Self::Zstd(Box::default()),
        }
    }

    /// Whether it may end here. Nothing at all is an empty body.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Waiting(_) | Self::Plain => true,
            Self::Inflate(inflate) => inflate.is_over(),
            Self::Brotli(brotli) => brotli.is_over(),
            Self::Zstd(zstd) => zstd.is_over(),
        }
    }
}

fn plain(input: &[u8], output: &mut [u8]) -> Step {
    let length = input.len().min(output.len());
    if let (Some(from), Some(to)) = (input.get(..length), output.get_mut(..length)) {
        to.copy_from_slice(from);
    }
    Step {
        read: length,
        written: length,
    }
}
