//! A typed client of the registry: one method per operation of the protocol.
//!
//! Methods are named after the operations (`create_bucket`, `get_channel`, …)
//! and live in one file per resource. The client repeats nothing unless it is told
//! to ([`Builder::retries`]) and holds no rules about what is allowed; the registry
//! decides that.
//!
//! ```no_run
//! # async fn example() -> Result<(), touchmark_client::Error> {
//! use touchmark_client::{Client, wire::bucket::CreateBucketBody};
//!
//! let client = Client::builder("https://registry.example")
//!     .credentials("client id", "client secret")
//!     .scope("organization id", "project id")
//!     .build()?;
//! let body = CreateBucketBody {
//!     name: "alpine".to_owned(),
//!     ..CreateBucketBody::default()
//! };
//! client.create_bucket(&body).await?;
//! # Ok(())
//! # }
//! ```

mod ancestry;
mod buckets;
mod builder;
mod builds;
mod channels;
mod client;
mod enforced_blocks;
mod error;
mod iam;
mod legacy;
mod operations;
mod own;
mod packages;
mod page;
mod policies;
pub mod private_file;
mod registry;
mod resource_manager;
mod run_tasks;
mod sboms;
mod search;
mod service_principals;
mod tls;
mod token;
mod versions;

pub use ancestry::AncestryFilter;
pub use builder::Builder;
pub use client::{Answer, Client};
pub use error::Error;
pub use legacy::Iteration;
pub use own::{BoardFilter, EventFilter, Own, Part, ResolveQuery};
pub use packages::{PackageFilter, PackagePlace};
pub use page::Page;
pub use reqwest::Method;
pub use reqwest::header::HeaderMap;
pub use touchmark_wire as wire;
