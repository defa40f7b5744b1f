//! Guests that have the host hold, count or write something for them, beside
//! twenty neighbours. Each is stopped by its own limit, and the host's memory
//! stays within what the limits add up to.

use crate::beside::Scene;
use crate::guest::Guest;

const FIELDS: &str = r#"
    (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.12" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
    (import "wasi:http/types@0.2.12" "[method]fields.clone" (func $clone (param i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[static]fields.from-list" (func $list (param i32 i32 i32)))"#;
const REQUESTS: &str = r#"
    (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.12" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-path-with-query"
        (func $path (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-method"
        (func $method (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-request.body" (func $body (param i32 i32)))
    (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $stream (param i32 i32)))
    (import "wasi:io/streams@0.2.12" "[method]output-stream.write-zeroes" (func $zeroes (param i32 i64 i32)))"#;
pub(crate) const CLOCK: &str = r#"
    (import "wasi:clocks/monotonic-clock@0.2.12" "now" (func $now (result i64)))
    (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $sleep (param i64) (result i32)))
    (import "wasi:io/poll@0.2.12" "poll" (func $poll (param i32 i32 i32)))"#;
/// Waits for 25 seconds.
pub(crate) const WAITS: &str = "(i32.store (i32.const 65536) (call $sleep (i64.const 25000000000)))
    (call $poll (i32.const 65536) (i32.const 1) (i32.const 4096))";
pub(crate) const LOG: &str =
    r#"(import "fusebox:agent/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;
const STDOUT: &str = r#"
    (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $out (result i32)))
    (import "wasi:io/streams@0.2.12" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))"#;

/// What a guest does over and over, and the limit that ends it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) imports: &'static str,
    pub(crate) run: &'static str,
    pub(crate) code: &'static str,
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "log lines whose fields are empty",
        imports: LOG,
        run: "(loop (call $log (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 98304) (i32.const 2000)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "fields that are never sent",
        imports: FIELDS,
        run: "(memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000))
            (loop (call $append (call $fields) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 60000) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "copies of fields, each with one more",
        imports: FIELDS,
        run: "(local $one i32) (memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000)) (local.set $one (call $fields))
            (call $append (local.get $one) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 60000) (i32.const 4096))
            (loop (call $append (call $clone (local.get $one)) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 1) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "lists of empty fields",
        imports: FIELDS,
        run: "(loop (call $list (i32.const 98304) (i32.const 2000) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "one message with more fields than one may have",
        imports: FIELDS,
        run: "(local $one i32) (memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000)) (local.set $one (call $fields))
            (loop (call $append (local.get $one) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 60000) (i32.const 4096)) (br 0))",
        code: "limit.http-request",
    },
    Case {
        name: "objects that are never dropped",
        imports: FIELDS,
        run: "(loop (drop (call $fields)) (br 0))",
        code: "limit.handles",
    },
    Case {
        name: "requests with long paths",
        imports: REQUESTS,
        run: "(memory.fill (i32.const 65536) (i32.const 47) (i32.const 65000))
            (loop (drop (call $path (call $request (call $fields)) (i32.const 1) (i32.const 65536) (i32.const 60000))) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "requests with long methods",
        imports: REQUESTS,
        run: "(memory.fill (i32.const 65536) (i32.const 97) (i32.const 65000))
            (loop (drop (call $method (call $request (call $fields)) (i32.const 9) (i32.const 65536) (i32.const 60000))) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "bodies of zeros that are never sent",
        imports: REQUESTS,
        run: "(loop (call $body (call $request (call $fields)) (i32.const 4096))
            (call $stream (i32.load (i32.const 4100)) (i32.const 4096))
            (call $zeroes (i32.load (i32.const 4100)) (i64.const 1000000) (i32.const 4096)) (br 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "a look at the clock, over and over",
        imports: CLOCK,
        run: "(loop (drop (call $now)) (br 0))",
        code: "limit.host-calls",
    },
    Case {
        name: "timers that are never dropped",
        imports: CLOCK,
        run: "(loop (drop (call $sleep (i64.const 1000000000000))) (br 0))",
        code: "limit.handles",
    },
    Case {
        name: "one timer lent two thousand times at once",
        imports: CLOCK,
        run: "(local $one i32) (local $at i32) (local.set $one (call $sleep (i64.const 1))) (local.set $at (i32.const 65536))
            (loop (i32.store (local.get $at) (local.get $one)) (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br_if 0 (i32.lt_u (local.get $at) (i32.const 73536))))
            (call $poll (i32.const 65536) (i32.const 2000) (i32.const 4096))",
        code: "limit.handles",
    },
    Case {
        name: "one log line of six megabytes",
        imports: LOG,
        run: "(drop (memory.grow (i32.const 96))) (call $log (i32.const 2) (i32.const 65536) (i32.const 6000000) (i32.const 0) (i32.const 0))",
        code: "limit.host-bytes",
    },
    Case {
        name: "standard output without end",
        imports: STDOUT,
        run: "(local $out i32) (local.set $out (call $out))
            (loop (call $write (local.get $out) (i32.const 65536) (i32.const 4000) (i32.const 4096)) (br 0))",
        code: "limit.host-calls",
    },
];

fn scene(case: &Case) -> Scene {
    let guest = Guest {
        imports: case.imports,
        ..Guest::new(case.run)
    };
    Scene::new(guest.component())
}

#[test]
fn whatever_the_host_holds_for_a_guest_is_charged_to_its_limits() {
    for case in CASES {
        scene(case).run().holds(case.name, case.code, 1);
    }
}

#[test]
fn a_session_of_guests_that_have_the_host_hold_things_is_interrupted() {
    for case in CASES {
        scene(case).is_interrupted(case.name);
    }
}
