//! etcd, with its users: a value by its key, over the gateway from HTTP and JSON.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use super::{Peer, free_address, text, until_answered};
use crate::{
    Done,
    exchange::{self, Ask},
    process::Process,
};

/// `channel`, in the form in which keys and values are sent.
const KEY: &str = "Y2hhbm5lbA==";
/// Three letters in that form.
const THREE: &str = "eHh4";
/// Of a server that lives as long as a run, on the loopback interface, with nothing in it.
const PASSWORD: &str = "measured";

/// Starts it, with a value of so many bytes.
pub(super) fn start(folder: &Path, size: usize) -> Done<Peer> {
    let (address, peers) = (free_address()?, free_address()?);
    let (address_url, peers) = (format!("http://{address}"), format!("http://{peers}"));
    let mut command = Command::new("etcd");
    command.args(["--name", "measured", "--data-dir", &text(folder)]);
    command.args(["--listen-client-urls", &address_url]);
    command.args(["--advertise-client-urls", &address_url]);
    command.args(["--listen-peer-urls", &peers]);
    command.args(["--initial-advertise-peer-urls", &peers]);
    command.args(["--initial-cluster", &format!("measured={peers}")]);
    command.args(["--log-level", "error"]);
    let process = Process::start_at(command, address)?;
    let place = process.place();
    let value = THREE.repeat(size / 3);
    let put = Ask::post(
        "/v3/kv/put",
        json!({ "key": KEY, "value": value }).to_string(),
    );
    until_answered(place, &put)?;
    let root = json!({ "name": "root", "password": PASSWORD });
    for (path, body) in [
        ("/v3/auth/user/add", root.clone()),
        ("/v3/auth/role/add", json!({ "name": "root" })),
        (
            "/v3/auth/user/grant",
            json!({ "user": "root", "role": "root" }),
        ),
        ("/v3/auth/enable", json!({})),
    ] {
        exchange::send(place, &Ask::post(path, body.to_string()))?;
    }
    let signed_in = exchange::send(place, &Ask::post("/v3/auth/authenticate", root.to_string()))?;
    let signed_in: Value = serde_json::from_slice(&signed_in.body)?;
    let token = signed_in.get("token").and_then(Value::as_str);
    let token = token.ok_or("etcd answers without a token")?.to_owned();
    let range = Ask::post("/v3/kv/range", json!({ "key": KEY }).to_string());
    Ok(Peer {
        ask: range.with("Authorization", token),
        process,
    })
}
