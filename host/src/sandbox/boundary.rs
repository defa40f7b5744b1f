//! Calls and bytes that cross to the host, counted over the whole attempt.

use super::stop::Stop;
use crate::config::Limits;

/// What is left of the calls and bytes that a guest may hand to the host.
#[derive(Debug)]
pub(super) struct Boundary {
    calls_left: u32,
    bytes_left: u64,
    calls_limit: u32,
    bytes_limit: u64,
}

impl Boundary {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            calls_left: limits.host_calls,
            bytes_left: limits.host_bytes,
            calls_limit: limits.host_calls,
            bytes_limit: limits.host_bytes,
        }
    }

    /// Charges one call and the bytes that it carried.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Stop> {
        let limit = u64::from(self.calls_limit);
        self.calls_left = self.calls_left.checked_sub(1).ok_or(Stop::HostCalls { limit })?;
        let limit = self.bytes_limit;
        self.bytes_left = self
            .bytes_left
            .checked_sub(bytes as u64)
            .ok_or(Stop::HostBytes { limit })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_limits_are_met_exactly() {
        let limits = Limits {
            host_calls: 3,
            host_bytes: 10,
            ..Limits::default()
        };
        let mut boundary = Boundary::new(&limits);
        assert_eq!(boundary.charge(4), Ok(()));
        assert_eq!(boundary.charge(6), Ok(()));
        assert_eq!(boundary.charge(1), Err(Stop::HostBytes { limit: 10 }));
        assert_eq!(boundary.charge(0), Err(Stop::HostCalls { limit: 3 }));
    }
}
