//! JSON types, error codes and paths of the protocols that the registry speaks.
//!
//! One file per resource, named as in the protocol document. Types of answers
//! emit every field; types whose names end in `Body` leave empty fields out, as
//! the protocol's own clients do, and read `null` as the field's default.
//! No rules about what is allowed live here: see the registry's domain.

#[macro_use]
mod macros;

pub mod ancestry;
pub mod artifact;
pub mod bucket;
pub mod build;
pub mod channel;
pub mod enforced_block;
pub mod error;
pub mod iam;
pub mod int64_string;
pub mod legacy;
pub mod location;
pub mod oauth;
pub mod operation;
pub mod own;
pub mod package;
pub mod pagination;
pub mod paths;
pub mod policy;
pub mod registry;
pub mod resource_manager;
pub mod revocation;
pub mod run_task;
pub mod sbom;
pub mod search;
pub mod service_principal;
pub mod sparse;
pub mod time;
pub mod version;

pub use macros::UnknownValue;
