//! What the log of a process hides: there is one log, and there may be many hosts.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::Vault;

/// The vaults whose secrets it hides.
static VAULTS: Mutex<Vec<Weak<Vault>>> = Mutex::new(Vec::new());

/// Has the log hide what a vault knows, now and later.
pub fn log_hides(vault: &Arc<Vault>) {
    let mut vaults = VAULTS.lock().unwrap_or_else(PoisonError::into_inner);
    vaults.retain(|known| known.strong_count() > 0 && !std::ptr::eq(known.as_ptr(), Arc::as_ptr(vault)));
    vaults.push(Arc::downgrade(vault));
}

/// Takes all of it out of a line of the log.
pub fn hide_in_log(line: &mut String) {
    let vaults = VAULTS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for vault in vaults.iter().filter_map(Weak::upgrade) {
        vault.hide(line);
    }
}
