//! Ctrl-C: while plugins are loaded it ends the program, since nothing has run; in
//! a session the first cancels, the second ends the program at once.

use std::sync::{Arc, OnceLock};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Exit;

/// What signals cancel, once there is something.
#[derive(Debug, Clone, Default)]
pub(super) struct Signals {
    session: Arc<OnceLock<CancellationToken>>,
}

impl Signals {
    /// Ends the program with the exit code for it at the first interrupt or
    /// termination signal, until there is a session to cancel. Runs on a thread and
    /// a runtime of its own, which no guest can keep busy. Processes that compile
    /// end with this one.
    ///
    /// # Errors
    /// If the signals cannot be listened to.
    pub(super) fn listen() -> std::io::Result<Self> {
        let signals = Self::default();
        listen(signals.session.clone())?;
        Ok(signals)
    }

    /// A token that the first signal from now on cancels.
    pub(super) fn session(&self) -> CancellationToken {
        self.session.get_or_init(CancellationToken::new).clone()
    }
}

fn listen(session: Arc<OnceLock<CancellationToken>>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Listened to before this returns, so that no signal is missed.
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let wait = async move {
        for press in 0.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            let Some(cancel) = session.get().filter(|_| press == 0) else {
                std::process::exit(i32::from(Exit::Cancelled as u8));
            };
            say!("cancelling; what is there will be written (again to stop at once)");
            cancel.cancel();
        }
    };
    let thread = thread::Builder::new().name("fusebox-control".into());
    thread.spawn(move || runtime.block_on(wait))?;
    Ok(())
}

/// Has a write over the limit to a file's size fail, as one to a full disk does,
/// and not end the program.
///
/// # Errors
/// If the signal cannot be listened to.
pub(super) fn outlast_file_limits() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let _inside = runtime.enter();
    // The signal stays listened to when nobody does.
    signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).map(drop)
}
