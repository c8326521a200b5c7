//! Answers as snapshots show them.

use std::sync::OnceLock;

use regex_lite::Regex;
use touchmark_client::{Answer, Error};

/// Status and body of an answer, with ids, times and tokens of pages replaced by their kind.
pub fn shown(answer: &Answer) -> String {
    let body = match serde_json::from_slice::<serde_json::Value>(&answer.body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => String::from_utf8_lossy(&answer.body).into_owned(),
    };
    format!("{}\n{}", answer.status, redact(&body))
}

/// Status, code and message of a refusal on one line: `409/6 bucket … already exists`.
///
/// # Panics
/// When it was not refused.
pub fn refusal<T>(answer: Result<T, Error>) -> String {
    match answer {
        Err(Error::Refused {
            http_status,
            status,
        }) => redact(&format!(
            "{http_status}/{} {}",
            status.code.number(),
            status.message
        )),
        Err(other) => panic!("failed in another way: {other:?}"),
        Ok(_) => panic!("was not refused"),
    }
}

fn redact(text: &str) -> String {
    static KINDS: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| {
        [
            (r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b", "<ulid>"),
            (
                r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
                "<uuid>",
            ),
            (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "<time>"),
            (r#"(_page_token": ")[A-Za-z0-9_-]+""#, "$1<token>\""),
        ]
        .into_iter()
        .map(|(pattern, kind)| (Regex::new(pattern).expect("a pattern"), kind))
        .collect()
    });
    kinds.iter().fold(text.to_owned(), |text, (pattern, kind)| {
        pattern.replace_all(&text, *kind).into_owned()
    })
}
