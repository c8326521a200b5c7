//! `serve --demo`: the registry is sound, tells every story that somebody may want to see, and leaves nothing
//! behind.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use insta::assert_snapshot;
use touchmark_client::{AncestryFilter, Client, EventFilter, Page, Part, ResolveQuery};
use touchmark_tests::{
    Machine, Process,
    wire::{
        ancestry::{AncestryStatus, BucketAncestryType},
        build::BuildStatus,
        channel::Channel,
        version::{RevocationType, Version, VersionStatus},
    },
};

const ARGUMENTS: [&str; 4] = ["serve", "--demo", "--listen", "127.0.0.1:0"];
/// A program that is not optimized takes its time for six months.
const PATIENCE: Duration = Duration::from_mins(5);

/// A machine whose folder for temporary files is in its home, and on which nothing says where to keep things.
fn machine() -> (Machine, PathBuf) {
    let machine = Machine::new().with("TOUCHMARK_DATABASE", "");
    let temporary = machine.home().join("tmp");
    std::fs::create_dir(&temporary).expect("a folder");
    let machine = machine.with("TMPDIR", &temporary.display().to_string());
    (machine, temporary)
}

/// What is in a folder.
fn entries(folder: &PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

fn client(env: &HashMap<String, String>) -> Client {
    Client::builder(&env["TOUCHMARK_URL"])
        .credentials(&env["HCP_CLIENT_ID"], &env["HCP_CLIENT_SECRET"])
        .scope(&env["HCP_ORGANIZATION_ID"], &env["HCP_PROJECT_ID"])
        .ca_file(&env["TOUCHMARK_CA_FILE"])
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_demo_is_sound_tells_every_story_and_leaves_nothing_behind() {
    let (machine, temporary) = machine();
    let mut server = Process::of(machine.command("touchmark-registry", &ARGUMENTS));
    server.await_address_for(PATIENCE);
    let folder = entries(&temporary).pop().expect("the folder of the demo");
    let shown = folder.display().to_string();
    let said = server.stdout().replace(&shown, "<folder>");
    let said = said.replace(&server.url, "<url>");
    let (before, after) = said.split_once("the password ").expect("a password");
    let (password, after) = after.split_once('\n').expect("a line");
    assert_eq!(password.len(), 17, "{password}");
    let said = format!("{before}the password <password>\n{after}");
    assert_snapshot!(said, @"
    This is a demo: a made-up company with 46 buckets and six months of versions. Touchmark listens at <url>

    Open <url> and sign in as demo with the password <password>

    A browser asks whether to trust it, since the authority of its certificate was made for this demo.

    Or look around in another shell:

        . '<folder>/env'
        touchmark bucket list
        touchmark version list checkout-web
        touchmark resolve payments-api:production --platform aws --region eu-central-1

    Everything is in <folder>, and is thrown away when this ends (ctrl-C).
    ");
    assert!(!machine.data_dir().exists());

    let checked = machine.run("touchmark-registry", &["check", "--data-dir", &shown]);
    assert_eq!(
        checked.stdout, "everything is sound\n",
        "{}",
        checked.stderr
    );
    let env = machine.sourced_from(&folder.join("env"), &[]);
    stories(&Registry(client(&env))).await;

    let ended = server.terminated();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(entries(&temporary), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_demo_that_is_interrupted_while_it_is_made_leaves_nothing_behind() {
    let (machine, temporary) = machine();
    let server = Process::of(machine.command("touchmark-registry", &ARGUMENTS));
    while entries(&temporary).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let ended = server.terminated();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ended.stderr
    );
    assert_eq!(entries(&temporary), Vec::<PathBuf>::new());
}

#[test]
fn a_demo_keeps_its_things_nowhere_else() {
    let refused = |machine: &Machine, arguments: &[&str]| {
        let ended = machine.refuses(&[&["--demo"], arguments].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        ended.stderr
    };
    let (machine, temporary) = machine();
    assert_snapshot!(refused(&machine, &["--data-dir", "/srv/touchmark"]), @"error: data_dir (flag --data-dir): cannot be set together with --demo, whose registry is made for it and thrown away");
    assert_snapshot!(refused(&machine, &["--database", "sqlite:/srv/touchmark.db"]), @"error: database (flag --database): cannot be set together with --demo, whose registry is made for it and thrown away");
    let machine = machine.with("TOUCHMARK_DATABASE", "postgres://me:secret@db/touchmark");
    assert_snapshot!(refused(&machine, &[]), @"error: database (environment TOUCHMARK_DATABASE): cannot be set together with --demo, whose registry is made for it and thrown away");
    assert_eq!(entries(&temporary), Vec::<PathBuf>::new());
}

/// The registry of the demo, as its admin sees it.
struct Registry(Client);

impl Registry {
    async fn versions(&self, bucket: &str) -> Vec<Version> {
        let listed = self.0.list_versions(bucket, &Page::default()).await;
        let mut versions = listed.expect("versions").versions;
        versions.sort_by_key(|version| std::cmp::Reverse(version.created_at));
        versions
    }

    async fn newest(&self, bucket: &str) -> Version {
        self.versions(bucket).await.remove(0)
    }

    async fn channel(&self, bucket: &str, name: &str) -> Channel {
        let found = self.0.get_channel(bucket, name).await;
        found.expect("a channel").channel.expect("the channel")
    }

    async fn held(&self, bucket: &str, channel: &str) -> Version {
        self.channel(bucket, channel)
            .await
            .version
            .expect("a version")
    }

    async fn parents(&self, bucket: &str) -> AncestryStatus {
        let found = self.0.get_bucket(bucket).await.expect("a bucket");
        let bucket = found.bucket.expect("the bucket");
        bucket.parents.expect("parents").status
    }

    /// The buckets that the latest version of a bucket was built from.
    async fn parent(&self, bucket: &str) -> String {
        let filter = AncestryFilter {
            direction: BucketAncestryType::Parents,
            ..AncestryFilter::default()
        };
        let page = Page::default();
        let found = self.0.list_bucket_ancestry(bucket, &filter, &page);
        let mut relations = found.await.expect("ancestry").relations;
        let parent = relations.remove(0).parent.expect("a parent");
        parent.bucket_name
    }

    async fn happened(&self, action: &str) -> usize {
        let filter = EventFilter {
            action: action.to_owned(),
            ..EventFilter::default()
        };
        let found = self.0.own().events(&filter, &Part::default()).await;
        found.expect("events").events.len()
    }
}

/// The number of a version.
fn number(version: &Version) -> u32 {
    let number = version.name.trim_start_matches('v').parse();
    number.expect("a number")
}

/// Platforms and regions of a version, each once.
fn places(version: &Version) -> Vec<String> {
    let mut places: Vec<String> = version
        .builds
        .iter()
        .flat_map(|build| {
            let of = |region: &str| format!("{} {region}", build.platform);
            build
                .artifacts
                .iter()
                .map(move |artifact| of(&artifact.region))
        })
        .collect();
    places.sort();
    places
}

async fn stories(demo: &Registry) {
    size(demo).await;
    revocations(demo).await;
    channels(demo).await;
    builds(demo).await;
    ancestry(demo).await;
    ways_in(demo).await;
}

async fn size(demo: &Registry) {
    let listed = demo.0.list_buckets(&Page::default()).await;
    let buckets = listed.expect("buckets").buckets;
    assert!((40..=50).contains(&buckets.len()), "{}", buckets.len());
    let bare = |text: &str| text.is_empty();
    assert!(
        !buckets
            .iter()
            .any(|b| bare(&b.description) || b.labels.is_empty())
    );
    let versions: i64 = buckets.iter().map(|bucket| bucket.version_count).sum();
    assert!(versions > 400, "{versions}");
    let first = buckets.iter().filter_map(|b| b.created_at).min();
    let last = buckets.iter().filter_map(|b| b.created_at).max();
    let days = last.expect("a time").as_micros() - first.expect("a time").as_micros();
    assert!(days / 86_400_000_000 > 170, "{days}");
}

/// Revoked in a channel, scheduled, inherited over two generations, rolled back, restored.
async fn revocations(demo: &Registry) {
    let held = demo.held("checkout-web", "production").await;
    assert_eq!(held.status, VersionStatus::Revoked, "revoked, and kept");
    assert!(held.revocation_message.starts_with("CVE-"));

    let base = demo.held("base-debian-12", "production").await;
    assert_eq!(base.status, VersionStatus::RevocationScheduled);
    assert_eq!(base.revocation_type, RevocationType::Manual);
    let child = demo.held("edge-proxy", "production").await;
    assert_eq!(child.status, VersionStatus::RevocationScheduled);
    let from = child.revocation_inherited_from.expect("an ancestor");
    assert_eq!(from.bucket_name, "base-debian-12");

    let grandchild = demo.newest("ledger-batch").await;
    assert_eq!(grandchild.status, VersionStatus::Revoked);
    let from = grandchild.revocation_inherited_from.as_ref();
    assert_eq!(from.expect("an ancestor").bucket_name, "base-rocky-9");
    assert_eq!(demo.parent("ledger-batch").await, "java-17");
    let channel = demo.channel("ledger-batch", "production").await;
    assert_eq!(channel.author_id, "touchmark", "it went back by itself");
    let held = channel.version.expect("a version");
    assert!(number(&held) < number(&grandchild));

    assert_eq!(demo.happened("version.restored").await, 1);
    assert!(demo.happened("channel.rolled_back").await > 1);
}

/// Lagging, taken back by hand, restricted.
async fn channels(demo: &Registry) {
    for bucket in ["opensearch-3", "search-indexer"] {
        let production = demo.held(bucket, "production").await;
        let newest = demo.newest(bucket).await;
        assert!(number(&newest) >= number(&production) + 3, "{bucket} lags");
    }
    let channel = demo.channel("auth-gateway", "production").await;
    assert_eq!(channel.author_id, "tom.brandt");
    let staging = demo.held("auth-gateway", "staging").await;
    assert!(number(&channel.version.expect("a version")) < number(&staging));
    assert!(demo.channel("payments-api", "canary").await.restricted);
}

/// A region and a platform that are missing; failed, cancelled, running; nothing complete, nothing at all.
async fn builds(demo: &Registry) {
    for (bucket, missing) in [
        ("payments-api", "aws eu-west-1"),
        ("log-collector", "azure "),
    ] {
        let versions = demo.versions(bucket).await;
        let has = |version: &Version| places(version).iter().any(|at| at.starts_with(missing));
        assert!(!has(&versions[0]) && has(&versions[1]), "{bucket}");
        let held = demo.held(bucket, "production").await;
        assert_eq!(held.fingerprint, versions[0].fingerprint);
    }
    for (bucket, status) in [
        ("base-windows-2025", VersionStatus::Failed),
        ("dotnet-9", VersionStatus::Cancelled),
        ("ci-runner-linux", VersionStatus::Running),
    ] {
        let newest = demo.newest(bucket).await;
        assert_eq!(newest.status, status, "{bucket}");
        assert!(newest.builds.iter().any(|b| b.status == BuildStatus::Done));
    }
    let attempts = demo.versions("ml-inference").await;
    assert!(!attempts.is_empty() && attempts.iter().all(|version| version.name == "v0"));
    assert!(demo.versions("feature-store").await.is_empty());
}

/// Three generations, children who stayed when their parent moved on, and many who did not.
async fn ancestry(demo: &Registry) {
    assert_eq!(demo.parent("payments-api").await, "java-21");
    assert_eq!(demo.parent("java-21").await, "base-ubuntu-24.04");
    for bucket in ["media-transcoder", "legacy-billing"] {
        assert_eq!(
            demo.parents(bucket).await,
            AncestryStatus::OutOfDate,
            "{bucket}"
        );
    }
    for bucket in [
        "java-21",
        "ledger-api",
        "catalog-api",
        "k8s-node",
        "gpu-cuda-12",
        "postgres-17",
    ] {
        assert_eq!(
            demo.parents(bucket).await,
            AncestryStatus::UpToDate,
            "{bucket}"
        );
    }
}

/// What a visitor tries first.
async fn ways_in(demo: &Registry) {
    let query = ResolveQuery {
        platform: "aws".to_owned(),
        region: "eu-central-1".to_owned(),
        ..ResolveQuery::default()
    };
    let place = ("payments-api", "production");
    let found = demo.0.own().resolve(place, &query).await;
    let id = found.expect("an image").external_identifier;
    // The same in every demo.
    assert_snapshot!(id, @"ami-0b6b682de322f72b1");
    let version = demo.held("payments-api", "production").await;
    let build = &version.builds[0];
    let got = demo
        .0
        .get_build("payments-api", &version.fingerprint, &build.id);
    let metadata = got
        .await
        .expect("a build")
        .build
        .expect("the build")
        .metadata;
    let metadata = metadata.expect("metadata");
    assert_eq!(
        metadata.vcs["details"]["commit"].as_str().map(str::len),
        Some(40)
    );
    assert_eq!(metadata.packer["version"], "1.16.0");
    let sboms = demo
        .0
        .list_sboms("payments-api", &version.fingerprint, &build.id);
    assert_eq!(sboms.await.expect("documents").sboms.len(), 1);
    let blocks = demo.0.get_enforced_blocks_by_bucket("base-debian-12").await;
    assert_eq!(blocks.expect("blocks").enforced_block_detail.len(), 1);
}
