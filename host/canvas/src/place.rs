//! Where a new node goes: beside what it belongs to, and on top of nothing.

use crate::node::{Kind, Node, Rect};

/// Between a node and the one added to its right.
pub const BESIDE: f64 = 100.0;
/// At least between an added node and any other above or below it.
pub const BELOW: f64 = 20.0;

/// The rectangles that are taken, by their upper edges.
#[derive(Debug)]
pub(crate) struct Space {
    taken: Vec<Rect>,
    /// The height of the highest: nothing that begins more than this above a
    /// place can reach into it.
    highest: f64,
}

impl Space {
    /// Groups are no obstacle: a result may lie in the group of its task.
    pub(crate) fn of(nodes: &[Node]) -> Self {
        let visible = nodes
            .iter()
            .filter(|node| node.kind != Kind::Group)
            .map(|node| node.rect)
            .filter(|rect| rect.width > 0.0 && rect.height > 0.0);
        let mut taken: Vec<Rect> = visible.collect();
        taken.sort_by(|one, other| one.y.total_cmp(&other.y));
        let highest = taken.iter().map(|rect| rect.height).fold(0.0, f64::max);
        Self { taken, highest }
    }

    /// Takes the place for a rectangle: where it is wanted, or as little below
    /// as is needed to overlap nothing.
    pub(crate) fn take(&mut self, wanted: Rect) -> Rect {
        let mut rect = wanted;
        let above = wanted.y - self.highest - BELOW;
        let first = self.taken.partition_point(|taken| taken.y < above);
        for taken in self.taken.iter().skip(first) {
            // They come by their upper edges, and `rect` only ever moves down:
            // what is passed cannot get in the way again.
            if taken.y >= rect.bottom() + BELOW {
                break;
            }
            let beside = taken.x >= rect.right() || taken.right() <= rect.x;
            if !beside && taken.bottom() + BELOW > rect.y {
                rect.y = (taken.bottom() + BELOW).ceil();
            }
        }
        let at = self.taken.partition_point(|taken| taken.y <= rect.y);
        self.taken.insert(at, rect);
        self.highest = self.highest.max(rect.height);
        rect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect { x, y, width, height }
    }

    fn space(rects: &[Rect]) -> Space {
        let node = |rect: &Rect| Node {
            rect: *rect,
            ..Node::default()
        };
        Space::of(&rects.iter().map(node).collect::<Vec<_>>())
    }

    #[test]
    fn a_free_place_is_taken_as_it_is_and_the_next_one_below() {
        let mut space = space(&[rect(0.0, 0.0, 100.0, 100.0), rect(200.0, 150.0, 100.0, 50.0)]);
        let wanted = rect(200.0, 0.0, 100.0, 100.0);
        assert_eq!(space.take(wanted), wanted);
        // Between the first and the node at 150 there is no room for another.
        assert_eq!(space.take(wanted).y, 220.0);
        assert_eq!(space.take(wanted).y, 340.0);
        assert_eq!(space.take(rect(300.0, 0.0, 10.0, 10.0)).y, 0.0);
    }

    /// Against the plain definition, with a small generator of rectangles.
    #[test]
    fn nothing_ever_overlaps() {
        let mut state = 7u64;
        let mut next = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) % most) as f64
        };
        let mut space = space(&[]);
        let mut taken: Vec<Rect> = Vec::new();
        for _ in 0..600 {
            let wanted = rect(next(900), next(900), next(300) + 1.0, next(300) + 1.0);
            let found = space.take(wanted);
            assert!(found.y >= wanted.y && found.x == wanted.x);
            for other in &taken {
                let beside = other.x >= found.right() || other.right() <= found.x;
                let apart = other.y >= found.bottom() + BELOW || other.bottom() + BELOW <= found.y;
                assert!(beside || apart, "{found:?} {other:?}");
            }
            taken.push(found);
        }
    }
}
