//! Which of an attempt's requests is which: the same one in every attempt that
//! does the same.

use fusebox_types::digest::Digest;

/// The requests of an attempt that keys are for, in the order in which they were
/// made. What a try of an operation made is taken back when the next try begins.
#[derive(Debug, Default)]
pub(super) struct Order {
    made: Vec<Made>,
    /// Requests that were made, those that were taken back included.
    requests: u64,
    /// Operations that run, the innermost last.
    running: Vec<u64>,
    /// Operations that were begun.
    operations: u64,
    /// Whether operations ran that were not one inside the other: then nobody
    /// knows which of them a request belongs to.
    is_mixed: bool,
}

/// A request that was made.
#[derive(Debug)]
struct Made {
    id: u64,
    /// Upstream, method and path.
    place: Digest,
    failed: bool,
}

/// An operation that runs.
#[derive(Debug)]
pub(crate) struct Mark {
    operation: u64,
    /// How many requests stood before it.
    before: usize,
}

/// A request of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Which of its place it is, from 1.
    pub(super) number: u32,
    /// Whether the next attempt will make the same one in this place. After a
    /// request that failed it may be a repetition, which that attempt does not
    /// need.
    pub(super) is_certain: bool,
}

impl Order {
    /// The turn that a place's next request has.
    pub(super) fn next(&self, place: &Digest) -> Turn {
        let of_place = || self.made.iter().filter(|made| made.place == *place);
        Turn {
            number: u32::try_from(of_place().count() + 1).unwrap_or(u32::MAX),
            is_certain: !self.is_mixed && !of_place().any(|made| made.failed),
        }
    }

    /// A request of a place is made; what it is called here.
    pub(super) fn make(&mut self, place: Digest) -> u64 {
        self.requests += 1;
        let id = self.requests;
        let failed = false;
        self.made.push(Made { id, place, failed });
        id
    }

    /// A request failed, or nobody knows how it ended.
    pub(super) fn failed(&mut self, id: u64) {
        let made = self.made.iter_mut().find(|made| made.id == id);
        made.into_iter().for_each(|made| made.failed = true);
    }

    /// An operation begins, inside those that run.
    pub(super) fn begin(&mut self) -> Mark {
        self.operations += 1;
        self.running.push(self.operations);
        Mark {
            operation: self.operations,
            before: self.made.len(),
        }
    }

    /// A try of an operation failed and the next one begins: it makes the same
    /// requests.
    pub(super) fn again(&mut self, mark: &Mark) {
        match self.running.last() {
            Some(innermost) if *innermost == mark.operation => self.made.truncate(mark.before),
            _ => self.is_mixed = true,
        }
    }

    /// An operation has ended.
    pub(super) fn end(&mut self, mark: &Mark) {
        self.running.retain(|running| *running != mark.operation);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(name: u8) -> Digest {
        Digest::of(&[name])
    }

    fn numbers(order: &mut Order, places: &[u8]) -> Vec<u32> {
        let made = places.iter().map(|name| {
            let turn = order.next(&place(*name));
            order.make(place(*name));
            turn.number
        });
        made.collect()
    }

    #[test]
    fn requests_are_counted_by_place() {
        assert_eq!(numbers(&mut Order::default(), b"aabab"), [1, 2, 1, 3, 2]);
    }

    #[test]
    fn the_next_try_of_an_operation_makes_the_same_requests() {
        let mut order = Order::default();
        assert_eq!(numbers(&mut order, b"a"), [1]);
        let outer = order.begin();
        assert_eq!(numbers(&mut order, b"ab"), [2, 1]);
        let inner = order.begin();
        assert_eq!(numbers(&mut order, b"b"), [2]);
        order.again(&inner);
        assert_eq!(numbers(&mut order, b"b"), [2]);
        order.end(&inner);
        order.again(&outer);
        assert_eq!(numbers(&mut order, b"ab"), [2, 1]);
        order.end(&outer);
        assert_eq!(numbers(&mut order, b"ab"), [3, 2]);
        assert!(order.next(&place(b'a')).is_certain);
    }

    #[test]
    fn after_a_failure_nobody_knows_whether_a_request_is_a_repetition() {
        let mut order = Order::default();
        let operation = order.begin();
        let id = order.make(place(b'a'));
        order.failed(id);
        assert!(!order.next(&place(b'a')).is_certain);
        assert!(order.next(&place(b'b')).is_certain);
        order.again(&operation);
        assert!(order.next(&place(b'a')).is_certain, "it is the same again");
        // What was taken back fails late: it is none of this try's.
        order.failed(id);
        assert!(order.next(&place(b'a')).is_certain);
    }

    #[test]
    fn of_operations_that_run_side_by_side_nothing_is_taken_back() {
        let mut order = Order::default();
        let (one, _other) = (order.begin(), order.begin());
        assert_eq!(numbers(&mut order, b"a"), [1]);
        order.again(&one);
        assert_eq!(
            order.next(&place(b'a')),
            Turn {
                number: 2,
                is_certain: false
            }
        );
    }

    /// What a guest does.
    #[derive(Debug, Clone)]
    enum Does {
        Request(u8),
        /// An operation: what each of its tries does, all but the last of which
        /// fail.
        Operation(Vec<Vec<Does>>),
    }

    fn does() -> impl Strategy<Value = Vec<Does>> {
        let request = (0..3_u8).prop_map(Does::Request);
        let one = request.prop_recursive(3, 24, 4, |inner| {
            let inner = prop::collection::vec(inner, 0..4);
            prop::collection::vec(inner, 1..4).prop_map(Does::Operation)
        });
        prop::collection::vec(one, 0..6)
    }

    fn counted(order: &mut Order, does: &[Does], numbers: &mut Vec<(u8, u32)>) {
        for one in does {
            match one {
                Does::Request(name) => {
                    numbers.push((*name, order.next(&place(*name)).number));
                    order.make(place(*name));
                }
                Does::Operation(tries) => {
                    let mark = order.begin();
                    for (at, does) in tries.iter().enumerate() {
                        if at > 0 {
                            order.again(&mark);
                        }
                        counted(order, does, numbers);
                    }
                    order.end(&mark);
                }
            }
        }
    }

    /// The plain model: each try begins with a copy of the counts that there were
    /// before the operation.
    fn modelled(counts: [u32; 3], does: &[Does], numbers: &mut Vec<(u8, u32)>) -> [u32; 3] {
        does.iter().fold(counts, |mut counts, one| match one {
            Does::Request(name) => {
                let count = &mut counts[usize::from(*name)];
                *count += 1;
                numbers.push((*name, *count));
                counts
            }
            Does::Operation(tries) => {
                let tries = tries.iter().map(|does| modelled(counts, does, numbers));
                tries.last().unwrap_or(counts)
            }
        })
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_plain_model(does in does()) {
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            let mut order = Order::default();
            counted(&mut order, &does, &mut found);
            modelled([0; 3], &does, &mut expected);
            prop_assert_eq!(found, expected);
            prop_assert!((0..3).all(|name| order.next(&place(name)).is_certain));
        }
    }
}
