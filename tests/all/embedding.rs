//! The library without the binary.

use std::path::Path;
use std::process::Command;

use fusebox::engine::{Compiler, EngineOptions};
use fusebox::{Host, session};
use tokio::runtime::Builder;

use crate::support::{Bench, plugin, plugins, root};

#[test]
fn the_example_of_under_30_lines_runs_a_session_without_the_binary() {
    let text = std::fs::read_to_string(root().join("host/fusebox/examples/embed.rs")).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//"))
        .count();
    assert!(lines < 30, "{lines} lines");
    plugins();
    let program = Path::new(env!("CARGO_BIN_EXE_fusebox"))
        .with_file_name("examples")
        .join("embed");
    let output = Command::new(&program).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo test --workspace` builds it",
            program.display()
        )
    });
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("Retry"), "{said}");
}

/// An embedder's own runtime is not the host's: nothing of it may wait there.
#[test]
fn a_host_starts_and_ends_inside_a_runtime_of_either_kind() {
    let bench = Bench::with_config(&format!(
        "agents: {{ shout: {{ plugin: {:?} }} }}\n",
        plugin("shout")
    ));
    bench.write(
        "session.yaml",
        "session: test\ntasks: [{ id: a, agent: shout, input: { text: hello } }]\n",
    );
    let config = fusebox_config::load(&bench.path("fusebox.yaml")).unwrap();
    for mut kind in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        kind.build().unwrap().block_on(async {
            let (name, graph) = session::load(&bench.path("session.yaml")).unwrap();
            let options = EngineOptions {
                compiler: Compiler::Program(env!("CARGO_BIN_EXE_fusebox").into()),
                ..EngineOptions::default()
            };
            let host = Host::new(&options).unwrap();
            let running = host.start(&name, graph, &config).unwrap();
            assert_eq!(running.wait().unwrap().counts.succeeded, 1);
            drop(host);
        });
    }
}

/// A program that cannot start itself again names the one that compiles.
#[test]
fn plugins_are_compiled_by_the_program_that_does_nothing_else() {
    let bench = Bench::with_config(&format!(
        "agents: {{ shout: {{ plugin: {:?} }} }}\n",
        plugin("shout")
    ));
    let config = fusebox_config::load(&bench.path("fusebox.yaml")).unwrap();
    let compiler = Path::new(env!("CARGO_BIN_EXE_fusebox-compile"));
    let host = Host::new(&EngineOptions {
        compiler: Compiler::Program(compiler.to_owned()),
        // Nothing is there, so it has to be compiled.
        cache_dir: Some(bench.path("cache")),
        ..EngineOptions::default()
    });
    host.unwrap().load(&config, ["shout"]).unwrap();
    let alone = Command::new(compiler).output().unwrap();
    assert_eq!(alone.status.code(), Some(64));
}
