//! The run task of a registry: its address, the key of its signature and its settings. The run task
//! itself is not here.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use touchmark_wire::run_task::RunTaskBehaviour;
use zeroize::Zeroizing;

use super::{
    Access, Tx,
    events::{Place, Resource},
    transact,
};
use crate::{
    auth::secret,
    domain::{id, role::Action},
    error::{Error, Result},
    seal::MasterKey,
    state::State,
    store::{
        registries,
        run_tasks::{self as rows, RunTask},
    },
};

/// What Terraform is told of a run task.
#[expect(missing_debug_implementations, reason = "it holds a key")]
pub struct Address {
    /// What stands for the registry in the address.
    pub api_id: String,
    /// The key of the signature.
    pub key: Zeroizing<String>,
}

/// The address of the run task and the key; they are made when they are first asked for.
pub async fn address(state: &State, access: Arc<Access>) -> Result<Address> {
    access.check(Action::Administer, None)?;
    let project = access.project.id.clone();
    let found = state.store.read(move |conn| {
        let registry = registries::find(conn, &project)?;
        rows::find(conn, &registry.id)
    });
    let task = if let Some(task) = found.await? {
        task
    } else {
        let seal = state.seal.clone();
        transact(state, access, move |tx| ensure(tx, &seal)).await?
    };
    let key = state
        .seal
        .open(&sealed_name(&task.registry_id), &task.sealed_key)
        .map_err(Error::internal)?;
    let key = std::str::from_utf8(&key).map_err(Error::internal)?;
    Ok(Address {
        api_id: task.api_id,
        key: Zeroizing::new(key.to_owned()),
    })
}

/// Replaces the key of the signature; the old one ends.
pub async fn regenerate_key(state: &State, access: Arc<Access>) -> Result<Zeroizing<String>> {
    let seal = state.seal.clone();
    transact(state, access, move |tx| {
        let mut task = ensure(tx, &seal)?;
        let (key, sealed) = new_key(&seal, &task.registry_id)?;
        task.sealed_key = sealed;
        change(tx, "run_task.key_regenerated", &mut task)?;
        Ok(key)
    })
    .await
}

/// Says what happens to images that no bucket knows; `None` leaves it as it is.
pub async fn configure(
    state: &State,
    access: Arc<Access>,
    on_untracked_image: Option<RunTaskBehaviour>,
) -> Result<RunTask> {
    let seal = state.seal.clone();
    transact(state, access, move |tx| {
        let mut task = ensure(tx, &seal)?;
        let wanted = on_untracked_image.map(RunTaskBehaviour::as_str);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != task.on_untracked_image) {
            wanted.clone_into(&mut task.on_untracked_image);
            change(tx, "run_task.updated", &mut task)?;
        }
        Ok(task)
    })
    .await
}

/// The run task of the project's registry, locked; it is made if there is none.
fn ensure(tx: &mut Tx<'_>, seal: &MasterKey) -> Result<RunTask> {
    tx.access.check(Action::Administer, None)?;
    // Held until the end, so that of two changes at once neither is lost.
    let registry = registries::lock(tx.conn, &tx.access.project.id)?;
    if let Some(task) = rows::find(tx.conn, &registry.id)? {
        return Ok(task);
    }
    let (_, sealed_key) = new_key(seal, &registry.id)?;
    let task = RunTask {
        registry_id: registry.id,
        api_id: id::uuid(),
        sealed_key,
        on_untracked_image: RunTaskBehaviour::Unset.as_str().into(),
        created_at: tx.now,
        updated_at: tx.now,
    };
    rows::insert(tx.conn, &task)?;
    record(tx, "run_task.created", &task)?;
    Ok(task)
}

/// The name that the key of a registry is sealed under.
fn sealed_name(registry_id: &str) -> String {
    format!("run-task/{registry_id}")
}

fn new_key(seal: &MasterKey, registry_id: &str) -> Result<(Zeroizing<String>, Vec<u8>)> {
    let bytes = Zeroizing::new(secret::random_bytes::<32>().map_err(Error::internal)?);
    let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    let sealed = seal
        .seal(&sealed_name(registry_id), key.as_bytes())
        .map_err(Error::internal)?;
    Ok((key, sealed))
}

fn change(tx: &mut Tx<'_>, action: &'static str, task: &mut RunTask) -> Result<()> {
    task.updated_at = tx.now;
    rows::save(tx.conn, task)?;
    record(tx, action, task)
}

fn record(tx: &mut Tx<'_>, action: &'static str, task: &RunTask) -> Result<()> {
    let resource = Resource {
        kind: "run_task",
        id: &task.registry_id,
        name: &tx.access.project.name,
    };
    Place::project(tx.access, tx.now).record(tx.conn, action, resource, Some(task))
}
