//! Principals as an admin sees them: with roles, secrets and last use, in a fixed number of statements
//! however many there are.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    Conn, Page, PageRequest, on,
    page::{Cursor, Listing, Sort},
    principals::{Principal, Scope, StoredSecret},
    schema::{buckets, organizations, principal_secrets, principals, projects, role_bindings},
};
use crate::{
    domain::{limit, role::Role},
    error::Result,
};

/// Lists of principals.
pub const LISTING: Listing = Listing {
    sortable: &["name"],
    default: Sort {
        field: "name",
        descending: false,
    },
    size: limit::PAGE,
};

/// A principal with what belongs to it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The principal.
    pub principal: Principal,
    /// When it signed in last, in microseconds since 1970, if it ever did.
    pub last_used_at: Option<i64>,
    /// Its roles, those on the organization first.
    pub roles: Vec<Given>,
    /// Its secrets, the oldest first.
    pub secrets: Vec<StoredSecret>,
}

/// A role that was given.
#[derive(Debug, Clone)]
pub struct Given {
    /// On what.
    pub scope: Scope,
    /// The name of that; empty when it is gone.
    pub name: String,
    /// The role.
    pub role: Role,
}

/// Whose principals are listed.
#[derive(Debug, Clone)]
pub struct Whose {
    /// The organization.
    pub organization_id: String,
    /// Only those that are bound to this project.
    pub project_id: Option<String>,
}

/// A page of principals, by name.
pub fn list(conn: &mut Conn, whose: &Whose, request: &PageRequest) -> Result<Page<Member>> {
    let after = request.cursor().map(|cursor| cursor.key.clone());
    let rows: Vec<Principal> = on!(conn, |c| {
        let mut query = principals::table
            .filter(principals::organization_id.eq(&whose.organization_id))
            .select(Principal::as_select())
            .limit(request.fetch())
            .into_boxed();
        if let Some(project_id) = &whose.project_id {
            query = query.filter(principals::project_id.eq(project_id));
        }
        query = match (after, request.descending()) {
            (Some(name), false) => query.filter(principals::name.gt(name)),
            (Some(name), true) => query.filter(principals::name.lt(name)),
            (None, _) => query,
        };
        if request.descending() {
            query.order(principals::name.desc()).load(c)
        } else {
            query.order(principals::name).load(c)
        }
    })?;
    let page = Page::of(rows, request, |row| Cursor::text(&row.name));
    let (next, previous) = (page.next, page.previous);
    Ok(Page {
        rows: of(conn, page.rows)?,
        next,
        previous,
    })
}

/// One principal with what belongs to it.
pub fn one(conn: &mut Conn, principal: Principal) -> Result<Member> {
    let fallback = Member {
        principal: principal.clone(),
        last_used_at: None,
        roles: Vec::new(),
        secrets: Vec::new(),
    };
    Ok(of(conn, vec![principal])?.pop().unwrap_or(fallback))
}

/// Roles with the names of what they are on.
pub fn named(conn: &mut Conn, roles: Vec<(Scope, Role)>) -> Result<Vec<Given>> {
    let names = names(conn, roles.iter().map(|(scope, _)| scope))?;
    Ok(roles
        .into_iter()
        .map(|(scope, role)| given(&names, scope, role))
        .collect())
}

fn of(conn: &mut Conn, principals: Vec<Principal>) -> Result<Vec<Member>> {
    let ids: Vec<String> = principals.iter().map(|row| row.id.clone()).collect();
    let query = principals::table
        .filter(principals::id.eq_any(&ids))
        .select((principals::id, principals::last_used_at));
    let used: Vec<(String, Option<i64>)> = on!(conn, |c| query.load(c))?;
    let mut used: HashMap<String, Option<i64>> = used.into_iter().collect();
    let mut secrets = secrets(conn, &ids)?;
    let bindings = bindings(conn, &ids)?;
    let names = names(conn, bindings.iter().map(|(_, scope, _)| scope))?;
    let mut roles: HashMap<String, Vec<Given>> = HashMap::new();
    for (id, scope, role) in bindings {
        roles
            .entry(id)
            .or_default()
            .push(given(&names, scope, role));
    }
    Ok(principals
        .into_iter()
        .map(|principal| Member {
            last_used_at: used.remove(&principal.id).flatten(),
            roles: roles.remove(&principal.id).unwrap_or_default(),
            secrets: secrets.remove(&principal.id).unwrap_or_default(),
            principal,
        })
        .collect())
}

fn given(names: &HashMap<String, String>, scope: Scope, role: Role) -> Given {
    let name = names.get(scope.parts().1).cloned().unwrap_or_default();
    Given { scope, name, role }
}

fn secrets(conn: &mut Conn, ids: &[String]) -> Result<HashMap<String, Vec<StoredSecret>>> {
    let query = principal_secrets::table
        .filter(principal_secrets::principal_id.eq_any(ids))
        .order(principal_secrets::id);
    let rows: Vec<StoredSecret> = on!(conn, |c| query.select(StoredSecret::as_select()).load(c))?;
    let mut found: HashMap<String, Vec<StoredSecret>> = HashMap::new();
    for row in rows {
        found.entry(row.principal_id.clone()).or_default().push(row);
    }
    Ok(found)
}

fn bindings(conn: &mut Conn, ids: &[String]) -> Result<Vec<(String, Scope, Role)>> {
    let query = role_bindings::table
        .filter(role_bindings::principal_id.eq_any(ids))
        .select((
            role_bindings::principal_id,
            role_bindings::scope,
            role_bindings::scope_id,
            role_bindings::role,
        ))
        .order((role_bindings::scope.desc(), role_bindings::scope_id));
    let rows: Vec<(String, String, String, String)> = on!(conn, |c| query.load(c))?;
    let mut found: Vec<(String, Scope, Role)> = rows
        .into_iter()
        .map(|(id, kind, scope_id, role)| Ok((id, Scope::of(&kind, scope_id), role.try_into()?)))
        .collect::<Result<_>>()?;
    found.sort_by_key(|(_, scope, _)| match scope {
        Scope::Organization(_) => 0,
        Scope::Project(_) => 1,
        Scope::Bucket(_) => 2,
    });
    Ok(found)
}

/// The names of organizations, projects and buckets by their ids, which never collide.
fn names<'a>(
    conn: &mut Conn,
    scopes: impl Iterator<Item = &'a Scope>,
) -> Result<HashMap<String, String>> {
    let (mut wholes, mut parts, mut small) = (Vec::new(), Vec::new(), Vec::new());
    for scope in scopes {
        match scope {
            Scope::Organization(id) => wholes.push(id),
            Scope::Project(id) => parts.push(id),
            Scope::Bucket(id) => small.push(id),
        }
    }
    let query = organizations::table
        .filter(organizations::id.eq_any(wholes))
        .select((organizations::id, organizations::name));
    let mut found: Vec<(String, String)> = on!(conn, |c| query.load(c))?;
    let query = projects::table
        .filter(projects::id.eq_any(parts))
        .select((projects::id, projects::name));
    found.append(&mut on!(conn, |c| query.load(c))?);
    let query = buckets::table
        .filter(buckets::id.eq_any(small))
        .select((buckets::id, buckets::name));
    found.append(&mut on!(conn, |c| query.load(c))?);
    Ok(found.into_iter().collect())
}
