//! How unevenly gaps are spread.

/// The squared coefficient of variation: variance over squared mean. 0 for a
/// clock, 1 for a Poisson process, more for clusters; 0 of no gaps, or of gaps
/// that are nothing.
pub(super) fn dispersion(gaps: &[f64]) -> f64 {
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    if gaps.is_empty() || mean <= 0.0 {
        return 0.0;
    }
    let squares = gaps.iter().map(|gap| (gap - mean) * (gap - mean));
    squares.sum::<f64>() / n / (mean * mean)
}

/// From where on a dispersion of so many gaps is no longer chance.
pub(super) fn limit(gaps: usize) -> f64 {
    (1.0 + 9.0 / (gaps as f64).sqrt()).max(2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_nothing_for_a_clock_and_large_for_clusters() {
        assert_eq!(dispersion(&[]), 0.0);
        assert_eq!(dispersion(&[0.0; 9]), 0.0);
        assert_eq!(dispersion(&[5.0; 9]), 0.0);
        let clusters = [1.0, 1.0, 1.0, 97.0].repeat(10);
        assert!((dispersion(&clusters) - 2.7648).abs() < 1e-9);
    }

    #[test]
    fn few_gaps_have_to_show_more() {
        assert_eq!([9, 36, 10_000].map(limit), [4.0, 2.5, 2.0]);
    }
}
