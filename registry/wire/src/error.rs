//! Refusals: numeric gRPC codes and the body that carries them.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Declares [`Code`] with its numbers and names.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $number:literal, $name:literal;)+) => {
        /// A gRPC status code; a JSON number on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "i32", into = "i32")]
        pub enum Code {
            $($(#[$meta])* $variant,)+
            /// A number that this registry never sends.
            Unknown(i32),
        }

        impl Code {
            /// All codes that this registry sends.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Unknown(number) => number,
                }
            }

            /// The code with a number.
            pub const fn from_number(number: i32) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    _ => Self::Unknown(number),
                }
            }

            /// The name in the gRPC documents.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Unknown(_) => "UNKNOWN",
                }
            }
        }
    };
}

codes! {
    /// The request makes no sense.
    InvalidArgument = 3, "INVALID_ARGUMENT";
    /// What was asked for does not exist.
    NotFound = 5, "NOT_FOUND";
    /// What was to be created exists.
    AlreadyExists = 6, "ALREADY_EXISTS";
    /// The caller lacks a role.
    PermissionDenied = 7, "PERMISSION_DENIED";
    /// Too much or too often.
    ResourceExhausted = 8, "RESOURCE_EXHAUSTED";
    /// The state does not allow it.
    FailedPrecondition = 9, "FAILED_PRECONDITION";
    /// A version that does not exist yet; clients create it.
    Aborted = 10, "ABORTED";
    /// The registry does not offer it.
    Unimplemented = 12, "UNIMPLEMENTED";
    /// A fault of the registry.
    Internal = 13, "INTERNAL";
    /// Not now.
    Unavailable = 14, "UNAVAILABLE";
    /// The caller is not known.
    Unauthenticated = 16, "UNAUTHENTICATED";
}

impl Default for Code {
    fn default() -> Self {
        Self::Unknown(0)
    }
}

impl From<i32> for Code {
    fn from(number: i32) -> Self {
        Self::from_number(number)
    }
}

impl From<Code> for i32 {
    fn from(code: Code) -> Self {
        code.number()
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.as_str(), self.number())
    }
}

/// The body of a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// What kind of refusal it is.
    pub code: Code,
    /// Why, on one line.
    pub message: String,
    /// Objects with `@type`, usually none.
    pub details: Vec<Value>,
}

impl Status {
    /// Makes a refusal without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// Adds the field that the refusal is about.
    #[must_use]
    pub fn with_violation(mut self, violation: FieldViolation) -> Self {
        let detail = BadRequest {
            field_violations: vec![violation],
        };
        self.details.push(detail.to_detail());
        self
    }

    /// The first detail of this type, if there is one.
    pub fn detail<T: Detail>(&self) -> Option<T> {
        self.details.iter().find_map(T::from_detail)
    }

    /// The fields that the refusal is about.
    pub fn violations(&self) -> Vec<FieldViolation> {
        self.details
            .iter()
            .filter_map(BadRequest::from_detail)
            .flat_map(|detail| detail.field_violations)
            .collect()
    }
}

/// What a program needs to know to act on a refusal: an object with `@type` among its details.
pub trait Detail: Serialize + DeserializeOwned {
    /// The value of `@type`.
    const TYPE: &'static str;

    /// The entry for [`Status::details`].
    fn to_detail(&self) -> Value {
        // What cannot be written is left out; the types are structures of text and lists.
        let mut detail = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = detail.as_object_mut() {
            fields.insert("@type".to_owned(), Self::TYPE.into());
        }
        detail
    }

    /// Reads an entry of [`Status::details`]; none if it is of another type.
    fn from_detail(detail: &Value) -> Option<Self> {
        if detail.get("@type")?.as_str()? != Self::TYPE {
            return None;
        }
        Self::deserialize(detail).ok()
    }
}

/// The detail that names the fields of a bad request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BadRequest {
    /// What is wrong with which field.
    pub field_violations: Vec<FieldViolation>,
}

impl Detail for BadRequest {
    const TYPE: &'static str = "type.googleapis.com/google.rpc.BadRequest";
}

/// What is wrong with a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldViolation {
    /// Path of the field, such as `body.update_mask`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

impl FieldViolation {
    /// Says what is wrong with a field.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            description: description.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, FieldViolation, Status};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn codes_are_numbers() -> TestResult {
        for code in Code::ALL {
            let json = serde_json::to_string(code)?;
            assert_eq!(json, code.number().to_string());
            assert_eq!(serde_json::from_str::<Code>(&json)?, *code);
        }
        assert_eq!(serde_json::from_str::<Code>("2")?, Code::Unknown(2));
        Ok(())
    }

    #[test]
    fn refusals_name_their_fields() -> TestResult {
        let violation = FieldViolation::new("body.update_mask", "is missing");
        let status = Status::new(Code::InvalidArgument, "no").with_violation(violation.clone());
        let json = serde_json::to_string(&status)?;
        assert_eq!(
            json,
            concat!(
                r#"{"code":3,"message":"no","details":[{"#,
                r#""@type":"type.googleapis.com/google.rpc.BadRequest","#,
                r#""field_violations":[{"description":"is missing","field":"body.update_mask"}]}]}"#
            )
        );
        let read: Status = serde_json::from_str(&json)?;
        assert_eq!(read.violations(), [violation]);
        assert_eq!(
            serde_json::to_string(&Status::new(Code::NotFound, "x"))?,
            r#"{"code":5,"message":"x","details":[]}"#
        );
        Ok(())
    }
}
