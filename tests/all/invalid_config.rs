//! Every mistake that an operator can make in a configuration, with the whole
//! message that it is answered with: the place, what is wrong, what is expected.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use fusebox_config::load;

use crate::support::{Bench, root};

fn folder() -> PathBuf {
    root().join("tests/invalid")
}

/// What the configuration of this name is answered with.
fn message(name: &str) -> String {
    let folder = folder();
    let error = load(&folder.join(name).with_extension("yaml")).expect_err("this is to be refused");
    error.to_string().replace(&format!("{}/", folder.display()), "") + "\n"
}

fn is_refused_as_written(name: &str) {
    let name = name.replace('_', "-");
    let expected = std::fs::read_to_string(folder().join(&name).with_extension("txt")).unwrap();
    let message = message(&name);
    assert_eq!(message, expected, "the message of {name} is\n{message}");
    assert!(!message.contains("hunter2"), "a secret is shown:\n{message}");
    let is_harmless = |c: char| c == '\n' || !c.is_control();
    assert!(
        message.chars().all(is_harmless),
        "what stands in the file reaches the terminal: {message:?}"
    );
    let placed = format!("  {name}.yaml:");
    for line in message.lines().skip(1) {
        let place = line
            .strip_prefix(&placed)
            .and_then(|line| line.split_once(": "))
            .map(|(place, _)| place);
        let is_number = |text: &str| text.parse::<usize>().is_ok_and(|number| number > 0);
        let is_place = |place: &str| {
            place
                .split_once(':')
                .is_some_and(|(l, c)| is_number(l) && is_number(c))
        };
        assert!(place.is_some_and(is_place), "no place in `{line}`");
    }
}

/// A test for each pair of a configuration and its message.
macro_rules! refused {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                is_refused_as_written(stringify!($name));
            }
        )*

        const LISTED: &[&str] = &[$(stringify!($name)),*];
    };
}

refused! {
    address_with_a_password
    address_with_a_path
    address_without_scheme
    agent_with_nothing_below
    agent_without_plugin
    alias_bomb
    boolean_instead_of_text
    cached_that_cannot_work
    color_as_a_number
    color_by_name
    color_that_became_a_comment
    contradiction_in_defaults_said_once
    contradiction_in_defaults_without_agents
    control_characters_in_a_key
    control_characters_in_a_value
    control_characters_in_the_name_of_an_agent
    control_characters_in_the_text
    degradation_policy_of_an_instance
    duplicate_agent
    duplicate_key
    duplicate_key_in_flow_style
    duplicate_section
    duration_in_words
    edge_rule_without_a_condition
    duration_of_eleven_million_years
    duration_over_the_range
    duration_that_overflows
    duration_under_the_range
    duration_with_a_fraction
    duration_without_unit
    empty_name
    empty_text
    enum_in_capitals
    enum_with_underscore
    file_grant_without_mount
    first_wait_longer_than_all_waits
    first_wait_longer_than_the_longest
    first_wait_longer_than_the_longest_of_the_defaults
    grant_of_an_unknown_upstream
    health_check_longer_than_its_interval
    instance_with_a_bad_name
    isolation_policy_of_an_instance
    key_of_a_section_one_step_too_far_out
    key_of_an_agent_in_an_instance
    key_without_a_value
    list_instead_of_a_mapping
    list_instead_of_a_number
    log_filter_with_an_unknown_level
    log_filter_with_two_equals_signs
    log_level_of_another_tool
    log_levels_with_a_slip
    longest_open_time_shorter_than_the_default_of_the_first
    longest_wait_of_an_instance_shorter_than_the_first
    longest_wait_shorter_than_the_default_of_the_first
    mapping_instead_of_a_duration
    mapping_instead_of_a_list
    name_in_upper_case
    name_of_65_characters
    name_with_dots
    negative_duration
    negative_number
    not_a_number
    number_beyond_every_float
    number_in_scientific_notation
    number_instead_of_text
    number_of_thirty_digits
    number_over_the_range
    number_with_a_fraction
    number_without_end_in_settings
    notify_channels_that_cannot_work
    open_time_longer_than_the_longest
    quarantine_longer_than_the_longest
    rate_as_a_fraction
    rate_over_the_range
    rate_under_the_range
    rate_without_percent_sign
    relative_mount
    retry_rule_for_an_unknown_code
    retry_rule_that_never_tries_and_says_how
    retry_rule_with_a_first_wait_longer_than_the_longest
    retry_rule_with_a_star_in_the_middle
    retry_rule_with_an_unknown_category
    retry_rule_without_condition
    rule_for_an_unknown_agent
    rule_in_a_file_without_agents
    rule_without_agent
    rule_without_condition
    rule_without_when
    secret_and_setting_of_one_name
    secret_as_a_list
    secret_as_text
    secret_under_an_unknown_key
    secret_where_the_name_of_a_variable_goes
    secret_with_env_and_file
    secret_with_neither_env_nor_file
    secrets_as_text
    section_inside_of_another
    section_with_a_slip
    section_with_nothing_below
    setting_of_an_instance_named_as_a_secret_of_its_agent
    several_faults_at_once
    size_in_decimal_units
    size_over_the_range
    size_under_the_range
    size_without_unit
    strategy_with_a_slip
    text_instead_of_a_boolean
    text_instead_of_a_list
    text_instead_of_a_mapping
    text_instead_of_a_number
    unknown_condition
    unknown_grant
    unknown_jitter
    unknown_key_in_agent
    unknown_key_in_breaker
    unknown_key_in_defaults
    unknown_key_in_file_grant
    unknown_key_in_limits
    unknown_key_in_log
    unknown_key_in_retry
    unknown_key_in_retry_budget
    unknown_key_in_retry_rule
    unknown_key_in_rule
    unknown_key_in_session
    unknown_key_in_style
    unknown_key_in_upstream
    unknown_node_type
    unknown_section
    upstream_with_a_bad_address_and_a_grant_of_it
    upstream_with_a_bad_name
    upstream_without_address
    very_long_value
    whole_file_is_a_list
    whole_file_is_a_sentence
    whole_number_with_a_point
    window_smaller_than_the_default_of_its_least_calls
    window_that_never_holds_enough_calls
    yaml_indented_with_a_tab
    yaml_nested_too_deep
    yaml_that_ends_in_a_list
    yaml_with_a_mapping_as_key
    yaml_with_a_merge_key
    yaml_with_a_missing_space
    yaml_with_a_tag
    yaml_with_an_alias_to_itself
    yaml_with_an_at_sign_unquoted
    yaml_with_an_open_bracket
    yaml_with_an_open_quote
    yaml_with_an_unknown_alias
    yaml_with_bad_indentation
    yaml_with_two_documents
    zero_where_at_least_one
}

#[test]
fn every_file_is_one_of_a_pair_and_has_a_test() {
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let found: BTreeSet<_> = files.map(|name| name.into_string().unwrap()).collect();
    let pair = |name: &&str| ["yaml", "txt"].map(|end| format!("{}.{end}", name.replace('_', "-")));
    let listed: BTreeSet<_> = LISTED.iter().flat_map(pair).collect();
    let without_test: Vec<_> = found.difference(&listed).collect();
    let without_file: Vec<_> = listed.difference(&found).collect();
    assert!(without_test.is_empty(), "files without a test: {without_test:?}");
    assert!(without_file.is_empty(), "tests without a file: {without_file:?}");
}

#[test]
fn the_command_says_the_same_and_ends_with_78() {
    let bench = Bench::with_config("{}");
    let file = folder().join("several-faults-at-once.yaml");
    let ended = bench
        .fusebox(&["config", "check", file.to_str().unwrap()])
        .expect(78);
    let said = ended.stderr.replace(&format!("{}/", folder().display()), "");
    for line in message("several-faults-at-once").lines().skip(1) {
        assert!(said.contains(line.trim()), "no `{line}` in\n{said}");
    }
    assert!(!ended.stderr.contains("hunter2") && !ended.stdout.contains("hunter2"));
}

/// What the bomb stands for: nine to the tenth words.
const BOMB: &str = "alias-bomb.yaml";
const MOST: u64 = 50 << 20;

/// A process of its own, so that its peak is the bomb's and no other test's.
#[test]
fn an_alias_bomb_is_refused_within_50_mebibytes() {
    let name = "the_bomb_in_a_process_of_its_own";
    let module = module_path!().split_once("::").map_or("", |(_, module)| module);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([
        "--exact",
        &format!("{module}::{name}"),
        "--ignored",
        "--nocapture",
    ]);
    let output = child.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        said.contains("1 passed"),
        "the test of the child was not found:\n{said}"
    );
}

#[test]
#[ignore = "run by the test above"]
fn the_bomb_in_a_process_of_its_own() {
    let error = load(&folder().join(BOMB)).unwrap_err().to_string();
    assert!(error.contains("with its aliases written out"), "{error}");
    let peak = peak_of(Path::new("/proc/self/status"));
    assert!(peak < MOST, "{} KiB at its peak", peak >> 10);
}

/// The most memory that a process had resident, in bytes.
fn peak_of(status: &Path) -> u64 {
    let status = std::fs::read_to_string(status).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim()
        .strip_suffix(" kB")
        .unwrap()
        .trim()
        .parse::<u64>()
        .unwrap()
        << 10
}

#[test]
fn the_command_refuses_an_alias_bomb_and_says_so_in_two_lines() {
    let bench = Bench::with_config("{}");
    let bomb = folder().join(BOMB);
    let ended = bench
        .fusebox(&["config", "check", bomb.to_str().unwrap()])
        .expect(78);
    assert!(
        ended
            .stderr
            .contains("alias-bomb.yaml:9:21: with its aliases written out"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.lines().count() < 10 && ended.stderr.len() < 1000,
        "{}",
        ended.stderr
    );
}
