use fusebox_sdk::policy::isolation::prelude::*;

struct Bench;

impl IsolationPolicy for Bench {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided> {
        let span = snapshot.doubled(Duration::from_secs(60), Duration::from_secs(3_600));
        Ok(match snapshot.health.consecutive_strikes {
            3.. => Verdict::quarantine(span).because("three strikes in a row"),
            _ => Verdict::keep(),
        })
    }
}

export_isolation_policy!(Bench);
