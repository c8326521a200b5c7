//! How many statements a push takes while it holds the lock of its bucket. On PostgreSQL each is a round trip, and
//! whoever else pushes to the bucket waits for all of them.

use touchmark_tests::{
    Story as _, TestServer, done,
    wire::build::{BuildStatus, UpdateBuildBody},
};

use crate::listen;

/// The four writes of a build, and the statements that each may take from the lock on, that one included.
const STEPS: [(&str, usize); 4] = [
    ("create the version", 5),
    ("create the build", 5),
    ("RUNNING", 6),
    ("DONE", 17),
];

pub(crate) async fn takes_few_statements(server: &TestServer) {
    let admin = server.admin();
    admin.bucket("pushed").await;
    // The first version sets the platforms of the bucket, which later ones only compare.
    admin.complete("pushed", "before").await;
    let mut build = String::new();
    for (step, (name, most)) in STEPS.iter().enumerate() {
        listen::forget();
        match step {
            0 => drop(admin.version("pushed", "f").await),
            1 => build = admin.build("pushed", "f", "docker.base").await,
            _ => {
                let running = UpdateBuildBody {
                    status: Some(BuildStatus::Running),
                    ..UpdateBuildBody::default()
                };
                let body = if step == 2 { running } else { done("f") };
                let updated = admin.update_build("pushed", "f", &build, &body).await;
                updated.expect(name);
            }
        }
        let statements = listen::written();
        let lock = |text: &String| {
            text.starts_with("UPDATE") && text.contains("buckets") && text.contains("RETURNING")
        };
        let from = statements.iter().position(lock);
        let from = from.unwrap_or_else(|| panic!("{name} took no lock: {statements:#?}"));
        let held = &statements[from..];
        assert!(
            held.len() <= *most,
            "{name}: {} statements, at most {most}: {held:#?}",
            held.len()
        );
    }
}
