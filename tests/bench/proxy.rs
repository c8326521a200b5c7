//! A network between a registry and its `PostgreSQL` that can be cut, made to swallow, and made slow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// What the network does with connections and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// It brings them to the other side.
    Passes,
    /// It breaks all connections and lets no new one through.
    IsCut,
    /// It takes everything and brings nothing. A connection that lost bytes in it stays silent for ever.
    Swallows,
    /// It brings each piece after so long.
    IsSlow(Duration),
}

/// The network, until this is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens, on the loopback interface.
    pub port: u16,
    carried: Arc<AtomicU64>,
    network: watch::Sender<Network>,
    running: Option<thread::JoinHandle<()>>,
}

impl Proxy {
    /// A network that passes, to this address.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn to(address: String) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let (network, seen) = watch::channel(Network::Passes);
        let carried = Arc::<AtomicU64>::default();
        let line = Line {
            address,
            carried: Arc::clone(&carried),
        };
        // A thread of its own: what is tested may block that of the test.
        let running = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(accept(listener, &line, seen));
        });
        Self {
            port,
            carried,
            network,
            running: Some(running),
        }
    }

    /// How many bytes came in so far, from both sides.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }

    /// From now on the network behaves like this.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Everything in the thread ends when the sender is gone.
        self.network = watch::channel(Network::IsCut).0;
        if let Some(running) = self.running.take() {
            let _ = running.join();
        }
    }
}

/// Where a network leads, and how much came in.
#[derive(Clone)]
struct Line {
    address: String,
    carried: Arc<AtomicU64>,
}

async fn accept(listener: std::net::TcpListener, line: &Line, mut seen: watch::Receiver<Network>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    loop {
        tokio::select! {
            changed = seen.changed() => if changed.is_err() {
                return;
            },
            accepted = listener.accept() => if let Ok((client, _)) = accepted {
                tokio::spawn(relay(client, line.clone(), seen.clone()));
            },
        }
    }
}

async fn relay(client: TcpStream, line: Line, mut seen: watch::Receiver<Network>) {
    let now = *seen.borrow_and_update();
    match now {
        Network::IsCut => return,
        Network::Swallows => return silence(client, seen).await,
        Network::Passes => {}
        Network::IsSlow(time) => tokio::time::sleep(time).await,
    }
    let Ok(server) = TcpStream::connect(&line.address).await else {
        return;
    };
    for stream in [&client, &server] {
        // Small pieces are not to wait for each other.
        let _ = stream.set_nodelay(true);
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        carry(from_client, to_server, &line.carried, seen.clone()),
        carry(from_server, to_client, &line.carried, seen)
    );
}

/// A connection that nothing ever comes out of, until the network is cut.
async fn silence(client: TcpStream, mut seen: watch::Receiver<Network>) {
    let cut = seen.wait_for(|network| *network == Network::IsCut).await;
    drop((cut.is_ok(), client));
}

/// Carries bytes in one direction until either side ends or the network is cut.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    carried: &AtomicU64,
    mut seen: watch::Receiver<Network>,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            changed = seen.changed() => {
                if changed.is_err() || *seen.borrow() == Network::IsCut {
                    return;
                }
                continue;
            }
            read = from.read(&mut buffer) => read,
        };
        let now = *seen.borrow();
        let Ok(count @ 1..) = read else {
            if now == Network::Swallows {
                // Not even the end comes through.
                let _ = seen.wait_for(|network| *network == Network::IsCut).await;
            }
            return;
        };
        carried.fetch_add(count as u64, Ordering::Relaxed);
        match now {
            Network::Passes => {}
            Network::IsSlow(time) => tokio::time::sleep(time).await,
            Network::IsCut => return,
            Network::Swallows => {
                let _ = seen.wait_for(|network| *network == Network::IsCut).await;
                return;
            }
        }
        if to
            .write_all(buffer.get(..count).unwrap_or_default())
            .await
            .is_err()
        {
            return;
        }
    }
}
