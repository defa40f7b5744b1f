//! Plugins that were built against another contract under the same names: they
//! are refused before anything runs, and told what to build.

use std::fs;
use std::path::Path;

use wit_parser::Resolve;

use crate::guest::componentize;
use crate::support::{Bench, root};

/// The folders of the contract with other words in some of their files.
fn contract(change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for package in ["agent", "policy"] {
        copy(
            &root().join("wit").join(package),
            &folder.path().join(package),
            &change,
        );
    }
    folder
}

fn copy(from: &Path, to: &Path, change: &impl Fn(&str) -> String) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (
            entry.as_ref().unwrap().path(),
            to.join(entry.unwrap().file_name()),
        );
        match from.is_dir() {
            true => copy(&from, &to, change),
            false => fs::write(to, change(&fs::read_to_string(from).unwrap())).unwrap(),
        }
    }
}

/// A component of a world of such a contract, with these functions, none of which
/// is called.
fn component(contract: &Path, world: (&str, &str), functions: &str) -> Vec<u8> {
    let text = format!(
        r#"(module (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
            {functions})"#
    );
    componentize(&text, |resolve: &mut Resolve| {
        let packages = ["agent", "policy"].map(|name| resolve.push_path(contract.join(name)).unwrap().0);
        let package = packages[usize::from(world.0 == "policy")];
        resolve.select_world(&[package], Some(world.1)).unwrap()
    })
}

/// A function of an interface that takes so many words and gives one.
fn function(name: &str, parameters: usize) -> String {
    let parameters = "i32 ".repeat(parameters);
    format!("(func (export \"{name}\") (param {parameters}) (result i32) (unreachable))")
}

/// An agent as they were before there were extensions.
fn without_extensions() -> Vec<u8> {
    let old = contract(|text| text.replace("extensions: list<extension>,", ""));
    let functions = [
        function("fusebox:agent/plugin@0.1.0#describe", 0),
        function("fusebox:agent/plugin@0.1.0#run", 14),
    ];
    component(old.path(), ("agent", "agent"), &functions.concat())
}

/// A policy of a kind as they were when the context had another name.
fn with_circumstances(kind: &str) -> Vec<u8> {
    let old = contract(|text| text.replace("context: context", "circumstances: context"));
    let decide = function(&format!("fusebox:policy/{kind}@0.1.0#decide"), 1);
    component(old.path(), ("policy", &format!("{kind}-policy")), &decide)
}

/// What to do, whatever it was.
fn rebuild(package: &str) -> String {
    format!("its contract `{package}` has the number of this host's and other content")
}

const BUILD: &str = concat!(
    "update the SDK, or the folder `wit`, to that of this fusebox, ",
    env!("CARGO_PKG_VERSION"),
    ", then build the plugin again: `fusebox plugin build`"
);

const SESSION: &str = "session: s\ntasks: [{ id: a, agent: a, input: { text: x } }]";

#[track_caller]
fn refused(bench: &Bench, arguments: &[&str], words: &[&str]) {
    let ended = bench.fusebox(arguments).expect(78);
    let said = ended.stdout + &ended.stderr;
    for word in words {
        assert!(said.contains(word), "no `{word}` in:\n{said}");
    }
}

#[test]
fn an_agent_of_another_contract_is_told_what_to_build() {
    let bench = Bench::with_config("agents: { a: { plugin: a.wasm } }");
    bench.write("a.wasm", without_extensions());
    bench.write("s.yaml", SESSION);
    let what = rebuild("fusebox:agent@0.1.0");
    let how = "the function `describe`: expected record of 10 fields, found 9 fields";
    for arguments in [&["run", "s.yaml"][..], &["plugin", "inspect", "a.wasm"]] {
        refused(&bench, arguments, &["plugin.wrong-world", &what, how, BUILD]);
    }
    assert!(!bench.path("fusebox-out").exists(), "something was written");
}

#[test]
fn a_policy_of_another_contract_is_told_what_to_build() {
    let what = rebuild("fusebox:policy@0.1.0");
    let how = "the function `decide`: expected record field named context, found circumstances";
    for kind in ["retry", "breaker", "isolation", "degradation"] {
        let bench = Bench::with_config(&format!(
            "agents: {{ a: {{ plugin: {:?}, policy: {{ {kind}: p.wasm }} }} }}",
            crate::support::plugin("shout")
        ));
        bench.write("p.wasm", with_circumstances(kind));
        bench.write("s.yaml", SESSION);
        for arguments in [
            &["run", "s.yaml"][..],
            &["plugin", "inspect", "p.wasm"],
            &["policy", "check", "p.wasm"],
        ] {
            refused(&bench, arguments, &["plugin.wrong-world", &what, how, BUILD]);
        }
    }
}
