//! The rules of the registry, without I/O: what names are allowed, when a version is complete,
//! what a revocation does, who may do what. Everything here is a function of its arguments.

pub mod ancestry;
pub mod board;
pub mod build;
pub mod channel;
pub mod commit;
pub mod difference;
pub mod enforced_block;
pub mod event;
pub mod expiry;
pub mod id;
pub mod label;
pub mod limit;
pub mod mask;
pub mod name;
pub mod policy;
pub mod resolve;
pub mod resource_name;
pub mod revocation;
pub mod role;
pub mod sbom;
pub mod search;
pub mod selection;
pub mod time;
pub mod version;
