//! Identifiers: ULIDs for what the registry records, UUIDs for organizations, projects and operations.

use ulid::Ulid;

use super::time::Time;
use crate::error::{Error, Result};

/// A new ULID for something that comes to be `at` this moment.
pub fn ulid(at: Time) -> String {
    let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
    Ulid::from_parts(millis, Ulid::new().random()).to_string()
}

/// A new random UUID.
pub fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Refuses what is not a ULID: 26 characters of Crockford's alphabet, the first at most `7`.
pub fn check_ulid(field: &'static str, text: &str) -> Result<()> {
    match Ulid::from_string(text) {
        Ok(_) if text.as_bytes().first().is_some_and(|first| *first <= b'7') => Ok(()),
        _ => Err(Error::invalid(field, "must be a ULID of 26 characters")),
    }
}

/// Refuses what is not a UUID in its usual text form.
pub fn check_uuid(field: &'static str, text: &str) -> Result<()> {
    match uuid::Uuid::try_parse(text) {
        Ok(_) if text.len() == 36 => Ok(()),
        _ => Err(Error::invalid(field, "must be a UUID")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_ulid_is_one_and_sorts_by_time() {
        let early = ulid(Time::from_micros(1_000_000));
        let late = ulid(Time::from_micros(2_000_000));
        assert!(check_ulid("id", &early).is_ok());
        assert!(early < late);
    }

    #[test]
    fn text_that_is_no_id_is_refused() {
        assert!(check_ulid("id", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ").is_err());
        assert!(check_ulid("id", "").is_err());
        assert!(check_uuid("id", "67e5504410b1426f9247bb680e5fe0c8").is_err());
        assert!(check_uuid("id", &uuid()).is_ok());
    }
}
