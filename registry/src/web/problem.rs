//! What is wrong with a form that was sent, and at which of its fields the page says so.

use actix_web::http::StatusCode;

use crate::error::{Error, Result};

/// What is wrong, if anything.
#[derive(Debug)]
pub(super) struct Problem {
    /// The field; empty for the form as a whole.
    field: String,
    /// A sentence; empty when nothing is wrong.
    pub(super) text: String,
    status: StatusCode,
}

impl Problem {
    /// Nothing is wrong.
    pub(super) const fn none() -> Self {
        Self {
            field: String::new(),
            text: String::new(),
            status: StatusCode::OK,
        }
    }

    /// This is wrong with a field.
    pub(super) fn new(field: &str, text: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            text: text.into(),
            status: StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Somebody else was faster.
    pub(super) fn stale(text: impl Into<String>) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            ..Self::new("", text)
        }
    }

    /// What whoever sent the form can mend there. `fields` are those that the form has; what is about none
    /// of them is said at the first.
    ///
    /// # Errors
    /// The error itself when another page has to tell it.
    pub(super) fn of(error: Error, fields: &[&str]) -> Result<Self> {
        let first = fields.first().copied().unwrap_or_default();
        match error {
            Error::Invalid { field, problem } if fields.contains(&&*field) => {
                Ok(Self::new(&field, format!("This {problem}.")))
            }
            Error::Detailed { error, .. } => Self::of(*error, fields),
            Error::Exists(kind, name) => Ok(Self::new(
                first,
                format!("There is a {kind} called {name} already."),
            )),
            Error::Stale(why) => Ok(Self::stale(sentence(&why))),
            Error::Invalid { .. } | Error::Refused(_) | Error::Unknown { .. } => {
                Ok(Self::new(first, sentence(&error.to_string())))
            }
            other => Err(other),
        }
    }

    /// Whether it is about this field.
    pub(super) fn at(&self, field: &str) -> bool {
        !self.text.is_empty() && self.field == field
    }

    /// The status of the page that tells it.
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }
}

/// A text that begins with a capital letter and ends with a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let begun: String = first.into_iter().flatten().chain(letters).collect();
    begun.trim_end_matches('.').to_owned() + "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_problem_is_told_at_its_field_or_at_the_first() {
        let told = |error| {
            let problem = Problem::of(error, &["name", "message"]).unwrap();
            format!("{}: {}", problem.field, problem.text)
        };
        assert_eq!(
            told(Error::invalid("message", "must be shorter")),
            "message: This must be shorter."
        );
        assert_eq!(
            told(Error::invalid("other", "must be shorter")),
            "name: Other: must be shorter."
        );
        assert_eq!(
            told(Error::Exists(Kind::Channel, "prod".into())),
            "name: There is a channel called prod already."
        );
        assert!(Problem::of(Error::Forbidden("no".into()), &["name"]).is_err());
    }
}
