//! What can go wrong with a call.

use touchmark_wire::error::Status;

/// What went wrong with a call.
#[derive(Debug)]
pub enum Error {
    /// The client was set up wrongly; nothing was sent.
    Setup(String),
    /// The registry refused the request.
    Refused {
        /// The HTTP status of the answer.
        http_status: u16,
        /// What the registry said.
        status: Status,
    },
    /// The request did not get through, or its answer did not come.
    Transport(reqwest::Error),
    /// The answer could not be understood.
    Answer {
        /// The HTTP status of the answer.
        http_status: u16,
        /// What was wrong with its body.
        source: serde_json::Error,
    },
}

impl Error {
    /// What the registry said, if it refused the request.
    pub const fn refusal(&self) -> Option<&Status> {
        match self {
            Self::Refused { status, .. } => Some(status),
            _ => None,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Setup(problem) => f.write_str(problem),
            Self::Refused { status, .. } => {
                write!(f, "the registry refused it: {}", status.message)
            }
            Self::Transport(_) => f.write_str("the registry could not be reached"),
            Self::Answer { http_status, .. } => write!(
                f,
                "the answer with HTTP status {http_status} could not be understood"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Setup(_) | Self::Refused { .. } => None,
            Self::Transport(source) => Some(source),
            Self::Answer { source, .. } => Some(source),
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(source: reqwest::Error) -> Self {
        Self::Transport(source)
    }
}
