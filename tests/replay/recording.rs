//! A recording as it lies in its file.

use serde_json::Value;
use touchmark_client::Method;

use crate::folder;

/// One request and its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// `<file>:<line>`.
    pub(crate) place: String,
    /// The method.
    pub(crate) method: Method,
    /// Path and query, with names for what a server makes up.
    pub(crate) path: String,
    /// Whether a client sent it; otherwise it is a step between two runs of clients.
    pub(crate) by_client: bool,
    /// How the sender showed who it is.
    pub(crate) credentials: Credentials,
    /// A JSON body.
    pub(crate) body: Option<Value>,
    /// The body of a form.
    pub(crate) form: Option<String>,
    /// The HTTP status that it got.
    pub(crate) status: u16,
    /// The JSON that it got.
    pub(crate) answer: Value,
}

/// How somebody shows who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// By the token that it got.
    Token,
    /// By id and secret in the header.
    Basic,
    /// Not in a header.
    None,
}

/// The exchanges of the recording of this name, in order.
///
/// # Panics
/// When its file cannot be read.
pub(crate) fn read(name: &str) -> Vec<Exchange> {
    let file = folder().join(format!("{name}.jsonl"));
    let text = std::fs::read_to_string(&file).expect("a recording");
    let line = |(index, line)| exchange(format!("{name}:{}", index + 1), line);
    text.lines().enumerate().map(line).collect()
}

fn exchange(place: String, line: &str) -> Exchange {
    let mut json: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{place}: {e}"));
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    let call = text("call").expect("a call");
    let (method, path) = call.split_once(' ').expect("method and path");
    Exchange {
        method: method.parse().expect("a method"),
        path: path.to_owned(),
        by_client: text("by").as_deref() == Some("client"),
        credentials: match text("auth").as_deref() {
            None => Credentials::Token,
            Some("basic") => Credentials::Basic,
            Some("none") => Credentials::None,
            Some(other) => panic!("{place}: nobody signs in by {other}"),
        },
        form: text("form"),
        status: json["status"]
            .as_u64()
            .and_then(|status| status.try_into().ok())
            .expect("a status"),
        body: json.get_mut("body").map(Value::take),
        answer: json["answer"].take(),
        place,
    }
}
