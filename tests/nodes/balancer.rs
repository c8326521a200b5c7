//! Two nodes behind HAProxy, as `deploy/haproxy/` says: with the very file that is there.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Method;
use touchmark_tests::{Client, Machine, Process, TestDatabase, variable};

use crate::{cluster::pause, skipped};

/// How long a server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node that can be stopped and started again.
pub(crate) struct Place {
    address: String,
    folder: PathBuf,
    process: Option<Process>,
}

/// The balancer with its nodes. Clients of `machine` go through it.
pub(crate) struct Balanced {
    pub(crate) machine: Machine,
    pub(crate) places: [Place; 2],
    public_url: String,
    haproxy: Process,
}

impl Balanced {
    /// Starts everything; `None` when something is missing, which is said.
    pub(crate) async fn start() -> Option<Self> {
        let program = haproxy()?;
        if !TestDatabase::is_postgres() {
            skipped("two nodes need PostgreSQL, set TEST_DATABASE_URL");
            return None;
        }
        let machine = Machine::new();
        let address = format!("localhost:{}", free_port());
        let public_url = format!("https://{address}");
        let mut places: Vec<Place> = Vec::new();
        for number in 0..2 {
            let mut place = Place {
                address: format!("127.0.0.1:{}", free_port()),
                folder: match number {
                    0 => machine.data_dir(),
                    _ => machine.another_data_dir("node2"),
                },
                process: None,
            };
            place.start(&machine, &public_url);
            places.push(place);
        }
        let places: [Place; 2] = places.try_into().ok()?;
        let haproxy = balance(&program, &address, &places);
        let started = Self {
            machine,
            places,
            public_url,
            haproxy,
        };
        let is_ready = ready(&started.machine.admin()).await;
        assert!(is_ready, "{}", started.haproxy.stderr());
        Some(started)
    }

    /// What the balancer noticed of the nodes.
    pub(crate) fn noticed(&self) -> String {
        self.haproxy.stdout()
    }

    /// A client that always asks one of the nodes.
    pub(crate) fn at(&self, node: usize) -> Client {
        let address = &self.places[node].address;
        let port = address.rsplit_once(':').map_or("", |(_, port)| port);
        self.machine.admin_at(&format!("https://localhost:{port}"))
    }

    /// Stops a node as an operator does and starts it again; when this is over the balancer knows.
    pub(crate) async fn restart(&mut self, node: usize) {
        let place = &mut self.places[node];
        let process = place.process.take().expect("a node that runs");
        let ended = tokio::task::spawn_blocking(move || process.terminated()).await;
        assert_eq!(ended.expect("a node that ends").code, Some(0));
        tokio::task::block_in_place(|| place.start(&self.machine, &self.public_url));
        assert!(ready(&self.at(node)).await, "node {node} is not ready");
        // It is asked every 200 ms, and must be ready twice.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

impl Place {
    fn start(&mut self, machine: &Machine, public_url: &str) {
        let folder = self.folder.display().to_string();
        let mut arguments = vec!["--public-url", public_url, "--data-dir", &folder];
        arguments.extend(["--trusted-proxies", "127.0.0.1"]);
        self.process = Some(machine.serve_at(&self.address, &arguments));
    }
}

/// Waits until whoever is asked is ready; `false` when that takes too long.
async fn ready(client: &Client) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let answer = client.send(Method::GET, "/readyz", None).await;
        if answer.is_ok_and(|answer| answer.status == 200) {
            return true;
        }
        pause().await;
    }
    false
}

/// A port that is free now; nothing else takes it meanwhile.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A program on this machine.
pub(crate) fn found(name: &str) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    // Debian has servers where not everybody looks.
    let folders = path.split(':').chain(["/usr/sbin"]);
    folders
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file())
}

fn haproxy() -> Option<PathBuf> {
    let program = found("haproxy");
    if program.is_none() {
        let required = variable("REQUIRE_HAPROXY").is_some_and(|value| value == "1");
        assert!(!required, "REQUIRE_HAPROXY is 1, and there is no haproxy");
        skipped("two nodes behind a balancer need HAProxy (Debian: apt-get install haproxy)");
    }
    program
}

/// What `id` says of who runs this.
fn id(what: &str) -> String {
    let output = Command::new("id").arg(what).output().expect("id");
    String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

fn balance(program: &Path, address: &str, places: &[Place; 2]) -> Process {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/haproxy/haproxy.cfg");
    // The first node's certificate names the balancer.
    let certificate = places[0].folder.join("registry.pem");
    let parts = ["server.pem", "server.key"].map(|name| places[0].folder.join(name));
    let parts = parts.map(|path| std::fs::read_to_string(path).expect("a certificate"));
    std::fs::write(&certificate, parts.concat()).expect("a file");
    let mut command = Command::new(program);
    command
        // In the foreground.
        .args(["-db", "-f", file])
        .env_clear()
        .env("REGISTRY", address.replace("localhost", "127.0.0.1"))
        .env("REGISTRY_CERTIFICATE", certificate)
        .env("NODE1", &places[0].address)
        .env("NODE2", &places[1].address)
        .env("REGISTRY_CA", places[1].folder.join("ca.pem"))
        .env("HAPROXY_USER", id("-un"))
        .env("HAPROXY_GROUP", id("-gn"))
        .stdin(Stdio::null());
    Process::of(command)
}
