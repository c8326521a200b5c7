//! Every operation × role × place, against the one table of who may do what.
//!
//! Callers have a role on the project, or on one bucket alone, or come from another project or another
//! organization. Those whom the table lets through get a world of their own, in which the call succeeds;
//! all others are refused in one world, which must look the same afterwards.

mod places;
mod samples;
mod world;

use std::collections::BTreeSet;

use touchmark_registry::domain::role::{Action, Needs, OPERATIONS, Role};
use touchmark_tests::{Client, TestServer};

use crate::{
    document::{Document, Operation},
    examine::examine,
};
use places::{Places, ROLES};
use samples::sample;
use world::World;

/// The operation of a row, without the part that tells its cases apart.
fn operation(row: &str) -> &str {
    row.split_once('#').map_or(row, |(id, _)| id)
}

/// All operations, those of the protocol and our own.
fn described() -> impl Iterator<Item = &'static Operation> {
    let own = Document::own().operations.iter();
    Document::get().operations.iter().chain(own)
}

/// Status and code of a call.
async fn call(server: &TestServer, client: &Client, row: &str, world: &World) -> (u16, i64) {
    let operation = described().find(|described| described.id == operation(row));
    let operation = operation.expect("an operation");
    let sample = sample(row, world);
    let values: Vec<(&str, &str)> = sample
        .values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut path = operation.path(server, &values);
    if !sample.query.is_empty() {
        path = format!("{path}?{}", sample.query);
    }
    let method = operation.method.clone();
    let answer = client.send(method, &path, sample.body.as_ref()).await;
    let answer = answer.expect("an answer");
    let body = examine(operation, &answer);
    if answer.status == sample.status {
        return (200, 0);
    }
    (answer.status, body["code"].as_i64().unwrap_or_default())
}

/// The rows of operations that take a token and are built.
fn guarded() -> impl Iterator<Item = (&'static str, Needs)> {
    let open = |needs: Needs| matches!(needs, Needs::Nothing | Needs::NotBuilt);
    OPERATIONS
        .iter()
        .copied()
        .filter(move |(_, needs)| !open(*needs))
}

fn action(needs: Needs) -> Option<Action> {
    match needs {
        Needs::Organization(action)
        | Needs::Project(action)
        | Needs::Bucket(action)
        | Needs::Anything(action) => Some(action),
        Needs::Nothing | Needs::Token | Needs::Reach | Needs::NotBuilt => None,
    }
}

fn reaches(role: Role, needs: Needs) -> bool {
    action(needs).is_none_or(|action| role >= action.needs())
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let described: BTreeSet<&str> = described().map(|operation| &*operation.id).collect();
    let rows: BTreeSet<&str> = OPERATIONS.iter().map(|(row, _)| operation(row)).collect();
    let missing: Vec<_> = described.difference(&rows).collect();
    let surplus: Vec<_> = rows.difference(&described).collect();
    assert!(missing.is_empty(), "no row says who may call {missing:?}");
    assert!(surplus.is_empty(), "rows of no operation: {surplus:?}");
}

#[tokio::test]
async fn a_role_that_reaches_is_let_through() {
    let mut wrong = Vec::new();
    // A server for each role: worlds are many, and a project has limits.
    for role in ROLES {
        let server = TestServer::start().await;
        let places = Places::make(&server).await;
        for (row, needs) in guarded().filter(|(_, needs)| reaches(role, *needs)) {
            let world = World::make(&server).await;
            let mut callers = vec![("organization", places.organization(role))];
            if !matches!(needs, Needs::Organization(_)) {
                callers.push(("project", places.project(role)));
            }
            if matches!(needs, Needs::Bucket(_) | Needs::Anything(_) | Needs::Reach) {
                callers.push(("bucket", world.on_bucket(&server, role).await));
            }
            // One is enough where the call can succeed once; which one changes from row to row.
            let (scope, client) = callers.swap_remove(row.len() % callers.len());
            let got = call(&server, &client, row, &world).await;
            if got != (200, 0) {
                wrong.push(format!(
                    "{row} as {} of the {scope}: {got:?}",
                    role.as_str()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "refused:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_role_that_does_not_reach_is_refused_with_403() {
    let server = TestServer::start().await;
    let places = Places::make(&server).await;
    let (world, other) = (World::make(&server).await, World::make(&server).await);
    let before = world.look(&server).await;
    let mut wrong = Vec::new();
    for (row, needs) in guarded() {
        for role in ROLES {
            let mut callers = Vec::new();
            if !reaches(role, needs) {
                callers.push(("the project", places.project(role)));
                if matches!(needs, Needs::Bucket(_) | Needs::Anything(_)) {
                    callers.push(("this bucket", world.on_bucket(&server, role).await));
                }
            }
            if matches!(
                needs,
                Needs::Bucket(_) | Needs::Project(_) | Needs::Organization(_)
            ) {
                callers.push(("another bucket", other.on_bucket(&server, role).await));
            }
            if matches!(needs, Needs::Organization(_)) {
                callers.push(("the project", places.project(role)));
            }
            for (scope, client) in callers {
                let got = call(&server, &client, row, &world).await;
                if got != (403, 7) {
                    wrong.push(format!("{row} as {} of {scope}: {got:?}", role.as_str()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not refused:\n{}", wrong.join("\n"));
    assert_eq!(
        before,
        world.look(&server).await,
        "a refusal left something"
    );
}

/// Operations that name nothing but what is the caller's own, wherever they come from.
const AT_HOME: &[&str] = &[
    "OrganizationService_List",
    "IamService_GetCallerIdentity",
    "WhoAmI",
    "ListOrganizations",
    "ListProjects",
    "CreateProject",
];

/// Whether an admin of another project of the organization is told more than that there is nothing: where
/// the whole organization is meant.
fn shared(row: &str, needs: Needs) -> bool {
    if row == "DeleteProject" {
        return false;
    }
    let whole = matches!(needs, Needs::Organization(_) | Needs::Anything(_));
    whole || AT_HOME.contains(&row) || row == "OrganizationService_Get"
}

#[tokio::test]
async fn what_is_of_another_project_or_organization_does_not_exist() {
    let server = TestServer::start().await;
    let places = Places::make(&server).await;
    let world = World::make(&server).await;
    let before = world.look(&server).await;
    let mut wrong = Vec::new();
    for (row, needs) in guarded() {
        let far = (
            "another organization",
            AT_HOME.contains(&row),
            &places.foreigner,
        );
        let near = ("another project", shared(row, needs), &places.neighbour);
        for (place, open, client) in [far, near] {
            let got = call(&server, client, row, &world).await;
            let right = match got {
                (404, 5) => !open,
                // Their own, or a role on the organization that they have not.
                (200, 0) | (403, 7) => open,
                _ => false,
            };
            if !right {
                wrong.push(format!("{row} as admin of {place}: {got:?}"));
            }
        }
        let got = call(&server, &server.anonymous(), row, &world).await;
        if got != (401, 16) {
            wrong.push(format!("{row} as anonymous: {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "seen from outside:\n{}", wrong.join("\n"));
    assert_eq!(before, world.look(&server).await, "somebody reached in");
}
