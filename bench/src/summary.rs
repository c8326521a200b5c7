//! Medians and percentiles.

/// The value below which so many percent of the sorted values lie; 0 when there are none.
pub(crate) fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0.0)
}

/// The value in the middle, or the mean of the two that are.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or(0.0);
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = values
        .len()
        .checked_sub(1)
        .and_then(|last| values.get(last / 2));
    f64::midpoint(lower.copied().unwrap_or(0.0), upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn the_middle_of_few_and_of_none() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0]), 2.5);
        assert_eq!(median([]), 0.0);
        assert_eq!(percentile(&[1.0, 2.0, 3.0], 99), 3.0);
        assert_eq!(percentile(&[], 50), 0.0);
    }
}
