//! What can go wrong, in words the caller can act on, and how each case looks on the wire.
//!
//! There is one error for the whole crate. `domain`, `store` and `ops` make it, `api` renders it; the
//! mapping to gRPC code and HTTP status stands in one table here.

use std::{borrow::Cow, fmt, time::Duration};

use serde_json::Value;
use touchmark_wire::error::{Code, Detail};

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kinds of things that have a name or an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An organization, named by its UUID.
    Organization,
    /// A project, named by its UUID.
    Project,
    /// The registry of a project.
    Registry,
    /// A bucket, named by its name.
    Bucket,
    /// A version, named by its fingerprint.
    Version,
    /// A build, named by its ULID or, when it is a duplicate, by its component type.
    Build,
    /// A channel, named by its name.
    Channel,
    /// An artifact, named by its id where it lives.
    Artifact,
    /// A software bill of material, named by its name.
    Sbom,
    /// An enforced block, named by its id or, when it is a duplicate, by its name.
    EnforcedBlock,
    /// A version of an enforced block, named by its id or, when it is a duplicate, by its label.
    EnforcedBlockVersion,
    /// A finished operation, named by its id.
    Operation,
    /// A person or a service.
    Principal,
    /// A secret of a principal, named by its id.
    Secret,
    /// An address that this server does not know.
    Route,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Organization => "organization",
            Self::Project => "project",
            Self::Registry => "registry",
            Self::Bucket => "bucket",
            Self::Version => "version",
            Self::Build => "build",
            Self::Channel => "channel",
            Self::Artifact => "artifact",
            Self::Sbom => "SBOM",
            Self::EnforcedBlock => "enforced block",
            Self::EnforcedBlockVersion => "enforced block version",
            Self::Operation => "operation",
            Self::Principal => "principal",
            Self::Secret => "secret",
            Self::Route => "route",
        })
    }
}

/// What went wrong.
#[derive(Debug)]
pub enum Error {
    /// A value that was sent cannot be used: which field, and what is wrong with it.
    Invalid {
        /// The field's path as the caller wrote it, such as `body.update_mask`.
        field: Cow<'static, str>,
        /// What is wrong with the value, without the field's name.
        problem: Cow<'static, str>,
    },
    /// No token, or one that is not good (any more).
    Unauthenticated(&'static str),
    /// The caller's role does not reach: says which role is missing.
    Forbidden(String),
    /// There is no such thing, as far as the caller may know.
    Missing(Kind, String),
    /// There is no such thing, in the words `<kind> with <by> does not exist`.
    Unknown {
        /// What is not there.
        kind: Kind,
        /// How it was asked for.
        by: String,
    },
    /// What was asked for is not there, in these words.
    Absent(String),
    /// No version has this fingerprint yet. Packer creates it on seeing code 10, and on no other.
    NoVersion(String),
    /// There is one already.
    Exists(Kind, String),
    /// There is one already, in these words.
    Taken(String),
    /// A value that can be set once has another value already.
    SetOnce {
        /// The field's name in the body.
        field: &'static str,
        /// The value that it has.
        value: String,
    },
    /// Somebody else changed it first: to be read again before it is written.
    Stale(Cow<'static, str>),
    /// The state of things does not allow it.
    Refused(Cow<'static, str>),
    /// The body is larger than the limit, in bytes.
    TooLarge(usize),
    /// Too many requests of this kind: when to come back.
    TooMany(Duration),
    /// The body is not of a type this route reads.
    MediaType(String),
    /// The route exists, the method does not.
    Method(String),
    /// Known to the protocol, not built here.
    Unsupported(String),
    /// The database, or what else is needed, is away: worth another try.
    Unavailable(Cow<'static, str>),
    /// Another error, with what a program needs to know to act on it.
    Detailed {
        /// The error.
        error: Box<Self>,
        /// An object with `@type`.
        detail: Value,
    },
    /// Another transaction got in the way. Never leaves [`crate::store::Store::write`].
    Retry,
    /// A defect or a broken database. The caller sees the request id only.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A value that cannot be used.
    pub fn invalid(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid {
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// The state of things does not allow it.
    pub fn refused(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(why.into())
    }

    /// A defect: something that cannot be was seen.
    pub fn internal(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(what.into())
    }

    /// The same with what a program needs to know to act on it.
    #[must_use]
    pub fn with(self, detail: &impl Detail) -> Self {
        Self::Detailed {
            error: Box::new(self),
            detail: detail.to_detail(),
        }
    }

    /// The gRPC code and the HTTP status of this error.
    pub fn code(&self) -> (Code, u16) {
        match self {
            Self::Invalid { .. } => (Code::InvalidArgument, 400),
            Self::MediaType(_) => (Code::InvalidArgument, 415),
            Self::Missing(..) | Self::Unknown { .. } | Self::Absent(_) => (Code::NotFound, 404),
            Self::Detailed { error, .. } => error.code(),
            Self::Exists(..) | Self::Taken(_) | Self::SetOnce { .. } => (Code::AlreadyExists, 409),
            Self::Forbidden(_) => (Code::PermissionDenied, 403),
            Self::TooLarge(_) => (Code::ResourceExhausted, 413),
            Self::TooMany(_) => (Code::ResourceExhausted, 429),
            Self::Refused(_) => (Code::FailedPrecondition, 400),
            Self::NoVersion(_) | Self::Stale(_) => (Code::Aborted, 409),
            Self::Unsupported(_) => (Code::Unimplemented, 501),
            Self::Method(_) => (Code::Unimplemented, 405),
            Self::Internal(_) => (Code::Internal, 500),
            Self::Unavailable(_) | Self::Retry => (Code::Unavailable, 503),
            Self::Unauthenticated(_) => (Code::Unauthenticated, 401),
        }
    }

    /// Seconds after which another try makes sense, for `Retry-After`.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(wait) => Some(whole_seconds(*wait)),
            Self::Unavailable(_) | Self::Retry => Some(1),
            _ => None,
        }
    }
}

/// Rounded up: whoever waits that long is not too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
        .max(1)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { field, problem } => write!(f, "{field}: {problem}"),
            Self::Unauthenticated(why) => write!(f, "not authenticated: {why}"),
            Self::Forbidden(why) | Self::Absent(why) | Self::Taken(why) => f.write_str(why),
            Self::Detailed { error, .. } => error.fmt(f),
            Self::Missing(kind, name) => write!(f, "{kind} with identifier {name} does not exist"),
            Self::Unknown { kind, by } => write!(f, "{kind} with {by} does not exist"),
            Self::NoVersion(fingerprint) => {
                write!(f, "version with fingerprint {fingerprint} not found")
            }
            Self::Exists(kind, name) => write!(f, "{kind} with identifier {name} already exists"),
            Self::SetOnce { field, value } => {
                write!(f, "{field} is already set to {value} and cannot change")
            }
            Self::Stale(why) | Self::Refused(why) | Self::Unavailable(why) => f.write_str(why),
            Self::TooLarge(limit) => write!(f, "the request body is larger than {limit} bytes"),
            Self::TooMany(wait) => {
                let seconds = whole_seconds(*wait);
                write!(f, "too many requests, try again in {seconds} s")
            }
            Self::MediaType(got) => write!(f, "the body must be application/json, not {got}"),
            Self::Method(what) => write!(f, "method not allowed: {what}"),
            Self::Unsupported(what) => write!(f, "not supported by this registry: {what}"),
            Self::Retry => f.write_str("the database is busy, try again"),
            Self::Internal(source) => write!(f, "internal error: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Internal(source) => Some(source.as_ref()),
            _ => None,
        }
    }
}
