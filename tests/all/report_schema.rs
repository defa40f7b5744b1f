//! `report.json` is what its generated schema says, field by field.

use crate::support::Bench;

#[test]
fn a_report_with_every_kind_of_task_fits_the_generated_schema() {
    let bench = Bench::new("memory: 16MiB");
    let tasks = "- { id: ok, agent: shout, input: { text: x } }\n\
                 - { id: flaky, agent: chaos, settings: { mode: flaky, failures: 1 }, input: { text: x } }\n\
                 - { id: part, agent: chaos, settings: { mode: error, partial: true }, input: { text: x } }\n\
                 - { id: bad, agent: chaos, settings: { mode: memory }, input: { text: x } }\n\
                 - { id: skipped, agent: shout, after: [bad], input: { text: x } }\n";
    bench.session(tasks, "out").expect(3);
    let report = bench.report("out").0;
    let schema = schemars::schema_for!(fusebox::report::Report);
    let validator = jsonschema::validator_for(schema.as_value()).unwrap();
    if let Err(error) = validator.validate(&report) {
        panic!("{error} at {}", error.instance_path());
    }
    assert_eq!(report["schema"], "fusebox.report/2");
    let counts = &report["counts"];
    let expect = [
        ("total", 5),
        ("succeeded", 2),
        ("retried", 1),
        ("degraded", 1),
        ("failed", 1),
        ("skipped", 1),
    ];
    for (name, count) in expect {
        assert_eq!(counts[name], count, "{name}");
    }
    for empty in ["breakers", "holds", "quarantined", "patterns"] {
        assert_eq!(report[empty], serde_json::json!([]));
    }
}
