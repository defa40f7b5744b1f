//! Compiles plugins for programs that embed Fusebox and do not want to be started
//! again for that: `Compiler::Program("fusebox-compile".into())`.

fn main() -> std::process::ExitCode {
    fusebox::engine::serve_compile_child();
    eprintln!(
        "fusebox-compile compiles plugins for a Fusebox host, which starts it; it has no use of its own"
    );
    std::process::ExitCode::from(64)
}
