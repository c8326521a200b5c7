//! The id of the request that is being answered: in its log lines, its events and its error.

use std::future::Future;

tokio::task_local! {
    static CURRENT: String;
}

/// Runs `work` as part of the request with this id.
pub async fn scope<T>(id: String, work: impl Future<Output = T>) -> T {
    CURRENT.scope(id, work).await
}

/// The id of the request that this is part of; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// The id that a caller or a proxy sent, if it is fit for logs: up to 64 letters, digits, `-`, `_`, `.`.
pub fn acceptable(sent: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=64).contains(&sent.len()) && sent.bytes().all(good)
}

/// [`scope`] for work that does not wait.
pub fn scope_now<T>(id: String, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(id, work)
}
