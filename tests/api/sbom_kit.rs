//! What the tests of SBOMs and packages begin with.

use serde_json::{Value, json};
use touchmark_tests::{Answer, Client, Story, TestServer, upload, wire::sbom::SbomFormat};

use crate::kit::http;

/// A `CycloneDX` document of packages, each written `name version`.
pub(crate) fn cyclone(packages: &[&str]) -> Value {
    let component = |package: &&str| {
        let (name, version) = package.split_once(' ').unwrap_or((package, ""));
        json!({"type": "library", "name": name, "version": version,
            "purl": format!("pkg:generic/{name}@{version}")})
    };
    let components: Vec<Value> = packages.iter().map(component).collect();
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components})
}

/// An SPDX document of an image with these packages.
pub(crate) fn spdx(packages: &[&str]) -> Value {
    let mut elements = vec![json!({"SPDXID": "SPDXRef-image", "name": "image"})];
    for package in packages {
        let (name, version) = package.split_once(' ').unwrap_or((package, ""));
        elements.push(
            json!({"SPDXID": format!("SPDXRef-{name}"), "name": name, "versionInfo": version}),
        );
    }
    json!({"spdxVersion": "SPDX-2.3", "packages": elements, "relationships": [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
         "relatedSpdxElement": "SPDXRef-image"}]})
}

/// Bucket `alpine` and version `one` with a build, whose id it gives.
pub(crate) async fn alpine(client: &Client) -> String {
    client.bucket("alpine").await;
    client.version("alpine", "one").await;
    client.build("alpine", "one", "a").await
}

/// Uploads a `CycloneDX` document of packages into a build of `alpine`, and gives its name.
pub(crate) async fn put(
    client: &Client,
    place: (&str, &str),
    name: &str,
    packages: &[&str],
) -> String {
    let body = upload(SbomFormat::CycloneDx, &cyclone(packages), name);
    let answer = client.upload_sbom("alpine", place.0, place.1, &body).await;
    answer.expect("an upload").sbom.expect("the SBOM").name
}

/// Follows a link without a token.
pub(crate) async fn follow(server: &TestServer, link: &str) -> Answer {
    let path = link.strip_prefix(server.state.public_url.as_str());
    http(
        server,
        &format!("GET {}", path.expect("a link of this server")),
        &[],
        b"",
    )
    .await
}

/// The link to the document of an SBOM of `alpine/one`.
pub(crate) async fn link(client: &Client, build: &str, name: &str) -> String {
    let answer = client.get_sbom("alpine", "one", build, name).await;
    answer.expect("an SBOM").download_url
}
