//! `fusebox explain`: what a failure code means and what to do.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::{Exit, Fault, Format};
use fusebox_types::failure::{Blame, Category, Code, Severity};

/// Arguments of `fusebox explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox explain limit.fuel")]
pub(super) struct ExplainArguments {
    /// The code; without one, all codes are listed.
    code: Option<String>,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// What there is to say of a code.
#[derive(Serialize)]
struct Explanation {
    code: String,
    meaning: &'static str,
    next: &'static str,
    category: Category,
    severity: Severity,
    blame: Blame,
    retryable: Option<bool>,
    strike: bool,
    standing: bool,
}

pub(super) fn main(arguments: ExplainArguments) -> Result<Exit, Fault> {
    let codes = match &arguments.code {
        None => Code::ALL.to_vec(),
        Some(text) => vec![
            text.parse::<Code>()
                .map_err(|error| Fault::usage(hint(&error.0)))?,
        ],
    };
    let explanations: Vec<_> = codes.iter().map(explanation).collect();
    let mut out = super::stdout();
    match (arguments.format, arguments.code.is_some()) {
        (Format::Json, _) => writeln!(
            out,
            "{}",
            fusebox_system::json::to_string_pretty(&explanations).unwrap_or_default()
        )?,
        (Format::Human, false) => {
            for one in &explanations {
                writeln!(out, "{:24} {}", one.code, one.meaning)?;
            }
        }
        (Format::Human, true) => {
            for one in &explanations {
                print(&mut out, one)?;
            }
        }
    }
    Ok(Exit::Succeeded)
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
        strike: row.strike,
        standing: code.is_standing(),
    }
}

fn print(out: &mut impl Write, one: &Explanation) -> std::io::Result<()> {
    let retry = match (one.retryable, one.blame) {
        (Some(true), Blame::Upstream) => {
            "yes, in a fresh sandbox; once it was sent a request, only if the plugin is idempotent or says that it may"
        }
        (Some(true), _) => "yes, in a fresh sandbox",
        (Some(false), _) => "no: it would end the same way",
        (None, _) => "if the task is idempotent: nobody knows whether it helps",
    };
    writeln!(out, "{}\n  {}\n", one.code, one.meaning)?;
    writeln!(
        out,
        "  category   {}\n  severity   {}\n  blame      {}",
        one.category, one.severity, one.blame
    )?;
    if one.standing {
        let rest = "after two tasks that ended with it, the rest that needs the same ends with it unasked";
        writeln!(out, "  the rest   {rest}")?;
    }
    writeln!(out, "  tried again  {retry}\n  do next    {}", one.next)
}

/// The nearest code, for a slip of the pen.
pub(super) fn hint(text: &str) -> String {
    let near = Code::ALL.iter().map(ToString::to_string).max_by(|one, other| {
        let (one, other) = (strsim::jaro_winkler(one, text), strsim::jaro_winkler(other, text));
        one.total_cmp(&other)
    });
    let near = near.unwrap_or_default();
    format!(
        "there is no code `{}`; did you mean `{near}`? `fusebox explain` lists all",
        fusebox_types::failure::printable(text)
    )
}
