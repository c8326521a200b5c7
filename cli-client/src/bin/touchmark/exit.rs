//! How a command ends: its exit code, and the failure that says why and what to do next.

use std::fmt::Write as _;

use touchmark_client::{
    Error,
    wire::error::{Code as Refusal, Status},
};

use crate::output::shown;

/// What the exit status says. The README's table is made from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// It failed for another reason than those below.
    Failure = 1,
    /// The command line makes no sense, or the person at the terminal said no.
    Usage = 2,
    /// A rule says no: the version is revoked.
    Refused = 3,
    /// The registry does not know the caller, or its role does not suffice.
    Auth = 4,
    /// What was asked for does not exist.
    NotFound = 5,
    /// It exists with other content, or changed meanwhile.
    Conflict = 6,
    /// The registry cannot be reached, or cannot answer now.
    Unavailable = 7,
    /// The build went well, but the registry does not know all of it yet.
    NotRecorded = 8,
    /// Interrupted.
    Interrupted = 130,
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) code: u8,
    /// What went wrong, on one line; empty when everything has been said already.
    pub(crate) message: String,
    /// What to do about it, one line each; commands stand alone.
    pub(crate) hints: Vec<String>,
}

/// The result of what can fail.
pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure with this code.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code: code as u8,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// One without a code of its own.
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self::new(Code::Failure, message)
    }

    /// One of how the command was called.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    /// The exit status of a program that was run, which has said itself what was wrong.
    pub(crate) const fn of_program(code: u8) -> Self {
        Self {
            code,
            message: String::new(),
            hints: Vec::new(),
        }
    }

    /// Whether it ends the command with this code.
    pub(crate) const fn is(&self, code: Code) -> bool {
        self.code == code as u8
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the command that lists what there is, when what was asked for in this bucket does not exist.
    #[must_use]
    pub(crate) fn missing(self, bucket: &str) -> Self {
        // The registry begins with the kind of what is missing.
        let next = match self.message.split(' ').next() {
            Some("bucket") => "touchmark bucket list".to_owned(),
            Some("channel") => format!("touchmark channel list {bucket}"),
            Some("version") => format!("touchmark version list {bucket}"),
            _ => return self,
        };
        self.next(Code::NotFound, || next)
    }

    /// Adds this command when it ended with this code.
    #[must_use]
    pub(crate) fn next(self, code: Code, command: impl FnOnce() -> String) -> Self {
        if self.is(code) {
            self.hint(command())
        } else {
            self
        }
    }

    /// As it is shown on standard error.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("touchmark: ");
        for line in self.message.lines() {
            let _ = writeln!(text, "{}", shown(line));
        }
        for hint in &self.hints {
            let _ = writeln!(text, "  {}", shown(hint));
        }
        text
    }
}

/// Says what failed, for errors that do not.
pub(crate) trait Context<T> {
    /// Puts `what` before the error, as in `what: error`.
    fn context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: std::fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure::plain(format!("{}: {error}", what())))
    }
}

/// Says which command helps with an error.
pub(crate) trait Next<T> {
    /// As [`Failure::missing`].
    fn missing(self, bucket: &str) -> Result<T>;
    /// As [`Failure::next`].
    fn next(self, code: Code, command: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<Failure>> Next<T> for std::result::Result<T, E> {
    fn missing(self, bucket: &str) -> Result<T> {
        self.map_err(|error| error.into().missing(bucket))
    }

    fn next(self, code: Code, command: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| error.into().next(code, command))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Setup(problem) => Self::usage(problem.clone()),
            Error::Refused { status, .. } => refused(status),
            Error::Transport(source) => unreachable(source),
            Error::Answer { source, .. } => {
                Self::new(Code::Unavailable, format!("{error}: {source}"))
                    .hint("is this the address of a Touchmark registry? touchmark config")
            }
        }
    }
}

fn refused(status: &Status) -> Failure {
    let failure = |code| Failure::new(code, status.message.clone());
    match status.code {
        Refusal::NotFound => failure(Code::NotFound),
        Refusal::AlreadyExists | Refusal::Aborted => failure(Code::Conflict),
        Refusal::PermissionDenied => failure(Code::Auth).hint("touchmark auth status"),
        Refusal::Unauthenticated => failure(Code::Auth).hint("touchmark auth login"),
        Refusal::ResourceExhausted | Refusal::Internal | Refusal::Unavailable => {
            failure(Code::Unavailable)
        }
        // Without a code it came from something between us and the registry.
        Refusal::Unknown(_) => failure(Code::Unavailable).hint("touchmark doctor"),
        Refusal::InvalidArgument | Refusal::FailedPrecondition | Refusal::Unimplemented => {
            failure(Code::Failure)
        }
    }
}

fn unreachable(error: &reqwest::Error) -> Failure {
    let host = error.url().map(|url| {
        let port = url.port().map(|port| format!(":{port}"));
        format!(
            "{}{}",
            url.host_str().unwrap_or_default(),
            port.unwrap_or_default()
        )
    });
    let host = host.unwrap_or_else(|| "the registry".to_owned());
    let mut causes = vec![];
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    let cause = causes.pop().unwrap_or_else(|| error.to_string());
    let cause = if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        cause
    };
    Failure::new(
        Code::Unavailable,
        format!("{host} cannot be reached: {cause}"),
    )
    .hint("touchmark doctor")
}
