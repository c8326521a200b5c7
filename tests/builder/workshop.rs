//! Where images are built: a folder of its own, with a stand-in for Packer or the real one.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;
use touchmark_client::Client;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{Ended, Machine, Process, TestServer, program, wire::version::Version};

/// A folder with an environment.
pub(crate) struct Workshop {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Workshop {
    /// One that reaches a server as a principal that records.
    pub(crate) async fn of(server: &TestServer) -> Self {
        let mut workshop = Self::at(&server.url);
        workshop.set("TOUCHMARK_PROJECT_ID", &server.project.id);
        let scope = Scope::Project(server.project.id.clone());
        let (id, secret) = server.credentials("workshop", scope, Role::Builder).await;
        workshop.set("TOUCHMARK_CLIENT_ID", &id);
        workshop.set("TOUCHMARK_CLIENT_SECRET", &secret);
        workshop
    }

    /// One that reaches a real server as its admin, over TLS.
    pub(crate) fn on(machine: &Machine, url: &str) -> Self {
        let mut workshop = Self::at(url);
        for (name, value) in machine.sourced() {
            if name.starts_with("TOUCHMARK_") {
                workshop.set(&name, &value);
            }
        }
        workshop
    }

    fn at(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut workshop = Self {
            folder,
            environment: Vec::new(),
        };
        let home = workshop.path("").display().to_string();
        let stand_in = concat!(env!("CARGO_MANIFEST_DIR"), "/builder/stand-in.sh");
        let scenario = workshop.path("scenario").display().to_string();
        let arguments = workshop.path("arguments").display().to_string();
        for (name, value) in [
            ("HOME", home.as_str()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("GIT_CEILING_DIRECTORIES", "/"),
            ("CHECKPOINT_DISABLE", "1"),
            ("TOUCHMARK_URL", url),
            ("TOUCHMARK_PACKER", stand_in),
            ("STAND_IN_SCENARIO", &scenario),
            ("STAND_IN_ARGUMENTS", &arguments),
        ] {
            workshop.set(name, value);
        }
        workshop
    }

    /// Sets a variable of the environment.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// What the stand-in is to do.
    pub(crate) fn scenario(&self, text: &str) {
        self.write("scenario", text);
    }

    /// With what the stand-in was called, call by call.
    pub(crate) fn called(&self) -> String {
        std::fs::read_to_string(self.path("arguments")).unwrap_or_default()
    }

    /// `touchmark`, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("touchmark"));
        command
            .args(arguments)
            .env_clear()
            .current_dir(self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Starts `touchmark`.
    pub(crate) fn start(&self, arguments: &[&str]) -> Process {
        Process::of(self.command(arguments))
    }

    /// Runs `touchmark` to its end, while the server goes on.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        let process = self.start(arguments);
        ended(process).await
    }

    /// The journals that are left.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let folder = self.path(".local/state/touchmark/journal");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    }
}

/// The end of a process that is not waited for on the thread that serves it.
pub(crate) async fn ended(process: Process) -> Ended {
    tokio::task::spawn_blocking(|| process.ended())
        .await
        .expect("a thread that ends well")
}

/// Waits until something is so.
pub(crate) async fn until(mut is: impl AsyncFnMut() -> bool) {
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !is().await {
        assert!(
            std::time::Instant::now() < patience,
            "it does not come to be so"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// What a version says, without times and ids: name and status, then the builds with their artifacts.
pub(crate) fn told(version: &Version) -> String {
    let mut builds: Vec<String> = version
        .builds
        .iter()
        .map(|build| {
            let images = build.artifacts.iter();
            let images =
                images.map(|image| format!(" {}={}", image.region, image.external_identifier));
            let mut images: Vec<String> = images.collect();
            images.sort();
            format!(
                "{} {} {}:{}",
                build.component_type,
                build.status,
                build.platform,
                images.concat()
            )
        })
        .collect();
    builds.sort();
    format!("{} {}\n{}", version.name, version.status, builds.join("\n"))
}

/// The version of a fingerprint.
pub(crate) async fn version(client: &Client, bucket: &str, fingerprint: &str) -> Version {
    let answer = client
        .get_version(bucket, fingerprint)
        .await
        .expect("a version");
    answer.version.expect("a version")
}

/// Lines of Packer for a build that went well: its artifacts, each as builder id, id and files.
pub(crate) fn printed(target: &str, artifacts: &[(&str, &str, &[&str])]) -> String {
    let mut lines = vec![format!("1,{target},artifact-count,{}", artifacts.len())];
    for (at, (builder, id, files)) in artifacts.iter().enumerate() {
        let id = id.replace(',', "%!(PACKER_COMMA)");
        lines.push(format!("1,{target},artifact,{at},builder-id,{builder}"));
        lines.push(format!("1,{target},artifact,{at},id,{id}"));
        lines.push(format!(
            "1,{target},artifact,{at},files-count,{}",
            files.len()
        ));
        let files = files.iter().enumerate();
        lines.extend(
            files.map(|(number, path)| format!("1,{target},artifact,{at},file,{number},{path}")),
        );
        lines.push(format!("1,{target},artifact,{at},end"));
    }
    lines.join("\n")
}

/// The same as a piece of a scenario, with the lines that come before.
pub(crate) fn built(target: &str, artifacts: &[(&str, &str, &[&str])]) -> String {
    let said = format!(
        "1,,ui,say,==> {target}: Building\n1,,ui,say,Build '{target}' finished after 1 second."
    );
    format!("cat <<'EOF'\n{said}\n{}\nEOF\n", printed(target, artifacts))
}

/// Whether a file is there.
pub(crate) fn is_there(path: &Path) -> bool {
    path.exists()
}
