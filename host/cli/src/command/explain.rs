//! `fusebox explain`: what a failure code means and what to do.

mod page;

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Exit, Fault};
use fusebox_types::failure::{Blame, Category, Code, Severity};

/// Arguments of `fusebox explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox explain limit.fuel")]
pub(super) struct ExplainArguments {
    /// The code; without one, all codes are listed.
    code: Option<String>,
    #[arg(long, value_enum, default_value = "human")]
    format: ExplainFormat,
}

/// How codes are explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExplainFormat {
    /// For a person.
    Human,
    /// For a program.
    Json,
    /// A page of documentation.
    Markdown,
}

/// What there is to say of a code: its row of the table.
#[derive(Serialize)]
struct Explanation {
    code: String,
    meaning: &'static str,
    next: &'static str,
    category: Category,
    severity: Severity,
    blame: Blame,
    retryable: Option<bool>,
    /// The same in words.
    tried_again: &'static str,
    strike: bool,
    agent_breaker: bool,
    upstream_breaker: bool,
    budget: bool,
    standing: bool,
}

pub(super) fn main(arguments: ExplainArguments) -> Result<Exit, Fault> {
    let codes = match &arguments.code {
        None => Code::ALL.to_vec(),
        Some(text) => vec![named(text).ok_or_else(|| Fault::usage(hint(text)))?],
    };
    let explanations: Vec<_> = codes.iter().map(explanation).collect();
    let mut out = super::stdout();
    match (arguments.format, arguments.code.is_some()) {
        (ExplainFormat::Json, _) => writeln!(
            out,
            "{}",
            fusebox_system::json::to_string_pretty(&explanations).unwrap_or_default()
        )?,
        (ExplainFormat::Markdown, true) => page::sections(&mut out, &explanations)?,
        (ExplainFormat::Markdown, false) => page::page(&mut out, &explanations)?,
        (ExplainFormat::Human, false) => {
            for one in &explanations {
                writeln!(out, "{:24} {}", one.code, one.meaning)?;
            }
        }
        (ExplainFormat::Human, true) => {
            for one in &explanations {
                print(&mut out, one)?;
            }
        }
    }
    Ok(Exit::Succeeded)
}

/// The code of this name; those of the host in any case.
fn named(text: &str) -> Option<Code> {
    let in_any_case = |code: &&Code| code.to_string().eq_ignore_ascii_case(text);
    let known = || Code::ALL.iter().find(in_any_case).cloned();
    text.parse().ok().or_else(known)
}

fn explanation(code: &Code) -> Explanation {
    let (row, advice) = (code.row(), code.advice());
    Explanation {
        code: code.to_string(),
        meaning: advice.meaning,
        next: advice.next,
        category: row.category,
        severity: row.severity,
        blame: row.blame,
        retryable: row.retryable,
        tried_again: code.tried_again(),
        strike: row.strike,
        agent_breaker: row.agent_breaker,
        upstream_breaker: row.upstream_breaker,
        budget: row.budget,
        standing: code.is_standing(),
    }
}

fn print(out: &mut impl Write, one: &Explanation) -> std::io::Result<()> {
    writeln!(out, "{}\n  {}\n", one.code, one.meaning)?;
    let lines = [
        ("category", one.category.to_string()),
        ("severity", one.severity.to_string()),
        ("blame", one.blame.to_string()),
        ("tried again", one.tried_again.into()),
        ("strike", strike(one).into()),
        ("breakers", breakers(one).into()),
        ("retry budget", budget(one).into()),
        ("standing", standing(one).into()),
        ("do next", one.next.into()),
    ];
    for (name, words) in lines {
        writeln!(out, "  {name:12}  {words}")?;
    }
    Ok(())
}

fn strike(one: &Explanation) -> &'static str {
    match one.strike {
        true => "yes, against the instance",
        false => "no",
    }
}

fn breakers(one: &Explanation) -> &'static str {
    match (one.agent_breaker, one.upstream_breaker) {
        (true, true) => "counts on the agent's and on the upstream's",
        (true, false) => "counts on the agent's",
        (false, true) => "counts on the upstream's",
        (false, false) => "counts on none",
    }
}

fn budget(one: &Explanation) -> &'static str {
    match one.budget {
        true => "a retry is charged to it",
        false => "a retry is free",
    }
}

fn standing(one: &Explanation) -> &'static str {
    match one.standing {
        true => {
            "yes: after 2 tasks of a session that end with it (5 where the status is 403), what needs the same is refused unsent"
        }
        false => "no",
    }
}

/// The nearest code, for a slip of the pen.
pub(super) fn hint(text: &str) -> String {
    let written = text.to_lowercase();
    let likeness = |code: &str| strsim::jaro_winkler(code, &written);
    let codes = Code::ALL.iter().map(ToString::to_string);
    let near = codes.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    format!(
        "there is no code `{}`; did you mean `{}`? `fusebox explain` lists all",
        fusebox_types::failure::printable(text),
        near.unwrap_or_default()
    )
}
