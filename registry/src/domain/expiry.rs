//! For how long a secret lives, as people write it.

use std::time::Duration;

use crate::error::{Error, Result};

/// Reads a span such as `90d`, `12h`, `30m` or `90s`: 1 to 9999 of a unit.
///
/// # Errors
/// [`Error::Invalid`] for anything else.
pub fn parse(field: &'static str, text: &str) -> Result<Duration> {
    let problem = "must be a span such as 90d, 12h, 30m or 90s: 1 to 9999 of a unit";
    span(text).ok_or_else(|| Error::invalid(field, problem))
}

fn span(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number = text.strip_suffix(unit)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || number.len() > 4 || number.starts_with('0') {
        return None;
    }
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()? * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [("90d", 7_776_000), ("12h", 43_200), ("1m", 60), ("5s", 5)] {
            let span = Duration::from_secs(seconds);
            assert_eq!(parse("expires", text).unwrap(), span, "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "", "0d", "d", "90", "-1d", "1.5h", "1 d", "01d", "10000d", "1w", "9ä",
        ] {
            assert!(parse("expires", text).is_err(), "{text}");
        }
    }
}
