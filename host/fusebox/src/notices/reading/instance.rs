//! Instances that leave their pools and come back.

use jiff::Timestamp;

use super::Commands;
use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, AlertChange, Lasts};
use fusebox_events::Event;
use fusebox_resilience::isolation::{Kind, Quarantined};

/// What a change of an instance says. One that stays out after its probe is
/// still out.
pub(super) fn read(event: &Event, commands: &Commands) -> Option<AlertChange> {
    let Event::Instance {
        agent,
        instance,
        at,
        until,
        change,
    } = event
    else {
        return None;
    };
    let name = format!("{agent}/{instance}");
    let alert = |id: &str, what: &str| {
        let (key, what) = (
            format!("instance:{name}:{id}"),
            format!("instance {name}: {what}"),
        );
        Alert::new(NoticeTopic::Instance, NoticeLevel::Warning, &key, *at, &what)
    };
    let out = |what: &str| alert("quarantined", what).lasting(Lasts::UntilEnded);
    Some(match change {
        Kind::Quarantined(quarantined) => {
            let out = out(&format!("quarantined{}", until_when(*until))).because(&why(quarantined));
            let out = out.then("the rest of its pool does its work; a probe decides when it is back");
            AlertChange::Begins(out.command(commands.of("quarantine release", &name)))
        }
        Kind::Released { why, .. } => AlertChange::Ends(out("back in its pool").because(why.name())),
        Kind::Held {
            reason,
            quarantined,
            allowed,
        } => {
            let held = alert("needed", "would be out, and its pool needs it");
            let held = held.because(&reason.to_string());
            AlertChange::Begins(held.then(&format!(
                "{quarantined} of its pool are out and {allowed} may be; see what they have in common"
            )))
        }
    })
}

fn until_when(until: Option<Timestamp>) -> String {
    until.map_or(String::new(), |until| format!(" until {until:.3}"))
}

/// The reason, and the last of what speaks for it.
fn why(out: &Quarantined) -> String {
    let last = out.failures.last();
    let last = last.map_or(String::new(), |last| format!(": {} {}", last.code, last.message));
    format!("{}{last}", out.reason)
}
