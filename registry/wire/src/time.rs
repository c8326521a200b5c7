//! Points in time as the protocol writes them.

use std::fmt;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 0001-01-01T00:00:00Z, which Go writes for a time that is not set.
const YEAR_ONE: i64 = -62_135_596_800_000_000;
/// 9999-12-31T23:59:59.999999Z, the last time that RFC 3339 can write.
const LAST: i64 = 253_402_300_799_999_999;

/// A point in time: microseconds since 1970 in UTC, within the years 1 to 9999.
///
/// ```
/// use touchmark_wire::time::Timestamp;
/// let time = Timestamp::from_micros(1_700_000_000_000_120);
/// assert_eq!(time.to_string(), "2023-11-14T22:13:20.000120Z");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Makes a time of microseconds since 1970; what lies outside the years 1
    /// to 9999 becomes the nearest time inside.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < YEAR_ONE {
            Self(YEAR_ONE)
        } else if micros > LAST {
            Self(LAST)
        } else {
            Self(micros)
        }
    }

    /// Microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with any offset; digits after the sixth are cut off.
    pub fn parse(text: &str) -> Result<Self, chrono::ParseError> {
        let time = DateTime::parse_from_rfc3339(text)?;
        Ok(Self::from_micros(time.timestamp_micros()))
    }

    /// Tells whether this is the time that Go writes for "not set".
    const fn is_unset(self) -> bool {
        // Any time of year 1: clients in other zones write their own year 1.
        self.0 < YEAR_ONE + 365 * 86_400 * 1_000_000
    }

    /// The 27 bytes of the time as RFC 3339.
    fn write(self) -> [u8; 27] {
        let time = DateTime::<Utc>::from(self);
        let year = time.year().unsigned_abs();
        let (month, day) = (time.month(), time.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let micro = time.timestamp_subsec_micros();
        [
            digit(year, 1000),
            digit(year, 100),
            digit(year, 10),
            digit(year, 1),
            b'-',
            digit(month, 10),
            digit(month, 1),
            b'-',
            digit(day, 10),
            digit(day, 1),
            b'T',
            digit(hour, 10),
            digit(hour, 1),
            b':',
            digit(minute, 10),
            digit(minute, 1),
            b':',
            digit(second, 10),
            digit(second, 1),
            b'.',
            digit(micro, 100_000),
            digit(micro, 10_000),
            digit(micro, 1000),
            digit(micro, 100),
            digit(micro, 10),
            digit(micro, 1),
            b'Z',
        ]
    }
}

/// The digit of `number` at the place with the given weight.
const fn digit(number: u32, weight: u32) -> u8 {
    // Less than 10, so the low byte is all of it.
    b'0' + (number / weight % 10).to_le_bytes()[0]
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.write()).map_err(|_| fmt::Error)?)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self::from_micros(time.timestamp_micros())
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(time: Timestamp) -> Self {
        // Every time in the years 1 to 9999 exists, so the default is never used.
        Self::from_timestamp_micros(time.0).unwrap_or_default()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.write();
        let text = std::str::from_utf8(&bytes).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| D::Error::custom(format!("time {text:?}: {error}")))
    }
}

/// Times in requests: Go cannot leave one out and writes year 1 instead.
pub mod go {
    use super::{Deserialize, Deserializer, Error, Serializer, Timestamp};

    /// Writes the time, or year 1 when there is none.
    pub fn serialize<S>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
    {
        match time {
            Some(time) => serializer.serialize_some(time),
            None => serializer.serialize_str("0001-01-01T00:00:00.000Z"),
        }
    }

    /// Reads a time; null, the empty string and year 1 are none.
    pub fn deserialize<'de, D>(deserializer: D) -> Result<Option<Timestamp>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let text: Option<String> = Option::deserialize(deserializer)?;
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let time = Timestamp::parse(&text)
            .map_err(|error| D::Error::custom(format!("time {text:?}: {error}")))?;
        Ok((!time.is_unset()).then_some(time))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use crate::version::UpdateVersionBody;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    fn micros(text: &str) -> Result<i64, chrono::ParseError> {
        Ok(Timestamp::parse(text)?.as_micros())
    }

    #[test]
    fn times_round_trip() -> TestResult {
        for text in [
            "0001-01-01T00:00:00.000000Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00.000000Z",
            "2024-02-29T12:34:56.789012Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            assert_eq!(Timestamp::parse(text)?.to_string(), text);
            let json = format!("\"{text}\"");
            let time: Timestamp = serde_json::from_str(&json)?;
            assert_eq!(serde_json::to_string(&time)?, json);
        }
        assert_eq!(
            Timestamp::from_micros(i64::MIN).to_string(),
            "0001-01-01T00:00:00.000000Z"
        );
        assert_eq!(
            Timestamp::from_micros(i64::MAX).to_string(),
            "9999-12-31T23:59:59.999999Z"
        );
        Ok(())
    }

    #[test]
    fn any_offset_and_precision_is_read() -> TestResult {
        assert_eq!(micros("1970-01-01T00:00:01Z")?, 1_000_000);
        assert_eq!(micros("1970-01-01T02:00:00.5+02:00")?, 500_000);
        assert_eq!(micros("1970-01-01T00:00:00.123456789Z")?, 123_456);
        assert_eq!(micros("1969-12-31T23:59:59.9999999Z")?, -1);
        assert!(Timestamp::parse("yesterday").is_err());
        Ok(())
    }

    #[test]
    fn unset_times_in_requests_are_none() -> TestResult {
        for body in [
            "{}",
            r#"{"revoke_at":null}"#,
            r#"{"revoke_at":""}"#,
            r#"{"revoke_at":"0001-01-01T00:00:00.000Z"}"#,
            r#"{"revoke_at":"0001-01-01T00:00:00Z"}"#,
        ] {
            let read: UpdateVersionBody = serde_json::from_str(body)?;
            assert_eq!(read, UpdateVersionBody::default(), "{body}");
        }
        let set = r#"{"revoke_at":"1970-01-01T00:00:00.000001Z"}"#;
        let read: UpdateVersionBody = serde_json::from_str(set)?;
        assert_eq!(read.revoke_at, Some(Timestamp::from_micros(1)));
        assert_eq!(serde_json::to_string(&read)?, set);
        Ok(())
    }
}
