//! Operations: handles of work that may outlast a request.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Status;
use crate::location::Link;
use crate::location::Location;
use crate::time::Timestamp;

string_enum! {
    /// The state of an operation.
    pub enum OperationState {
        /// Not started.
        #[default]
        Pending = "PENDING",
        /// Running.
        Running = "RUNNING",
        /// Finished, well or with an error.
        Done = "DONE",
        /// Waiting for another operation.
        Queued = "QUEUED",
    }
}

/// Work that may outlast a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Operation {
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// What went wrong; null when nothing did.
    pub error: Option<Status>,
    /// Its id.
    pub id: String,
    /// The object it works on.
    pub link: Option<Link>,
    /// Organization and project.
    pub location: Option<Location>,
    /// Its result, if it has one: an object with `@type`.
    pub response: Option<Value>,
    /// Its state.
    pub state: OperationState,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// Answer to a read of an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetResponse {
    /// The operation.
    pub operation: Option<Operation>,
}

/// Answer to waiting for an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitResponse {
    /// The operation as it is now.
    pub operation: Option<Operation>,
}
