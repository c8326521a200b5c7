//! Any number of values, some of them in each statement: databases limit how many a statement takes.

use crate::error::Result;

/// Values of one statement.
pub(super) const STEP: usize = 500;

/// Loads what belongs to any number of values.
///
/// # Errors
/// Those of `load`.
pub fn in_steps<V, T>(
    values: &[V],
    mut load: impl FnMut(&[V]) -> Result<Vec<T>>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for some in values.chunks(STEP) {
        found.extend(load(some)?);
    }
    Ok(found)
}
