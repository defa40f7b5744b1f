use fusebox_sdk::policy::retry::prelude::*;

/// As the operator has set them.
#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    wait_ms: u64,
    retries_per_agent: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            wait_ms: 500,
            retries_per_agent: 100,
        }
    }
}

struct Patience;

impl RetryPolicy for Patience {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, GiveUp> {
        let settings: Settings = snapshot.settings()?;
        snapshot.may_help()?;
        let used: u64 = snapshot.memory().unwrap_or_default();
        if used >= settings.retries_per_agent {
            return Err(GiveUp::because("patience is at an end"));
        }
        let most = Duration::from_millis(settings.wait_ms);
        let wait = snapshot.draw(most / 2..=most);
        Ok(snapshot.again(wait)?.remember(&(used + 1)))
    }
}

export_retry_policy!(Patience);
