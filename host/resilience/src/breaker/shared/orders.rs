//! Runs threads again and again, one at a time, so that they take their locks in
//! every order there is.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

thread_local! {
    /// The run that this thread is part of, and its number there.
    pub(super) static THREAD: RefCell<Option<(Arc<Run>, usize)>> = const { RefCell::new(None) };
}

/// What a thread is at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Work,
    /// It waits for a lock, or for the start.
    Wait(Option<usize>),
    End,
}

/// One of the orders.
pub(super) struct Run {
    turns: Mutex<Turns>,
    next: Condvar,
}

struct Turns {
    threads: Vec<At>,
    held: HashSet<usize>,
    /// Which of the threads that could go went, and how many could, at each turn;
    /// those of the last run up to where this one is to differ.
    choices: Vec<(usize, usize)>,
    turn: usize,
}

impl Run {
    /// Lets another thread go, or this one, until it is this one's turn.
    pub(super) fn wait(&self, thread: usize, lock: Option<usize>) {
        let mut turns = self.turns.lock().unwrap();
        turns.threads[thread] = At::Wait(lock);
        turns.choose();
        self.next.notify_all();
        let waits = |turns: &mut Turns| turns.threads[thread] != At::Work;
        drop(self.next.wait_while(turns, waits).unwrap());
    }

    /// A lock is free for others, who run only when this thread waits or ends.
    pub(super) fn let_go(&self, lock: usize) {
        self.turns.lock().unwrap().held.remove(&lock);
    }

    fn end(&self, thread: usize) {
        let mut turns = self.turns.lock().unwrap();
        turns.threads[thread] = At::End;
        turns.choose();
        self.next.notify_all();
    }
}

impl Turns {
    /// Lets one thread go, if all wait or have ended.
    fn choose(&mut self) {
        let free =
            |at: &At| matches!(at, At::Wait(lock) if lock.is_none_or(|lock| !self.held.contains(&lock)));
        let ready: Vec<_> = (0..self.threads.len())
            .filter(|thread| free(&self.threads[*thread]))
            .collect();
        if self.threads.contains(&At::Work) || self.threads.iter().all(|at| *at == At::End) {
            return;
        }
        assert!(!ready.is_empty(), "each waits for another");
        if self.turn == self.choices.len() {
            self.choices.push((0, ready.len()));
        }
        let (choice, of) = self.choices[self.turn];
        assert_eq!(of, ready.len(), "a run can be repeated");
        self.turn += 1;
        if let At::Wait(lock) = self.threads[ready[choice]] {
            self.held.extend(lock);
        }
        self.threads[ready[choice]] = At::Work;
    }
}

/// Runs what `start` gives, each piece of work in a thread, and hands what they
/// return to `end`, in every order; how many there were.
pub(super) fn in_every_order<C, R: Send, W: FnOnce() -> R + Send>(
    start: impl Fn() -> (C, Vec<W>),
    end: impl Fn(C, Vec<R>),
) -> usize {
    let mut choices = vec![];
    for orders in 1.. {
        let (context, work) = start();
        let turns = Turns {
            threads: vec![At::Work; work.len()],
            held: HashSet::new(),
            choices,
            turn: 0,
        };
        let run = Arc::new(Run {
            turns: Mutex::new(turns),
            next: Condvar::new(),
        });
        end(context, together(&run, work));
        choices = std::mem::take(&mut run.turns.lock().unwrap().choices);
        while choices.pop_if(|(choice, of)| *choice + 1 == *of).is_some() {}
        match choices.last_mut() {
            Some((choice, _)) => *choice += 1,
            None => return orders,
        }
    }
    0
}

/// Ends a thread's part in a run, even if it panics.
struct Ended<'a>(&'a Run, usize);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.end(self.1);
    }
}

/// Runs the threads of one order.
fn together<R: Send, W: FnOnce() -> R + Send>(run: &Arc<Run>, work: Vec<W>) -> Vec<R> {
    thread::scope(|scope| {
        let spawn = |(number, work): (usize, W)| {
            scope.spawn(move || {
                THREAD.set(Some((run.clone(), number)));
                run.wait(number, None);
                let _ended = Ended(run, number);
                work()
            })
        };
        let threads: Vec<_> = work.into_iter().enumerate().map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
