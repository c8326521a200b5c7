//! Where a request comes from.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::state::State;

/// The address that a request came from, as far as that can be believed: proxies are asked only when they
/// are trusted.
pub(crate) fn client(request: &HttpRequest, state: &State) -> Option<IpAddr> {
    let peer = request.peer_addr()?;
    let lines = request.headers().get_all("x-forwarded-for");
    let forwarded: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    let forwarded = forwarded.join(",");
    Some(state.trusted_proxies.client(peer.ip(), &forwarded))
}
