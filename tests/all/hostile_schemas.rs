//! Schemas that ask for more than there is: the check of an output is its plugin's
//! work, beside twenty neighbours.

use std::fmt::Write;

use crate::beside::Scene;
use crate::guest::Guest;

/// A schema whose definitions each refer twice to the next one: as many questions
/// as there are ways through it, each of which is the last.
pub(crate) fn doubling(levels: usize, last: &str) -> String {
    let mut all = String::new();
    for n in 0..levels {
        let next = n + 1;
        let _ = write!(
            all,
            r##""d{n}":{{"anyOf":[{{"$ref":"#/$defs/d{next}"}},{{"$ref":"#/$defs/d{next}"}}]}},"##
        );
    }
    format!(r##"{{"$defs":{{{all}"d{levels}":{last}}},"$ref":"#/$defs/d0"}}"##)
}

/// A guest that answers with 60 000 bytes of JSON.
fn of_much(schema: &str, run: &'static str) -> Guest {
    Guest {
        result: vec![0, 0, 570, 16, 65536, 60_000],
        run,
        ..Guest::declaring(schema)
    }
}

/// `[1,1, ... ,1,""]`
const A_LIST: &str = "(local $at i32) (local.set $at (i32.const 65536)) (i32.store8 (local.get $at) (i32.const 91))
    (loop (i32.store16 offset=1 (local.get $at) (i32.const 0x2c31)) (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (br_if 0 (i32.lt_u (local.get $at) (i32.const 125532))))
    (i32.store16 (i32.const 125533) (i32.const 0x2222)) (i32.store8 (i32.const 125535) (i32.const 93))";
/// `"aaa ... aaa"`
const A_STRING: &str = "(memory.fill (i32.const 65536) (i32.const 97) (i32.const 60000))
    (i32.store8 (i32.const 65536) (i32.const 34)) (i32.store8 (i32.const 125535) (i32.const 34))";

#[test]
fn a_check_of_an_output_is_stopped_by_the_limits_of_its_attempt() {
    let rows = [
        (
            "a schema that doubles a level",
            Guest::declaring(&doubling(60, "false")),
        ),
        (
            "one over a long list",
            of_much(&doubling(60, r#"{"items":{"type":"number"}}"#), A_LIST),
        ),
        (
            "one with a pattern, over a long string",
            of_much(&doubling(60, r#"{"pattern":"(a|aa)*b$"}"#), A_STRING),
        ),
    ];
    for (what, guest) in rows {
        let scene = Scene::new(guest.component());
        let seen = scene.run();
        seen.holds(what, "limit.cpu", 1);
        // The report says how long the check took: all of what the attempt may.
        for n in 0..crate::beside::HOSTILE {
            let report = seen.report();
            let attempt = &report.task(&format!("hostile-{n}"))["attempts"][0];
            let cpu = attempt["cpu_ms"].as_f64().unwrap();
            assert!((1000.0..1100.0).contains(&cpu), "{what}: {cpu} ms");
        }
        scene.is_interrupted(what);
    }
}

#[test]
fn a_check_of_an_output_is_stopped_by_the_deadline_of_its_attempt() {
    let mut scene = Scene::new(Guest::declaring(&doubling(60, "false")).component());
    scene.agent =
        "    instances: { one: { limits: { deadline: 300ms, cpu: 20s } } }\n    retry: { max_attempts: 1 }\n"
            .into();
    let seen = scene.run();
    seen.holds("a schema that doubles, and a deadline", "limit.deadline", 1);
    for n in 0..crate::beside::HOSTILE {
        let report = seen.report();
        let attempt = &report.task(&format!("hostile-{n}"))["attempts"][0];
        let all = attempt["duration_ms"].as_f64().unwrap();
        assert!((300.0..400.0).contains(&all), "{all} ms");
    }
}
