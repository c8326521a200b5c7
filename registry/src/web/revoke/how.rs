//! How to revoke, as the form says it.

use std::time::Duration;

use crate::{
    domain::{
        limit, name,
        revocation::{Revoke, When},
        time::Time,
    },
    error::{Error, Result},
    web::form::Form,
};

/// What was sent, or what a form begins with.
pub(super) struct How {
    /// Whether it waits until a moment.
    pub(super) later: bool,
    /// That moment, as it was typed.
    pub(super) at: String,
    /// Why.
    pub(super) message: String,
    /// Whether what descends from it is revoked as well.
    pub(super) descendants: bool,
    /// Whether channels go back.
    pub(super) roll_back: bool,
}

impl Default for How {
    fn default() -> Self {
        Self {
            later: false,
            at: String::new(),
            message: String::new(),
            descendants: true,
            roll_back: true,
        }
    }
}

impl How {
    /// Of a form that was sent.
    pub(super) fn of(form: &Form) -> Self {
        let is = |name: &str| !form.text(name).is_empty();
        Self {
            later: form.text("when") == "later",
            at: form.text("at").trim().to_owned(),
            message: form.text("message").replace("\r\n", "\n"),
            descendants: is("descendants"),
            roll_back: is("roll_back"),
        }
    }

    /// How to revoke.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a moment that is none, and for a message that is too long.
    pub(super) fn parse(&self) -> Result<Revoke> {
        name::check_text("message", &self.message, limit::MESSAGE)?;
        let at = if self.later {
            When::At(moment(&self.at)?)
        } else {
            When::In(Duration::ZERO)
        };
        Ok(Revoke {
            at,
            message: self.message.trim().to_owned(),
            spare_descendants: !self.descendants,
            keep_channels: !self.roll_back,
        })
    }
}

/// Reads a moment such as `2026-12-01T09:00`, which is UTC.
fn moment(text: &str) -> Result<Time> {
    let bare = text.trim_end_matches("UTC").trim().trim_end_matches('Z');
    let bare = bare.replacen(' ', "T", 1);
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let mut read = formats
        .iter()
        .filter_map(|format| chrono::NaiveDateTime::parse_from_str(&bare, format).ok());
    let read = read.next().ok_or_else(|| {
        Error::invalid(
            "at",
            "must be a day and a time such as 2026-12-01 09:00, in UTC",
        )
    })?;
    Ok(Time::from_micros(read.and_utc().timestamp_micros()))
}

/// A moment in full.
pub(super) fn utc(at: Time) -> String {
    let at = chrono::DateTime::from_timestamp(at.seconds(), 0).unwrap_or_default();
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_browsers_and_people_write_them() {
        for text in [
            "2026-12-01T09:00",
            "2026-12-01 09:00",
            "2026-12-01 09:00:00 UTC",
            "2026-12-01T09:00:00Z",
        ] {
            assert_eq!(utc(moment(text).unwrap()), "2026-12-01 09:00 UTC", "{text}");
        }
        for text in ["", "tomorrow", "2026-12-01", "2026-13-01T09:00"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
