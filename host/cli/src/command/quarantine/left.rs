//! The quarantines that a session that is over left to the next one.

use std::path::Path;

use super::super::persisted_state::{KeptState, unless_reported};
use super::super::{ConfigArguments, Fault, report_file};
use fusebox::event::{InstanceView, QuarantineStatus, QuarantineView};
use fusebox_resilience::isolation::Release;
use fusebox_system::wall_clock;
use fusebox_types::failure::printable;

/// What a report says of instances.
#[derive(Default, serde::Deserialize)]
pub(super) struct Report {
    pub(super) instances: Vec<InstanceView>,
    pub(super) quarantined: Vec<QuarantineView>,
}

/// What a session that is over left: who is out when the next one begins, and
/// what its report says of the others.
pub(super) fn list(folder: &Path, config: &ConfigArguments) -> Result<Report, Fault> {
    let report = folder.join("report.json");
    let mut reported = match report.exists() {
        true => report_file::read(&report)?,
        false => Report::default(),
    };
    let found = KeptState::of(folder, config).and_then(|state| state.quarantined());
    if let Some(kept) = unless_reported(found, &report)? {
        let is_kept = |view: &QuarantineView| {
            let same = |kept: &QuarantineView| (&kept.agent, &kept.instance) == (&view.agent, &view.instance);
            kept.iter().any(same)
        };
        // One that is out by the report and is not kept is back since.
        let others = &mut reported.quarantined;
        others.retain(|view| view.state != QuarantineStatus::Quarantined && !is_kept(view));
        others.splice(0..0, kept);
    }
    Ok(reported)
}

/// Releases an instance for the next run, and says so; nothing is given if it
/// was not out.
pub(super) fn release(
    folder: &Path,
    (agent, instance): &(String, String),
    config: &ConfigArguments,
) -> Result<Option<QuarantineView>, Fault> {
    let released = KeptState::of(folder, config)?.release(agent, instance)?;
    say!(
        "the session is over; {}/{} is in its pool from the next run on",
        printable(agent),
        printable(instance)
    );
    Ok(released.map(|mut view| {
        view.released(Release::Operator, wall_clock::now());
        view
    }))
}
