//! What diesel's errors mean here. No other module converts them.

use diesel::result::{ConnectionError, DatabaseErrorKind as Kind, Error as DbError};

use crate::error::{Error, Result};

/// Texts of `SQLite` and libpq that mean the database cannot work just now, whatever was asked of it.
const AWAY: [&str; 12] = [
    "database or disk is full",
    "disk I/O error",
    "out of memory",
    "unable to open database file",
    "server closed the connection",
    "connection to server",
    "no connection to the server",
    "could not receive data from server",
    "could not send data to server",
    "SSL SYSCALL error",
    "terminating connection",
    "canceling statement due to statement timeout",
];

/// Texts that mean another transaction got in the way.
const BUSY: [&str; 5] = [
    "deadlock detected",
    "database is locked",
    "database table is locked",
    "canceling statement due to lock timeout",
    "could not serialize access",
];

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        let message = match &error {
            DbError::DatabaseError(Kind::SerializationFailure, _) => return Self::Retry,
            DbError::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, info) => {
                return Self::Unavailable(
                    format!("the database is away: {}", info.message()).into(),
                );
            }
            DbError::DatabaseError(_, info) => info.message().to_owned(),
            DbError::BrokenTransactionManager => error.to_string(),
            _ => return Self::Internal(Box::new(error)),
        };
        if BUSY.iter().any(|text| message.contains(text)) {
            Self::Retry
        } else if AWAY.iter().any(|text| message.contains(text))
            || matches!(error, DbError::BrokenTransactionManager)
        {
            Self::Unavailable(format!("the database is away: {message}").into())
        } else {
            Self::Internal(Box::new(error))
        }
    }
}

impl From<ConnectionError> for Error {
    fn from(error: ConnectionError) -> Self {
        Self::Unavailable(format!("the database cannot be reached: {error}").into())
    }
}

/// Turns an optional row into the row or the error that names what is missing.
pub(crate) trait OrElse<T> {
    /// The row, or what `missing` says.
    fn or_else_error(self, missing: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OrElse<T> for Result<Option<T>, DbError> {
    fn or_else_error(self, missing: impl FnOnce() -> Error) -> Result<T> {
        self?.ok_or_else(missing)
    }
}
