//! Whether answers take longer than they did.

use std::time::Duration;

/// Latencies of a window: `WindowedLimit` of Netflix's concurrency-limits takes ten.
pub(super) const WINDOW: u32 = 10;
/// Windows that the baseline goes back: 600 latencies, as in `Gradient2Limit` there.
const BASELINE_WINDOWS: u32 = 60;
/// Windows that the baseline is the plain average of at first, so that one odd window is
/// not what all others are compared with. Nothing has risen before there are so many.
const WARM_UP: u32 = 5;
/// How many times the baseline a window may take. `Gradient2Limit` takes twice for
/// more than noise, and medians of latencies that vary by half are always below it.
const TOLERANCE: u32 = 2;
/// A rise that slows nobody down, whatever it is of the baseline: a busy machine has it
/// too.
const LEAST_RISE: Duration = Duration::from_millis(100);

/// The median of the last window, beside a long-term average of such medians. A service
/// that is slow and steady has a high baseline, and one that stays slower gets one.
#[derive(Debug, Default)]
pub(super) struct LatencyTrend {
    window: Vec<Duration>,
    /// How many of the window were sent while the limit bound.
    bound: u32,
    baseline: Option<Duration>,
    /// Windows that there were, as far as they are counted.
    windows: u32,
    is_rising: bool,
}

impl LatencyTrend {
    /// Adds a latency, of a request that was sent while the limit bound or was not. True
    /// if it ends a window that has risen.
    pub(super) fn has_risen_with(&mut self, latency: Duration, bound: bool) -> bool {
        self.window.push(latency);
        self.bound += u32::from(bound);
        if self.window.len() < WINDOW as usize {
            return false;
        }
        let median = self.median();
        let mostly_bound = self.bound * 2 >= WINDOW;
        let baseline = self.baseline.filter(|_| self.windows >= WARM_UP);
        self.is_rising = mostly_bound && baseline.is_some_and(|baseline| is_above(median, baseline));
        self.follow(median);
        self.begin_anew();
        self.is_rising
    }

    /// Whether the last window had risen.
    pub(super) const fn is_rising(&self) -> bool {
        self.is_rising
    }

    /// Begins a new window.
    pub(super) fn begin_anew(&mut self) {
        self.window.clear();
        self.bound = 0;
    }

    fn median(&mut self) -> Duration {
        self.window.sort_unstable();
        self.window.get(WINDOW as usize / 2).copied().unwrap_or_default()
    }

    /// The baseline follows, and never far for one window: not for one that has risen
    /// either. From far above it comes down sooner, as in `Gradient2Limit`: the load is
    /// over.
    fn follow(&mut self, median: Duration) {
        self.windows = self.windows.saturating_add(1);
        let is_early = self.windows <= WARM_UP && !self.is_rising;
        let weight = if is_early { self.windows } else { BASELINE_WINDOWS };
        let baseline = self.baseline.unwrap_or(median);
        let up = median.saturating_sub(baseline) / weight;
        let down = baseline.saturating_sub(median) / weight;
        let moved = baseline.saturating_add(up).saturating_sub(down);
        let is_far = moved > median.saturating_mul(TOLERANCE);
        self.baseline = Some(if is_far { moved / 10 * 9 } else { moved });
    }
}

fn is_above(median: Duration, baseline: Duration) -> bool {
    median > baseline.saturating_mul(TOLERANCE) && median.saturating_sub(baseline) > LEAST_RISE
}
