//! A retry policy that spends a cost budget.

mod purse;
mod settings;

use fusebox_sdk::policy::retry::prelude::*;
use purse::{Purse, Short};
use settings::Settings;

/// The policy.
pub struct Thrift;

impl RetryPolicy for Thrift {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, GiveUp> {
        let settings: Settings = snapshot.settings()?;
        snapshot.may_help()?;
        let verdict = snapshot.again(wait(&settings, snapshot.attempt))?;
        let now_ms = u64::try_from(snapshot.now.as_millis()).unwrap_or(u64::MAX);
        let price = settings.price(&snapshot.failure.code, snapshot.failure.category_name());
        let purse = snapshot
            .memory()
            .map_or(Purse::full(&settings, now_ms), |purse: Purse| {
                purse.refilled(&settings, now_ms)
            });
        match purse.pay(price, &settings, now_ms) {
            Ok(purse) => Ok(verdict.remember(&purse)),
            Err(short) => Ok(Verdict::give_up(reason(price, short)).remember(&purse)),
        }
    }
}

#[cfg(target_family = "wasm")]
export_retry_policy!(Thrift);

/// The wait after an attempt: twice as long every time.
fn wait(settings: &Settings, attempt: u32) -> Duration {
    let factor = 2_u64.saturating_pow(attempt.saturating_sub(1));
    Duration::from_millis(settings.base_ms.saturating_mul(factor).min(settings.max_ms))
}

fn reason(price: u64, short: Short) -> String {
    let when = match short.enough_in_ms {
        Some(ms) => format!("there are enough in {ms} ms"),
        None => "there will never be enough".into(),
    };
    let left = short.left;
    format!("cost-budget: a retry costs {price} points and {left} are left; {when}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_sdk::policy::retry::Decision;

    const SETTINGS: &str = r#"{"budget": 25, "refill_ms": 1000, "costs": {"api-limit": 30}}"#;

    fn snapshot(now_ms: u64, memory: &[u8]) -> Snapshot {
        let mut snapshot = Snapshot::example("net.reset");
        snapshot.settings_json = SETTINGS.into();
        snapshot.memory_bytes = memory.into();
        snapshot.now = Duration::from_millis(now_ms);
        snapshot
    }

    #[test]
    fn it_spends_gives_up_and_goes_on_when_points_are_back() {
        let mut memory = Vec::new();
        let mut went_again = Vec::new();
        for now_ms in [0, 10, 20, 4_000, 5_000] {
            let verdict = Thrift::decide(&snapshot(now_ms, &memory)).unwrap();
            went_again.push(matches!(verdict.decision, Decision::Again(_)));
            memory = verdict.memory.unwrap();
        }
        assert_eq!(went_again, [true, true, false, false, true]);
        assert_eq!(memory, br#"{"left":0,"at_ms":5000}"#);
    }

    #[test]
    fn it_says_what_is_missing() {
        let mut dear = snapshot(0, b"");
        dear.failure.category = fusebox_sdk::policy::Category::ApiLimit;
        let says = "cost-budget: a retry costs 30 points and 25 are left; there will never be enough";
        assert_eq!(
            Thrift::decide(&dear),
            Ok(Verdict::give_up(says).remember_bytes(*br#"{"left":25,"at_ms":0}"#))
        );
        let short = Thrift::decide(&snapshot(500, br#"{"left":4,"at_ms":0}"#)).unwrap();
        let says = "cost-budget: a retry costs 10 points and 4 are left; there are enough in 5500 ms";
        assert_eq!(short.decision, Decision::GiveUp(says.into()));
    }

    #[test]
    fn any_memory_is_borne() {
        for memory in [
            &b"\xFF\x00"[..],
            b"{}",
            b"[]",
            br#"{"left":-1,"at_ms":0}"#,
            &[b'['; 4096],
        ] {
            let verdict = Thrift::decide(&snapshot(7, memory)).unwrap();
            assert_eq!(verdict.memory, Some(br#"{"left":15,"at_ms":7}"#.to_vec()));
        }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let ms = |attempt| wait(&Settings::default(), attempt).as_millis();
        assert_eq!(
            [0, 1, 2, 3, 6, 7, 64, 65, u32::MAX].map(ms),
            [500, 500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000, 30_000]
        );
    }
}
