//! The library without the binary.

use std::process::Command;

use crate::support::{plugin, root};

#[test]
fn the_example_of_under_30_lines_runs_a_session_without_the_binary() {
    let text = std::fs::read_to_string(root().join("host/fusebox/examples/embed.rs")).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//"))
        .count();
    assert!(lines < 30, "{lines} lines");
    plugin("outline");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_fusebox"))
        .with_file_name("examples")
        .join("embed");
    let output = Command::new(program).current_dir(root()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("Retry"), "{said}");
}
