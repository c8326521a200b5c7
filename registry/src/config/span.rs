//! Spans of time as people write them: `90s`, `15m`, `1h30m`.

use std::time::Duration;

const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Reads a span; a bare number is seconds. Says what is accepted if it is none.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    let milliseconds = match trimmed.parse::<u64>() {
        Ok(seconds) => seconds.checked_mul(1000),
        Err(_) => sum(trimmed),
    };
    milliseconds.map(Duration::from_millis).ok_or_else(|| {
        format!("`{text}` is no duration; write seconds, or text such as `30s`, `15m`, `1h30m`")
    })
}

fn sum(mut rest: &str) -> Option<u64> {
    let mut total = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let end = behind
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, next) = behind.split_at(end);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*factor)?)?;
        rest = next;
    }
    Some(total)
}

/// Writes a span so that [`parse`] reads the same; finer than milliseconds is dropped.
pub(super) fn format(span: Duration) -> String {
    let mut rest = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, factor) in UNITS {
        let count = rest / factor;
        rest %= factor;
        if count > 0 {
            text.extend([count.to_string().as_str(), unit]);
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read() {
        for (text, seconds) in [
            ("0", 0),
            ("900", 900),
            ("15m", 900),
            (" 30s ", 30),
            ("1h30m", 5400),
            ("1d", 86_400),
            ("2000ms", 2),
        ] {
            let span = parse(text).unwrap();
            assert_eq!(span, Duration::from_secs(seconds), "{text}");
            assert_eq!(parse(&format(span)).unwrap(), span, "{text}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "",
            "m",
            "15 m",
            "-1",
            "1.5h",
            "5x",
            "5m5",
            "99999999999999999999s",
            "9999999999999999999d",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
