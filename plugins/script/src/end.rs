//! Ends without a result.

use std::hint::black_box;

use fusebox_sdk::TaskError;
use serde::Deserialize;

const CHUNK_BYTES: usize = 1 << 20;

/// A way to end without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum End {
    /// Panic.
    Panic,
    /// Stop on the spot, without a word.
    Abort,
    /// Take memory without end.
    Memory,
    /// Never end.
    Spin,
    /// Call itself without end.
    Recurse,
}

impl End {
    pub(crate) fn carry_out(self) -> Result<(), TaskError> {
        match self {
            Self::Panic => panic(),
            Self::Abort => std::process::abort(),
            Self::Memory => memory(),
            Self::Spin => spin(),
            Self::Recurse => {
                black_box(recurse(0, black_box(Again(recurse))));
                Ok(())
            }
        }
    }
}

#[allow(clippy::panic)] // To panic is the whole purpose.
fn panic() -> ! {
    panic!("the script panics")
}

fn memory() -> ! {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(black_box(vec![1; CHUNK_BYTES]));
    }
}

fn spin() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// A function that the compiler cannot see through, so it can neither unroll the calls
/// nor make a loop of them.
#[derive(Clone, Copy)]
struct Again(fn(u64, Again) -> u64);

fn recurse(depth: u64, again: Again) -> u64 {
    (again.0)(depth.wrapping_add(1), again).wrapping_add(depth)
}
