//! Compiling in a child process of our own, with limits.
//!
//! Compiling cannot be interrupted, and is outside of what the runtime
//! promises about hostile input. So the program starts itself again
//! (`engine/child.rs`); a child that takes too long is killed.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::child::{CHILD_VARIABLE, REFUSED};
use super::fault::{Measure, PluginFault};
use crate::engine::LoadingRules;
use fusebox_types::units::{show_duration, show_size};

/// Children at once.
const CHILDREN: usize = 2;
/// Threads of one child: each has a function's worth of memory in hand.
const THREADS: &str = "4";
/// Longest text of a child that is kept, in bytes.
const MAX_SAID: u64 = 16 << 10;
/// How often it is looked whether a child has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// After how long a compile is told of, and how often again.
const TOLD_AFTER: Duration = Duration::from_secs(2);
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Who compiles.
#[derive(Debug, Clone, Default)]
pub enum Compiler {
    /// This program, started again. Its `main` calls
    /// [`serve_compile_child`](super::serve_compile_child) first.
    #[default]
    ThisProgram,
    /// Another program that does so: `fusebox-compile`, or `fusebox` itself.
    Program(PathBuf),
}

/// A compile that is taking its time.
#[derive(Debug, Clone, Copy)]
pub struct Compiling<'a> {
    /// Which plugin: its file.
    pub name: &'a str,
    /// Its size in bytes.
    pub bytes: u64,
    /// Since when.
    pub elapsed: Duration,
    /// Whether it has ended.
    pub is_over: bool,
}

/// Who is told of compiles that take longer than two seconds: each second, and
/// once when they end.
pub type OnCompile = fn(&Compiling<'_>);

/// Lets a few children work at once and the rest wait.
pub(super) struct CompileQueue {
    compiler: Compiler,
    rules: LoadingRules,
    tell: Option<OnCompile>,
    free: Mutex<usize>,
    freed: Condvar,
}

impl CompileQueue {
    pub(super) fn new(compiler: Compiler, rules: LoadingRules, tell: Option<OnCompile>) -> Self {
        Self {
            compiler,
            rules,
            tell,
            free: Mutex::new(CHILDREN),
            freed: Condvar::new(),
        }
    }

    /// Compiles into a file. Blocks until it is done.
    pub(super) fn compile(&self, name: &str, bytes: &[u8], out: File) -> Result<(), PluginFault> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .freed
            .wait_while(free, |n| *n == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        drop(free);
        let result = self.run_child(name, bytes, out);
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
        result
    }

    fn run_child(&self, name: &str, bytes: &[u8], out: File) -> Result<(), PluginFault> {
        let fault = |error: io::Error| PluginFault::Compile(format!("no compile child: {error}"));
        let child = self.spawn(out).map_err(fault)?;
        let (status, said) = self.supervise(child, name, bytes).map_err(fault)?;
        match status {
            None => Err(PluginFault::Compile(format!(
                "it took longer than {} (`loading.compile_time`)",
                show_duration(self.rules.compile_time)
            ))),
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(self.ended_badly(status, &said)),
        }
    }

    /// What the way in which a child ended says of the component.
    fn ended_badly(&self, status: ExitStatus, said: &str) -> PluginFault {
        if status.code() == Some(REFUSED)
            && let Ok(fault) = serde_json::from_str(said)
        {
            return fault;
        }
        let rules = &self.rules;
        match status.signal().and_then(Signal::from_named_raw) {
            Some(Signal::XCPU | Signal::KILL) => PluginFault::Compile(format!(
                "it took more than {} of processor time (`loading.compile_cpu`)",
                show_duration(rules.compile_cpu)
            )),
            Some(Signal::XFSZ) => PluginFault::TooLarge {
                what: Measure::Artefact,
                found: rules.artefact.saturating_add(1),
                limit: rules.artefact,
            },
            Some(Signal::ABORT) if said.contains("memory allocation of") => PluginFault::Compile(format!(
                "it needed more than {} of memory (`loading.compile_memory`)",
                show_size(rules.compile_memory)
            )),
            _ => PluginFault::Compile(format!("the compile child ended with {status} {said}")),
        }
    }

    fn spawn(&self, out: File) -> io::Result<Child> {
        let program = match &self.compiler {
            Compiler::ThisProgram => std::env::current_exe()?,
            Compiler::Program(path) => path.clone(),
        };
        Command::new(program)
            .env_clear()
            .env(CHILD_VARIABLE, serde_json::to_string(&self.rules)?)
            .env("RAYON_NUM_THREADS", THREADS)
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(Stdio::piped())
            .spawn()
    }

    /// Feeds a child, reads what it says, and kills it at the deadline; how it
    /// ended is none then.
    fn supervise(
        &self,
        mut child: Child,
        name: &str,
        bytes: &[u8],
    ) -> io::Result<(Option<ExitStatus>, String)> {
        let (mut stdin, stderr) = (child.stdin.take(), child.stderr.take());
        thread::scope(|scope| {
            // A child that ends early closes its input; that is seen by its status.
            // The pipe is held until then: its end is the child's as well.
            let feed = scope.spawn(move || {
                if let Some(pipe) = &mut stdin {
                    let length = (bytes.len() as u64).to_le_bytes();
                    let _ = pipe.write_all(&length).and_then(|()| pipe.write_all(bytes));
                }
                stdin
            });
            let said = scope.spawn(move || read_all(stderr));
            let mut told = Told::new(self.tell, name, bytes.len());
            let status = wait(&mut child, self.rules.compile_time, &mut told)?;
            drop(feed.join());
            let said = said.join().unwrap_or_default();
            Ok((status, String::from_utf8_lossy(&said).into_owned()))
        })
    }
}

fn read_all(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = pipe.by_ref().take(MAX_SAID).read_to_end(&mut bytes);
        // What is over the bound is read and dropped, so that the child does
        // not wait for a reader.
        let _ = io::copy(&mut pipe, &mut io::sink());
    }
    bytes
}

/// Waits for a child's end, or kills it.
fn wait(child: &mut Child, most: Duration, told: &mut Told<'_>) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            told.end(begun.elapsed());
            return Ok(Some(status));
        }
        if begun.elapsed() >= most {
            child.kill()?;
            child.wait()?;
            told.end(begun.elapsed());
            return Ok(None);
        }
        told.look(begun.elapsed());
        thread::sleep(LOOK_EVERY);
    }
}

/// What has been told of a compile.
struct Told<'a> {
    tell: Option<OnCompile>,
    name: &'a str,
    bytes: u64,
    next: Duration,
}

impl<'a> Told<'a> {
    fn new(tell: Option<OnCompile>, name: &'a str, bytes: usize) -> Self {
        Self {
            tell,
            name,
            bytes: bytes as u64,
            next: TOLD_AFTER,
        }
    }

    fn look(&mut self, elapsed: Duration) {
        if elapsed >= self.next {
            self.next = elapsed + TOLD_EVERY;
            self.say(elapsed, false);
        }
    }

    fn end(&self, elapsed: Duration) {
        if self.next > TOLD_AFTER {
            self.say(elapsed, true);
        }
    }

    fn say(&self, elapsed: Duration, is_over: bool) {
        if let Some(tell) = self.tell {
            tell(&Compiling {
                name: self.name,
                bytes: self.bytes,
                elapsed,
                is_over,
            });
        }
    }
}
