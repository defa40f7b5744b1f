//! The configuration that comes with the project: the reference file says what
//! is true, the profiles do something, and the schema is the one of the types.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fusebox::Grants;
use fusebox_config::{KeyPath, Loaded, Sources, load, parse, schema};
use serde_json::Value;

use crate::support::root;

fn reference() -> PathBuf {
    root().join("config/fusebox.yaml")
}

fn profiles() -> Vec<PathBuf> {
    let folder = root().join("config/profiles");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// Without the environment of whoever runs the tests.
#[track_caller]
fn loaded(files: &[&Path]) -> Loaded {
    let sources = Sources::of_files(files.iter().map(|file| file.to_path_buf()).collect());
    sources.load().unwrap_or_else(|error| panic!("{error}"))
}

fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn yaml_of(path: &Path) -> Value {
    serde_yaml::from_str(&text_of(path)).unwrap()
}

/// Every key below one that takes a single value, and what the schema says of it.
fn leaves<'s>(path: KeyPath, declared: &'s Value, found: &mut Vec<(KeyPath, &'s Value)>) {
    let reference = declared["$ref"].as_str().map(|to| to.trim_start_matches('#'));
    let of_type = reference.map_or(declared, |to| schema().pointer(to).unwrap());
    match of_type["properties"].as_object() {
        Some(keys) => keys
            .iter()
            .for_each(|(key, below)| leaves(path.key(key), below, found)),
        None => found.push((path, declared)),
    }
}

fn leaves_of(section: &str) -> Vec<(KeyPath, &'static Value)> {
    let mut found = Vec::new();
    leaves(
        KeyPath::of([section]),
        &schema()["properties"][section],
        &mut found,
    );
    assert!(!found.is_empty());
    found
}

/// The example at the end of the reference file, as a file of its own.
fn example() -> String {
    let text = text_of(&reference());
    let (_, example) = text.split_once("is taken away.\n").unwrap();
    let lines = example.lines().map(|line| match line {
        "#" => "",
        line => line
            .strip_prefix("# ")
            .unwrap_or_else(|| panic!("{line:?} is none of the example")),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The one key that is not there unless somebody sets it.
const WITHOUT_DEFAULT: &str = "session.seed";

#[test]
fn the_reference_file_sets_every_key_to_its_default() {
    let written = yaml_of(&reference());
    let mut keys = 0;
    for section in ["session", "log", "notify", "loading", "defaults"] {
        for (path, declared) in leaves_of(section) {
            let default = declared.get("default");
            assert_eq!(default.is_none(), path.to_string() == WITHOUT_DEFAULT, "{path}");
            assert_eq!(path.get(&written), default, "`{path}` in the reference file");
            keys += 1;
        }
    }
    assert!(keys > 40, "{keys} keys");
}

#[test]
fn every_key_of_the_reference_file_is_explained_by_its_line() {
    let reference = reference();
    let loaded = loaded(&[&reference]);
    let lines: Vec<String> = text_of(&reference).lines().map(str::to_owned).collect();
    for section in ["session", "log", "notify", "loading", "defaults"] {
        for explanation in loaded.explain(&KeyPath::of([section])).unwrap() {
            let key = &explanation.key;
            if key.to_string() == WITHOUT_DEFAULT {
                assert!(explanation.value.is_none() && !explanation.meaning.is_empty());
                continue;
            }
            let said = explanation.said.unwrap_or_else(|| panic!("nobody says `{key}`"));
            assert_eq!(Path::new(&said.origin.source), reference);
            let place = said.origin.place.unwrap();
            let line = lines[place.line - 1].trim_start();
            let name = key.keys().last().unwrap().to_string();
            assert!(
                line.starts_with(&format!("{name}: ")),
                "`{key}` is not said by `{line}`"
            );
            assert!(
                explanation.unheard.is_empty() && !explanation.meaning.is_empty(),
                "{key}"
            );
        }
    }
}

#[test]
fn every_key_that_there_is_appears_in_the_reference_file() {
    let text = text_of(&reference());
    let words: BTreeSet<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .filter_map(|word| word.strip_suffix(':'))
        .collect();
    let types = schema()["$defs"].as_object().unwrap().iter();
    let all = types
        .map(|(name, of_type)| (name.as_str(), of_type))
        .chain([("the file", schema())]);
    for (name, of_type) in all {
        // A type of several shapes, such as a secret, has keys in each.
        let shapes = of_type["oneOf"].as_array().into_iter().flatten().chain([of_type]);
        for key in shapes
            .filter_map(|shape| shape["properties"].as_object())
            .flat_map(|keys| keys.keys())
        {
            assert!(
                words.contains(key.as_str()),
                "`{key}` of {name} is not in the reference file"
            );
        }
    }
}

#[test]
fn the_example_in_the_reference_file_is_a_configuration_with_every_key() {
    let text = example();
    let config = parse(&text, Path::new("/etc/fusebox")).unwrap_or_else(|error| panic!("{error}"));
    let reviewer = &config.agents["reviewer"];
    assert_eq!(reviewer.plugin, Path::new("/etc/fusebox/plugins/reviewer.wasm"));
    assert_eq!(reviewer.instances.len(), 2);
    let written: Value = serde_yaml::from_str(&text).unwrap();
    let has_all_keys = |path: &str, of_type: &str| {
        let value = path.parse::<KeyPath>().unwrap().get(&written).unwrap();
        for key in schema()["$defs"][of_type]["properties"]
            .as_object()
            .unwrap()
            .keys()
        {
            assert!(value.get(key).is_some(), "the example has no `{key}` in `{path}`");
        }
    };
    has_all_keys("agents.reviewer", "AgentEntry");
    has_all_keys("agents.reviewer.instances.thorough", "InstanceEntry");
    has_all_keys("agents.reviewer.retry.rules[0].when", "RetryWhen");
    has_all_keys("agents.reviewer.grants", "Grants");
    has_all_keys("agents.reviewer.grants.files[1]", "FileGrant");
    has_all_keys("upstreams.glm", "Upstream");
    has_all_keys("notify.webhooks.ops", "WebhookRules");
    has_all_keys("notify.commands.mail", "CommandRules");
    has_all_keys("boards", "BoardRules");
    has_all_keys("boards.rules[0]", "Rule");
    has_all_keys("boards.rules[0].when", "When");
    has_all_keys("boards.result", "BoardStyle");
}

#[test]
fn every_plugin_of_the_reference_file_is_one_of_the_project() {
    let config = load(&reference()).unwrap();
    assert_eq!(config.boards.rules.len(), 12);
    for (name, agent) in config.agents {
        let plugin = agent.plugin.file_stem().unwrap().to_str().unwrap();
        let source = root().join("plugins").join(plugin);
        assert!(
            source.is_dir(),
            "`{name}` is no plugin of the project: {}",
            source.display()
        );
    }
}

#[test]
fn each_profile_loads_alone_and_over_the_reference_and_changes_something() {
    let reference = reference();
    let without = loaded(&[&reference]).config;
    assert_eq!(profiles().len(), 2);
    for profile in profiles() {
        let name = profile.display();
        loaded(&[&profile]);
        let both = loaded(&[&reference, &profile]);
        assert_ne!(both.config.log, without.log, "{name}");
        let (with, without) = (&both.config.agents["scorer"], &without.agents["scorer"]);
        assert_ne!(with.instances[0].retry, without.instances[0].retry, "{name}");
        assert_ne!(with.instances[0].limits, without.instances[0].limits, "{name}");
        assert_ne!(with.breaker, without.breaker, "{name}");
        assert_eq!(both.config.boards, load(&reference).unwrap().boards, "{name}");
    }
}

#[test]
fn a_profile_has_no_agents_and_each_of_its_keys_has_a_reason() {
    for profile in profiles() {
        let name = profile.display();
        for section in yaml_of(&profile).as_object().unwrap().keys() {
            assert!(
                ["session", "log", "defaults"].contains(&section.as_str()),
                "{name}: {section}"
            );
        }
        let text = text_of(&profile);
        let lines: Vec<_> = text.lines().map(str::trim_start).collect();
        for pair in lines.windows(2) {
            let is_setting = pair[1]
                .split_once(": ")
                .is_some_and(|(key, _)| !key.starts_with('#'));
            let follows = pair[0].starts_with('#') || pair[0].contains(": ");
            assert!(!is_setting || follows, "{name}: `{}` has no reason", pair[1]);
        }
    }
}

/// What the host would take, an editor that has the schema does not mark.
#[test]
fn the_files_of_the_project_fit_the_checked_in_schema() {
    let schema: Value = serde_json::from_str(&text_of(&root().join("config/fusebox.schema.json"))).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for file in profiles().into_iter().chain([reference()]) {
        if let Err(error) = validator.validate(&yaml_of(&file)) {
            panic!("{}: {error} at {}", file.display(), error.instance_path());
        }
        let pointed = text_of(&file)
            .lines()
            .next()
            .unwrap()
            .split_once("$schema=")
            .unwrap()
            .1
            .to_owned();
        let pointed = file.parent().unwrap().join(pointed);
        assert!(
            pointed.is_file(),
            "{} points to {}",
            file.display(),
            pointed.display()
        );
    }
}

#[test]
fn the_checked_in_schema_is_the_one_of_the_types() {
    let written = text_of(&root().join("config/fusebox.schema.json"));
    let generated = serde_json::to_string_pretty(schema()).unwrap() + "\n";
    assert!(
        written == generated,
        "the schema is not up to date: run `fusebox config schema > config/fusebox.schema.json`"
    );
}

#[test]
fn an_empty_file_is_a_configuration_in_which_nothing_is_allowed() {
    for text in ["", "\n", "# only a comment\n", "{}", "agents: {}\n"] {
        let config = parse(text, Path::new("")).unwrap();
        assert!(
            config.agents.is_empty() && config.upstreams.is_empty(),
            "{text:?}"
        );
        assert!(config.boards.rules.is_empty(), "{text:?}");
    }
}

#[test]
fn an_agent_with_only_a_plugin_is_granted_nothing_and_limited_in_everything() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "agents: { a: { plugin: a.wasm } }\n").unwrap();
    let loaded = loaded(&[file.path()]);
    let [instance] = &loaded.config.agents["a"].instances[..] else {
        panic!("{:?}", loaded.config.agents)
    };
    assert_eq!(instance.id, "default");
    assert_eq!(instance.grants, Grants::default());
    let grants = &instance.grants;
    assert!(grants.environment.is_empty() && grants.files.is_empty() && grants.upstreams.is_empty());
    assert!(instance.secrets.is_empty() && instance.settings.is_empty());
    let limits = serde_json::to_value(instance.limits).unwrap();
    let keys = leaves_of("defaults")
        .into_iter()
        .filter(|(path, _)| path.keys()[1] == "limits");
    for (path, declared) in keys {
        let most = declared
            .get("x-most")
            .or_else(|| declared.get("maximum"))
            .unwrap();
        let (most, limit) = (most.to_string(), limits[path.keys()[2]].to_string());
        let number = |text: &str| {
            text.trim_matches('"')
                .trim_end_matches(char::is_alphabetic)
                .parse::<u64>()
        };
        assert!(number(&limit).unwrap() > 0, "`{path}` is {limit}");
        // The most that a number can hold would be no limit at all.
        assert!(
            number(&limit).unwrap() < u64::from(u32::MAX) * 10,
            "`{path}` is {limit} of at most {most}"
        );
    }
    assert!(limits.as_object().unwrap().len() >= 13);
}
