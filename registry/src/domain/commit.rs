//! Commits of version control: what metadata tell of one, and what may be the beginning of one.

use serde_json::Value;

/// Characters that tell a commit from others, as version control shortens them.
pub const SHORTEST: usize = 7;
/// Characters of a whole commit at most: a SHA-256 in hex.
pub const LONGEST: usize = 64;

/// The commit that the metadata of a build tell, in small letters.
pub fn of(metadata: &str) -> Option<String> {
    // The migration that gathers commits passes such metadata over: not every database reads a NUL in JSON.
    if metadata.to_ascii_lowercase().contains("u0000") {
        return None;
    }
    let metadata: Value = serde_json::from_str(metadata).ok()?;
    let commit = metadata.pointer("/vcs/details/commit")?.as_str()?;
    let fits = (SHORTEST..=LONGEST).contains(&commit.chars().count());
    fits.then(|| commit.to_ascii_lowercase())
}

/// A text as the beginning of a commit, in small letters.
pub fn prefix(text: &str) -> Option<String> {
    let fits = (SHORTEST..=LONGEST).contains(&text.len());
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (fits && hex).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_what_version_control_told() {
        let told = |commit: &str| of(&format!(r#"{{"vcs":{{"details":{{"commit":{commit}}}}}}}"#));
        assert_eq!(told(r#""ABCDEF0123""#).as_deref(), Some("abcdef0123"));
        for other in ["\"abc\"", "null", "12345678", r#""1234567\u0000""#] {
            assert_eq!(told(other), None, "{other}");
        }
        for metadata in ["{", "[]", r#"{"vcs":null}"#, r#"{"vcs":{"details":"x"}}"#] {
            assert_eq!(of(metadata), None, "{metadata}");
        }
    }

    #[test]
    fn seven_digits_begin_a_commit() {
        assert_eq!(prefix("ABCDEF0").as_deref(), Some("abcdef0"));
        for other in ["abcdef", "abcdefg", "app-server", &"a".repeat(65)] {
            assert_eq!(prefix(other), None, "{other}");
        }
    }
}
