//! Who calls: tokens, secrets, and the extractors that turn a request into a caller.

pub mod caller;
pub mod key;
pub mod link;
pub mod password;
pub mod secret;
pub mod session;
pub mod slow_down;
pub mod token;
