//! What real clients sent and got, replayed: a change that breaks Packer or the Terraform provider is
//! seen without them.
//!
//! `recordings/` holds one file per client and scenario, one exchange per line, in the order in which the
//! server answered. `recordings/README.md` says what is in a line and how to record again. A file that no
//! test replays fails [`every_recording_is_replayed`].
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod compare;
mod names;
mod read;
mod recording;
mod session;

use std::{collections::BTreeSet, path::PathBuf};

/// A test for each recording, and the list of them.
macro_rules! recordings {
    ($($test:ident $file:literal)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                session::replay($file).await;
            }
        )*

        const REPLAYED: &[&str] = &[$($file),*];
    };
}

recordings! {
    packer_1_10_cancels "packer-1.10.3-cancel"
    packer_1_10_publishes "packer-1.10.3-happy"
    packer_1_10_reads_a_parent "packer-1.10.3-sources"
    packer_1_10_resumes "packer-1.10.3-resume"
    packer_1_16_assigns_channels "packer-1.16.0-channels"
    packer_1_16_cancels "packer-1.16.0-cancel"
    packer_1_16_finds_its_project "packer-1.16.0-projects"
    packer_1_16_publishes "packer-1.16.0-happy"
    packer_1_16_reads_a_parent "packer-1.16.0-sources"
    packer_1_16_resumes "packer-1.16.0-resume"
    packer_1_16_uploads_sboms "packer-1.16.0-sbom"
    terraform_acceptance_tests_assign_channels "terraform-acceptance-assignment"
    packer_1_16_runs_enforced_blocks "packer-1.16.0-enforced"
    terraform_acceptance_tests_bind_principals "terraform-acceptance-iam"
    terraform_acceptance_tests_read_artifacts_and_versions "terraform-acceptance-data"
    terraform_adopts_latest "terraform-latest"
    terraform_explains_errors "terraform-errors"
    terraform_binds_principals "terraform-iam"
    terraform_finds_its_project "terraform-projects"
    terraform_manages_bucket_channel_and_assignment "terraform-lifecycle"
    terraform_reads_and_renews_the_key_of_the_run_task "terraform-runtask"
    terraform_reads_versions_and_artifacts "terraform-data"
}

#[test]
fn every_recording_is_replayed() {
    let kept: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the folder of recordings")
        .map(|entry| entry.expect("an entry").file_name())
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".jsonl")?.to_owned()))
        .collect();
    let replayed = REPLAYED.iter().map(ToString::to_string).collect();
    assert_eq!(kept, replayed);
}

/// Where the recordings are.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("recordings")
}
