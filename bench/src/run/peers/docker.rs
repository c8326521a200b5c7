//! The registry of Docker (distribution), without users, which spares it a check of each request: the manifest
//! of an image by its tag.

use std::{fmt::Write as _, path::Path, process::Command};

use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Peer, free_address, text};
use crate::{Done, exchange::Ask, process::Process};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const BLOB: &[u8] = b"{}";

/// Starts it, with a manifest of so many bytes.
pub(super) async fn start(folder: &Path, size: usize) -> Done<Peer> {
    let address = free_address()?;
    let config = json!({
        "version": "0.1",
        "log": { "level": "error", "accesslog": { "disabled": true } },
        "storage": { "filesystem": { "rootdirectory": text(&folder.join("images")) } },
        "http": { "addr": address },
    });
    // JSON is YAML.
    std::fs::write(folder.join("config.yml"), config.to_string())?;
    let mut command = Command::new("docker-registry");
    command.arg("serve").arg(folder.join("config.yml"));
    let process = Process::start_at(command, address)?;
    let client = Client::new();
    let base = format!("http://{}/v2/image", process.address);
    let begun = client.post(format!("{base}/blobs/uploads/")).send().await?;
    let location = begun
        .headers()
        .get("location")
        .ok_or("no place for a blob")?;
    let mut place = reqwest::Url::parse(&base)?.join(location.to_str()?)?;
    place.query_pairs_mut().append_pair("digest", &digest()?);
    let sent = client.put(place).body(BLOB).send().await?;
    sent.error_for_status()?;
    let tag = format!("{base}/manifests/production");
    let request = client.put(tag).header("content-type", MANIFEST);
    let sent = request.body(manifest(size)?).send().await?;
    sent.error_for_status()?;
    Ok(Peer {
        ask: Ask::get("/v2/image/manifests/production").with("Accept", MANIFEST),
        process,
    })
}

fn digest() -> Done<String> {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(BLOB) {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

fn manifest(size: usize) -> Done<String> {
    let blob = |media: &str| -> Done<Value> {
        Ok(json!({ "mediaType": media, "size": BLOB.len(), "digest": digest()? }))
    };
    let of = |note: &str| -> Done<String> {
        Ok(json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": blob("application/vnd.oci.image.config.v1+json")?,
            "layers": [blob("application/vnd.oci.image.layer.v1.tar")?],
            "annotations": { "note": note },
        })
        .to_string())
    };
    let rest = size.saturating_sub(of("")?.len());
    of(&"x".repeat(rest))
}
