//! An allocator that starts inside the memory that the instance already has.
//!
//! Rust's own allocator for this target asks for a fresh page at its first use,
//! and each `memory.grow` costs the host two changes of page protection, which
//! stop every other core. A small task that never grows is many times cheaper.
//! So the first half mebibyte comes from a static arena, and only what does not
//! fit there grows the memory.
#![allow(unsafe_code)] // An allocator's source hands out raw memory by nature.

use core::alloc::Layout;
use core::arch::wasm32::{memory_grow, memory_size};
use core::mem::MaybeUninit;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

const ARENA_BYTES: usize = 512 * 1024;
const PAGE_BYTES: usize = 64 * 1024;

static mut ARENA: [MaybeUninit<u8>; ARENA_BYTES] = [MaybeUninit::uninit(); ARENA_BYTES];

#[global_allocator]
static ALLOCATOR: TalcSyncCell<ArenaThenGrow, WasmBinning> =
    TalcSyncCell::new_wasm(ArenaThenGrow { arena_taken: false });

#[derive(Debug)]
struct ArenaThenGrow {
    arena_taken: bool,
}

// SAFETY: what is claimed is the arena, once, and pages that `memory_grow` has
// just made; nothing else refers to either.
unsafe impl Source for ArenaThenGrow {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let (base, bytes) = if talc.source.arena_taken {
            grow(layout)?
        } else {
            talc.source.arena_taken = true;
            ((&raw mut ARENA).cast(), ARENA_BYTES)
        };
        // SAFETY: see above.
        unsafe { talc.claim(base, bytes) }.map(|_| ()).ok_or(())
    }
}

/// Makes new pages that hold the layout and the allocator's own records.
fn grow(layout: Layout) -> Result<(*mut u8, usize), ()> {
    let needed = layout.size().checked_add(layout.align()).ok_or(())?;
    let pages = needed.checked_add(PAGE_BYTES).ok_or(())?.div_ceil(PAGE_BYTES);
    // At least an eighth of what is there, so that many small allocations do
    // not grow the memory many times.
    let pages = pages.max(memory_size::<0>() / 8);
    match memory_grow::<0>(pages) {
        usize::MAX => Err(()),
        before => Ok(((before * PAGE_BYTES) as *mut u8, pages * PAGE_BYTES)),
    }
}
