//! Whether an answer is as it was: the same keys with the same types everywhere, the same meaning for each
//! id and time, and the same values where a client reads them.

use serde_json::Value;

use crate::names::Names;

/// What is not as it was.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where, as in `channel.version.builds[0].status`.
    pub(crate) path: String,
    /// What the recording has there.
    pub(crate) expected: String,
    /// What is there now.
    pub(crate) got: String,
}

/// Compares two bodies.
pub(crate) struct Comparison<'a> {
    /// The meaning of names so far.
    pub(crate) names: &'a mut Names,
    /// Whether a client reads the value at a path; what lies below is read as well.
    pub(crate) is_read: &'a dyn Fn(&str) -> bool,
    /// What was found.
    pub(crate) differences: Vec<Difference>,
}

impl Comparison<'_> {
    /// Compares what is at a path.
    pub(crate) fn at(&mut self, path: &str, expected: &Value, got: &Value) {
        match (expected, got) {
            (Value::Object(_), Value::Object(_)) => self.keys(path, expected, got),
            (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.at(&format!("{path}[{index}]"), old, new);
                }
            }
            (Value::String(old), Value::String(new)) => {
                // Whatever has a name must fit, whether or not a client reads it.
                let same = self.names.meet(old, new);
                if !same && (old.contains('<') || self.reads(path)) {
                    self.differ(path, expected, got);
                }
            }
            (Value::Bool(_), Value::Bool(_)) | (Value::Number(_), Value::Number(_)) => {
                if expected != got && self.reads(path) {
                    self.differ(path, expected, got);
                }
            }
            (Value::Null, Value::Null) => {}
            _ => self.differ(path, expected, got),
        }
    }

    fn keys(&mut self, path: &str, expected: &Value, got: &Value) {
        let (Some(old), Some(new)) = (expected.as_object(), got.as_object()) else {
            return;
        };
        let below = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        for (name, old) in old {
            match new.get(name) {
                Some(new) => self.at(&below(name), old, new),
                None => self.push(&below(name), old.to_string(), "no such key".into()),
            }
        }
        for (name, new) in new {
            if !old.contains_key(name) {
                self.push(&below(name), "no such key".into(), new.to_string());
            }
        }
    }

    fn reads(&self, path: &str) -> bool {
        (self.is_read)(path)
    }

    fn differ(&mut self, path: &str, expected: &Value, got: &Value) {
        self.push(path, expected.to_string(), got.to_string());
    }

    fn push(&mut self, path: &str, expected: String, got: String) {
        let path = path.to_owned();
        self.differences.push(Difference {
            path,
            expected,
            got,
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ONE: &str = "01JGXQ5Z8M0000000000000001";
    const TWO: &str = "01JGXQ5Z8M0000000000000002";

    fn recorded() -> Value {
        json!({"build": {
            "id": "<ulid:build-1>", "status": "BUILD_DONE", "platform": "aws", "labels": {"os": "linux"},
            "created_at": "<time:1>", "updated_at": "<time:1>", "revoke_at": null, "comment": "any",
            "artifacts": [{"external_identifier": "ami-1"}], "parents": {"href": "x"},
        }})
    }

    fn live() -> Value {
        let time = "2026-01-02T03:04:05.000000Z";
        json!({"build": {
            "id": ONE, "status": "BUILD_DONE", "platform": "aws", "labels": {"os": "linux"},
            "created_at": time, "updated_at": time, "revoke_at": null, "comment": "another",
            "artifacts": [{"external_identifier": "ami-1"}], "parents": {"href": "x"},
        }})
    }

    /// The paths where a changed answer differs from the recording.
    fn differing(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut got = live();
        change(&mut got["build"]);
        let read = [
            "build.status",
            "build.platform",
            "build.labels",
            "build.artifacts",
        ];
        let mut comparison = Comparison {
            names: &mut Names::default(),
            is_read: &|path| read.iter().any(|field| path.starts_with(field)),
            differences: Vec::new(),
        };
        comparison.at("", &recorded(), &got);
        comparison.differences.into_iter().map(|d| d.path).collect()
    }

    #[test]
    fn what_no_client_reads_may_change_its_value() {
        assert_eq!(differing(|_| {}), [""; 0]);
        assert_eq!(differing(|build| build["comment"] = json!("")), [""; 0]);
    }

    #[test]
    fn a_value_that_a_client_reads_is_compared() {
        assert_eq!(
            differing(|b| b["status"] = json!("BUILD_RUNNING")),
            ["build.status"]
        );
        assert_eq!(
            differing(|b| b["labels"]["os"] = json!("bsd")),
            ["build.labels.os"]
        );
        let identifier = "build.artifacts[0].external_identifier";
        assert_eq!(
            differing(|b| b["artifacts"][0]["external_identifier"] = json!("")),
            [identifier]
        );
    }

    #[test]
    fn a_key_that_was_renamed_is_found_twice() {
        let rename = |build: &mut Value| {
            let value = build["platform"].take();
            let build = build.as_object_mut().expect("an object");
            build.remove("platform");
            build.insert("cloud".into(), value);
        };
        assert_eq!(differing(rename), ["build.platform", "build.cloud"]);
    }

    #[test]
    fn types_and_null_are_compared_everywhere() {
        assert_eq!(differing(|b| b["comment"] = json!(null)), ["build.comment"]);
        assert_eq!(differing(|b| b["comment"] = json!(1)), ["build.comment"]);
        assert_eq!(
            differing(|b| b["revoke_at"] = json!("")),
            ["build.revoke_at"]
        );
        assert_eq!(differing(|b| b["parents"] = json!(null)), ["build.parents"]);
        assert_eq!(
            differing(|b| b["artifacts"] = json!([])),
            ["build.artifacts"]
        );
    }

    #[test]
    fn ids_and_times_keep_their_meaning() {
        assert_eq!(differing(|b| b["id"] = json!("")), ["build.id"]);
        assert_eq!(differing(|b| b["id"] = json!(TWO)), [""; 0]);
        let later = json!("2026-01-02T03:04:06.000000Z");
        assert_eq!(differing(|b| b["updated_at"] = later), ["build.updated_at"]);
        assert_eq!(
            differing(|b| b["created_at"] = json!("")),
            ["build.created_at"]
        );
    }
}
