//! What the server tells about itself: a log, metrics, and the id of each request.

pub mod log;
pub mod metrics;
pub mod request_id;
pub mod routes;
