//! Where races are run.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::sync::Barrier;
use touchmark_registry::store::events::{self, Event};
use touchmark_tests::{Client, Error, TestDatabase, TestServer};

/// Callers at once.
pub(crate) const CALLERS: usize = 16;
/// Rounds of each race.
pub(crate) const ROUNDS: usize = 5;
/// A race that takes longer hangs.
const LIMIT: Duration = Duration::from_mins(2);

/// One node or two, and an admin on each.
pub(crate) struct Arena {
    /// The first node.
    pub(crate) server: TestServer,
    /// Kept because it ends when it is dropped.
    _second: Option<TestServer>,
    admins: Vec<Client>,
}

impl Arena {
    /// One node.
    pub(crate) async fn one() -> Self {
        let server = TestServer::start().await;
        let admins = vec![server.admin()];
        Self::new(server, None, admins).await
    }

    /// Two nodes on one database, of which callers use one each in turn. `SQLite` serves one node only.
    pub(crate) async fn two() -> Option<Self> {
        if !TestDatabase::is_postgres() {
            let name = std::thread::current().name().unwrap_or_default().to_owned();
            eprintln!("SKIPPED {name}: two nodes need PostgreSQL, set TEST_DATABASE_URL");
            return None;
        }
        let server = TestServer::start().await;
        let second = server.second_node().await;
        let admins = vec![server.admin(), second.admin()];
        Some(Self::new(server, Some(second), admins).await)
    }

    async fn new(server: TestServer, second: Option<TestServer>, admins: Vec<Client>) -> Self {
        for admin in &admins {
            // Each has its token before the first race.
            admin.get_registry().await.expect("a registry");
        }
        Self {
            server,
            _second: second,
            admins,
        }
    }

    /// An admin on the first node.
    pub(crate) fn admin(&self) -> &Client {
        &self.admins[0]
    }

    /// Starts `count` callers at the same moment, and gives what they got in their order.
    pub(crate) async fn together<T, F>(
        &self,
        count: usize,
        work: impl Fn(Client, usize) -> F,
    ) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let barrier = Arc::new(Barrier::new(count));
        let start = |index: usize| {
            let work = work(self.admins[index % self.admins.len()].clone(), index);
            let barrier = barrier.clone();
            tokio::spawn(async move {
                barrier.wait().await;
                work.await
            })
        };
        let running: Vec<_> = (0..count).map(start).collect();
        let mut results = Vec::with_capacity(count);
        for caller in running {
            let result = tokio::time::timeout(LIMIT, caller).await;
            let result = result.expect("a race that does not hang");
            results.push(result.expect("a caller that does not panic"));
        }
        results
    }

    /// The events with this action.
    pub(crate) async fn events(&self, action: &str) -> Vec<Event> {
        let mut found = Vec::new();
        let mut sequence = 0;
        loop {
            let page = self
                .server
                .state
                .store
                .read(move |conn| events::after(conn, sequence));
            let page = page.await.expect("events");
            let Some(last) = page.last() else {
                return found;
            };
            sequence = last.sequence;
            found.extend(page.into_iter().filter(|event| event.action == action));
        }
    }
}

/// What a call came to: `ok`, or status and code such as `409/6`.
pub(crate) fn outcome<T>(answer: &Result<T, Error>) -> String {
    match answer {
        Ok(_) => "ok".to_owned(),
        Err(Error::Refused {
            http_status,
            status,
        }) => format!("{http_status}/{}", status.code.number()),
        Err(other) => panic!("failed in another way: {other:?}"),
    }
}

/// All calls went well.
pub(crate) fn all_well<T>(answers: &[Result<T, Error>]) {
    for answer in answers {
        if let Err(error) = answer {
            panic!("{error:?}");
        }
    }
}

/// One call went well, and the others were told that there is one already.
pub(crate) fn one_won<T>(answers: &[Result<T, Error>]) {
    let mut seen: Vec<String> = answers.iter().map(outcome).collect();
    seen.sort();
    let mut expected = vec!["409/6".to_owned(); answers.len() - 1];
    expected.push("ok".into());
    assert_eq!(seen, expected);
}
