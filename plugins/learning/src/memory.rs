//! What is kept between decisions.

use fusebox_sdk::policy::MEMORY_BYTES;
use fusebox_sdk::policy::retry::prelude::*;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::settings::Settings;

/// How many waits are told apart.
pub(crate) const STEPS: usize = 12;
/// How many codes are kept: those that were seen last.
const CODES: usize = 16;
/// How much of a code is kept, in bytes.
const CODE_BYTES: usize = 64;

/// What is kept between decisions.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// What the waits are multiples of, in milliseconds.
    base_ms: u64,
    /// The codes, the one that was seen last at the end.
    codes: Vec<Code>,
}

impl Memory {
    /// What was kept, or nothing if it cannot be read or was learned for other
    /// waits.
    pub(crate) fn of(snapshot: &Snapshot, settings: &Settings) -> Self {
        let base_ms = settings.base_ms.get();
        snapshot
            .memory()
            .filter(|memory: &Self| memory.base_ms == base_ms)
            .unwrap_or(Self {
                base_ms,
                codes: Vec::new(),
            })
    }

    /// Takes out what is known of a code.
    pub(crate) fn take(&mut self, code: &str, now_ms: u64) -> Code {
        let code = shortened(code);
        match self.codes.iter().position(|known| known.code == code) {
            Some(place) => self.codes.remove(place),
            None => Code::new(code, now_ms),
        }
    }

    /// Puts it back, and drops what was not seen for longest if there is too
    /// much.
    pub(crate) fn put(&mut self, code: Code) {
        self.codes.push(code);
        while self.codes.len() > CODES || self.bytes() > MEMORY_BYTES {
            if self.codes.is_empty() {
                break;
            }
            self.codes.remove(0);
        }
    }

    fn bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |bytes| bytes.len())
    }
}

/// As much of a code as is kept.
fn shortened(code: &str) -> &str {
    code.get(..code.floor_char_boundary(CODE_BYTES)).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(codes: impl Iterator<Item = String>) -> Memory {
        let mut memory = Memory::of(&Snapshot::example("x"), &Settings::default());
        for name in codes {
            let code = memory.take(&name, u64::MAX);
            memory.put(code);
        }
        memory
    }

    #[test]
    fn the_codes_that_were_seen_last_are_kept() {
        let mut memory = filled((0..40).map(|n| format!("guest.code.{n}")));
        assert_eq!(memory.codes.len(), CODES);
        assert_eq!(memory.codes[0].code, "guest.code.24");
        let again = memory.take("guest.code.24", 0);
        memory.put(again);
        assert_eq!(memory.codes[CODES - 1].code, "guest.code.24");
    }

    #[test]
    fn it_stays_within_what_the_host_keeps() {
        let long = filled((0..40).map(|n| format!("{n}{}", "m".repeat(200))));
        assert!(long.codes.len() == CODES && long.bytes() <= MEMORY_BYTES);
        let wild = filled((0..40).map(|n| format!("{n}{}", "\u{1}".repeat(200))));
        assert!(wild.codes.len() > 4 && wild.bytes() <= MEMORY_BYTES);
        let chinese = filled((0..40).map(|n| format!("{n}{}", "错".repeat(200))));
        assert!(chinese.codes.len() == CODES && chinese.bytes() <= MEMORY_BYTES);
    }

    #[test]
    fn what_cannot_be_read_or_was_for_other_waits_is_dropped() {
        let settings = Settings::default();
        let kept = serde_json::to_vec(&filled(["x".to_owned()].into_iter())).unwrap();
        let of = |memory: &[u8]| {
            let mut snapshot = Snapshot::example("x");
            snapshot.memory_bytes = memory.to_vec();
            Memory::of(&snapshot, &settings).codes.len()
        };
        assert_eq!(of(&kept), 1);
        let other = String::from_utf8(kept.clone()).unwrap().replace("250", "251");
        assert_eq!(of(other.as_bytes()), 0);
        assert_eq!(of(&kept[1..]), 0);
        assert_eq!(of(&[0xFF; 4096]), 0);
    }
}
