//! What names, fingerprints and other text may look like.

use super::limit;
use crate::error::{Error, Result};

/// Refuses what cannot name a bucket or a channel: 1 to 128 characters, the first alphanumeric, then
/// also `.`, `_` and `-`; compared exactly as written.
pub fn check(field: &'static str, name: &str) -> Result<()> {
    let mut bytes = name.bytes();
    let good = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphanumeric())
        && name.len() <= 128
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        "must be 1 to 128 letters, digits, '.', '_' or '-' and begin with a letter or digit",
    ))
}

/// Refuses what cannot be a new fingerprint: 1 to 40 letters, digits, `-`, `.` and `_`, alphanumeric
/// at both ends.
pub fn check_fingerprint(field: &'static str, fingerprint: &str) -> Result<()> {
    let bytes = fingerprint.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    let good = ends
        .iter()
        .all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
        && bytes.len() <= 40
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        "must be 1 to 40 letters, digits, '-', '.' or '_', with a letter or digit at both ends",
    ))
}

/// Refuses text that is too long, in bytes, or holds a NUL, which `PostgreSQL` cannot store.
pub fn check_text(field: &'static str, text: &str, limit: usize) -> Result<()> {
    if text.len() > limit {
        return Err(Error::invalid(
            field,
            format!("must be at most {limit} bytes"),
        ));
    }
    if text.contains('\0') {
        return Err(Error::invalid(field, "must not contain a NUL character"));
    }
    Ok(())
}

/// [`check_text`] with the limit for short free text.
pub fn check_word(field: &'static str, text: &str) -> Result<()> {
    check_text(field, text, limit::TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_rule() {
        for good in ["a", "0-bucket", "A.b_c-", &"x".repeat(128)] {
            assert!(check("name", good).is_ok(), "{good}");
        }
        for bad in ["", "-a", ".a", "a b", "a/b", "ä", &"x".repeat(129)] {
            assert!(check("name", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fingerprints_keep_to_the_rule() {
        for good in ["1", "abc", "a.b_c-d", &"x".repeat(40)] {
            assert!(check_fingerprint("fingerprint", good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "\"a\"", &"x".repeat(41)] {
            assert!(check_fingerprint("fingerprint", bad).is_err(), "{bad}");
        }
    }
}
