//! Why the breaker opened, in words.

use fusebox_sdk::policy::SettingsError;

use crate::alert::Alert;
use crate::ring::Sum;
use crate::settings::Settings;

/// Units of time, the longest first, in milliseconds.
const UNITS: [(u64, &str); 4] = [
    (86_400_000, "days"),
    (3_600_000, "h"),
    (60_000, "min"),
    (1_000, "s"),
];

/// What burned, how fast, and how long the budget would have lasted.
pub(crate) fn of(alert: &Alert, sum: Sum<u64>, settings: &Settings) -> Result<String, SettingsError> {
    let spent = u128::from(sum.calls) * u128::from(settings.budget_ppm()?);
    let failed = u128::from(sum.failures) * 1_000_000;
    let tenths = failed * 10 / spent.max(1);
    let lasts = u128::from(settings.period_ms) * spent / failed.max(1);
    Ok(format!(
        "{} burn: {} of {} calls failed in {}, {}.{} times what {} % allows; a budget for {} would last {}",
        alert.name,
        sum.failures,
        sum.calls,
        span(alert.window_ms()),
        tenths / 10,
        tenths % 10,
        settings.objective_percent,
        span(settings.period_ms),
        span(u64::try_from(lasts).unwrap_or(u64::MAX)),
    ))
}

/// A span in the longest unit of which there are at least two.
fn span(ms: u64) -> String {
    let longest = UNITS.into_iter().find(|(unit, _)| ms / unit >= 2);
    longest.map_or(format!("{ms} ms"), |(unit, name)| format!("{} {name}", ms / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_burned_and_how_fast() {
        let settings = Settings::default();
        let [fast, _] = settings.alerts().unwrap();
        let sum = Sum {
            calls: 1_000,
            failures: 72,
        };
        assert_eq!(
            of(&fast, sum, &settings).unwrap(),
            "fast burn: 72 of 1000 calls failed in 5 min, 14.4 times what 99.5 % allows; \
             a budget for 30 days would last 2 days"
        );
    }

    #[test]
    fn spans_are_said_in_a_unit_that_fits() {
        let spans = [0, 1_999, 2_000, 119_999, 7_199_999, 7_200_000, 172_800_000];
        assert_eq!(
            spans.map(span).join(" "),
            "0 ms 1999 ms 2 s 119 s 119 min 2 h 2 days"
        );
    }
}
