//! Follows the configuration's files while a session runs, and puts what
//! changes in force.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;

use tokio::runtime::Runtime;

use super::Host;
use super::running::{Control, Running};
use crate::config::{LOOK_EVERY, Loaded, Watch};
use crate::engine::Engine;
use crate::event::Reload;
use crate::failure::causes;
use crate::plugin::Registry;

/// Follows the configuration until it is dropped.
#[derive(Debug)]
pub struct Follower {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// Has a session follow its configuration. A valid change is in force
    /// within a second for whatever begins after it; an invalid one changes
    /// nothing, and the session's events say why.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn follow(
        &self,
        running: &Running,
        watch: Watch,
        loaded: Loaded,
        registry: Registry,
    ) -> std::io::Result<Follower> {
        let (stop, stopped) = mpsc::channel();
        let mut watch = watch;
        watch.policies_of(&loaded.config);
        let mut following = Following {
            engine: self.engine.clone(),
            guests: self.guests.clone(),
            control: running.control(),
            watch,
            loaded,
            registry,
        };
        let follow = move || {
            while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                following.look();
            }
        };
        let thread = std::thread::Builder::new()
            .name("fusebox-config".into())
            .spawn(follow)?;
        Ok(Follower {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Following {
    engine: Engine,
    guests: Arc<Runtime>,
    control: Control,
    watch: Watch,
    /// What is in force.
    loaded: Loaded,
    registry: Registry,
}

impl Following {
    fn look(&mut self) {
        match self.watch.look() {
            None => {}
            Some(Err(error)) => self.control.tell(Reload::Refused(causes(&error))),
            Some(Ok(loaded)) => self.put_in_force(loaded),
        }
    }

    fn put_in_force(&mut self, loaded: Loaded) {
        let mut changes = loaded.changes_since(&self.loaded);
        let registry = self
            .guests
            .block_on(self.registry.reload(&self.engine, &loaded.config));
        let replaced = registry.and_then(|registry| {
            changes.extend(registry.policies_since(&self.registry));
            if !changes.is_empty() {
                self.control.replace(&registry, loaded.config.session)?;
            }
            Ok(registry)
        });
        match replaced {
            Err(error) => self.control.tell(Reload::Refused(causes(&error))),
            Ok(_) if changes.is_empty() => {}
            Ok(registry) => {
                self.watch.policies_of(&loaded.config);
                self.registry = registry;
                self.loaded = loaded;
                self.control.tell(Reload::Applied(changes));
            }
        }
    }
}
