//! What went wrong: each kind of failure once, whichever agents had it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{DIM, names, plural, shorten};
use crate::report::partial_failure::{FailureGroupEntry, MessageEntry};
use crate::session::GiveUp;
use fusebox_types::failure::printable;

/// The longest text of one line, in characters.
const LINE: usize = 200;

/// Prints all of them, those of several agents that are alike together.
pub(super) fn print(to: &mut impl Write, groups: &[FailureGroupEntry]) -> io::Result<()> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for group in groups {
        match blocks.iter_mut().find(|block| block.is_like(group)) {
            Some(block) => block.more.push(group),
            None => blocks.push(Block {
                first: group,
                more: Vec::new(),
            }),
        }
    }
    blocks.iter().try_for_each(|block| block.print(to))
}

/// Failures of one code, class, severity and blame, of one or more agents.
struct Block<'a> {
    first: &'a FailureGroupEntry,
    more: Vec<&'a FailureGroupEntry>,
}

/// What some of them say, and by agent how many and which tasks do.
struct Said<'a> {
    first: &'a MessageEntry,
    by: Vec<(&'a str, &'a MessageEntry)>,
}

impl<'a> Block<'a> {
    fn is_like(&self, group: &FailureGroupEntry) -> bool {
        let kind = |group: &FailureGroupEntry| (group.category, group.severity, group.blame);
        self.first.code == group.code && kind(self.first) == kind(group)
    }

    fn groups(&self) -> impl Iterator<Item = &'a FailureGroupEntry> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    fn print(&self, to: &mut impl Write) -> io::Result<()> {
        let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
        let group = self.first;
        writeln!(
            to,
            "  {red}{}{red:#}  {DIM}{}, {} severity, blame: {}, {}{DIM:#}",
            group.code,
            group.category,
            group.severity,
            group.blame,
            self.attempts()
        )?;
        for said in self.said() {
            said.print(to)?;
        }
        let others = self.groups().map(|group| group.other_messages).sum::<u64>();
        if others > 0 {
            let tasks = plural(others, "task");
            writeln!(
                to,
                "    and      {others} more {tasks} with other messages; see the report"
            )?;
        }
        for line in self.ends() {
            writeln!(to, "    no more  {line}")?;
        }
        writeln!(to, "    do next  {}", group.next)
    }

    /// How many attempts they took.
    fn attempts(&self) -> String {
        let first = self.groups().map(|group| group.attempts);
        let most = self.groups().map(|group| group.most_attempts);
        match (first.min().unwrap_or(0), most.max().unwrap_or(0)) {
            (least, most) if least == most => {
                format!("{most} {}", plural(u64::from(most), "attempt"))
            }
            (least, most) => format!("{least} to {most} attempts"),
        }
    }

    /// What they say, each once.
    fn said(&self) -> Vec<Said<'a>> {
        let mut all: Vec<Said<'a>> = Vec::new();
        for group in self.groups() {
            for message in &group.messages {
                let by = (group.agent.as_str(), message);
                match all.iter_mut().find(|said| said.is_alike(message)) {
                    Some(said) => said.by.push(by),
                    None => all.push(Said {
                        first: message,
                        by: vec![by],
                    }),
                }
            }
        }
        all
    }

    /// Why nothing more was tried, each reason once.
    fn ends(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for group in self.groups() {
            let tells_more = |reason: &GiveUp| group.not_before.is_some() || tells_more(*reason);
            let Some(reason) = group.reason.filter(tells_more) else {
                continue;
            };
            let said = group.policy.as_ref();
            let said = said.map_or(String::new(), |text| {
                format!(": {}", shorten(&printable(text), LINE))
            });
            let line = format!("{}{said}", why_no_more(reason, group.not_before.as_deref()));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

impl Said<'_> {
    /// Whether a person would read the same.
    fn is_alike(&self, other: &MessageEntry) -> bool {
        let read = |message: &MessageEntry| {
            let neutral = |text: &String| printable(text).into_owned();
            (
                neutral(&message.message),
                message.place.as_ref().map(neutral),
                message.unhandled.as_ref().map(neutral),
                message.alike.is_some(),
            )
        };
        read(self.first) == read(other)
    }

    fn print(&self, to: &mut impl Write) -> io::Result<()> {
        let of_agent = |(agent, message): &(&str, &MessageEntry)| {
            format!("{} {DIM}({agent}){DIM:#}", names(&message.tasks, message.count))
        };
        let tasks: Vec<_> = self.by.iter().map(of_agent).collect();
        writeln!(to, "    task     {}", tasks.join(", "))?;
        let line = |text: &str| shorten(&printable(text), LINE);
        writeln!(to, "    message  {}", line(&self.first.message))?;
        if let Some(unhandled) = &self.first.unhandled {
            writeln!(
                to,
                "    and      the plugin did not handle it: {}",
                line(unhandled)
            )?;
        }
        if let Some(place) = &self.first.place {
            writeln!(to, "    at       {}", line(place))?;
        }
        if let Some(alike) = &self.first.alike {
            writeln!(to, "    no more  {}", line(alike))?;
        }
        match self.by.iter().find_map(|(_, message)| message.partial.as_ref()) {
            Some(lost) => writeln!(to, "    partial  {}{}", line(lost), self.more_lost()),
            None => Ok(()),
        }
    }

    /// How many partial results were lost besides the first.
    fn more_lost(&self) -> String {
        let lost: u64 = self.by.iter().map(|(_, message)| message.partials_lost).sum();
        match lost.saturating_sub(1) {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        }
    }
}

/// What is said of a request that is not sent twice.
const MAY_BE_DONE: &str = "it may have been carried out, and the plugin says that doing it twice does harm; \
                           look at the service first (`idempotency_header` of an upstream makes it safe)";

/// Why nothing more was tried, and until when that is so.
fn why_no_more(reason: GiveUp, not_before: Option<&str>) -> String {
    match (reason, not_before) {
        (GiveUp::NotBefore, Some(time)) => format!("not before {time}"),
        (reason, Some(time)) => format!("{}, and not before {time}", reason.name()),
        (GiveUp::NotIdempotent, None) => format!("{}: {MAY_BE_DONE}", reason.name()),
        (reason, None) => reason.name().to_owned(),
    }
}

/// Whether a reason says more than the failure and the number of attempts do.
fn tells_more(reason: GiveUp) -> bool {
    !matches!(
        reason,
        GiveUp::Attempts | GiveUp::NonRetryable | GiveUp::Cancelled
    )
}

#[cfg(test)]
mod tests;
