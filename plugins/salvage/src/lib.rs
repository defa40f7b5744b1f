//! A degradation policy that keeps what there is, and ends a session that is
//! lost before it costs more.

mod settings;

use fusebox_sdk::policy::degradation::prelude::*;
use settings::Settings;

/// The policy.
pub struct Salvage;

impl DegradationPolicy for Salvage {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided> {
        let settings: Settings = snapshot.settings()?;
        Ok(lost(snapshot, &settings)
            .or_else(|| partial(snapshot, &settings))
            .or_else(|| fallback(snapshot))
            .unwrap_or_else(|| nothing(snapshot)))
    }
}

#[cfg(target_family = "wasm")]
export_degradation_policy!(Salvage);

/// So much has failed that the rest is not worth its price.
fn lost(snapshot: &Snapshot, settings: &Settings) -> Option<Verdict> {
    let Snapshot { failed, total, .. } = snapshot;
    let most = settings.max_failed_percent;
    let is_lost = u128::from(*failed) * 100 > u128::from(*total) * u128::from(most);
    let cause = || format!("{failed} of {total} tasks have failed, more than {most} %");
    is_lost.then(|| Verdict::fail_session().because(cause()))
}

/// The partial result, if it is worth keeping.
fn partial(snapshot: &Snapshot, settings: &Settings) -> Option<Verdict> {
    let least = settings.min_partial_bytes;
    let bytes = snapshot.partial_bytes.filter(|bytes| *bytes >= least)?;
    Some(Verdict::keep_partial().because(format!("{bytes} bytes of partial result")))
}

/// The first fallback, if there is one.
fn fallback(snapshot: &Snapshot) -> Option<Verdict> {
    let first = snapshot.fallbacks.first()?;
    Some(Verdict::fall_back(0).because(format!("`{first}` is the first fallback")))
}

/// There is nothing to put in the task's place.
fn nothing(snapshot: &Snapshot) -> Verdict {
    if snapshot.required {
        let cause = format!(
            "the session cannot do without `{}`, which has nothing",
            snapshot.task
        );
        return Verdict::fail_session().because(cause);
    }
    Verdict::skip().because("there is nothing in its place")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_sdk::policy::degradation::Decision;

    fn snapshot(partial_bytes: Option<u64>, fallbacks: &[&str], required: bool) -> Snapshot {
        let mut snapshot = Snapshot::example("limit.deadline");
        snapshot.settings_json = r#"{"min_partial_bytes": 100}"#.into();
        snapshot.fallbacks = fallbacks.iter().map(|name| (*name).into()).collect();
        (snapshot.partial_bytes, snapshot.required) = (partial_bytes, required);
        snapshot
    }

    fn verdict(snapshot: &Snapshot) -> (Decision, String) {
        let verdict = Salvage::decide(snapshot).unwrap();
        (verdict.decision, verdict.cause)
    }

    #[test]
    fn a_partial_result_of_some_size_is_kept() {
        for required in [false, true] {
            let (decision, cause) = verdict(&snapshot(Some(100), &["cached"], required));
            assert_eq!(
                (decision, cause.as_str()),
                (Decision::KeepPartial, "100 bytes of partial result")
            );
        }
        let small = verdict(&snapshot(Some(99), &["cached"], false));
        assert_eq!(
            small,
            (Decision::FallBack(0), "`cached` is the first fallback".into())
        );
    }

    #[test]
    fn the_first_fallback_is_taken_else_the_task_is_skipped() {
        let decision = |fallbacks: &[&str]| verdict(&snapshot(None, fallbacks, false)).0;
        assert_eq!(decision(&["agent:other", "value"]), Decision::FallBack(0));
        assert_eq!(decision(&[]), Decision::Skip);
        assert_eq!(
            verdict(&snapshot(Some(99), &[], false)).0,
            Decision::Skip,
            "too small"
        );
    }

    #[test]
    fn a_required_task_without_anything_ends_the_session() {
        let ended = (
            Decision::FailSession,
            "the session cannot do without `example`, which has nothing".to_owned(),
        );
        assert_eq!(verdict(&snapshot(None, &[], true)), ended);
        assert_eq!(verdict(&snapshot(Some(99), &[], true)), ended);
        assert_eq!(
            verdict(&snapshot(None, &["value"], true)).0,
            Decision::FallBack(0)
        );
    }

    #[test]
    fn too_many_failures_end_the_session_whatever_there_is() {
        let after = |failed, total, settings: &str| {
            let mut snapshot = snapshot(Some(100), &["cached"], false);
            snapshot.settings_json = settings.into();
            (snapshot.failed, snapshot.total) = (failed, total);
            verdict(&snapshot)
        };
        assert_eq!(after(5, 10, "{}").0, Decision::KeepPartial);
        let lost = "6 of 10 tasks have failed, more than 50 %".to_owned();
        assert_eq!(after(6, 10, "{}"), (Decision::FailSession, lost));
        let all = r#"{"max_failed_percent": 100}"#;
        assert_eq!(after(u64::MAX, u64::MAX, all).0, Decision::KeepPartial);
        assert_eq!(
            after(1, 10, r#"{"max_failed_percent": 0}"#).0,
            Decision::FailSession
        );
        assert_eq!(
            after(0, 10, r#"{"max_failed_percent": 0}"#).0,
            Decision::KeepPartial
        );
    }

    #[test]
    fn a_slip_in_the_settings_is_left_to_the_built_in_policy() {
        let mut snapshot = snapshot(None, &[], true);
        snapshot.settings_json = r#"{"min_partial": 1}"#.into();
        let undecided = Salvage::decide(&snapshot).unwrap_err();
        assert!(
            undecided.reason().contains("unknown field `min_partial`"),
            "{undecided:?}"
        );
    }
}
