use fusebox_sdk::policy::breaker::prelude::*;

struct Fuse;

impl BreakerPolicy for Fuse {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided> {
        let wait = snapshot.doubled(Duration::from_secs(30), Duration::from_secs(600));
        Ok(match snapshot.counts.consecutive_failures {
            4.. if snapshot.state == State::Closed => Verdict::open(wait).because("four failures in a row"),
            _ => snapshot.probed(2, wait).unwrap_or(Verdict::stay()),
        })
    }
}

export_breaker_policy!(Fuse);
