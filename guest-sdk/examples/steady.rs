use fusebox_sdk::policy::retry::prelude::*;

struct Steady;

impl RetryPolicy for Steady {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, GiveUp> {
        snapshot.may_help()?;
        snapshot.again(Duration::from_secs(2))
    }
}

export_retry_policy!(Steady);
