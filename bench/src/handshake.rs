//! The whole handshake of one build of Packer, by many clients at once: what `wrk` cannot do, since each
//! request follows from the answer before it. Every answer is looked at.

mod steps;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::json;
use touchmark_registry::domain::{id, time::Clock};

pub(crate) use steps::{STEPS, Step};

use crate::{
    Done,
    output::print,
    script::{Answer, STEP},
    summary::percentile,
    target::Target,
};

/// What `handshake` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Host and port of a registry that serves plain HTTP
    #[arg(long)]
    address: String,
    /// The `env` file in its data folder
    #[arg(long, value_name = "FILE")]
    env: PathBuf,
    #[command(flatten)]
    load: Load,
}

/// How much of it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Load {
    /// Clients at once
    #[arg(long, default_value_t = 16)]
    pub(crate) clients: usize,
    /// Seconds for which new handshakes are begun
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u64,
    /// Artifacts of each build
    #[arg(long, default_value_t = 2)]
    pub(crate) artifacts: usize,
    /// Every client has a bucket of its own
    #[arg(long)]
    pub(crate) apart: bool,
}

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let measured = crate::block_on(async {
            let target = Target::sign_in(&self.address, &self.env).await?;
            drive(&target, &self.load, None).await
        })?;
        print(&serde_json::to_string_pretty(&measured)?)?;
        Ok(())
    }
}

/// What came of it. Times are milliseconds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    /// Handshakes that were completed.
    pub(crate) handshakes: usize,
    /// From the first to the end of the last.
    #[serde(skip)]
    pub(crate) took: Duration,
    /// Of these in a second.
    pub(crate) per_second: f64,
    /// How long half of them took at most.
    pub(crate) p50: f64,
    /// How long all but one of a hundred took at most.
    pub(crate) p99: f64,
}

/// Who answers, which decides what is expected: a registry, or the limit server with these answers.
pub(crate) type Played = Option<Arc<Vec<Answer>>>;

/// Drives a server for some seconds. An answer that is not what it should be ends all.
pub(crate) async fn drive(target: &Target, load: &Load, played: Played) -> Done<Measured> {
    let clients: Vec<Client> = (0..load.clients)
        .map(|number| Client::new(target, load, number, played.clone()))
        .collect::<Done<_>>()?;
    if played.is_none() {
        for client in &clients {
            client.make_bucket().await?;
        }
    }
    let begun = Instant::now();
    let end = begun + Duration::from_secs(load.seconds);
    let running: Vec<_> = clients
        .into_iter()
        .map(|client| tokio::spawn(async move { client.work(end).await }))
        .collect();
    let mut times = Vec::new();
    for client in running {
        times.append(&mut client.await??);
    }
    let took = begun.elapsed();
    times.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "a rate to read")]
    let per_second = times.len() as f64 / took.as_secs_f64();
    Ok(Measured {
        handshakes: times.len(),
        took,
        per_second,
        p50: percentile(&times, 50),
        p99: percentile(&times, 99),
    })
}

/// A single client in a bucket of its choice.
pub(crate) struct Single(Client);

impl Single {
    /// Makes the bucket if it is not there.
    pub(crate) async fn new(target: &Target, artifacts: usize, bucket: &str) -> Done<Self> {
        let load = Load {
            clients: 1,
            seconds: 0,
            artifacts,
            apart: false,
        };
        let mut client = Client::new(target, &load, 0, None)?;
        bucket.clone_into(&mut client.bucket);
        client.make_bucket().await?;
        Ok(Self(client))
    }

    /// One handshake, and all its answers.
    pub(crate) async fn push(&self) -> Done<Vec<Answer>> {
        self.0.handshake().await
    }
}

/// One client: it knows nobody else and keeps its connection.
struct Client {
    http: reqwest::Client,
    target: Target,
    bucket: String,
    artifacts: usize,
    played: Played,
}

impl Client {
    fn new(target: &Target, load: &Load, number: usize, played: Played) -> Done<Self> {
        let number = if load.apart { number + 1 } else { 0 };
        Ok(Self {
            http: reqwest::Client::builder().http1_only().build()?,
            target: target.clone(),
            bucket: format!("push-{number}"),
            artifacts: load.artifacts,
            played,
        })
    }

    async fn make_bucket(&self) -> Done {
        let body = json!({ "name": self.bucket, "description": "", "labels": {} });
        let url = format!(
            "http://{}{}",
            self.target.address,
            self.target.scope().buckets()
        );
        let request = self.http.put(url).bearer_auth(&self.target.token);
        let status = request.json(&body).send().await?.status().as_u16();
        if status == 200 || status == 409 {
            return Ok(());
        }
        Err(format!("creating a bucket answers {status}").into())
    }

    /// Handshake after handshake until the time is over: how long each took, in milliseconds.
    async fn work(self, end: Instant) -> Done<Vec<f64>> {
        let mut times = Vec::new();
        while Instant::now() < end {
            let begun = Instant::now();
            self.handshake().await?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        Ok(times)
    }

    async fn handshake(&self) -> Done<Vec<Answer>> {
        let fingerprint = id::ulid(Clock::System.now());
        let mut build = String::new();
        let mut answers = Vec::with_capacity(STEPS.len());
        for (number, step) in STEPS.iter().enumerate() {
            let at = steps::Place {
                bucket: &self.bucket,
                fingerprint: &fingerprint,
                build: &build,
                artifacts: self.artifacts,
            };
            let answer = self.send(number, step, &at).await?;
            let problem = match &self.played {
                None => step.judge(&at, &answer).err(),
                Some(played) => {
                    let same = played.get(number).is_some_and(|expected| {
                        expected.status == answer.status && expected.body == answer.body
                    });
                    (!same).then(|| "other bytes than it should".to_owned())
                }
            };
            if let Some(problem) = problem {
                let Answer { status, body, .. } = answer;
                return Err(format!("{step:?} answers {problem}: {status} {body}").into());
            }
            if *step == Step::CreateBuild {
                build = steps::build_id(&answer.body)?;
            }
            answers.push(answer);
        }
        Ok(answers)
    }

    async fn send(&self, number: usize, step: &Step, at: &steps::Place<'_>) -> Done<Answer> {
        let (method, path, body) = step.request(self.target.scope(), at);
        let mut request = self
            .http
            .request(method, format!("http://{}{path}", self.target.address))
            .bearer_auth(&self.target.token)
            .header(STEP, number);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        Ok(Answer {
            status: answer.status().as_u16(),
            body: answer.text().await?,
            rows: Vec::new(),
        })
    }
}
