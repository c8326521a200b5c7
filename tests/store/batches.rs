//! Writes that share a commit: each is kept or undone on its own.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use touchmark_registry::{
    domain::{id, label::Labels, time::Time},
    error::{Error, Result},
    store::{
        Conn, Store,
        buckets::{self, Bucket, NewBucket},
    },
};
use touchmark_tests::{TestDatabase, TestServer};

const AT: Time = Time::from_micros(1_767_323_045_000_000);

/// Writes a bucket, as an operation would.
fn put(conn: &mut Conn, project_id: &str, name: &str) -> Result<Bucket> {
    let new = NewBucket {
        id: id::ulid(AT),
        project_id: project_id.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        labels: Labels::default(),
    };
    buckets::insert(conn, &new, AT)
}

/// The names of the buckets that are there.
async fn names(server: &TestServer) -> Vec<String> {
    let mut names = crate::look::texts(server, "SELECT name AS text FROM buckets").await;
    names.sort();
    names
}

/// Holds every thread that writes until it is dropped, so that what is queued meanwhile waits together.
pub(crate) struct Held {
    release: Vec<mpsc::Sender<()>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Held {
    /// Holds all writers of a store.
    pub(crate) async fn all(store: &Store) -> Self {
        let count = if TestDatabase::is_postgres() { 8 } else { 1 };
        let mut held = Self {
            release: Vec::new(),
            tasks: Vec::new(),
        };
        for _ in 0..count {
            let (release, wait) = mpsc::channel::<()>();
            let (begun, sign) = tokio::sync::oneshot::channel();
            let (store, mut begun, wait) = (store.clone(), Some(begun), Mutex::new(wait));
            held.release.push(release);
            held.tasks.push(tokio::spawn(async move {
                let wait_here = move |_: &mut Conn| {
                    if let Some(begun) = begun.take() {
                        begun.send(()).expect("a listener");
                    }
                    // An error means that the other side is gone: released as well.
                    let _ = wait.lock().expect("a lock").recv();
                    Ok(())
                };
                // One that is held for longer than callers wait is given up, which is no matter here.
                let _ = store.write(wait_here).await;
            }));
            sign.await.expect("a writer that is held");
        }
        held
    }

    /// Lets them go on.
    pub(crate) async fn release(self) {
        drop(self.release);
        for task in self.tasks {
            task.await.expect("a task that ends well");
        }
    }
}

/// Queues `count` writes behind held writers, then lets them run: the answers in order.
async fn queued<F, T>(
    server: &TestServer,
    count: usize,
    work: impl Fn(usize) -> F,
) -> Vec<Result<T>>
where
    F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    T: Send + 'static,
{
    let held = Held::all(&server.state.store).await;
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (store, work) = (server.state.store.clone(), work(number));
            tokio::spawn(async move { store.write(work).await })
        })
        .collect();
    // The tasks run on this thread: once it has yielded to each, all are queued.
    for _ in 0..=count {
        tokio::task::yield_now().await;
    }
    held.release().await;
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("a task that ends well"));
    }
    answers
}

#[tokio::test]
async fn of_32_writes_at_once_those_that_fail_are_undone_and_the_others_stay() {
    let server = TestServer::start().await;
    let project = server.project.id.clone();
    let answers = queued(&server, 32, |number| {
        let project = project.clone();
        move |conn: &mut Conn| {
            put(conn, &project, &format!("b{number:02}"))?;
            if number % 2 == 1 {
                return Err(Error::refused(format!("no {number}")));
            }
            Ok(number)
        }
    })
    .await;
    for (number, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(answered) => assert_eq!((answered, number % 2), (number, 0)),
            Err(error) => assert_eq!(error.to_string(), format!("no {number}")),
        }
    }
    let expected: Vec<String> = (0..32)
        .step_by(2)
        .map(|number| format!("b{number:02}"))
        .collect();
    assert_eq!(names(&server).await, expected);
}

#[tokio::test]
async fn a_refusal_by_the_database_itself_undoes_only_its_own_write() {
    let server = TestServer::start().await;
    let project = server.project.id.clone();
    let answers = queued(&server, 12, |number| {
        let project = project.clone();
        move |conn: &mut Conn| {
            put(conn, &project, &format!("b{number:02}"))?;
            // A project that does not exist breaks a foreign key.
            let home = if number % 3 == 0 {
                "none"
            } else {
                project.as_str()
            };
            put(conn, home, &format!("c{number:02}"))
        }
    })
    .await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_err(), number % 3 == 0, "{number} {answer:?}");
    }
    assert_eq!(names(&server).await.len(), 16);
}

#[tokio::test]
async fn a_panic_commits_nothing_and_leaves_the_store_usable() {
    let server = TestServer::start().await;
    let project = server.project.id.clone();
    let answers = queued(&server, 9, |number| {
        let project = project.clone();
        move |conn: &mut Conn| {
            put(conn, &project, &format!("b{number}"))?;
            assert!(number != 4, "a defect in the middle of a batch");
            Ok(())
        }
    })
    .await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_err(), number == 4, "{number} {answer:?}");
    }
    assert!(matches!(answers[4], Err(Error::Internal(_))));
    assert_eq!(names(&server).await.len(), 8);
    let again = server
        .state
        .store
        .write(move |conn| put(conn, &project, "after"))
        .await;
    again.expect("a write after a panic");
}

#[tokio::test]
async fn a_panic_while_reading_leaves_the_store_usable() {
    let server = TestServer::start().await;
    for _ in 0..8 {
        let read = server
            .state
            .store
            .read(|_| -> Result<()> { panic!("a defect") })
            .await;
        assert!(matches!(read, Err(Error::Internal(_))), "{read:?}");
    }
    assert_eq!(names(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_write_that_asks_to_run_again_does_so_from_the_beginning() {
    let server = TestServer::start().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let (project, counted) = (server.project.id.clone(), Arc::clone(&runs));
    let answer = server.state.store.write(move |conn| {
        let run = counted.fetch_add(1, Ordering::SeqCst);
        put(conn, &project, &format!("run-{run}"))?;
        if run < 2 { Err(Error::Retry) } else { Ok(run) }
    });
    assert_eq!(answer.await.expect("a write"), 2);
    assert_eq!(names(&server).await, ["run-2"]);
}

#[tokio::test]
async fn a_write_that_must_run_again_does_not_double_those_of_its_batch() {
    let server = TestServer::start().await;
    let project = server.project.id.clone();
    let answers = queued(&server, 8, |number| {
        let (project, mut runs) = (project.clone(), 0);
        move |conn: &mut Conn| {
            runs += 1;
            put(conn, &project, &format!("b{number}"))?;
            if number == 3 && runs == 1 {
                Err(Error::Retry)
            } else {
                Ok(())
            }
        }
    })
    .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(names(&server).await.len(), 8);
}

#[tokio::test]
async fn a_write_that_was_given_up_on_is_not_done_later() {
    let server = TestServer::start().await;
    let held = Held::all(&server.state.store).await;
    let project = server.project.id.clone();
    let late = server
        .state
        .store
        .write(move |conn| put(conn, &project, "late"))
        .await;
    assert!(matches!(late, Err(Error::Unavailable(_))), "{late:?}");
    held.release().await;
    // Whatever was queued before this has had its turn.
    let project = server.project.id.clone();
    let next = server
        .state
        .store
        .write(move |conn| put(conn, &project, "next"))
        .await;
    next.expect("a write");
    assert_eq!(names(&server).await, ["next"]);
}
