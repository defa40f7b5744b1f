//! Every end of an attempt to one failure, by type and never by text.

use wasmtime::component::ResourceTableError;
use wasmtime::{PoolConcurrencyLimitError, Trap};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi_http::FieldMapError;

use super::host_attempt::{category_from_wire, severity_from_wire};
use super::lines::Collector;
use super::stop::Stop;
use crate::sandbox::bindings::TaskError;
use fusebox_types::failure::{Code, Failure, HOST_CONTEXT};

/// The field with which the SDK marks the words of a panic.
const PANIC_FIELD: &str = "panic";
/// Longest code that a guest may give, in bytes.
const MAX_CODE_BYTES: usize = 128;
/// Most context pairs that are kept of a guest's error.
const MAX_CONTEXT: usize = 16;

/// What the runtime answered, as a failure.
pub(crate) fn classify(error: &wasmtime::Error) -> Failure {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stop.clone().into();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        let failure = Failure::new(trap_code(*trap), trap.to_string());
        return with_frames(failure, error);
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Failure::new(Code::TrapExit, format!("it called exit({})", exit.0));
    }
    if let Some(full) = error.downcast_ref::<PoolConcurrencyLimitError>() {
        return Failure::new(Code::ShedPool, full.to_string());
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref::<ResourceTableError>() {
        return Failure::new(Code::LimitHandles, "it asked for more open handles than it may");
    }
    if let Some(FieldMapError::TooManyFields | FieldMapError::TotalSizeTooBig) = error.downcast_ref() {
        return Failure::new(
            Code::LimitHttpRequest,
            "it made more HTTP fields than a message may have",
        );
    }
    if is_out_of_mappings(error) {
        return Failure::new(Code::ShedPool, "the system has no more memory mappings to give");
    }
    // What is left is a value that broke the component model's rules, or went
    // over a limit of the runtime's own: there is no type for these.
    let text = format!("{error:#}");
    let limit = UNTYPED_LIMITS.iter().find(|(words, _)| text.contains(words));
    Failure::new(limit.map_or(Code::TrapContract, |(_, code)| code.clone()), text)
}

/// Limits that the runtime only tells in words, and their codes. Each has a guest
/// in the tests that meets it, so that other words do not go unnoticed.
const UNTYPED_LIMITS: [(&str, Code); 2] = [
    ("store handle limit exceeded", Code::LimitHandles),
    (
        "fuel allocated for hostcalls has been exhausted",
        Code::LimitHostBytes,
    ),
];

/// The same with what the guest said about its own end.
pub(super) fn classify_with_words(error: &wasmtime::Error, lines: &Collector) -> Failure {
    let mut failure = classify(error);
    if failure.code == Code::TrapUnreachable
        && let Some((message, place)) = lines.last_with(PANIC_FIELD)
    {
        // The place says more than the frames, which are those of panicking.
        failure = Failure::new(Code::TrapPanic, message).with("place", place);
    }
    failure
}

/// A guest's own error: its words, its class, and the blame that it cannot
/// give away. The host itself saw no fault of anybody else's.
pub(super) fn guest_error(error: TaskError) -> Failure {
    let code = beginning(&error.code, MAX_CODE_BYTES);
    let mut failure = Failure::new(Code::Guest(code.into()), error.message);
    failure.category = category_from_wire(error.category);
    if let Some(severity) = error.severity {
        failure.severity = severity_from_wire(severity);
    }
    failure.retryable = error.retryable;
    failure.retry_after_ms = error.retry_after_ms;
    let kept = error.context.iter().take(MAX_CONTEXT);
    failure.context = kept
        .map(|(name, value)| {
            (
                context_name(beginning(name, 64)),
                beginning(value, 512).to_owned(),
            )
        })
        .collect();
    failure
}

/// A guest's name for something, which is none of the host's.
fn context_name(name: &str) -> String {
    match HOST_CONTEXT.contains(&name) {
        true => format!("guest.{name}"),
        false => name.to_owned(),
    }
}

/// As much of the beginning of a text as fits. What is kept of a guest's words is
/// copied from it: a text that is only cut goes on holding all that it held.
fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

fn trap_code(trap: Trap) -> Code {
    match trap {
        Trap::StackOverflow => Code::TrapStackOverflow,
        Trap::OutOfFuel => Code::LimitFuel,
        Trap::UnreachableCodeReached => Code::TrapUnreachable,
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds | Trap::HeapMisaligned | Trap::ArrayOutOfBounds => {
            Code::TrapOutOfBounds
        }
        Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger => {
            Code::TrapArithmetic
        }
        Trap::IndirectCallToNull | Trap::BadSignature | Trap::NullReference => Code::TrapIndirectCall,
        Trap::CannotEnterComponent => Code::TrapContract,
        // The runtime's list may grow: a new kind is still a trap.
        _ => Code::TrapOther,
    }
}

/// The kernel gives a process a bounded number of mappings; ten thousand
/// sandboxes in flight use sixty thousand.
fn is_out_of_mappings(error: &wasmtime::Error) -> bool {
    error
        .downcast_ref::<rustix::io::Errno>()
        .is_some_and(|errno| *errno == rustix::io::Errno::NOMEM)
        || error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::OutOfMemory)
}

/// Adds the innermost functions of the guest, by name.
fn with_frames(failure: Failure, error: &wasmtime::Error) -> Failure {
    let Some(trace) = error.downcast_ref::<wasmtime::WasmBacktrace>() else {
        return failure;
    };
    let names: Vec<_> = trace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .take(4)
        .map(|name| {
            format!("{:#}", rustc_demangle::demangle(name))
                .chars()
                .take(120)
                .collect::<String>()
        })
        .collect();
    if names.is_empty() {
        failure
    } else {
        failure.with("frames", names.join(" < "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::bindings::types;
    use fusebox_types::failure::{Blame, Category};

    #[test]
    fn each_trap_has_its_code() {
        let rows = [
            (Trap::UnreachableCodeReached, "trap.unreachable"),
            (Trap::MemoryOutOfBounds, "trap.out-of-bounds"),
            (Trap::IntegerDivisionByZero, "trap.arithmetic"),
            (Trap::BadSignature, "trap.indirect-call"),
            (Trap::StackOverflow, "trap.stack-overflow"),
            (Trap::OutOfFuel, "limit.fuel"),
            (Trap::Interrupt, "trap.other"),
        ];
        for (trap, code) in rows {
            assert_eq!(classify(&trap.into()).code.to_string(), code);
        }
    }

    #[test]
    fn each_stop_has_its_code_through_any_context() {
        let error = wasmtime::Error::from(Stop::Memory { asked: 2, limit: 1 }).context("while it ran");
        assert_eq!(classify(&error).code, Code::LimitMemory);
        let error = wasmtime::Error::from(I32Exit(0)).context("while it ran");
        assert_eq!(classify(&error).code, Code::TrapExit);
        assert_eq!(
            classify(&wasmtime::Error::msg("invalid utf-8")).code,
            Code::TrapContract
        );
    }

    fn error(context: Vec<(String, String)>) -> TaskError {
        TaskError {
            category: types::Category::Network,
            code: "x".repeat(1000),
            message: "not me".into(),
            severity: None,
            retryable: Some(true),
            retry_after_ms: Some(5),
            context,
        }
    }

    /// A program goes by what the host says under these names: which grant to add, which
    /// upstream it was, whether it was asked at all.
    #[test]
    fn a_guests_words_are_not_taken_for_the_hosts() {
        let said = |name: &&str| ((*name).to_owned(), "llm".to_owned());
        let names = HOST_CONTEXT.iter().take(MAX_CONTEXT).chain(&["body"]);
        let context: Vec<_> = names.map(said).collect();
        for pair in context.chunks(4) {
            for (name, _) in guest_error(error(pair.to_vec())).context {
                assert!(!HOST_CONTEXT.contains(&&*name), "{name}");
            }
        }
        let kept = guest_error(error(vec![said(&"body"), said(&"grant")])).context;
        assert_eq!((&*kept[0].0, &*kept[1].0), ("body", "guest.grant"));
    }

    #[test]
    fn a_guest_cannot_give_its_blame_away() {
        let failure = guest_error(error(vec![("k".into(), "v".into()); 100]));
        assert_eq!(
            (failure.category, failure.blame),
            (Category::Network, Blame::Guest)
        );
        assert!(failure.code.row().strike);
        assert_eq!(failure.context.len(), MAX_CONTEXT);
        assert!(failure.code.to_string().len() < 150);
    }
}
