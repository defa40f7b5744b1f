//! How much memory a program holds.

use std::process::{Child, Output};
use std::thread;
use std::time::Duration;

/// Resident bytes of a process; none once it is gone.
pub(crate) fn resident(child: &Child) -> Option<u64> {
    in_status(child, "VmRSS:")
}

/// Waits for a program's end; the most bytes that were resident at any time.
pub(crate) fn most_resident(mut child: Child) -> (Output, u64) {
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(in_status(&child, "VmHWM:").unwrap_or(0));
        thread::sleep(Duration::from_millis(2));
    }
    (child.wait_with_output().unwrap(), most)
}

fn in_status(child: &Child, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
