//! The server against the published description of the protocol, operation by operation.
//!
//! `hcp-packer.openapi.json` is the description of every call that Packer and the Terraform provider
//! make (tags, texts and vendor extensions are left out); `unsupported.txt` names the operations that
//! are answered with 501 and code 12. An operation in neither set of tests fails them.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod access;
mod document;
mod errors;
mod examine;
mod intake;
mod own;
mod own_story;
mod roles;
mod routes;
mod schema;
mod story;
mod teller;
