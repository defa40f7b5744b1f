//! The threads that guests run on.

use std::panic::resume_unwind;
use std::time::Duration;
use std::{io, thread};

use tokio::runtime::{Builder, Handle, Runtime};

/// How often a guest thread looks at its timers, in polls. A spinning guest is
/// polled for a millisecond at a time, so timers are late by a few at most.
const POLLS_BETWEEN_TIMERS: u32 = 8;
/// Threads that may wait for disks at once: a file system that does not answer
/// keeps those of the attempts that asked it. One is only made when it is needed.
const MOST_WAITING: usize = 8192;
/// How long the end of a host waits for what is still on its way to a disk.
const LONGEST_END: Duration = Duration::from_secs(2);

/// A runtime with a thread for each core.
#[derive(Debug)]
pub(super) struct GuestThreads {
    handle: Handle,
    /// Until the end.
    runtime: Option<Runtime>,
}

impl GuestThreads {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .thread_name("fusebox-guests")
            .event_interval(POLLS_BETWEEN_TIMERS)
            .global_queue_interval(1)
            .max_blocking_threads(MOST_WAITING)
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Does something there, and waits for it. The threads of another runtime must
    /// not wait themselves: there, a thread of its own does.
    pub(super) fn block_on<T: Send>(&self, work: impl Future<Output = T> + Send) -> T {
        if Handle::try_current().is_err() {
            return self.handle.block_on(work);
        }
        thread::scope(|scope| {
            let waiting = scope.spawn(|| self.handle.block_on(work));
            waiting.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }
}

/// Nobody waits for a file system that does not answer. This may be a thread of
/// another runtime, on which none may be ended.
impl Drop for GuestThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            let ending = thread::spawn(move || runtime.shutdown_timeout(LONGEST_END));
            // A panic there has nothing to tell anybody.
            let _ = ending.join();
        }
    }
}
