//! Follows the configuration's files while a session runs, and puts what
//! changes in force.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::{LOOK_EVERY, Loaded, Watch};
use fusebox::Reloader;
use fusebox::event::Reload;
use fusebox_types::failure::causes;

/// For how long the end waits until nothing of the session is held any more: what an
/// instance was granted goes with the last who holds it, its scratch folders too.
const LONGEST_END: Duration = Duration::from_secs(1);

/// Follows the configuration until it is dropped. It is not waited for long then: it may
/// be in the middle of compiling a plugin, and what it finds is of no use any more.
#[derive(Debug)]
pub struct Follower {
    stop: Option<Sender<()>>,
    /// Closed once it has ended.
    ended: Receiver<()>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Nothing is ever sent: what is waited for is that nobody could.
        let _ = self.ended.recv_timeout(LONGEST_END);
    }
}

/// Has a session follow its configuration. A valid change is in force within a
/// second for whatever begins after it; an invalid one changes nothing, and the
/// session's events say why.
///
/// # Errors
/// If no thread can be started.
pub fn follow(reloader: Reloader, watch: Watch, loaded: Loaded) -> std::io::Result<Follower> {
    let (stop, stopped) = mpsc::channel();
    let (ending, ended) = mpsc::channel::<()>();
    let mut watch = watch;
    watch.policies_of(&loaded.config);
    let mut following = Following {
        reloader,
        watch,
        loaded,
        pending: None,
        refused: None,
        looks: 0,
    };
    let follow = move || {
        while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            following.look();
        }
        drop(following);
        drop(ending);
    };
    std::thread::Builder::new()
        .name("fusebox-config".into())
        .spawn(follow)?;
    Ok(Follower {
        stop: Some(stop),
        ended,
    })
}

struct Following {
    reloader: Reloader,
    watch: Watch,
    /// What is in force.
    loaded: Loaded,
    /// What is valid and could not be put in force, and why it was said not to
    /// be.
    pending: Option<Loaded>,
    refused: Option<String>,
    /// Looks since the last try.
    looks: u32,
}

/// How often what could not be put in force is tried again, in looks.
const TRY_AGAIN: u32 = 10;

impl Following {
    fn look(&mut self) {
        self.looks = self.looks.wrapping_add(1);
        match self.watch.look() {
            None => {
                // A plugin or a secret may have come meanwhile.
                if self.looks.is_multiple_of(TRY_AGAIN)
                    && let Some(loaded) = self.pending.take()
                {
                    self.put_in_force(loaded);
                }
            }
            Some(Err(error)) => {
                self.pending = None;
                self.refuse(causes(&error));
            }
            Some(Ok(loaded)) => self.put_in_force(loaded),
        }
    }

    fn put_in_force(&mut self, loaded: Loaded) {
        let registry = match self.reloader.prepare(&loaded.config) {
            Ok(registry) => registry,
            Err(error) => {
                self.refuse(causes(&error));
                self.pending = Some(loaded);
                return;
            }
        };
        let mut changes = loaded.changes_since(&self.loaded);
        changes.extend(self.reloader.changes(&registry));
        let is_same = changes.is_empty() && loaded.is_same_as(&self.loaded);
        if is_same && self.refused.is_none() {
            return;
        }
        if let Err(error) = self.reloader.put_in_force(registry, loaded.config.session) {
            return self.refuse(causes(&error));
        }
        self.watch.policies_of(&loaded.config);
        (self.loaded, self.refused, self.pending) = (loaded, None, None);
        self.reloader.tell(Reload::Applied(changes));
    }

    /// Says once that something is not in force.
    fn refuse(&mut self, why: String) {
        if self.refused.as_ref() != Some(&why) {
            self.reloader.tell(Reload::Refused(why.clone()));
            self.refused = Some(why);
        }
    }
}
