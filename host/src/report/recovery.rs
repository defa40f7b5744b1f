//! What can be done next, as commands that work when they are pasted.

use super::model::RecoveryEntry;
use super::summary::{FailureGroup, Summary};
use crate::failure::{Blame, Code};
use crate::pools::{QuarantineView, Standing};

/// What can be done about each group of failures, and about what was not run.
pub(super) fn options(summary: &Summary) -> Vec<RecoveryEntry> {
    let source = summary.session().source;
    let mut options: Vec<_> = summary.groups().map(|group| option(&source, group)).collect();
    let out = summary
        .quarantined()
        .filter(|view| view.state != Standing::Released);
    options.extend(out.map(look_after));
    for (tasks, why) in [
        (
            &summary.not_run,
            "These tasks were not run; they can run once what they depend on succeeds.",
        ),
        (
            &summary.cancelled,
            "These tasks were cancelled; run them again if you still want them.",
        ),
    ] {
        if !tasks.is_empty() {
            options.push(RecoveryEntry {
                action: "run-again".into(),
                tasks: tasks.clone(),
                why: why.into(),
                command: run_again(&source, tasks),
            });
        }
    }
    options
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
            if view.state == Standing::Held {
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
    }
}

fn option(source: &str, group: &FailureGroup) -> RecoveryEntry {
    let failure = &group.sample;
    // Code of the guest's that nobody can mend from here is worth another run
    // only after somebody has changed something.
    let hopeless = failure.retryable == Some(false) || failure.blame == Blame::Operator;
    let action = if hopeless { "correct" } else { "run-again" };
    RecoveryEntry {
        action: action.into(),
        tasks: group.tasks.clone(),
        why: failure.code.advice().next.into(),
        command: match (hopeless, &failure.code) {
            (true, Code::Guest(_)) | (false, _) => run_again(source, &group.tasks),
            (true, code) => format!("fusebox explain {}", quote(&code.to_string())),
        },
    }
}

fn run_again(source: &str, tasks: &[String]) -> String {
    let mut command = format!("fusebox run {}", quote(source));
    for task in tasks {
        // In one word: an id may begin with a dash.
        command.push_str(" --only=");
        command.push_str(&quote(task));
    }
    command
}

/// A word for a shell, whatever is in it.
pub(super) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        return word.to_owned();
    }
    if crate::failure::printable(word) == word {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    // What a terminal would act on is written as bytes.
    let mut quoted = String::from("$'");
    for byte in word.bytes() {
        match byte {
            b'\'' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            0x20..0x7f => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quote;

    /// Each word comes back from a real shell as it was.
    #[test]
    fn a_quoted_word_survives_the_shell() {
        for word in [
            "plain",
            "",
            "-x",
            "a b",
            "it's",
            "$HOME `id`",
            "界\u{202e}",
            "a\nb\u{1b}[2J\\",
            "../../x",
        ] {
            let script = format!("printf %s {}", quote(word));
            let out = std::process::Command::new("bash")
                .args(["-c", &script])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(out.stdout).unwrap(), word);
        }
    }
}
