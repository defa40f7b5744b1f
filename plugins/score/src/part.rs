//! A part of the score.

use serde::Serialize;

/// The points of a full part; four parts make 100.
pub(crate) const FULL: f64 = 25.0;

/// A part of the score and why it is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Part {
    /// From 0 to 25; none if there is nothing to measure against.
    pub(crate) points: Option<u32>,
    /// One sentence, in the language of the text.
    pub(crate) reason: String,
}

impl Part {
    /// A part that reaches a share, from 0 to 1, of its points.
    pub(crate) fn reached(share: f64, reason: String) -> Self {
        let points = (share.clamp(0.0, 1.0) * FULL).round();
        Self {
            points: Some(points as u32),
            reason,
        }
    }

    /// A part that cannot be measured.
    pub(crate) fn unknown(reason: String) -> Self {
        Self { points: None, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stay_in_their_range() {
        let points = |share| Part::reached(share, String::new()).points;
        assert_eq!(points(0.5), Some(13));
        assert_eq!(points(7.0), Some(25));
        assert_eq!(points(-1.0), Some(0));
        assert_eq!(points(f64::NAN), Some(0));
    }
}
