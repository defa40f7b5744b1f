//! All codes as a page of documentation, `docs/failures.md`.

use std::io::{Result, Write};

use super::{Explanation, breakers, budget, standing, strike};

const HEAD: &str = "# Failure codes

This page is made from the table of codes: `fusebox explain --format markdown > docs/failures.md`. Change the table,
`host/types/src/failure/code/`, and not this page.

Every failure has one of these codes, or `guest.` and a code of the plugin's own. `fusebox explain CODE` says the same of
one code.

| column | what it says |
|---|---|
| category | the class, which rules of retries and fallbacks choose by |
| severity | how bad it is for whoever waits for the result, unless the plugin says otherwise |
| blame | whose fault it is: the guest's (the plugin's), the upstream's, the input's, the operator's or the host's |
| again | whether trying again can help; each code's section says when that is done. Rules and policies can say otherwise |
| strike | whether it is a strike against the instance: enough of them, and the instance is taken out of its pool |
| agent, upstream | whether it counts as a failure on the circuit breaker of the agent, and of the upstream that was asked |
| budget | whether a retry after it is charged to the retry budget; otherwise the retry is free |
| standing | whether it ends every task that needs the same, until a person changes something: after 2 tasks of a session that end with it (5 where the status is 403), what needs the same is refused unsent |

What strikes, and what counts on the agent's breaker, is only the guest's own doing: where the host saw that it waited for
an upstream, `limit.deadline` is the upstream's fault and neither. A plugin can say of its own codes that they are of
another category, and whether trying again helps; the blame stays its own.

| code | category | severity | blame | again | strike | agent | upstream | budget | standing |
|---|---|---|---|---|---|---|---|---|---|
";

/// The whole page.
pub(super) fn page(out: &mut impl Write, all: &[Explanation]) -> Result<()> {
    write!(out, "{HEAD}")?;
    for one in all {
        let again = match one.retryable {
            Some(again) => yes(again),
            None => "?",
        };
        writeln!(
            out,
            "| [`{code}`](#{anchor}) | {} | {} | {} | {again} | {} | {} | {} | {} | {} |",
            one.category,
            one.severity,
            one.blame,
            yes(one.strike),
            yes(one.agent_breaker),
            yes(one.upstream_breaker),
            yes(one.budget),
            yes(one.standing),
            code = one.code,
            anchor = one.code.replace('.', ""),
        )?;
    }
    writeln!(out)?;
    sections(out, all)
}

/// What is said of each code in words.
pub(super) fn sections(out: &mut impl Write, all: &[Explanation]) -> Result<()> {
    for (n, one) in all.iter().enumerate() {
        let space = if n == 0 { "" } else { "\n" };
        writeln!(out, "{space}## {}\n\n{}\n", one.code, one.meaning)?;
        writeln!(out, "- Tried again: {}", one.tried_again)?;
        writeln!(out, "- Strike: {}", strike(one))?;
        writeln!(out, "- Breakers: {}", breakers(one))?;
        writeln!(out, "- Retry budget: {}", budget(one))?;
        if one.standing {
            writeln!(out, "- Standing: {}", standing(one))?;
        }
        writeln!(out, "- Do next: {}", one.next)?;
    }
    Ok(())
}

fn yes(it_is: bool) -> &'static str {
    match it_is {
        true => "yes",
        false => "no",
    }
}
