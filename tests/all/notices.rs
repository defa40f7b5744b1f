//! People are told of what needs them: once, in time, and without holding up the
//! session.

mod commands;
mod lines;
mod webhooks;

use std::fmt::Write as _;

use crate::support::{Bench, plugin};

/// A bench whose agent `chaos` opens its breaker after three failures, with this
/// below `notify`.
fn bench(notify: &str) -> Bench {
    Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  chaos:\n    plugin: {:?}\n    breaker: {{ failure_threshold: 3 }}\nnotify:\n{notify}",
        plugin("chaos"),
    ))
}

/// So many tasks that fail at once.
fn failing(count: u32) -> String {
    (0..count).fold(String::new(), |mut tasks, n| {
        let _ = writeln!(
            tasks,
            "- {{ id: t{n}, agent: chaos, settings: {{ mode: panic }}, input: {{ text: x }} }}"
        );
        tasks
    })
}
