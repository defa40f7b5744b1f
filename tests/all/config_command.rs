//! `fusebox config`: what holds, who said so, and what is wrong.

use serde_json::{Value, json};

use crate::support::{Bench, Ended};

const LAYERED: &str = "defaults:
  limits: { memory: 32MiB }
agents:
  score:
    plugin: score.wasm
    limits: { memory: 48MiB }
    instances:
      a: {}
      b:
        limits:
          memory: 16MiB
";

fn explain(bench: &Bench, arguments: &[&str]) -> Ended {
    bench.fusebox(&[&["config", "explain"], arguments].concat())
}

#[test]
fn explain_names_the_value_and_the_layer_file_and_line_that_set_it() {
    let bench = Bench::with_config(LAYERED);
    let said = explain(&bench, &["agents.score.instances.b.limits.memory"])
        .expect(0)
        .stdout;
    let expected = [
        "agents.score.instances.b.limits.memory = 16MiB",
        "set by   `agents.score.instances.b.limits.memory`, fusebox.yaml:11:19",
        "instead of 48MiB from `agents.score.limits.memory`, fusebox.yaml:6:23",
        "instead of 32MiB from `defaults.limits.memory`, fusebox.yaml:2:21",
    ];
    for line in expected {
        assert!(said.contains(line), "no `{line}` in:\n{said}");
    }
    let said = explain(&bench, &["agents.score.instances.a.limits.memory"])
        .expect(0)
        .stdout;
    assert!(
        said.contains("= 48MiB") && said.contains("fusebox.yaml:6:23"),
        "{said}"
    );
}

#[test]
fn explain_says_of_a_default_why_it_is_that() {
    let bench = Bench::with_config(LAYERED);
    let said = explain(&bench, &["agents.score.instances.b.limits.deadline"])
        .expect(0)
        .stdout;
    for words in ["= 30s", "it is the default", "A person who waits for an answer"] {
        assert!(said.contains(words), "{said}");
    }
    let all = explain(&bench, &["agents.score.instances.b", "--format", "json"])
        .expect(0)
        .stdout;
    let all: Vec<Value> = serde_json::from_str(&all).unwrap();
    assert!(all.len() > 20, "{}", all.len());
}

#[test]
fn arguments_are_over_the_environment_and_that_is_over_the_file() {
    let bench = Bench::with_config("session: { max_parallel: 1 }");
    let value = |arguments: &[&str], variable: Option<&str>| {
        let all = [
            &["config", "explain", "session.max_parallel", "--format", "json"],
            arguments,
        ]
        .concat();
        let mut command = bench.command(&all);
        if let Some(value) = variable {
            command.env("FUSEBOX__SESSION__MAX_PARALLEL", value);
        }
        let found: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        (found[0]["value"].clone(), found[0]["set_by"]["source"].clone())
    };
    assert_eq!(value(&[], None), (json!(1), json!("fusebox.yaml")));
    let variable = "FUSEBOX__SESSION__MAX_PARALLEL";
    assert_eq!(value(&[], Some("2")), (json!(2), json!(variable)));
    let set = ["--set", "session.max_parallel=3"];
    assert_eq!(
        value(&set, Some("2")),
        (json!(3), json!("--set session.max_parallel"))
    );
}

#[test]
fn a_later_file_is_laid_over_those_before() {
    let bench = Bench::with_config(LAYERED);
    bench.write("strict.yaml", "defaults: { limits: { deadline: 1s } }\n");
    let files = ["--config", "fusebox.yaml", "--config", "strict.yaml"];
    let said = explain(&bench, &[&["agents.score.limits.deadline"], &files[..]].concat())
        .expect(0)
        .stdout;
    assert!(
        said.contains("= 1s") && said.contains("strict.yaml:1:33"),
        "{said}"
    );
}

#[test]
fn check_says_everything_at_once_for_people_and_for_programs() {
    let bench = Bench::with_config("session: { max_paralel: 4 }\nagents: { a: {} }\n");
    let ended = bench.fusebox(&["config", "check"]).expect(78);
    for words in [
        "2 faults",
        "fusebox.yaml:1:12: `session.max_paralel`",
        "did you mean `max_parallel`?",
        "fusebox.yaml:2:11: `agents.a.plugin`: is missing",
    ] {
        assert!(ended.stderr.contains(words), "no `{words}` in:\n{}", ended.stderr);
    }
    let found = bench
        .fusebox(&["config", "check", "--format", "json"])
        .expect(78)
        .stdout;
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["faults"].as_array().unwrap().len(), 2);
    assert_eq!(found["faults"][0]["line"], 1);
    bench.write("fusebox.yaml", LAYERED);
    bench.fusebox(&["config", "check"]).expect(0);
}

#[test]
fn an_unknown_key_or_agent_names_the_nearest() {
    let bench = Bench::with_config(LAYERED);
    for (key, near) in [
        ("agents.scor.limits", "`score`"),
        ("agents.score.limits.memry", "`memory`"),
        ("sesion", "`session`"),
    ] {
        let ended = explain(&bench, &[key]).expect(2);
        assert!(ended.stderr.contains(near), "{}", ended.stderr);
    }
}
