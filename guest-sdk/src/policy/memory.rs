//! What a verdict asks to be kept.

use serde::Serialize;

/// How many bytes of memory the host keeps for a policy and what it decides
/// about: an agent, a breaker.
pub const MEMORY_BYTES: usize = 4096;

/// A value as it is kept; none if it cannot be written as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}

/// Takes the new bytes, unless they are too many.
pub(super) fn replace(memory: &mut Option<Vec<u8>>, bytes: Option<Vec<u8>>) {
    if let Some(bytes) = bytes.filter(|bytes| bytes.len() <= MEMORY_BYTES) {
        *memory = Some(bytes);
    }
}
