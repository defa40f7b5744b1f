//! Causes that stand: a wrong key, an unpaid bill, a missing grant. They fail every
//! task that needs the same, until a person mends them.
//!
//! ```text
//! a request -> admission: Pass -------------------> the upstream
//!                 |- Wait: two tasks had such an answer, and their ends are not known
//!                 +- Refused: it stands                  |
//!    a success clears it, a refusal makes a suspect  <---+
//!                 |
//! a suspect's task ends with that failure -> the second one: it stands
//! ```
//!
//! Two tasks of an agent that ended with the same code, at the same upstream with the same
//! credentials, are enough (five where the status is 403, which may be about what was
//! asked for), if nothing there has succeeded since and nothing that may still succeed is
//! under way. Until that is known, further requests wait, so
//! that a wrong key costs the service no more than what was under way. A wait is
//! not for ever: now and then one request may try, and its success lets all go on.
//!
//! Only requests are refused, never tasks: a task that does not need what does not work
//! has its result.
//!
//! A denial costs no service anything, and whether a task needs what was not granted only
//! the task knows: each is denied when it asks. Where two tasks of an instance have ended
//! with the same denial and none has ever succeeded, others of its pool are better for the
//! rest.

mod about;
mod account;
mod denials;
mod suspicion;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use fusebox_types::TaskIndex;
use fusebox_types::failure::Failure;

pub use about::{Account, Admission, Asking, EndedTask, Holder, StandingCause, Subject, Turn};
use account::AtAccount;
use denials::OfHolder;

/// Different tasks that have to end with the same: one may have been unlucky.
const TASKS: usize = 2;

/// The name in a failure's context that says since when its cause stands. A task
/// that ended with such a failure was not asked for.
const STANDING: &str = "standing";

/// What stands in a session, and what may soon.
#[derive(Debug, Default)]
pub struct StandingCauses {
    accounts: BTreeMap<Account, AtAccount>,
    holders: BTreeMap<Holder, OfHolder>,
    /// Tasks that are under way: nobody may wait for the end of others.
    tasks: BTreeSet<TaskIndex>,
    /// Tells an account from the same one after a reload.
    generations: u64,
}

impl StandingCauses {
    /// Whether a task's request may be sent.
    pub fn admission(&self, account: &Account, task: TaskIndex) -> Admission {
        let at = self.accounts.get(account);
        at.map_or(Admission::Pass, |at| at.admission(task))
    }

    /// Lets a request pass if it may, or if it is its turn to try although that is
    /// not known. Its end has to be noted by [`Self::end`].
    ///
    /// # Errors
    /// Why it may not.
    pub fn begin(
        &mut self,
        account: &Account,
        task: TaskIndex,
        turn: Option<Turn>,
    ) -> Result<Asking, Admission> {
        let generations = &mut self.generations;
        let at = self.accounts.entry(account.clone()).or_insert_with(|| {
            *generations += 1;
            AtAccount::new(*generations)
        });
        match at.admission(task) {
            Admission::Pass => at.begin(),
            Admission::Wait if turn.is_some_and(|turn| at.take_turn(turn.0)) => at.begin(),
            not => return Err(not),
        }
        Ok(Asking {
            account: account.clone(),
            generation: at.generation,
            task,
        })
    }

    /// The turn of whoever begins to wait now.
    pub fn turn(&self, account: &Account) -> Turn {
        Turn(self.accounts.get(account).map_or(0, AtAccount::turns))
    }

    /// A request had an answer with which nothing is wrong: no cause stands there.
    pub fn succeeded(&mut self, asking: &Asking) {
        if let Some(at) = self.of(asking) {
            at.clear();
        }
    }

    /// A request had an answer that others will have as well. Of a task that is not
    /// under way any more that says nothing: how it ended has been noted.
    pub fn refused(&mut self, asking: &Asking, failure: &Failure) {
        let is_under_way = self.tasks.contains(&asking.task);
        if let Some(at) = self.of(asking).filter(|_| is_under_way) {
            at.refused(asking.task, failure);
        }
    }

    /// Notes the end of a request, after what it came to; what stands from now on.
    pub fn end(&mut self, asking: Asking) -> Option<StandingCause> {
        let cause = self.of(&asking)?.end()?;
        Some(cause.about(Subject::Account(asking.account)))
    }

    /// A task's attempts by an agent have ended with a failure that others may end
    /// with as well; what stands from now on.
    pub fn task_failed(
        &mut self,
        holder: &Holder,
        task: &EndedTask,
        failure: &Failure,
    ) -> Option<StandingCause> {
        // Whoever was not asked says nothing new.
        if !failure.code.is_standing() || is_unasked(failure) {
            return None;
        }
        if failure.code.is_denied() {
            let of = self.holders.entry(holder.clone()).or_default();
            let cause = of.denied(task, failure)?;
            return Some(cause.about(Subject::Holder(holder.clone())));
        }
        let upstream = context(failure, "upstream")?;
        let mut accounts = self.accounts.iter_mut();
        accounts.find_map(|(account, at)| {
            let is_there = *account.upstream == *upstream && account.agent == holder.agent;
            let cause = is_there.then(|| at.task_failed(task, failure)).flatten()?;
            Some(cause.about(Subject::Account(account.clone())))
        })
    }

    /// A task of an instance has succeeded.
    pub fn task_succeeded(&mut self, holder: &Holder) {
        match self.holders.get_mut(holder) {
            Some(of) => of.succeeded(),
            None => {
                self.holders.insert(holder.clone(), OfHolder::that_succeeded());
            }
        }
    }

    /// A task is under way, until it has [left](Self::left).
    pub fn began(&mut self, task: TaskIndex) {
        self.tasks.insert(task);
    }

    /// A task is not under way any more: nobody waits for its end.
    pub fn left(&mut self, task: TaskIndex) {
        self.tasks.remove(&task);
        self.accounts.values_mut().for_each(|at| at.left(task));
    }

    /// What an instance was denied that stands: another that was granted more is better
    /// for a task. A task that does not need it can do without, so that none ends for it
    /// unasked.
    pub fn lacks(&self, holder: &Holder) -> bool {
        self.holders.get(holder).is_some_and(OfHolder::is_lacking)
    }

    /// The configuration has changed: what is about credentials that are still the
    /// same stays, all else begins anew.
    pub fn reloaded(&mut self, is_same: impl Fn(&str) -> bool) {
        self.holders.clear();
        self.accounts
            .retain(|account, _| account.instance.is_none() && is_same(&account.upstream));
    }

    /// Where a request was sent, as long as that is the same.
    fn of(&mut self, asking: &Asking) -> Option<&mut AtAccount> {
        let at = self.accounts.get_mut(&asking.account);
        at.filter(|at| at.generation == asking.generation)
    }
}

/// Whether a failure is that of a task or request that was not asked, because its
/// cause stands.
fn is_unasked(failure: &Failure) -> bool {
    context(failure, STANDING).is_some()
}

/// What a failure's context says of something.
fn context<'f>(failure: &'f Failure, name: &str) -> Option<&'f str> {
    let found = failure.context.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}
