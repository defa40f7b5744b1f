//! Runs a session as a library: `cargo run --release --example embed`.

use fusebox::config::Config;
use fusebox::engine::{EngineOptions, serve_compile_child};
use fusebox::event::Event;
use fusebox::{Host, session};

fn main() -> anyhow::Result<()> {
    // Plugins are compiled by this program, started again as a child.
    serve_compile_child();
    let config: Config = fusebox_config::load("config/fusebox.yaml".as_ref())?;
    let (name, graph) = session::load("config/sessions/essay.yaml".as_ref())?;
    let host = Host::new(&EngineOptions::default())?;
    let mut running = host.start(&name, graph, &config)?;
    while let Some(event) = running.next_event() {
        if let Event::TaskEnded { record, .. } = event {
            let bytes = record
                .output
                .map(|output| output.bytes.clone())
                .unwrap_or_default();
            println!("{}: {}", record.status, String::from_utf8_lossy(&bytes));
        }
    }
    println!("{:?}", running.wait()?);
    Ok(())
}
