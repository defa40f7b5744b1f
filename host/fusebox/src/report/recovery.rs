//! What can be done next, as commands that work when they are pasted.

mod adjust;
mod quote;

use std::path::PathBuf;

use super::failure_groups::FailureGroup;
use super::model::RecoveryEntry;
use super::not_before;
use super::summary::{NAMED, Summary};
use crate::config::Config;
use crate::session::GiveUp;
use fusebox_events::{QuarantineStatus, QuarantineView};
use fusebox_types::failure::{Blame, Code};
pub(crate) use quote::quote;

/// What commands have to know of a session that can be resumed.
#[derive(Debug)]
pub struct Resumable {
    /// The session's directory.
    pub folder: PathBuf,
    /// The configuration that the session began with.
    pub config: Config,
}

impl Resumable {
    /// The command that goes on with what is unfinished.
    fn resume(&self) -> String {
        resume(&self.folder.to_string_lossy())
    }
}

/// What can be done about each group of failures, and about what was not run.
pub(super) fn options(summary: &Summary, resumable: Option<&Resumable>) -> Vec<RecoveryEntry> {
    let commands = Commands {
        source: summary.session().source,
        resumable,
    };
    let mut options: Vec<_> = summary
        .groups()
        .flat_map(|group| commands.of_group(group))
        .collect();
    let out = summary.quarantined().filter(|view| view.lasts());
    options.extend(out.map(look_after));
    if !summary.not_run.is_empty() {
        let why = "These tasks were not run; they can run once what they depend on succeeds.";
        let way = commands.retry(&[], &summary.not_run);
        options.push(entry("retry", &summary.not_run, why, way));
    }
    let mut ran_without = summary.ran_without();
    if let (false, Some(resumable)) = (ran_without.is_empty(), resumable) {
        ran_without.truncate(NAMED);
        let why = "These tasks ran when a task that they come after had not the result that it has now, or were handed what such a task gave.";
        let way = Way {
            command: with_dependants(&resumable.folder.to_string_lossy()),
            effect:
                "Resumes the session: runs tasks again that failed, and then these. What they do outside, \
                they do once more."
                    .into(),
        };
        options.push(entry("retry", &ran_without, why, way));
    }
    if !summary.cancelled.is_empty() {
        let why = "These tasks were cancelled; resume the session if you still want them.";
        let way = commands.resume(&summary.cancelled);
        options.push(entry("resume", &summary.cancelled, why, way));
    }
    options.extend(take_up(summary, &commands));
    each_command_once(options)
}

/// What takes up the tasks that were held.
fn take_up(summary: &Summary, commands: &Commands<'_>) -> Option<RecoveryEntry> {
    let ids = summary.held.ids();
    if ids.is_empty() {
        return None;
    }
    let causes: Vec<_> = summary.held.causes().collect();
    let because = match causes.is_empty() {
        true => String::new(),
        false => format!(": {}; a resume before then waits", causes.join(", ")),
    };
    let why = format!("These tasks were held, and nothing is wrong with them{because}.");
    Some(entry("resume", ids, &why, commands.resume(ids)))
}

/// The same with one entry for each command: for all the tasks that it helps, and
/// with each reason for it.
fn each_command_once(options: Vec<RecoveryEntry>) -> Vec<RecoveryEntry> {
    let mut once: Vec<RecoveryEntry> = Vec::with_capacity(options.len());
    for option in options {
        let same = |known: &&mut RecoveryEntry| known.command == option.command;
        let Some(known) = once.iter_mut().find(same) else {
            once.push(option);
            continue;
        };
        if !known.why.contains(&option.why) {
            known.why = format!("{} {}", known.why, option.why);
        }
        let new = option.tasks.iter().filter(|task| !known.tasks.contains(task));
        let room = NAMED.saturating_sub(known.tasks.len());
        let new: Vec<_> = new.take(room).cloned().collect();
        known.tasks.extend(new);
    }
    once
}

/// What to do about an instance that was out at the end. The next run begins
/// with all instances, so nothing has to be released.
fn look_after(view: &QuarantineView) -> RecoveryEntry {
    let (agent, instance) = (&view.agent, &view.instance);
    let last = view
        .evidence
        .last()
        .map_or(String::new(), |last| format!(" ({last})"));
    RecoveryEntry {
        action: "correct".into(),
        tasks: Vec::new(),
        why: format!(
            "Instance {instance} of agent {agent} was {}: {}{last}. Compare what it is told with what the other instances are told.",
            if view.state == QuarantineStatus::Held {
                "kept only because its pool needed it"
            } else {
                "quarantined"
            },
            view.reason,
        ),
        command: format!(
            "fusebox config explain {}",
            quote(&format!("agents.{agent}.instances.{instance}"))
        ),
        effect: "Shows what the instance is told, and which line says so; changes nothing.".into(),
    }
}

/// A command, and what it does.
struct Way {
    command: String,
    effect: String,
}

impl Way {
    /// The same with more arguments, which set keys of the configuration.
    fn under(self, arguments: &str) -> Self {
        Self {
            command: self.command + arguments,
            effect: self.effect + " The changed keys hold for this run alone.",
        }
    }
}

fn entry(action: &str, tasks: &[String], why: &str, Way { command, effect }: Way) -> RecoveryEntry {
    RecoveryEntry {
        action: action.into(),
        tasks: tasks.to_vec(),
        why: why.into(),
        command,
        effect,
    }
}

const EFFECT_OF_RETRY: &str = "Resumes the session: runs all tasks again that have no whole \
    result, and what waits for them. Whole results stay.";
const EFFECT_OF_RETRY_OF_SOME: &str = "Resumes the session: runs these tasks again, and what waits \
    for them. All other results stay.";

struct Commands<'a> {
    source: String,
    /// None if nothing is kept that could be resumed.
    resumable: Option<&'a Resumable>,
}

impl Commands<'_> {
    /// What helps against failures of one code by one agent.
    fn of_group(&self, group: &FailureGroup) -> Vec<RecoveryEntry> {
        let failure = &group.sample;
        let (why, code) = (failure.code.advice().next, &failure.code);
        let adjusted = self.resumable.and_then(|resumable| {
            let adjusted = adjust::adjusted(group, resumable.config.agents.get(&group.agent)?)?;
            let way = self.retry_group(group).under(&adjusted.arguments);
            Some(entry(adjusted.action, &group.tasks, &adjusted.why, way))
        });
        // Code of the guest's that nobody can mend from here is worth another run
        // only after somebody has changed something.
        let hopeless = failure.retryable == Some(false) || failure.blame == Blame::Operator;
        let why = match group.not_before {
            None if group.reason == Some(GiveUp::NotIdempotent) => {
                &format!("It may have been carried out: look at the service before it is done again. {why}")
            }
            Some(time) => &format!(
                "{why} Run this after {}: it is not asked sooner.",
                not_before(time)
            ),
            None => why,
        };
        let again = || self.retry_group(group);
        let plain = match (hopeless, code) {
            (_, Code::HeldSent) | (false, _) => Some(entry("retry", &group.tasks, why, again())),
            (true, Code::Guest(_)) => Some(entry("correct", &group.tasks, why, again())),
            (true, _) if adjusted.is_some() => None,
            // Once somebody has mended it, all that needed it can run.
            (true, code) if code.is_standing() => Some(entry("correct", &group.tasks, why, again())),
            (true, code) => {
                let explain = Way {
                    command: format!("fusebox explain {}", quote(&code.to_string())),
                    effect: "Says what the code means and what to do about it; changes nothing.".into(),
                };
                Some(entry("correct", &group.tasks, why, explain))
            }
        };
        adjusted.into_iter().chain(plain).collect()
    }

    /// Runs the group's tasks again: by name, if all of them are named.
    fn retry_group(&self, group: &FailureGroup) -> Way {
        let all_named = group.count == group.tasks.len() as u64;
        self.retry(if all_named { &group.tasks } else { &[] }, &group.tasks)
    }

    /// Runs tasks that failed again, only these if there are any. Where nothing
    /// is kept, `tasks` are run anew.
    fn retry(&self, only: &[String], tasks: &[String]) -> Way {
        let Some(resumable) = self.resumable else {
            return self.run_again(tasks);
        };
        Way {
            command: format!("{} --retry-failed{}", resumable.resume(), only_these(only)),
            effect: match only {
                [] => EFFECT_OF_RETRY.into(),
                _ => EFFECT_OF_RETRY_OF_SOME.into(),
            },
        }
    }

    fn resume(&self, tasks: &[String]) -> Way {
        let Some(resumable) = self.resumable else {
            return self.run_again(tasks);
        };
        Way {
            command: resumable.resume(),
            effect: "Resumes the session: runs what is unfinished. Results that are there stay.".into(),
        }
    }

    fn run_again(&self, tasks: &[String]) -> Way {
        Way {
            command: format!("fusebox run {}{}", quote(&self.source), only_these(tasks)),
            effect: "Runs these tasks, and what they depend on, in a new session.".into(),
        }
    }
}

/// The command that runs tasks again that made do without a result.
pub(super) fn with_dependants(folder: &str) -> String {
    format!(
        "fusebox resume {} --retry-failed --with-dependants",
        quote(folder)
    )
}

/// The command that goes on with what is unfinished.
pub(super) fn resume(folder: &str) -> String {
    format!("fusebox resume {}", quote(folder))
}

/// In one word each: an id may begin with a dash.
fn only_these(tasks: &[String]) -> String {
    tasks
        .iter()
        .map(|task| format!(" --only={}", quote(task)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(tasks: &[&str], why: &str, command: &str) -> RecoveryEntry {
        let tasks: Vec<_> = tasks.iter().map(ToString::to_string).collect();
        let way = Way {
            command: command.into(),
            effect: String::new(),
        };
        entry("retry", &tasks, why, way)
    }

    #[test]
    fn a_command_is_recommended_once_for_all_its_tasks_with_each_reason() {
        let once = each_command_once(vec![
            option(&["a"], "One.", "x"),
            option(&["b"], "Other.", "y"),
            option(&["c", "a"], "One.", "x"),
            option(&["d"], "Two.", "x"),
        ]);
        let expected = [
            option(&["a", "c", "d"], "One. Two.", "x"),
            option(&["b"], "Other.", "y"),
        ];
        assert_eq!(once, expected);
    }

    #[test]
    fn an_entry_names_no_more_tasks_than_any_other() {
        let many: Vec<_> = (0..2 * NAMED).map(|n| n.to_string()).collect();
        let options = many.iter().map(|task| option(&[task], "Why.", "x"));
        let once = each_command_once(options.collect());
        assert_eq!((once.len(), once[0].tasks.len()), (1, NAMED));
    }
}
