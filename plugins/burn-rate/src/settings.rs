//! What the service promises, and how fast it may break that promise.

use fusebox_sdk::policy::SettingsError;
use serde::Deserialize;

use crate::alert::Alert;
use crate::ring::BUCKETS;

/// The policy's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Of a hundred calls, how many have to succeed.
    pub(crate) objective_percent: f64,
    /// How long the error budget has to last, in milliseconds.
    pub(crate) period_ms: u64,
    /// How far the fast alert looks back, in milliseconds.
    pub(crate) fast_window_ms: u64,
    /// The burn rate at which the fast alert opens the breaker.
    pub(crate) fast_burn: f64,
    /// The fewest failures of which the fast alert says anything.
    pub(crate) fast_failures: u64,
    /// How far the slow alert looks back, in milliseconds.
    pub(crate) slow_window_ms: u64,
    /// The burn rate at which the slow alert opens the breaker.
    pub(crate) slow_burn: f64,
    /// The fewest failures of which the slow alert says anything.
    pub(crate) slow_failures: u64,
    /// How many good probes in a row close the breaker.
    pub(crate) probes: u64,
    /// The first open time, in milliseconds. Each trip doubles it.
    pub(crate) open_ms: u64,
    /// The longest open time, in milliseconds.
    pub(crate) max_open_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            objective_percent: 99.5,
            period_ms: 30 * 86_400_000,
            fast_window_ms: 300_000,
            fast_burn: 14.4,
            fast_failures: 5,
            slow_window_ms: 3_600_000,
            slow_burn: 6.0,
            slow_failures: 10,
            probes: 3,
            open_ms: 30_000,
            max_open_ms: 600_000,
        }
    }
}

impl Settings {
    /// The error budget: of a million calls, how many may fail.
    ///
    /// # Errors
    /// If the objective leaves none, or is none.
    pub(crate) fn budget_ppm(&self) -> Result<u64, SettingsError> {
        let budget = thousandths((100.0 - self.objective_percent) * 10.0);
        if (1..1_000_000).contains(&budget) {
            return Ok(budget);
        }
        let objective = self.objective_percent;
        let fault = format!("objective_percent: {objective} is not between 0 and 99.9999");
        Err(SettingsError::new(fault))
    }

    /// The two alerts.
    ///
    /// # Errors
    /// What of them makes no sense.
    pub(crate) fn alerts(&self) -> Result<[Alert; 2], SettingsError> {
        Ok([
            self.alert("fast", self.fast_window_ms, self.fast_burn, self.fast_failures)?,
            self.alert("slow", self.slow_window_ms, self.slow_burn, self.slow_failures)?,
        ])
    }

    fn alert(
        &self,
        name: &'static str,
        window_ms: u64,
        burn: f64,
        least_failures: u64,
    ) -> Result<Alert, SettingsError> {
        let budget_ppm = self.budget_ppm()?;
        let width_ms = window_ms / BUCKETS as u64;
        if width_ms == 0 || window_ms > self.period_ms {
            let fault = format!(
                "{name}_window_ms: {window_ms} is not from {BUCKETS} to period_ms, {}",
                self.period_ms
            );
            return Err(SettingsError::new(fault));
        }
        let limit_ppb = thousandths(burn).saturating_mul(budget_ppm);
        if !(1..=1_000_000_000).contains(&limit_ppb) {
            let most = 1_000_000 / budget_ppm;
            let fault = format!("{name}_burn: {burn} is not above 0 and up to {most}, when all calls fail");
            return Err(SettingsError::new(fault));
        }
        Ok(Alert {
            name,
            width_ms,
            limit_ppb,
            least_failures: least_failures.max(1),
        })
    }
}

/// A number in thousandths; what is below zero is zero.
fn thousandths(number: f64) -> u64 {
    (number * 1_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.alerts().unwrap_err().to_string()
    }

    #[test]
    fn the_share_that_may_fail_follows_from_objective_and_burn_rate() {
        let [fast, slow] = Settings::default().alerts().unwrap();
        assert_eq!((fast.limit_ppb, slow.limit_ppb), (72_000_000, 30_000_000));
        assert_eq!((fast.width_ms, slow.width_ms), (5_000, 60_000));
        let budget = |objective_percent| {
            let settings = Settings {
                objective_percent,
                ..Settings::default()
            };
            settings.budget_ppm().ok()
        };
        assert_eq!(
            [99.9999, 99.95, 50.0].map(budget),
            [Some(1), Some(500), Some(500_000)]
        );
        assert_eq!(
            [100.0, 100.5, 0.0, -1.0, f64::NAN, f64::INFINITY].map(budget),
            [None; 6]
        );
    }

    #[test]
    fn what_could_never_open_the_circuit_is_said() {
        assert!(
            fault(|s| s.objective_percent = 90.0).contains("fast_burn: 14.4 is not above 0 and up to 10")
        );
        assert!(fault(|s| s.slow_burn = 0.0).contains("slow_burn"));
        assert!(fault(|s| s.slow_burn = f64::INFINITY).contains("slow_burn"));
        assert!(fault(|s| s.slow_window_ms = 59).contains("slow_window_ms: 59 is not from 60"));
        assert!(fault(|s| s.period_ms = 3_599_999).contains("slow_window_ms"));
    }
}
