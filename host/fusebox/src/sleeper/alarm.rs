//! A thread that wakes others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// The longest wait; nothing waits for longer than the host lives.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// How long after one push the next comes, while some who were called have not
/// begun: short beside a guest's turn, long beside what handing a core on costs.
const BETWEEN_PUSHES: Duration = Duration::from_micros(100);

/// Wakes whoever waits, each at its time, from a thread of its own, and pushes
/// those who keep the cores busy until whoever was called has begun. The thread
/// ends when this is dropped.
#[derive(Debug)]
pub struct Alarm(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waits: Mutex<Waits>,
    changed: Condvar,
}

/// A call to one that waits; held until it has begun, or waits no longer.
#[derive(Debug)]
struct Call(Arc<AtomicUsize>);

#[derive(Debug, Default)]
struct Waits {
    soonest_first: BinaryHeap<Reverse<Wait>>,
    is_over: bool,
}

/// One that waits. Where two are due at once, either may be first.
#[derive(Debug)]
struct Wait {
    due: Instant,
    wake: oneshot::Sender<Call>,
}

impl Alarm {
    /// Starts the thread. `push` has whoever keeps a core busy hand it on.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(push: impl Fn() + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let watched = shared.clone();
        std::thread::Builder::new()
            .name("fusebox-alarm".into())
            .spawn(move || watched.watch(push))?;
        Ok(Self(shared))
    }

    /// Waits for so long.
    pub(super) async fn sleep(&self, wait: Duration) {
        let due = Instant::now() + wait.min(LONGEST);
        let (wake, woken) = oneshot::channel();
        {
            let mut waits = self.0.lock();
            let is_soonest = waits.soonest_first.peek().is_none_or(|first| due < first.0.due);
            waits.soonest_first.push(Reverse(Wait { due, wake }));
            if is_soonest {
                self.0.changed.notify_one();
            }
        }
        // The thread ends after the last of those who wait.
        let _ = woken.await;
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.changed.notify_one();
    }
}

impl Call {
    fn new(calls: &Arc<AtomicUsize>) -> Self {
        calls.fetch_add(1, Ordering::Relaxed);
        Self(calls.clone())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    fn watch(&self, push: impl Fn()) {
        let calls = Arc::new(AtomicUsize::new(0));
        let mut waits = self.lock();
        while !waits.is_over {
            let wait = waits.call_due(Instant::now(), &calls);
            let is_heard = calls.load(Ordering::Relaxed) == 0;
            let wait = if is_heard { wait } else { wait.min(BETWEEN_PUSHES) };
            if !is_heard {
                push();
            }
            let woken = self.changed.wait_timeout(waits, wait);
            waits = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waits {
    /// Calls all that are due; says how long it is until the next one is.
    fn call_due(&mut self, now: Instant, calls: &Arc<AtomicUsize>) -> Duration {
        while let Some(Reverse(first)) = self.soonest_first.peek() {
            let wait = first.due.saturating_duration_since(now);
            if !wait.is_zero() {
                return wait;
            }
            if let Some(Reverse(first)) = self.soonest_first.pop() {
                // One that waits no longer hears nothing.
                let _ = first.wake.send(Call::new(calls));
            }
        }
        LONGEST
    }
}

impl PartialEq for Wait {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Wait {}

impl PartialOrd for Wait {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wait {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn those_who_wait_are_woken_in_the_order_of_their_times() {
        let alarm = Arc::new(Alarm::start(|| {}).unwrap());
        let order = Arc::new(Mutex::new(Vec::new()));
        let waits = [30, 10, 20].map(|ms| {
            let (alarm, order) = (alarm.clone(), order.clone());
            tokio::spawn(async move {
                let began = Instant::now();
                alarm.sleep(Duration::from_millis(ms)).await;
                assert!(began.elapsed() >= Duration::from_millis(ms), "never too early");
                order.lock().unwrap().push(ms);
            })
        });
        for wait in waits {
            wait.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [10, 20, 30]);
    }

    #[tokio::test]
    async fn one_that_waits_no_longer_holds_nobody_up() {
        let alarm = Alarm::start(|| {}).unwrap();
        let short = Duration::from_millis(1);
        let given_up = tokio::time::timeout(short, alarm.sleep(Duration::MAX));
        assert!(given_up.await.is_err());
        alarm.sleep(short).await;
    }

    #[tokio::test]
    async fn those_who_keep_a_core_busy_are_pushed_until_the_one_called_has_begun() {
        let (pushed, pushes) = std::sync::mpsc::channel();
        let alarm = Alarm::start(move || pushed.send(()).unwrap_or_default()).unwrap();
        let mut waits = Box::pin(alarm.sleep(Duration::from_millis(1)));
        // It waits, and has no core to begin on: this thread is busy.
        assert!(waits.as_mut().now_or_never().is_none());
        for _ in 0..3 {
            pushes.recv().unwrap();
        }
        waits.await;
        let far = Box::pin(alarm.sleep(Duration::MAX));
        drop(far);
        alarm.sleep(Duration::from_millis(1)).await;
        drop(alarm);
        let since = pushes.iter().count();
        assert!(since < 100, "nobody is pushed for ever: {since}");
    }
}
