//! Ctrl-C: the first cancels, the second ends the program at once.

use std::thread;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Exit;

/// Cancels at the first interrupt or termination signal. Runs on a thread and a
/// runtime of its own, which no guest can keep busy.
///
/// # Errors
/// If the signals cannot be listened to.
pub(super) fn cancel_on_signal(cancel: CancellationToken) -> std::io::Result<()> {
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
            if press > 0 {
                std::process::exit(i32::from(Exit::Cancelled as u8));
            }
            eprintln!("cancelling; what is there will be written (again to stop at once)");
            cancel.cancel();
        }
    };
    let thread = thread::Builder::new().name("fusebox-control".into());
    thread.spawn(move || runtime.block_on(wait))?;
    Ok(())
}
