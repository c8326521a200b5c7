//! A backup taken under load holds all that was acknowledged, and gives the same answers when restored.

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use touchmark_client::Page;
use touchmark_tests::{Client, Ended, Machine, Process, Story, TestDatabase};

fn run(machine: &Machine, arguments: &[&str]) -> Ended {
    machine.run("touchmark-registry", arguments)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).expect("a file");
    metadata.permissions().mode() & 0o777
}

/// Restores into a folder of its own and serves it there.
fn restored(machine: &Machine, file: &Path, folder: &Path) -> Process {
    let ended = run(
        machine,
        &["restore", text(file), "--data-dir", text(folder)],
    );
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("everything is sound"),
        "{}",
        ended.stdout
    );
    machine.serve(&["--data-dir", text(folder), "--shutdown-grace", "1s"])
}

/// A client of whoever the `env` file of a folder is for.
fn client(machine: &Machine, folder: &Path) -> Client {
    let env = machine.sourced_from(&folder.join("env"), &[]);
    let value = |name: &str| env.get(name).cloned().unwrap_or_default();
    Client::builder(value("TOUCHMARK_URL"))
        .credentials(value("HCP_CLIENT_ID"), value("HCP_CLIENT_SECRET"))
        .scope(value("HCP_ORGANIZATION_ID"), value("HCP_PROJECT_ID"))
        .ca_file(value("TOUCHMARK_CA_FILE"))
        .build()
        .expect("a client")
}

/// Every answer that there is to get.
async fn everything(client: &Client) -> Vec<String> {
    let page = Page::default();
    let registry = client.get_registry().await.expect("the registry");
    let mut all = vec![format!("{registry:?}")];
    let buckets = client.list_buckets(&page).await.expect("buckets");
    for bucket in &buckets.buckets {
        let name = bucket.name.as_str();
        let got = client.get_bucket(name).await.expect("a bucket");
        let versions = client.list_versions(name, &page).await.expect("versions");
        for version in &versions.versions {
            let one = client.get_version(name, &version.fingerprint).await;
            all.push(format!("{:?}", one.expect("a version")));
        }
        let channels = client.list_channels(name).await.expect("channels");
        for channel in &channels.channels {
            let history = client
                .list_channel_assignment_history(name, &channel.name, &page)
                .await;
            all.push(format!("{:?}", history.expect("a history")));
        }
        all.push(format!("{got:?}{versions:?}{channels:?}"));
    }
    all.push(format!("{buckets:?}"));
    all
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "it is one story")]
async fn what_was_acknowledged_before_a_backup_under_load_is_in_it() {
    if TestDatabase::is_postgres() {
        return;
    }
    let machine = Arc::new(Machine::new());
    let server = machine.serve(&["--shutdown-grace", "1s"]);
    let stop = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(&acknowledged));
            let client = machine.admin();
            tokio::spawn(async move {
                let bucket = format!("bucket-{writer}");
                client.bucket(&bucket).await;
                for number in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let fingerprint = format!("w{writer}n{number}");
                    client.complete(&bucket, &fingerprint).await;
                    acknowledged
                        .lock()
                        .expect("a lock")
                        .push((bucket.clone(), fingerprint));
                }
            })
        })
        .collect();
    let enough = || acknowledged.lock().expect("a lock").len() > 40;
    while !enough() {
        tokio::task::yield_now().await;
    }
    let before = acknowledged.lock().expect("a lock").clone();
    let file = machine.home().join("one.backup");
    let during = {
        let (machine, file) = (Arc::clone(&machine), file.clone());
        tokio::task::spawn_blocking(move || run(&machine, &["backup", text(&file)]))
    };
    let during = during.await.expect("a command");
    assert_eq!(during.code, Some(0), "{}", during.stderr);
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.expect("a writer");
    }
    assert!(
        acknowledged.lock().expect("a lock").len() > before.len(),
        "it went on meanwhile"
    );
    assert_eq!(mode(&file), 0o600);

    // Of a moment at which nobody writes, all answers are the same.
    let quiet = machine.home().join("two.backup");
    let ended = run(&machine, &["backup", text(&quiet)]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let original = everything(&machine.admin()).await;
    let folder = machine.home().join("restored/two");
    let second = restored(&machine, &quiet, &folder);
    let answers = everything(&client(&machine, &folder)).await;
    assert_eq!(answers, original);
    drop((second, server));

    let folder = machine.home().join("restored/one");
    let _first = restored(&machine, &file, &folder);
    let client = client(&machine, &folder);
    for (bucket, fingerprint) in before {
        assert_eq!(client.look(&bucket, &fingerprint).await.name[..1], *"v");
    }
}

#[test]
fn a_backup_is_one_private_file_and_replaces_none() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let file = machine.home().join("registry.backup");
    let ended = run(&machine, &["backup", text(&file)]);
    if TestDatabase::is_postgres() {
        assert_eq!(ended.code, Some(6));
        assert!(
            ended.stderr.contains("pg_dump --format=custom"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains("master.key"), "{}", ended.stderr);
        assert!(!file.exists());
        return;
    }
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for name in ["touchmark.db", "master.key", "ca.pem", "env", "server.key"] {
        assert!(ended.stdout.contains(name), "{name}: {}", ended.stdout);
    }
    let before = fs::read(&file).expect("a file");
    let again = run(&machine, &["backup", text(&file)]);
    assert_eq!(again.code, Some(6));
    assert!(
        again.stderr.contains("--force replaces it"),
        "{}",
        again.stderr
    );
    assert_eq!(fs::read(&file).expect("a file"), before);
    let forced = run(&machine, &["backup", "--force", text(&file)]);
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    let left = fs::read_dir(machine.home()).expect("a folder");
    let names: Vec<_> = left
        .map(|entry| entry.expect("a file").file_name())
        .collect();
    let temporary = names
        .iter()
        .filter(|name| name.display().to_string().contains("tmp"));
    assert_eq!(temporary.count(), 0, "{names:?}");
    drop(server);
}

#[test]
fn what_is_damaged_newer_or_in_use_is_not_restored() {
    if TestDatabase::is_postgres() {
        return;
    }
    let machine = Machine::new();
    let server = machine.serve(&["--shutdown-grace", "1s"]);
    let file = machine.home().join("registry.backup");
    assert_eq!(run(&machine, &["backup", text(&file)]).code, Some(0));
    let refused = |arguments: &[&str], why: &str| {
        let ended = run(&machine, arguments);
        assert_eq!(ended.code, Some(6), "{}", ended.stdout);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    };
    // The server holds the folder.
    refused(
        &["restore", "--force", text(&file)],
        "another server uses the data folder",
    );
    assert_eq!(server.terminated().code, Some(0));
    refused(
        &["restore", text(&file)],
        "--force moves what is in it aside",
    );

    let whole = fs::read(&file).expect("a file");
    let bad = machine.home().join("bad.backup");
    let folder = machine.home().join("new");
    let restore = ["restore", text(&bad), "--data-dir", text(&folder)];
    // Cut anywhere, it is refused.
    for length in [0, 100, 600, whole.len() / 3, whole.len() / 2] {
        fs::write(&bad, &whole[..length]).expect("a file");
        refused(&restore, "bad.backup is ");
    }
    let mut changed = whole.clone();
    let middle = whole.len() / 2;
    changed[middle] ^= 1;
    fs::write(&bad, &changed).expect("a file");
    refused(&restore, "nothing was restored");
    let newer = of_schema(&whole, *b"9999");
    fs::write(&bad, newer).expect("a file");
    refused(&restore, "is older; restore it with");
    assert!(!folder.join("touchmark.db").exists());

    let ended = run(&machine, &["restore", "--force", text(&file)]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("What was there before is in"),
        "{}",
        ended.stdout
    );
    assert_eq!(mode(&machine.data_dir()), 0o700);
    for name in ["touchmark.db", "master.key", "env", "server.key"] {
        assert_eq!(mode(&machine.data_dir().join(name)), 0o600, "{name}");
    }
    machine.serve(&[]);
}

/// The same archive with another schema in its manifest.
fn of_schema(archive: &[u8], schema: [u8; 4]) -> Vec<u8> {
    let (mut bytes, key) = (archive.to_vec(), b"\"schema\": \"");
    let found = bytes.windows(key.len()).position(|window| window == key);
    let at = found.expect("a schema") + key.len();
    bytes[at..at + schema.len()].copy_from_slice(&schema);
    bytes
}
