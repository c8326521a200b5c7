//! Operations that the protocol knows and that are not built: 501 with code 12, which Packer takes for
//! "this registry has no such thing".

use std::future::{Ready, ready};

use crate::{
    auth::caller::Caller,
    error::{Error, Result},
};

/// A handler that says so to whoever has a token.
pub(super) fn not_built(
    what: &'static str,
) -> impl Fn(Caller) -> Ready<Result<&'static str>> + Clone + 'static {
    move |_| ready(Err(Error::Unsupported(what.to_owned())))
}

/// The exchange of a workload's token has no bearer token by its nature.
pub(super) async fn exchange_token() -> Result<&'static str> {
    Err(Error::Unsupported("workload identity".to_owned()))
}
