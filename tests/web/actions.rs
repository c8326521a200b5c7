//! What people change in pages: channels, versions, buckets.

mod buckets;
mod channels;
mod person;
mod refusals;
mod versions;
