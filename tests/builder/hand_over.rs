//! A Packer that records by itself is given what it needs for it, and leaves the same records as we do.

use serde_json::{Value, json};
use touchmark_tests::{Machine, skipped, variable, wire::version::Version};

use crate::workshop::{Workshop, is_there, version};

const TEMPLATE: &str = r#"
hcp_packer_registry {
  bucket_name   = "hello"
  description   = "A first bucket"
  bucket_labels = { team = "platform" }
  build_labels  = { os = "none" }
}
variable "who" { default = "x" }
source "null" "base" {
  communicator = "none"
}
source "file" "notes" {
  content = "A file stands in for an image.\n"
  target  = "./out/notes.txt"
}
build {
  sources = ["source.null.base", "source.file.notes"]
  post-processor "checksum" {
    output = "out/{{.BuildName}}.sum"
  }
}
"#;

fn workshop(machine: &Machine, url: &str) -> Workshop {
    let workshop = Workshop::on(machine, url);
    workshop.write("t.pkr.hcl", TEMPLATE);
    std::fs::create_dir(workshop.path("out")).expect("a folder");
    workshop
}

#[tokio::test]
async fn packer_gets_the_address_and_our_credentials() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let mut workshop = workshop(&machine, &server.url);
    workshop.set("STAND_IN_VERSION", "1.16.0");
    workshop.scenario("env | grep -E '^(HCP_|SSL_)' | sort > given\n");
    let build = ["build", "--fingerprint", "f1", "t.pkr.hcl"];
    let ended = workshop.run(&build).await;
    // The stand-in says nothing to the registry.
    assert_eq!(ended.code, Some(8), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("Packer ended well, but recorded nothing"),
        "{}",
        ended.stderr
    );
    let given = std::fs::read_to_string(workshop.path("given")).expect("variables");
    let mut expected: Vec<String> = machine
        .sourced()
        .into_iter()
        .filter(|(name, _)| {
            matches!(
                name.as_str(),
                "HCP_API_ADDRESS"
                    | "HCP_AUTH_URL"
                    | "HCP_CLIENT_ID"
                    | "HCP_CLIENT_SECRET"
                    | "HCP_ORGANIZATION_ID"
                    | "HCP_PROJECT_ID"
            )
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    expected.push("HCP_PACKER_BUILD_FINGERPRINT=f1".to_owned());
    let bundle = workshop.path(".cache/touchmark/ca-bundle.pem");
    expected.push(format!("SSL_CERT_FILE={}", bundle.display()));
    expected.sort();
    assert_eq!(given.lines().collect::<Vec<_>>(), expected);
    let ours = std::fs::read_to_string(machine.data_dir().join("ca.pem")).expect("an authority");
    assert!(
        std::fs::read_to_string(bundle)
            .expect("a bundle")
            .contains(ours.trim())
    );

    // What it cannot do is done here.
    for more in [
        &["--record"][..],
        &["--label", "a=b"],
        &["--message-format", "json"],
    ] {
        std::fs::remove_file(workshop.path("given")).expect("variables");
        let build = [&["build", "--fingerprint", "f2"], more, &["t.pkr.hcl"]].concat();
        workshop.run(&build).await;
        let given = std::fs::read_to_string(workshop.path("given")).expect("variables");
        assert_eq!(given, "HCP_PACKER_REGISTRY=off\n", "{more:?}");
    }
}

#[tokio::test]
async fn a_packer_that_records_by_itself_leaves_the_same_records() {
    let Some(packer) = variable("PACKER_HCP") else {
        skipped("PACKER_HCP does not name a packer of 1.16 or later");
        return;
    };
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let mut workshop = workshop(&machine, &server.url);
    workshop.set("TOUCHMARK_PACKER", &packer);
    let mut records = Vec::new();
    for (fingerprint, flags) in [("theirs", &[][..]), ("ours", &["--record"][..])] {
        let build = [
            &["build", "--fingerprint", fingerprint],
            flags,
            &["-force", "-var", "who=y", "t.pkr.hcl"],
        ];
        let ended = workshop.run(&build.concat()).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(
            ended.stderr.contains("Packer 1.16.0 records by itself"),
            flags.is_empty()
        );
        records.push(record(
            &version(&machine.admin(), "hello", fingerprint).await,
        ));
    }
    assert!(is_there(&workshop.path("out/notes.txt")));
    assert_eq!(records[0], records[1]);
    let bucket = machine
        .admin()
        .get_bucket("hello")
        .await
        .expect("a bucket")
        .bucket
        .expect("a bucket");
    assert_eq!(bucket.description, "A first bucket");
}

/// What does not differ from run to run.
fn record(version: &Version) -> Value {
    let mut builds: Vec<Value> = version
        .builds
        .iter()
        .map(|build| {
            let artifacts = build.artifacts.iter();
            let artifacts: Vec<_> = artifacts.map(|artifact| (&artifact.region, &artifact.external_identifier)).collect();
            json!({
                "component": build.component_type, "platform": build.platform, "status": build.status,
                "labels": build.labels, "source": build.source_external_identifier,
                "metadata": build.metadata, "artifacts": artifacts,
            })
        })
        .collect();
    builds.sort_by_key(|build| build["component"].to_string());
    json!({ "template_type": version.template_type, "status": version.status, "builds": builds })
}
