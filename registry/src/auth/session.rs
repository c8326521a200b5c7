//! Who is signed in to the web pages: the cookie, what is kept of it, and the token that each form carries.
//!
//! The cookie has 256 random bits, and only its SHA-256 is stored. Whoever has no session gets a cookie of
//! the same kind for the form that they sign in with. The token of a form is derived from the cookie, so
//! that a page of another site, which cannot read either, cannot send one.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    caller::{Caller, buckets_in},
    secret::{Secret, hash, random_bytes},
};
use crate::{
    domain::time::Time,
    error::{Error, Result},
    store::{
        Conn,
        people::{self, Session},
        principals,
    },
};

/// The cookie of a session.
pub const SESSION: &str = "__Host-touchmark";
/// The cookie of a visitor who is not signed in.
pub const VISITOR: &str = "__Host-touchmark-visit";
/// After this long without a request a session has ended.
pub const IDLE: Duration = Duration::from_hours(12);
/// After this long a session has ended in any case.
pub const LONGEST: Duration = Duration::from_hours(24 * 7);

/// What is in a cookie of ours.
#[derive(Debug, Clone)]
pub struct Token(Secret);

impl Token {
    /// A new one.
    pub fn generate() -> Result<Self> {
        let bytes = random_bytes::<32>().map_err(Error::internal)?;
        Ok(Self(Secret::new(URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The one that a request brings in the cookie of this name. What is not of our shape is none.
    pub fn of(request: &HttpRequest, name: &str) -> Option<Self> {
        let cookie = request.cookie(name)?;
        let value = cookie.value();
        let ours = value.len() == 43
            && value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        ours.then(|| Self(Secret::new(value.to_owned())))
    }

    /// What is stored of it.
    pub fn digest(&self) -> [u8; 32] {
        hash(self.0.reveal())
    }

    /// What the forms carry that are given to its holder.
    pub fn form_token(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(b"touchmark form ");
        digest.update(self.0.reveal());
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }

    /// Whether this is what the forms of its holder carry.
    pub fn gave(&self, form_token: &str) -> bool {
        let own = self.form_token();
        own.as_bytes().ct_eq(form_token.as_bytes()).into()
    }

    /// The cookie that holds it: for this host alone, over TLS alone, out of the reach of scripts and of
    /// other sites. `lax`, or a link from a mail would show the sign-in page to who is signed in.
    pub fn cookie(&self, name: &'static str) -> Cookie<'static> {
        Cookie::build(name, self.0.reveal().to_owned())
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish()
    }
}

/// The cookie that takes another one back.
pub fn no_cookie(name: &'static str) -> Cookie<'static> {
    let mut cookie = Cookie::build(name, "")
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish();
    cookie.make_removal();
    cookie
}

/// When a session of somebody who was seen just now ends, if they are not seen again.
fn ends(session: &Session) -> Time {
    let idle = Time::from_micros(session.used_at).after(IDLE);
    idle.min(Time::from_micros(session.expires_at))
}

/// Whether a session can be used at this moment.
pub fn is_live(session: &Session, now: Time) -> bool {
    now < ends(session)
}

/// The session of a cookie and who is signed in with it; `None` when it has ended.
pub fn identify(conn: &mut Conn, digest: &[u8], now: Time) -> Result<Option<(Session, Caller)>> {
    let Some(session) = people::session(conn, digest)?.filter(|found| is_live(found, now)) else {
        return Ok(None);
    };
    let principal = principals::by_id(conn, &session.principal_id)?;
    let good =
        |found: &principals::Principal| !found.disabled && found.generation == session.generation;
    let Some(principal) = principal.filter(good) else {
        return Ok(None);
    };
    let roles = principals::bindings(conn, &principal.id)?;
    let bucket_projects = buckets_in(conn, &roles)?;
    let caller = Caller {
        principal,
        roles,
        bucket_projects,
        until: ends(&session),
    };
    Ok(Some((session, caller)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_a_form_belongs_to_one_cookie() {
        let (one, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert!(one.gave(&one.form_token()));
        assert!(!one.gave(&other.form_token()));
        assert!(!one.gave(""));
        assert!(!one.gave(one.0.reveal()));
    }

    #[test]
    fn the_cookie_is_for_this_host_alone() {
        let cookie = Token::generate().unwrap().cookie(SESSION).to_string();
        let (value, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(value.len(), SESSION.len() + 1 + 43);
        assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");
    }
}
