//! What must hold for every answer there is, a success or a refusal.

use serde_json::Value;
use touchmark_tests::Answer;

use crate::{
    document::{Document, Operation},
    schema,
};

/// The body of an answer that is as the description and the contract want it.
///
/// # Panics
/// When it is not, with all that is wrong.
pub(crate) fn examine(operation: &Operation, answer: &Answer) -> Value {
    let (id, status) = (&operation.id, answer.status);
    let body = json(id, answer);
    let schema = if status == 200 {
        &operation.answer
    } else {
        &operation.refusal
    };
    let mut problems = schema::problems(Document::of(operation), schema, &body);
    // A description speaks of times, and has none.
    if body.get("openapi").is_none() {
        times("", &body, &mut problems);
    }
    let code_fits = body["code"]
        .as_i64()
        .is_none_or(|code| statuses(code).contains(&status));
    if status != 200 && !code_fits {
        problems.push("the code does not go with the status".into());
    }
    assert!(
        problems.is_empty(),
        "{id} answered {status}:\n{}\n{body:#}",
        problems.join("\n")
    );
    body
}

/// A refusal outside any operation: a route that is not there, a method that it has not.
pub(crate) fn examine_refusal(what: &str, answer: &Answer) -> Value {
    let body = json(what, answer);
    let status = serde_json::json!({"$ref": "#/components/schemas/google.rpc.Status"});
    let problems = schema::problems(Document::get(), &status, &body);
    assert!(problems.is_empty(), "{what}: {problems:?}\n{body:#}");
    body
}

fn json(what: &str, answer: &Answer) -> Value {
    let media_type = answer.headers.get("content-type");
    assert_eq!(
        media_type.and_then(|value| value.to_str().ok()),
        Some("application/json"),
        "{what} answered {} with {:?}",
        answer.status,
        String::from_utf8_lossy(&answer.body),
    );
    answer.json().expect("JSON")
}

/// Whatever the description says: a key that ends in `_at` is a time or null, never empty.
fn times(at: &str, value: &Value, problems: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let at = format!("{at}.{name}");
                let text = value.as_str();
                if name.ends_with("_at") && !text.map_or(value.is_null(), schema::is_time) {
                    problems.push(format!("{at}: {value} is no time"));
                }
                times(&at, value, problems);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| times(at, item, problems)),
        _ => {}
    }
}

/// The HTTP statuses of a gRPC code.
fn statuses(code: i64) -> &'static [u16] {
    match code {
        3 => &[400, 415],
        5 => &[404],
        6 | 10 => &[409],
        7 => &[403],
        8 => &[413, 429],
        9 => &[400],
        12 => &[501, 405],
        13 => &[500],
        14 => &[503],
        16 => &[401],
        _ => &[],
    }
}
