//! Checks a value against a schema of the description, more strictly than any client: nothing unknown,
//! nothing left out, null only where it means something.

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::document::Document;

/// What the description knows and an answer need not have.
const OPTIONAL: [&str; 2] = ["refresh_token", "error_uri"];

/// What is wrong with a value, a line for each thing.
pub(crate) fn problems(document: &Document, schema: &Value, value: &Value) -> Vec<String> {
    let mut check = Check {
        document,
        problems: Vec::new(),
    };
    check.value("", schema, value);
    check.problems
}

/// A time as the contract wants it: RFC 3339, UTC written as `Z`.
pub(crate) fn is_time(text: &str) -> bool {
    text.ends_with('Z') && DateTime::parse_from_rfc3339(text).is_ok()
}

struct Check<'a> {
    document: &'a Document,
    problems: Vec<String>,
}

impl Check<'_> {
    fn wrong(&mut self, at: &str, what: &str, value: &Value) {
        let mut shown = value.to_string();
        shown.truncate(80);
        self.problems.push(format!("{at}: {what}, not {shown}"));
    }

    fn value(&mut self, at: &str, schema: &Value, value: &Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.value(at, self.document.resolve(reference), value);
        }
        if value.is_null() && may_be_null(schema) {
            return;
        }
        if let Some(all) = schema["allOf"].as_array() {
            return all.iter().for_each(|part| self.value(at, part, value));
        }
        match kind(schema) {
            // Metadata: whatever the builder told.
            None => {}
            Some("object") => match value.as_object() {
                Some(object) => self.object(at, schema, object),
                None => self.wrong(at, "an object", value),
            },
            Some("array") => match value.as_array() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(&format!("{at}[{index}]"), &schema["items"], item);
                    }
                }
                None => self.wrong(at, "an array", value),
            },
            Some("string") => match value.as_str() {
                Some(text) => self.string(at, schema, text),
                None => self.wrong(at, "a string", value),
            },
            Some("boolean") if value.is_boolean() => {}
            Some("number") if value.is_number() => {}
            Some("integer") => {
                let number = value.as_i64();
                let small = number.is_some_and(|number| i32::try_from(number).is_ok());
                let fits = match schema["format"].as_str() {
                    Some("int32") => small,
                    Some("int64") => number.is_some(),
                    _ => false,
                };
                if !fits {
                    self.wrong(at, "an integer of that size", value);
                }
            }
            Some(other) => self.wrong(at, other, value),
        }
    }

    fn object(&mut self, at: &str, schema: &Value, object: &Map<String, Value>) {
        let none = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&none);
        for (name, value) in object {
            let at = format!("{at}.{name}");
            match (properties.get(name), &schema["additionalProperties"]) {
                (Some(schema), _) => self.value(&at, schema, value),
                (None, Value::Bool(true)) => {}
                (None, more) if more.is_object() => self.value(&at, more, value),
                (None, _) => self.wrong(&at, "no such key", value),
            }
        }
        for name in properties.keys() {
            if !object.contains_key(name) && !OPTIONAL.contains(&name.as_str()) {
                self.problems.push(format!("{at}.{name}: is left out"));
            }
        }
    }

    fn string(&mut self, at: &str, schema: &Value, text: &str) {
        let shown = Value::from(text);
        if let Some(allowed) = schema["enum"].as_array()
            && !allowed.contains(&shown)
        {
            self.wrong(at, "a value of the enum", &shown);
        }
        match schema["format"].as_str() {
            Some("date-time") if !is_time(text) => self.wrong(at, "a time in UTC", &shown),
            Some("int64") if text.parse::<i64>().is_err() => {
                self.wrong(at, "an int64 in a string", &shown);
            }
            _ => {}
        }
    }
}

/// Absent messages are null, and so are times that are not set; scalars and lists never are.
fn may_be_null(schema: &Value) -> bool {
    if let Some(types) = schema["type"].as_array() {
        return types.contains(&Value::from("null"));
    }
    schema["nullable"] == true || schema["format"] == "date-time"
}

/// The type; newer descriptions name null beside it.
fn kind(schema: &Value) -> Option<&str> {
    let types = schema["type"].as_array();
    let named = types.and_then(|types| types.iter().find(|kind| *kind != "null"));
    named.unwrap_or(&schema["type"]).as_str()
}

#[test]
fn the_validator_sees_what_breaks_clients() {
    let document = Document::get();
    let bucket = document.operation("GetBucket").answer.clone();
    let wrong = serde_json::json!({"bucket": {
        "children": {}, "created_at": "", "description": null, "id": 1, "labels": {"a": 1},
        "latest_version": {"status": "ACTIVE", "createdAt": null}, "location": null,
        "platforms": null, "version_count": 3,
    }});
    let found = problems(document, &bucket, &wrong).join("\n");
    insta::assert_snapshot!(found, @r#"
    .bucket.children.href: is left out
    .bucket.children.status: is left out
    .bucket.created_at: a time in UTC, not ""
    .bucket.description: a string, not null
    .bucket.id: a string, not 1
    .bucket.labels.a: a string, not 1
    .bucket.latest_version.createdAt: no such key, not null
    .bucket.latest_version.status: a value of the enum, not "ACTIVE"
    .bucket.latest_version.author_id: is left out
    .bucket.latest_version.bucket_name: is left out
    .bucket.latest_version.builds: is left out
    .bucket.latest_version.created_at: is left out
    .bucket.latest_version.fingerprint: is left out
    .bucket.latest_version.has_descendants: is left out
    .bucket.latest_version.id: is left out
    .bucket.latest_version.name: is left out
    .bucket.latest_version.parents: is left out
    .bucket.latest_version.revocation_author: is left out
    .bucket.latest_version.revocation_inherited_from: is left out
    .bucket.latest_version.revocation_message: is left out
    .bucket.latest_version.revocation_type: is left out
    .bucket.latest_version.revoke_at: is left out
    .bucket.latest_version.template_type: is left out
    .bucket.latest_version.updated_at: is left out
    .bucket.platforms: an array, not null
    .bucket.version_count: a string, not 3
    .bucket.name: is left out
    .bucket.parents: is left out
    .bucket.resource_name: is left out
    .bucket.updated_at: is left out
    "#);
}
