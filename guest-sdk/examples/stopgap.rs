use fusebox_sdk::policy::degradation::prelude::*;

struct Stopgap;

impl DegradationPolicy for Stopgap {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided> {
        Ok(match (snapshot.fallback("cached"), snapshot.partial_bytes) {
            (Some(place), _) => Verdict::fall_back(place).because("an earlier result is better"),
            (None, Some(_)) => Verdict::keep_partial(),
            (None, None) if snapshot.required => Verdict::fail_session(),
            (None, None) => Verdict::skip(),
        })
    }
}

export_degradation_policy!(Stopgap);
