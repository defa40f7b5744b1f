//! The codes of failures, as the program and the docs tell of them: those of the table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fusebox::failure::Code;
use serde_json::Value;

use crate::support::{Bench, Ended, root};

fn all() -> Vec<String> {
    Code::ALL.iter().map(ToString::to_string).collect()
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn explain_lists_every_code_with_what_the_table_says() {
    let bench = Bench::with_config("{}");
    let list = bench.fusebox(&["explain"]).expect(0).stdout;
    let told = bench.fusebox(&["explain", "--format", "json"]).expect(0).stdout;
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    assert_eq!(list.lines().count(), Code::ALL.len());
    assert_eq!(told.len(), Code::ALL.len());
    for ((code, line), told) in Code::ALL.iter().zip(list.lines()).zip(told) {
        let advice = code.advice();
        assert_eq!(line, format!("{:24} {}", code.to_string(), advice.meaning));
        assert_eq!(told["code"], code.to_string());
        assert_eq!(told["next"], advice.next, "{code}");
        assert_eq!(told["tried_again"], code.tried_again(), "{code}");
        let row = code.row();
        let columns = [
            ("strike", row.strike),
            ("agent_breaker", row.agent_breaker),
            ("upstream_breaker", row.upstream_breaker),
            ("budget", row.budget),
            ("standing", code.is_standing()),
        ];
        for (column, value) in columns {
            assert_eq!(told[column], value, "{code}: {column}");
        }
        assert_eq!(told["retryable"], serde_json::json!(row.retryable), "{code}");
        assert_eq!(told["blame"], row.blame.to_string(), "{code}");
        assert_eq!(told["category"], row.category.to_string(), "{code}");
        assert_eq!(told["severity"], row.severity.to_string(), "{code}");
    }
}

#[test]
fn a_code_is_found_in_any_case_and_what_is_none_has_a_hint() {
    let bench = Bench::with_config("{}");
    let explained = bench.fusebox(&["explain", "TRAP.Panic"]).expect(0);
    assert!(
        explained.stdout.starts_with("trap.panic\n"),
        "{}",
        explained.stdout
    );
    for line in [
        "tried again  ",
        "strike  ",
        "breakers  ",
        "retry budget  ",
        "standing  ",
    ] {
        assert!(
            explained.stdout.contains(line),
            "no {line} in {}",
            explained.stdout
        );
    }
    let slip = bench.fusebox(&["explain", "LIMIT.FULE"]).expect(2);
    assert!(
        slip.stderr.contains("did you mean `limit.fuel`"),
        "{}",
        slip.stderr
    );
    bench.fusebox(&["explain", "guest.Own"]).expect(0);
    bench.fusebox(&["explain", "GUEST.Own"]).expect(2);
}

#[test]
fn whoever_reads_only_the_beginning_sees_no_error() {
    let bench = Bench::with_config("{}");
    for format in ["human", "json", "markdown"] {
        let mut command = bench.command(&["explain", "--format", format]);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = Ended::of(command.stdout(writer).output().unwrap()).expect(0);
        assert_eq!(ended.stderr, "", "{format}");
    }
}

/// `fusebox explain --format markdown > docs/failures.md` brings it up to date.
#[test]
fn the_page_of_codes_is_the_table() {
    let bench = Bench::with_config("{}");
    let page = bench
        .fusebox(&["explain", "--format", "markdown"])
        .expect(0)
        .stdout;
    assert!(
        page == read("docs/failures.md"),
        "it is not up to date: run `fusebox explain --format markdown > docs/failures.md`"
    );
}

/// Words that look like a code of these families: nothing else in the docs does.
fn codes_in(text: &str) -> BTreeSet<String> {
    const FAMILIES: [&str; 8] = [
        "trap", "limit", "invalid", "denied", "http", "api", "shed", "held",
    ];
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)));
    let codes = words
        .map(|word| word.trim_end_matches(['.', '-']))
        .filter(|word| {
            let family = word.split_once('.').map(|(family, _)| family);
            family.is_some_and(|family| FAMILIES.contains(&family))
        });
    codes.map(Into::into).collect()
}

fn contracts() -> Vec<PathBuf> {
    let packages = std::fs::read_dir(root().join("wit")).unwrap();
    let folders = packages
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect()
}

#[test]
fn the_docs_name_only_codes_that_there_are() {
    let docs = ["README.md", "wit/README.md", "config/fusebox.yaml"].map(PathBuf::from);
    let named: BTreeSet<_> = docs
        .into_iter()
        .chain(contracts())
        .flat_map(|path| codes_in(&read(path)))
        .collect();
    assert!(
        named.contains("limit.fuel") && named.contains("trap.unreachable"),
        "{named:?}"
    );
    let unknown: Vec<_> = named.difference(&all().into_iter().collect()).cloned().collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn the_reference_file_lists_what_an_answer_can_mean() {
    let text = read("config/fusebox.yaml");
    let (_, rest) = text.split_once("`code` is one of").unwrap();
    let (list, _) = rest.split_once("none ").unwrap();
    let answers = Code::ALL.iter().filter(|code| code.is_answer());
    assert_eq!(codes_in(list), answers.map(ToString::to_string).collect());
}
