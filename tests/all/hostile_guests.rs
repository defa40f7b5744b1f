//! Guests written by hand to break one rule each, and what stops them.
//!
//! Each keeps the contract but for one thing; a task of it runs beside an
//! honest one, which must have its result.

use crate::guest::Guest;
use crate::support::{Bench, plugin};

/// Runs the guest beside an honest task and gives the code that it ended with.
fn ends_with(guest: &Guest) -> String {
    let limits = "fuel: 50000000, cpu: 2s, deadline: 5s, memory: 16MiB, table_elements: 1000, output: 1KiB";
    let bench = Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {:?} }}\n  guest:\n    plugin: guest.wasm\n    limits: {{ {limits} }}\n    \
         retry: {{ max_attempts: 1 }}\n",
        plugin("shout")
    ));
    bench.write("guest.wasm", guest.component());
    let tasks = "- { id: guest, agent: guest, input: { text: x } }\n- { id: honest, agent: shout, input: { text: hi } }\n";
    let ended = bench.session(tasks, "out");
    assert!(
        matches!(ended.code, Some(0 | 3)),
        "{}{}",
        ended.stdout,
        ended.stderr
    );
    let report = bench.report("out");
    assert_eq!(report.task("honest")["output"]["inline"], "HI");
    report.code("guest").to_owned()
}

#[test]
fn a_guest_that_keeps_the_contract_succeeds() {
    assert_eq!(ends_with(&Guest::new("")), "none");
}

#[test]
fn each_trap_has_its_code() {
    let rows = [
        ("(unreachable)", "trap.unreachable"),
        (
            "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
            "trap.arithmetic",
        ),
        ("(drop (i32.trunc_f32_u (f32.const nan)))", "trap.arithmetic"),
        ("(drop (i32.load (i32.const -4)))", "trap.out-of-bounds"),
        ("(drop (table.get 0 (i32.const 9)))", "trap.out-of-bounds"),
        ("(call_indirect (i32.const 0))", "trap.indirect-call"),
        ("(call $deep)", "trap.stack-overflow"),
    ];
    for (run, code) in rows {
        let guest = Guest::new(run).with("(table 4 funcref) (func $deep (call $deep) (call $deep))");
        assert_eq!(ends_with(&guest), code, "{run}");
    }
}

#[test]
fn what_takes_too_much_is_stopped_by_its_limit() {
    let rows = [
        ("(loop (br 0))", "", "limit.fuel"),
        (
            "(loop (drop (memory.grow (i32.const 1))) (br 0))",
            "",
            "limit.memory",
        ),
        (
            "(loop (drop (table.grow (ref.null func) (i32.const 100))) (br 0))",
            "(table 1 funcref)",
            "limit.table",
        ),
        (
            "(drop (memory.grow (i32.const 200))) (loop (memory.fill (i32.const 65536) (i32.const 1) (i32.const 13000000)) (br 0))",
            "",
            "limit.fuel",
        ),
    ];
    for (run, extra, code) in rows {
        assert_eq!(ends_with(&Guest::new(run).with(extra)), code, "{run}");
    }
}

#[test]
fn what_breaks_the_component_model_is_the_guests_failure() {
    let (text, length) = (530, 10);
    let rows: [(&str, &[u32]); 7] = [
        ("a pointer out of bounds", &[0, 0, text, length, 0xffff_ff00, 10]),
        ("a string of a gibibyte", &[0, 0, text, 1 << 30, text, length]),
        ("a string that is not UTF-8", &[0, 0, 560, 4, text, length]),
        ("a discriminant that is none", &[7, 0, text, length, text, length]),
        ("a category that is none", &[1, 0, 99, text, length, text, length]),
        (
            "a list whose end wraps around",
            &[0, 0, text, length, 0xffff_fff0, 0xffff_ffff],
        ),
        ("a media type that is none", &[0, 0, 512, 7, text, length]),
    ];
    for (what, result) in rows {
        let code = ends_with(&Guest::answering(result));
        let expected = if what == "a media type that is none" {
            "invalid.output"
        } else {
            "trap.contract"
        };
        assert_eq!(code, expected, "{what}");
    }
}

#[test]
fn an_output_over_its_limit_is_refused_by_name() {
    assert_eq!(
        ends_with(&Guest::answering(&[0, 0, 530, 10, 4096, 2000])),
        "limit.output"
    );
}

/// A start function is the guest's code too: all limits are armed before it.
#[test]
fn a_loop_before_the_first_call_is_stopped_when_the_plugin_is_loaded() {
    let guest = Guest::new("").with("(func $start (loop (br 0))) (start $start)");
    let bench = Bench::with_config("agents: { guest: { plugin: guest.wasm } }");
    bench.write("guest.wasm", guest.component());
    bench
        .session("- { id: a, agent: guest, input: { text: x } }\n", "out")
        .expect(1);
    let report = bench.report("out");
    let failure = &report.task("a")["failure"];
    assert_eq!(failure["code"], "plugin.descriptor");
    assert!(
        failure["message"].as_str().unwrap().contains("limit.fuel"),
        "{failure}"
    );
}

/// The host calls it to hand the input over.
#[test]
fn an_allocator_that_loops_is_stopped() {
    let guest = Guest {
        realloc: "(loop (br 0))",
        ..Guest::new("")
    };
    assert_eq!(ends_with(&guest), "limit.fuel");
}

#[test]
fn memories_are_summed_over_the_whole_component() {
    let guest = Guest::new("").with("(memory 200) (memory 100)");
    let bench = Bench::with_config(
        "defaults: { limits: { memory: 16MiB } }\nagents: { guest: { plugin: guest.wasm } }",
    );
    bench.write("guest.wasm", guest.component());
    let ended = bench.session("- { id: a, agent: guest, input: { text: x } }\n", "out");
    let said = ended.stderr + &ended.stdout;
    assert!(said.contains("limit.memory"), "{said}");
}

/// A hundred megabytes of standard output: cut, counted, and no reason to fail.
#[test]
fn a_flood_on_standard_output_is_cut_and_counted() {
    let imports = "(import \"wasi:cli/stdout@0.2.12\" \"get-stdout\" (func $out (result i32)))
        (import \"wasi:io/streams@0.2.12\" \"[method]output-stream.blocking-write-and-flush\"
            (func $write (param i32 i32 i32 i32)))";
    let run = "(local $out i32) (local $n i32) (local.set $out (call $out)) (local.set $n (i32.const 25000))
        (loop (call $write (local.get $out) (i32.const 65536) (i32.const 4096) (i32.const 3000))
            (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if 0 (local.get $n)))";
    let guest = Guest {
        imports,
        ..Guest::new(run)
    };
    let bench = Bench::with_config("agents: { guest: { plugin: guest.wasm } }");
    bench.write("guest.wasm", guest.component());
    bench
        .session("- { id: a, agent: guest, input: { text: x } }\n", "out")
        .expect(0);
    let log = std::fs::read(bench.path("out/logs/guests.jsonl")).unwrap();
    assert!(log.len() < 1_000_000, "{} bytes", log.len());
    let log = String::from_utf8_lossy(&log);
    assert!(
        log.contains("more bytes were dropped") || log.contains("more lines were dropped"),
        "{log}"
    );
}
