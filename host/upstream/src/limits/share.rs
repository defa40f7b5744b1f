//! Equal parts: none can spend another's.

use std::collections::BTreeSet;

/// An agent, among all that were granted the upstream.
///
/// Each has an equal part, and nothing is lent from part to part: what is lent
/// to one that asks for more is missing where it was taken. Only those that were
/// granted the upstream take part, since each more makes the parts smaller.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// Its name.
    pub who: &'a str,
    /// The names of all, its own included.
    pub all: &'a BTreeSet<String>,
}

impl Party<'_> {
    /// How many there are.
    pub(super) fn count(self) -> u64 {
        self.all.len() as u64
    }

    /// Whether it is one of them.
    pub(super) fn takes_part(self) -> bool {
        self.all.contains(self.who)
    }

    /// Its part of a number. What does not divide goes to the first by name, one
    /// each. Nothing for one that does not take part.
    pub(super) fn part(self, of: u64) -> u64 {
        let Some(at) = self.all.iter().position(|name| name == self.who) else {
            return 0;
        };
        let (part, rest) = (of.checked_div(self.count()), of.checked_rem(self.count()));
        part.unwrap_or(0) + u64::from((at as u64) < rest.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_whole() {
        for (count, of) in [(1, 7), (3, 7), (5, 3), (4, 120), (7, 0)] {
            let all: BTreeSet<String> = (0..count).map(|at| format!("agent-{at}")).collect();
            let parts: Vec<u64> = all.iter().map(|who| Party { who, all: &all }.part(of)).collect();
            assert_eq!(parts.iter().sum::<u64>(), of);
            assert!(parts.iter().max().unwrap() - parts.iter().min().unwrap() <= 1);
            assert_eq!(
                Party {
                    who: "other",
                    all: &all
                }
                .part(of),
                0
            );
        }
        let none = BTreeSet::new();
        assert_eq!(
            Party {
                who: "other",
                all: &none
            }
            .part(9),
            0
        );
    }
}
