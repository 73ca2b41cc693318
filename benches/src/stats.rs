//! Medians and ratios.

/// Returns the middle value; of an even number the mean of the two in the middle. NaN for no values.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

pub(crate) fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

pub(crate) fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// Returns the value below which `part` of the sorted values are. NaN for no values.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let index = (last as f64 * part).round() as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// Returns the ratio of each value to that of the same round; rounds that lack one are left out.
pub(crate) fn per_round(values: &[Option<f64>], base: &[Option<f64>]) -> Vec<f64> {
    let pairs = values.iter().zip(base);
    pairs
        .filter_map(|(value, base)| Some((*value)? / (*base)?))
        .filter(|ratio| ratio.is_finite())
        .collect()
}

/// Returns the median of the ratios of the rounds. For bimodal values it returns the better of the ratio of medians and
/// the ratio of minima.
pub(crate) fn ratio(values: &[Option<f64>], base: &[Option<f64>], bimodal: bool) -> Option<f64> {
    let ratios = per_round(values, base);
    if ratios.is_empty() {
        return None;
    }
    if !bimodal {
        return Some(median(&ratios));
    }
    let values: Vec<f64> = values.iter().flatten().copied().collect();
    let base: Vec<f64> = base.iter().flatten().copied().collect();
    let medians = median(&values) / median(&base);
    Some(medians.min(least(&values) / least(&base)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.5), 500.0);
        assert_eq!(quantile(&values, 0.999), 998.0);
        assert_eq!(quantile(&[7.0], 0.99), 7.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_ratio_is_taken_within_rounds() {
        // The machine was twice as slow in the second round.
        let base = [Some(100.0), Some(200.0), Some(100.0)];
        let values = [Some(50.0), Some(100.0), Some(80.0)];
        assert_eq!(ratio(&values, &base, false), Some(0.5));
    }

    #[test]
    fn rounds_that_failed_are_left_out() {
        let base = [Some(100.0), None, Some(100.0)];
        let values = [None, Some(10.0), Some(30.0)];
        assert_eq!(ratio(&values, &base, false), Some(0.3));
        assert_eq!(ratio(&[None], &[Some(1.0)], false), None);
        assert_eq!(ratio(&[Some(0.0)], &[Some(0.0)], false), None);
    }

    #[test]
    fn unstable_values_are_rated_by_their_better_half() {
        let base = [Some(50.0), Some(100.0), Some(100.0)];
        let values = [Some(45.0), Some(50.0), Some(95.0)];
        assert_eq!(ratio(&values, &base, true), Some(0.5));
        let values = [Some(20.0), Some(120.0), Some(120.0)];
        assert_eq!(ratio(&values, &base, true), Some(0.4));
    }
}
