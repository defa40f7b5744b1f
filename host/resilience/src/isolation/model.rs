//! A pool that is plain and slow: it keeps every attempt and counts anew each
//! time. The real one is held against it.
//!
//! Times are milliseconds. There is no jitter, and the window is longer than any
//! life.

use crate::isolation::IsolationRules;

/// One instance. `None` in `out` is in the pool.
#[derive(Debug, Clone, Default)]
pub(super) struct Instance {
    pub(super) number: usize,
    pub(super) plugin: u8,
    generation: u64,
    pub(super) out: Option<Out>,
    pub(super) held: bool,
    pub(super) times: u32,
    /// Healthy since.
    since: u64,
    pub(super) in_flight: u32,
    turn: u64,
    /// Whether each attempt since the last change was a strike.
    attempts: Vec<bool>,
    /// Strikes in a row, health checks included.
    in_a_row: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Out {
    since: u64,
    /// A time that was ordered; none for that of the rules.
    time: Option<u64>,
    /// The probe under way: its turn, and when it began.
    probe: Option<(u64, u64)>,
}

/// What a lease is here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) number: usize,
    generation: u64,
    pub(super) probe: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) members: Vec<Instance>,
    pub(super) leaving: Vec<Instance>,
    turns: u64,
    generations: u64,
}

pub(super) fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

pub(super) fn allowed(rules: &IsolationRules, size: usize) -> usize {
    match (size, rules.max_quarantined.0) {
        (0 | 1, _) | (_, 0) => 0,
        (size, share) => (size * share as usize / 10_000).clamp(1, size - 1),
    }
}

impl Instance {
    pub(super) fn times_at(&self, rules: &IsolationRules, now: u64) -> u32 {
        let mut times = self.times;
        if self.out.is_none() && !self.held {
            let mut since = self.since;
            while times > 0 && now >= since + millis(rules.quarantine_time) {
                since += millis(rules.quarantine_time);
                times -= 1;
            }
        }
        times
    }

    pub(super) fn until(&self, rules: &IsolationRules) -> u64 {
        let out = self.out.as_ref().unwrap();
        let by_rules = millis(rules.quarantine_time) * u64::from(self.times);
        let by_rules = by_rules.min(millis(rules.max_quarantine_time));
        out.since + out.time.unwrap_or(by_rules)
    }

    fn due(&self, rules: &IsolationRules, now: u64) -> bool {
        let free = |out: &Out| {
            out.probe
                .is_none_or(|(_, began)| now >= began + millis(rules.probe_lease))
        };
        self.out.as_ref().is_some_and(free) && now >= self.until(rules)
    }

    fn healthy(&self, rules: &IsolationRules) -> bool {
        self.out.is_none() && !self.held && self.in_a_row < rules.strikes
    }

    fn forget(&mut self) {
        self.attempts.clear();
        self.in_a_row = 0;
    }
}

impl Model {
    pub(super) fn out(&self) -> Vec<usize> {
        let out = self.members.iter().filter(|one| one.out.is_some());
        out.map(|one| one.number).collect()
    }

    pub(super) fn degraded(&self, rules: &IsolationRules) -> bool {
        let healthy = self.members.iter().filter(|one| one.healthy(rules)).count();
        healthy * 2 < self.members.len()
    }

    fn find(&mut self, number: usize) -> Option<&mut Instance> {
        self.members.iter_mut().find(|one| one.number == number)
    }

    fn next_generation(&mut self) -> u64 {
        self.generations += 1;
        self.generations
    }

    pub(super) fn choose(&mut self, failed_on: &[usize], rules: &IsolationRules, now: u64) -> Option<Ticket> {
        let first = failed_on.is_empty();
        let fresh = |one: &&Instance| !failed_on.contains(&one.number);
        let last = |one: &&Instance| failed_on.last() == Some(&one.number);
        let all = || self.members.iter();
        let inside = || all().filter(|one| one.out.is_none());
        let due = || all().filter(|one| one.due(rules, now)).filter(fresh);
        let groups: [Vec<&Instance>; 6] = [
            due().filter(|_| first).collect(),
            inside()
                .filter(fresh)
                .filter(|one| first || one.healthy(rules))
                .collect(),
            inside().filter(fresh).collect(),
            due().collect(),
            inside().filter(|one| !last(one)).collect(),
            inside().collect(),
        ];
        let group = groups.into_iter().find(|group| !group.is_empty())?;
        let number = group.iter().min_by_key(|one| (one.in_flight, one.turn))?.number;
        self.turns += 1;
        let turn = self.turns;
        let one = self.find(number)?;
        (one.turn, one.in_flight) = (turn, one.in_flight + 1);
        let generation = one.generation;
        let probe = one.out.as_mut().map(|out| {
            out.probe = Some((turn, now));
            turn
        });
        Some(Ticket {
            number,
            generation,
            probe,
        })
    }

    /// `strike` is none for a neutral end.
    pub(super) fn record(&mut self, ticket: Ticket, strike: Option<bool>, rules: &IsolationRules, now: u64) {
        if let Some(one) = self.leaving.iter_mut().find(|one| one.number == ticket.number) {
            one.in_flight -= 1;
            self.leaving.retain(|one| one.in_flight > 0);
            return;
        }
        let one = self.find(ticket.number).unwrap();
        one.in_flight -= 1;
        if one.generation != ticket.generation {
            return;
        }
        if let Some(out) = &mut one.out {
            let holds = |(turn, began): (u64, u64)| {
                ticket.probe == Some(turn) && now < began + millis(rules.probe_lease)
            };
            let held = out.probe.is_some_and(holds);
            if out.probe.is_some_and(|(turn, _)| ticket.probe == Some(turn)) {
                out.probe = None;
            }
            match strike {
                Some(true) if held => self.take_out(ticket.number, None, rules, now),
                Some(false) if held => self.bring_back(ticket.number, now),
                _ => {}
            }
            return;
        }
        let Some(strike) = strike else { return };
        one.attempts.push(strike);
        if strike {
            one.in_a_row += 1;
            self.judge(ticket.number, rules, now);
        } else {
            one.in_a_row = 0;
            if std::mem::take(&mut one.held) {
                one.since = now;
            }
        }
    }

    pub(super) fn failed_check(&mut self, number: usize, rules: &IsolationRules, now: u64) {
        let one = self.find(number).unwrap();
        if one.out.is_none() {
            one.in_a_row += 1;
            self.judge(number, rules, now);
        }
    }

    fn judge(&mut self, number: usize, rules: &IsolationRules, now: u64) {
        let one = self.find(number).unwrap();
        if one.in_a_row < rules.strikes && !self.is_outlier(number, rules) {
            return;
        }
        if self.out().len() < allowed(rules, self.members.len()) {
            self.take_out(number, None, rules, now);
        } else {
            let one = self.find(number).unwrap();
            one.times = one.times_at(rules, now);
            one.held = true;
        }
    }

    /// The formula of the real one, in the words of a textbook.
    fn is_outlier(&self, number: usize, rules: &IsolationRules) -> bool {
        let count = |own: bool| {
            let of = self.members.iter().filter(|one| (one.number == number) == own);
            let all: Vec<bool> = of.flat_map(|one| one.attempts.clone()).collect();
            let strikes = all.iter().filter(|strike| **strike).count();
            (strikes as f64, all.len() as f64)
        };
        let ((f1, n1), (f2, n2)) = (count(true), count(false));
        if n1.min(n2) < f64::from(rules.outlier_attempts) {
            return false;
        }
        let together = (f1 + f2) / (n1 + n2);
        let deviation = (together * (1.0 - together) * (1.0 / n1 + 1.0 / n2)).sqrt();
        let least = f64::from(rules.outlier_rate.0) / 10_000.0;
        f1 / n1 >= least && f1 / n1 - f2 / n2 > f64::from(rules.outlier_deviations) * deviation + 1e-12
    }

    pub(super) fn take_out(&mut self, number: usize, time: Option<u64>, rules: &IsolationRules, now: u64) {
        let generation = self.next_generation();
        let one = self.find(number).unwrap();
        one.times = one.times_at(rules, now) + 1;
        one.out = Some(Out {
            since: now,
            time,
            probe: None,
        });
        (one.generation, one.held) = (generation, false);
        one.forget();
    }

    pub(super) fn bring_back(&mut self, number: usize, now: u64) {
        let generation = self.next_generation();
        let one = self.find(number).unwrap();
        (one.out, one.since, one.generation) = (None, now, generation);
        one.forget();
    }

    pub(super) fn release(&mut self, number: usize, now: u64) {
        let one = self.find(number).unwrap();
        if one.out.is_some() {
            one.times = 0;
            self.bring_back(number, now);
        }
    }

    pub(super) fn reload(&mut self, members: &[(usize, u8)], rules: &IsolationRules, now: u64) {
        let mut known: Vec<_> = self.members.drain(..).chain(self.leaving.drain(..)).collect();
        for &(number, plugin) in members {
            let place = known.iter().position(|one| one.number == number);
            let mut one = place.map_or_else(Instance::default, |place| known.remove(place));
            let generation = self.next_generation();
            if place.is_none() {
                (one.number, one.plugin, one.generation, one.since) = (number, plugin, generation, now);
            }
            if one.plugin != plugin {
                (one.plugin, one.generation, one.times, one.held) = (plugin, generation, 0, false);
                if one.out.take().is_some() {
                    one.since = now;
                }
                one.forget();
            }
            self.members.push(one);
        }
        known.retain(|one| one.in_flight > 0);
        self.leaving = known;
        while self.out().len() > allowed(rules, self.members.len()) {
            let out = self.members.iter().filter(|one| one.out.is_some());
            let number = out.min_by_key(|one| one.until(rules)).unwrap().number;
            self.bring_back(number, now);
        }
    }
}
