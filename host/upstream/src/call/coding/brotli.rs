//! Brotli (RFC 7932), with windows of up to 16 MiB.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::decoder::Step;

pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    /// What the library counts by itself.
    total: usize,
    is_over: bool,
}

impl Default for Brotli {
    fn default() -> Self {
        let alloc = StandardAlloc::default;
        Self {
            // Without the larger windows, which are no part of the coding.
            state: BrotliState::new_strict(alloc(), alloc(), alloc()),
            total: 0,
            is_over: false,
        }
    }
}

impl Brotli {
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, String> {
        if self.is_over {
            return Ok(Step {
                read: input.len(),
                written: 0,
            });
        }
        let mut step = Step::default();
        let (mut left, mut room) = (input.len(), output.len());
        let result = BrotliDecompressStream(
            &mut left,
            &mut step.read,
            input,
            &mut room,
            &mut step.written,
            output,
            &mut self.total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => return Err("corrupt brotli stream".into()),
            BrotliResult::ResultSuccess => self.is_over = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(step)
    }

    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }
}
