//! The disk of the data folder is full.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use touchmark_registry::domain::time::Clock;
use touchmark_tests::{Client, Error, Machine, Story, TestDatabase, invariants};

use crate::{skipped, writer::Writer};

/// Room for a data folder and a little load.
const SIZE: &str = "size=6m,mode=700";
/// A disk takes some writes more after it is full: what lies in preallocated pages.
const STILL_TAKEN: usize = 2_000;

/// A small disk at a folder, until this is dropped.
struct Disk(PathBuf);

impl Disk {
    fn at(folder: &Path) -> Option<Self> {
        fs::create_dir_all(folder).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
            .arg(folder)
            .output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        mounted.then(|| Self(folder.to_owned()))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut file = File::create(self.filler()).expect("a file");
        for size in [64 * 1024, 4096, 512, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.filler()).expect("the file that takes the room");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test left behind may still use it.
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// The disk fills up while a writer writes: in the end it is told to come back later.
async fn write_until_refused(client: &Client, writer: &mut Writer) {
    for _ in 0..STILL_TAKEN {
        let Err(error) = writer.next(client).await else {
            continue;
        };
        match error {
            Error::Refused {
                http_status,
                status,
            } => {
                assert_eq!((http_status, status.code.number()), (503, 14), "{status:?}");
            }
            other => panic!("failed in another way: {other:?}"),
        }
        return;
    }
    panic!("the disk is never full");
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    if TestDatabase::is_postgres() {
        skipped("the disk of PostgreSQL is not the registry's");
        return;
    }
    let machine = Machine::new();
    let Some(disk) = Disk::at(&machine.data_dir()) else {
        skipped("a disk that can be filled needs root, and to be allowed to mount");
        return;
    };
    let server = machine.serve(&["--plain-http"]);
    let client = machine.admin();
    let mut writers: Vec<Writer> = (0..3).map(|n| Writer::new(format!("writer{n}"))).collect();
    client.bucket("alpine").await;
    client.complete("alpine", "f").await;
    for writer in &mut writers {
        disk.fill();
        write_until_refused(&client, writer).await;
        for _ in 0..5 {
            // It stays so, and reads go on.
            assert!(writer.next(&client).await.is_err());
            assert_eq!(client.held("alpine", "latest").await, "f");
            writer
                .check(&client)
                .await
                .expect("what was acknowledged, whole");
        }
        assert_eq!(
            client
                .get_registry()
                .await
                .map(drop)
                .map_err(|e| e.to_string()),
            Ok(())
        );
        disk.free();
        writer.catch_up(&client).await;
        for _ in 0..30 {
            writer
                .next(&client)
                .await
                .expect("a write, now that there is room");
        }
        writer
            .check(&client)
            .await
            .expect("what was acknowledged, whole");
    }
    let store = machine.store();
    let wrong = invariants::violations(&store, Clock::System.now()).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop(store);
    // A second start finds it sound as well.
    assert_eq!(server.terminated().code, Some(0));
    let again = machine.serve(&["--plain-http"]);
    for writer in &writers {
        writer
            .check(&machine.admin())
            .await
            .expect("what was acknowledged, whole");
    }
    assert_eq!(again.terminated().code, Some(0));
}
