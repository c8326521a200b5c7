//! A program that runs as a child process.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// How long a program may take to do what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    /// Where a server listens, as it said.
    pub url: String,
    child: Child,
    stdout: Output,
    stderr: Output,
    readers: Vec<thread::JoinHandle<()>>,
}

type Output = Arc<Mutex<Vec<u8>>>;

/// What a program left behind.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained about, and logged.
    pub stderr: String,
}

impl Process {
    /// Starts it.
    ///
    /// # Panics
    /// When it cannot be.
    pub fn of(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        let (stdout, stderr) = (Output::default(), Output::default());
        let readers = vec![
            collect(child.stdout.take().expect("a pipe"), &stdout),
            collect(child.stderr.take().expect("a pipe"), &stderr),
        ];
        Self {
            url: String::new(),
            child,
            stdout,
            stderr,
            readers,
        }
    }

    pub(crate) fn await_address(&mut self) {
        self.await_address_for(PATIENCE);
    }

    /// Waits until a server listens that has more to do before than others have.
    ///
    /// # Panics
    /// When it ends instead, or takes longer than this.
    pub fn await_address_for(&mut self, patience: Duration) {
        let until = Instant::now() + patience;
        while self.url.is_empty() {
            if let Some(status) = self.child.try_wait().expect("a process") {
                panic!("ended with {status}: {}", self.stderr());
            }
            assert!(Instant::now() < until, "does not listen: {}", self.stderr());
            thread::sleep(Duration::from_millis(5));
            let said = self.stdout();
            if let Some((_, rest)) = said.split_once("listens at ")
                && let Some((url, _)) = rest.split_once('\n')
            {
                url.clone_into(&mut self.url);
            }
        }
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        text(&self.stdout)
    }

    /// What it has logged so far.
    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }

    /// The port that a server took.
    ///
    /// # Panics
    /// When it is no server.
    pub fn port(&self) -> u16 {
        let (_, port) = self.url.rsplit_once(':').expect("a port");
        port.parse().expect("a number")
    }

    /// The number by which the system knows it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `TERM`.
    ///
    /// # Panics
    /// When it has ended.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill").success());
    }

    /// Sends it SIGTERM and waits for its end.
    pub fn terminated(self) -> Ended {
        self.signal("TERM");
        self.ended()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When that takes too long.
    pub fn ended(mut self) -> Ended {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a process") {
                break status;
            }
            assert!(Instant::now() < until, "does not end: {}", self.stderr());
            thread::sleep(Duration::from_millis(5));
        };
        for reader in self.readers.drain(..) {
            reader.join().expect("a thread that ends well");
        }
        Ended {
            code: status.code(),
            stdout: self.stdout(),
            stderr: self.stderr(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has mostly ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static, into: &Output) -> thread::JoinHandle<()> {
    let into = Arc::clone(into);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let read = buffer.get(..count).unwrap_or_default();
            into.lock().expect("a lock").extend_from_slice(read);
        }
    })
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.lock().expect("a lock")).into_owned()
}
