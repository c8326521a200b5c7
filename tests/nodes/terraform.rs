//! The real Terraform through the balancer.

use std::{
    collections::HashMap,
    path::PathBuf,
    process::{Command, Stdio},
};

use touchmark_tests::{Client, Error, Machine, Process, Story as _, variable};

use crate::{
    balancer::{Balanced, found},
    skipped, turn,
};

/// How often all is made and destroyed while nodes are restarted.
const RUNS: usize = 3;

const BUCKET_AND_CHANNELS: &str = r#"
terraform {
  required_providers {
    hcp = {
      source = "hashicorp/hcp"
    }
  }
}

provider "hcp" {}

resource "hcp_packer_bucket" "alpine" {
  name = "alpine"
}

resource "hcp_packer_channel" "all" {
  count       = 8
  bucket_name = hcp_packer_bucket.alpine.name
  name        = "channel-${count.index}"
}
"#;

const ASSIGNMENTS: &str = r#"
resource "hcp_packer_channel_assignment" "all" {
  count               = 8
  bucket_name         = hcp_packer_bucket.alpine.name
  channel_name        = hcp_packer_channel.all[count.index].name
  version_fingerprint = "f"
}

data "hcp_packer_version" "held" {
  bucket_name  = hcp_packer_bucket.alpine.name
  channel_name = hcp_packer_channel_assignment.all[0].channel_name
}

data "hcp_packer_artifact" "held" {
  bucket_name         = hcp_packer_bucket.alpine.name
  version_fingerprint = data.hcp_packer_version.held.fingerprint
  platform            = "aws"
  region              = "us-east-1"
}

output "image" {
  value = data.hcp_packer_artifact.held.external_identifier
}
"#;

/// Terraform with the provider, in a folder of its own.
struct Terraform {
    program: PathBuf,
    folder: PathBuf,
    environment: HashMap<String, String>,
}

/// Terraform and the provider, if both are there; else that is said.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let both = found("terraform").zip(variable("TERRAFORM_PROVIDER_HCP"));
    if both.is_none() {
        skipped(
            "needs terraform, and the path of a terraform-provider-hcp in TERRAFORM_PROVIDER_HCP",
        );
    }
    both.map(|(program, provider)| (program, provider.into()))
}

impl Terraform {
    fn new((program, provider): (PathBuf, PathBuf), machine: &Machine) -> Self {
        let home = machine.home();
        let (plugins, folder) = (home.join("plugins"), home.join("terraform"));
        for folder in [&plugins, &folder] {
            std::fs::create_dir(folder).expect("a folder");
        }
        std::os::unix::fs::symlink(provider, plugins.join("terraform-provider-hcp"))
            .expect("a link");
        let settings = home.join("terraformrc");
        let text = format!(
            "provider_installation {{\n dev_overrides {{ \"hashicorp/hcp\" = \"{}\" }}\n direct {{}}\n}}\n",
            plugins.display()
        );
        std::fs::write(&settings, text).expect("a file");
        let mut environment = machine.sourced();
        let more = [("HOME", home), ("TF_CLI_CONFIG_FILE", settings.as_path())];
        environment.extend(more.map(|(name, path)| (name.to_owned(), path.display().to_string())));
        Self {
            program,
            folder,
            environment,
        }
    }

    fn configure(&self, parts: &[&str]) {
        std::fs::write(self.folder.join("main.tf"), parts.concat()).expect("a file");
    }

    /// Runs it to a good end.
    async fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null());
        let ended = tokio::task::spawn_blocking(|| Process::of(command).ended()).await;
        let ended = ended.expect("an end");
        let said = format!("{arguments:?}: {}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(0), "{said}");
        ended.stdout
    }

    async fn apply(&self) {
        self.run(&["apply", "-auto-approve", "-input=false", "-no-color"])
            .await;
        // Nothing is left to be done: with changes this ends with 2.
        self.run(&["plan", "-detailed-exitcode", "-input=false", "-no-color"])
            .await;
    }
}

/// From nothing to images and back.
async fn all_of_it(terraform: &Terraform, client: &Client) {
    terraform.configure(&[BUCKET_AND_CHANNELS]);
    terraform.apply().await;
    client.complete("alpine", "f").await;
    terraform.configure(&[BUCKET_AND_CHANNELS, ASSIGNMENTS]);
    terraform.apply().await;
    let image = terraform.run(&["output", "-raw", "image"]).await;
    assert_eq!(image, "f");
    assert_eq!(client.held("alpine", "channel-7").await, "f");
    terraform
        .run(&["destroy", "-auto-approve", "-no-color"])
        .await;
    let gone = client.get_bucket("alpine").await;
    let status = gone.expect_err("a bucket that is gone");
    let refused = matches!(
        status,
        Error::Refused {
            http_status: 404,
            ..
        }
    );
    assert!(refused, "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terraform_applies_through_haproxy_while_nodes_are_restarted() {
    let _turn = turn().await;
    let Some(programs) = programs() else {
        return;
    };
    let Some(mut balanced) = Balanced::start().await else {
        return;
    };
    let terraform = Terraform::new(programs, &balanced.machine);
    let client = balanced.machine.admin();
    all_of_it(&terraform, &client).await;
    let runs = tokio::spawn(async move {
        for _ in 0..RUNS {
            all_of_it(&terraform, &client).await;
        }
    });
    let mut restarts = 0;
    while !runs.is_finished() {
        balanced.restart(restarts % 2).await;
        restarts += 1;
    }
    runs.await.expect("runs that notice nothing");
    println!("{RUNS} times all of it through {restarts} restarts");
}
