//! 64-bit numbers, which the protocol writes as decimal strings.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes the number as a string.
pub fn serialize<S: Serializer>(value: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads the number from a string.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}
