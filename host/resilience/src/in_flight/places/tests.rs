use super::*;

const NOW: Duration = Duration::from_secs(7);

/// Places whose waiters are called by their agent and a number.
#[derive(Default)]
struct Bench {
    places: Places<String>,
    tickets: BTreeMap<String, Ticket>,
}

impl Bench {
    fn ask(&mut self, who: &str) {
        let agent = who.trim_end_matches(char::is_numeric).into();
        let ticket = self.places.ask(&agent, who.to_owned());
        self.tickets.insert(who.to_owned(), ticket);
    }

    fn leave(&mut self, who: &str) {
        self.places.leave(self.tickets.remove(who).unwrap());
    }

    /// Who is given a place now.
    fn given(&mut self, limit: u32) -> String {
        let given = std::iter::from_fn(|| self.places.give_next(limit, NOW));
        given.collect::<Vec<_>>().join(" ")
    }
}

fn asked(who: &str) -> Bench {
    let mut bench = Bench::default();
    who.split(' ').for_each(|who| bench.ask(who));
    bench
}

#[test]
fn an_agent_alone_has_all_places_in_the_order_in_which_it_asked() {
    let mut bench = asked("a1 a2 a3 a4 a5");
    assert_eq!(bench.given(4), "a1 a2 a3 a4");
    bench.leave("a2");
    assert_eq!(bench.given(4), "a5");
}

#[test]
fn agents_that_wait_take_turns() {
    let mut bench = asked("a1 a2 a3 b1 b2 c1");
    assert_eq!(bench.given(5), "a1 b1 c1 a2 b2");
}

/// It keeps what it took while nobody else was there, and what it gives back is
/// another's until their parts are equal.
#[test]
fn what_one_gives_back_that_had_all_is_anothers_until_the_parts_are_equal() {
    let mut bench = asked("a1 a2 a3 a4 a5 a6");
    bench.given(4);
    ["b1", "b2", "b3"].into_iter().for_each(|who| bench.ask(who));
    assert_eq!(bench.given(4), "");
    bench.leave("a1");
    assert_eq!(bench.given(4), "b1");
    bench.leave("a2");
    assert_eq!(bench.given(4), "b2");
    bench.leave("a3");
    assert_eq!(bench.given(4), "a5", "two each: its own");
    bench.leave("b1");
    assert_eq!(bench.given(4), "b3");
}

/// One whose guests never read their answers gives a place back only when the deadline
/// of an attempt ends it. The first of them is enough.
#[test]
fn one_that_never_reads_delays_the_others_until_its_first_deadline() {
    let mut bench = asked("greedy1 greedy2 greedy3 greedy4 greedy5");
    bench.given(4);
    bench.ask("b1");
    bench.leave("greedy3");
    assert_eq!(bench.given(4), "b1");
    bench.leave("b1");
    bench.ask("b2");
    assert_eq!(bench.given(4), "b2", "it has the fewest still");
}

#[test]
fn who_leaves_is_forgotten() {
    let mut bench = asked("a1 a2 b1");
    bench.leave("a1");
    assert_eq!(bench.given(1), "a2", "its agent's turn is as it was");
    bench.leave("b1");
    bench.leave("a2");
    assert!(bench.places.agents.is_empty() && bench.places.turns.is_empty());
    assert_eq!((bench.places.in_use(), bench.places.waiting()), (0, 0));
}

#[test]
fn a_lower_limit_takes_nothing_away_and_gives_nothing() {
    let mut bench = asked("a1 a2 a3 a4 b1");
    assert_eq!(bench.given(4), "a1 b1 a2 a3");
    ["a1", "a2"].into_iter().for_each(|who| bench.leave(who));
    assert_eq!(bench.given(2), "");
    bench.leave("a3");
    assert_eq!(bench.given(2), "a4");
}

#[test]
fn a_queue_stands_still_when_nobody_was_given_a_place_for_ten_minutes() {
    let mut bench = asked("a1 a2");
    bench.given(1);
    let sooner = NOW.saturating_sub(Duration::from_secs(5));
    let later = NOW + Duration::from_secs(5);
    assert_eq!(bench.places.stalls_at(sooner), NOW + STALL);
    assert_eq!(bench.places.stalls_at(later), later + STALL);
}
