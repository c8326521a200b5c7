//! People: who is invited, how they set their password, and how they sign in and out.
//!
//! A person is a principal of the kind `user`, with roles like any other. They sign in to the web pages by
//! name and password. A password is set by a link that works once, which an admin makes.

mod invitations;
mod sessions;

use std::net::{IpAddr, Ipv4Addr};

pub use invitations::{Choice, Invitee, accept, create, first, invite, invitee};
pub use sessions::{
    Credentials, Seen, Started, Visit, change_password, end, list, seen, sign_in, sign_out,
};

use super::{Access, Actor};
use crate::{
    error::{Error, Kind, Result},
    store::{
        Conn, organizations,
        principals::{self, Principal},
    },
    telemetry::request_id,
};

/// What is known of a request that begins a session or sets a password.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The address, if it is known.
    pub address: Option<IpAddr>,
    /// The browser, as it calls itself.
    pub agent: String,
    /// The request.
    pub request_id: String,
}

impl Origin {
    /// Of the request that is being answered.
    pub fn new(address: Option<IpAddr>, agent: String) -> Self {
        Self {
            address,
            agent,
            request_id: request_id::current(),
        }
    }

    /// The address; without one all are one, which is never so for what comes over a network.
    fn address(&self) -> IpAddr {
        self.address.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    /// A person who does something to themself, which takes no role.
    fn access(&self, conn: &mut Conn, person: &Principal) -> Result<Access> {
        let organization_id = &person.organization_id;
        let projects = organizations::projects(conn, organization_id)?;
        let project = projects.into_iter().next();
        let project =
            project.ok_or_else(|| Error::Missing(Kind::Organization, organization_id.clone()))?;
        let roles = principals::bindings(conn, &person.id)?;
        let actor = Actor {
            kind: person.kind.clone(),
            id: person.id.clone(),
            name: person.name.clone(),
            request_id: self.request_id.clone(),
        };
        Ok(Access {
            actor,
            project,
            roles,
        })
    }
}
