//! Keywords by tables, hostile schemas and values, and another validator as
//! the oracle.

mod hostile;
mod json;
mod keywords;
mod oracle;
mod refused;
mod speed;

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Misfit, Pace, Schema};
use crate::sandbox::Stop;

/// Memory that no ordinary check needs.
const MEMORY: u64 = 64 << 20;

fn schema(text: &str) -> Schema {
    Schema::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A check that nothing stops.
fn check(schema: &Schema, value: &[u8]) -> Result<(), Misfit> {
    alone(async { schema.check(value, &mut Pace::new(&|| Ok(()), MEMORY)).await })
}

/// What a check says is wrong.
fn wrong(schema: &Schema, value: &str) -> String {
    match check(schema, value.as_bytes()) {
        Err(Misfit::Value(message)) => message,
        other => panic!("{value}: {other:?}"),
    }
}

#[test]
fn a_check_can_move_to_another_thread() {
    let schema = schema("true");
    let mut pace = Pace::new(&|| Ok(()), MEMORY);
    fn moves(_: impl Send) {}
    moves(schema.check(b"1", &mut pace));
}

fn alone<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(work)
}

/// A check that may go on some times only; how often it asked.
fn check_for(schema: &Schema, value: &[u8], most: u64, memory: u64) -> (Result<(), Misfit>, u64) {
    let asked = AtomicU64::new(0);
    let may_go_on = || match asked.fetch_add(1, Ordering::Relaxed) {
        asked if asked < most => Ok(()),
        _ => Err(Stop::Cancelled),
    };
    let checked = alone(async { schema.check(value, &mut Pace::new(&may_go_on, memory)).await });
    (checked, asked.into_inner())
}
