//! Quotas that are nearly or wholly used up.

use std::time::Duration;

use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, AlertChange, Lasts};
use fusebox_system::wall_clock;
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::limits::Warning;

/// How long a quota is taken to be used up where nobody says.
const UNKNOWN: Duration = Duration::from_secs(60 * 60);

/// That 80, 90 or 95 % of a quota are used up.
pub(super) fn nearly(upstream: &str, warning: &Warning) -> AlertChange {
    let whose = warning.who.as_deref().unwrap_or("all");
    let key = format!(
        "quota:{upstream}:{}ms:{whose}:{}%",
        warning.window_ms, warning.percent
    );
    let level = match warning.percent {
        ..90 => NoticeLevel::Info,
        90.. => NoticeLevel::Warning,
    };
    let what = format!("upstream {upstream}: {warning}");
    let alert = Alert::new(NoticeTopic::Quota, level, &key, wall_clock::now(), &what);
    AlertChange::Begins(alert.then("at 100 % requests are refused until there is room again"))
}

/// That an upstream gives no more for now, if that is what failed.
pub(super) fn used_up(failure: &Failure) -> Option<AlertChange> {
    let next = match failure.code {
        Code::ShedQuota | Code::ApiQuota | Code::ApiBilling => failure.code.advice().next,
        _ => return None,
    };
    let mut context = failure.context.iter();
    let upstream = context.find(|(name, _)| name == "upstream");
    let upstream = upstream.map_or("that was called", |(_, name)| name.as_str());
    let key = format!("quota:{upstream}:{}", failure.code);
    let what = format!("upstream {upstream}: it gives no more");
    let lasts = failure.retry_after_ms.map_or(UNKNOWN, Duration::from_millis);
    let alert = Alert::new(
        NoticeTopic::Quota,
        NoticeLevel::Critical,
        &key,
        wall_clock::now(),
        &what,
    );
    let alert = alert.lasting(Lasts::For(lasts)).because(&failure.message);
    Some(AlertChange::Begins(alert.then(next)))
}
