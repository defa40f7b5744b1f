//! The ways to misbehave.

use std::hint::black_box;
use std::time::Duration;

use fusebox_sdk::{BreakerError, Output, TaskError, attempt, breaker, retry, sleep};

use crate::files::steps;
use crate::requests::post_all;
use crate::settings::{Mode, Settings};

const CHUNK_BYTES: usize = 1024 * 1024;
const PAGE_BYTES: usize = 64 * 1024;

/// Misbehaves, and hands back the echo if that leaves a way to.
pub(crate) fn carry_out(settings: &Settings, echo: Output) -> Result<Output, TaskError> {
    match settings.mode {
        Mode::None => Ok(echo),
        Mode::Panic => panic(),
        Mode::Spin => spin(),
        Mode::Memory => memory(),
        Mode::Recurse => Ok(Output::text(recurse(0, black_box(Again(recurse))).to_string())),
        Mode::Garbage => Ok(garbage()),
        Mode::Flaky => flaky(attempt::number(), settings.failures).map(|()| echo),
        Mode::Inner => inner(settings.failures).map(|()| echo),
        Mode::Service => {
            let echo = service(&settings.service, settings.failures);
            Ok(Output::json(&crate::Echo { echo: &echo })?)
        }
        Mode::Files => {
            let echo = steps(&settings.steps)?;
            Ok(Output::json(&crate::Echo { echo: &echo })?)
        }
        Mode::Requests => {
            let echo = post_all(&settings.posts)?;
            Ok(Output::json(&crate::Echo { echo: &echo })?)
        }
        Mode::Sleep => {
            sleep(Duration::from_millis(settings.ms));
            Ok(echo)
        }
        Mode::Error => Err(TaskError::failure("chaos.error", "asked to fail for good").permanent()),
        Mode::Busy => {
            busy(settings.iterations);
            Ok(echo)
        }
    }
}

#[allow(clippy::panic)] // To panic is the whole purpose.
fn panic() -> ! {
    panic!("chaos was asked to panic")
}

fn spin() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Writes to every page of what it takes, so that the memory is really used.
/// When there is no more, the allocation aborts.
fn memory() -> ! {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut chunk = vec![0_u8; CHUNK_BYTES];
        for byte in chunk.iter_mut().step_by(PAGE_BYTES) {
            *byte = 1;
        }
        taken.push(black_box(chunk));
    }
}

/// A function that the compiler cannot see through, so it can neither unroll
/// the calls nor make a loop of them.
#[derive(Clone, Copy)]
struct Again(fn(u64, Again) -> u64);

/// Nothing of a frame lies in the plugin's memory, so it is the host's stack
/// that runs out and not the 256 KiB that the compiler put there.
fn recurse(depth: u64, again: Again) -> u64 {
    (again.0)(depth.wrapping_add(1), again).wrapping_add(depth)
}

fn garbage() -> Output {
    Output::new(Output::JSON, *b"\xFF\xFE{ this is no JSON")
}

fn flaky(attempt: u32, failures: u32) -> Result<(), TaskError> {
    if attempt > failures {
        return Ok(());
    }
    let message = format!("attempt {attempt} of {failures} that fail");
    Err(TaskError::network("chaos.flaky", message).transient())
}

/// What the host's policy refuses to try again is the attempt's failure.
fn inner(failures: u32) -> Result<(), TaskError> {
    let mut number = 0;
    retry("inner", || {
        number += 1;
        flaky(number, failures)
    })
}

/// Reports failures of a service, and says how many calls were let through.
fn service(name: &str, failures: u32) -> String {
    let call = || Err::<(), _>(TaskError::network("chaos.service", "down"));
    let let_through = (0..failures).filter(|_| matches!(breaker(name, call), Err(BreakerError::Failed(_))));
    format!(
        "{} of {failures} calls of {name} were let through",
        let_through.count()
    )
}

fn busy(iterations: u64) {
    for turn in 0..iterations {
        black_box(turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaky_fails_the_first_attempts_only() {
        assert!(flaky(1, 2).is_err_and(|e| e.code() == "chaos.flaky"));
        assert!(flaky(2, 2).is_err());
        assert!(flaky(3, 2).is_ok() && flaky(1, 0).is_ok());
    }

    #[test]
    fn bounded_modes_end_with_the_echo() {
        for mode in [Mode::None, Mode::Busy] {
            let settings = Settings {
                mode,
                iterations: 1_000,
                ..Settings::default()
            };
            assert!(carry_out(&settings, Output::text("x")).is_ok(), "{mode:?}");
        }
        let settings = Settings {
            mode: Mode::Error,
            ..Settings::default()
        };
        assert!(carry_out(&settings, Output::text("x")).is_err_and(|e| e.code() == "chaos.error"));
    }

    #[test]
    #[should_panic = "chaos was asked to panic"]
    fn panic_panics() {
        let settings = Settings {
            mode: Mode::Panic,
            ..Settings::default()
        };
        let _ = carry_out(&settings, Output::text("x"));
    }
}
