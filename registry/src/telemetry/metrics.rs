//! Metrics for Prometheus, one registry per server: tests start many servers in one process.
//!
//! Names and labels are a promise to whoever built a dashboard on them. Counting of requests, which
//! must cost next to nothing, is in `routes`.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use prometheus::{
    Encoder as _, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec,
    IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

pub use prometheus::Error;

use super::routes::RouteMetrics;

/// The content type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// In seconds. An answer from memory takes some 100 µs, a large SBOM some seconds.
const DURATIONS: [f64; 13] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// Everything that one server counts. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    connections: IntGaugeVec,
    job_runs: IntCounterVec,
    job_success: GaugeVec,
    sign_ins: IntCounterVec,
    from_memory: IntCounter,
    routes: Arc<Mutex<BTreeSet<String>>>,
}

/// What a database connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// It waits for work.
    Idle,
    /// It works.
    Busy,
}

/// How an attempt to sign in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// With a token.
    Granted,
    /// With an unknown id or a wrong secret.
    Refused,
    /// With the advice to come back later.
    Slowed,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOutcome {
    /// It did what was due, if anything was.
    Success,
    /// It failed and will be tried again.
    Failure,
}

impl Metrics {
    /// Makes the metrics of one server of this version. Fails only if a name below is a mistake.
    pub fn new(version: &str) -> Result<Self, Error> {
        let counter = |name: &str, help: &str, labels: &[&str]| {
            IntCounterVec::new(Opts::new(name, help), labels)
        };
        let duration =
            |name: &str, help: &str| HistogramOpts::new(name, help).buckets(DURATIONS.to_vec());
        let metrics = Self {
            registry: Registry::new(),
            requests: counter(
                "touchmark_http_requests_total",
                "Requests answered.",
                &["route", "method", "status"],
            )?,
            durations: HistogramVec::new(
                duration(
                    "touchmark_http_request_duration_seconds",
                    "Time from the arrival of a request to its answer.",
                ),
                &["route"],
            )?,
            in_flight: IntGauge::new(
                "touchmark_http_requests_in_flight",
                "Requests that are being answered.",
            )?,
            connections: IntGaugeVec::new(
                Opts::new(
                    "touchmark_store_connections",
                    "Database connections by what they do.",
                ),
                &["state"],
            )?,
            job_runs: counter(
                "touchmark_jobs_runs_total",
                "Runs of background jobs.",
                &["job", "outcome"],
            )?,
            job_success: GaugeVec::new(
                Opts::new(
                    "touchmark_jobs_last_success_seconds",
                    "When a background job last succeeded, in seconds since 1970.",
                ),
                &["job"],
            )?,
            sign_ins: counter(
                "touchmark_sign_ins_total",
                "Attempts to get a token.",
                &["outcome"],
            )?,
            from_memory: IntCounter::new(
                "touchmark_http_answers_from_memory_total",
                "Requests answered from memory, without the database.",
            )?,
            routes: Arc::default(),
        };
        metrics.register(version)?;
        Ok(metrics)
    }

    fn register(&self, version: &str) -> Result<(), Error> {
        let build = Opts::new("touchmark_build_info", "Always 1; says which version runs.");
        let build = Gauge::with_opts(build.const_label("version", version))?;
        build.set(1.0);
        let registry = &self.registry;
        registry.register(Box::new(build))?;
        registry.register(Box::new(self.requests.clone()))?;
        registry.register(Box::new(self.durations.clone()))?;
        registry.register(Box::new(self.in_flight.clone()))?;
        registry.register(Box::new(self.connections.clone()))?;
        registry.register(Box::new(self.job_runs.clone()))?;
        registry.register(Box::new(self.sign_ins.clone()))?;
        registry.register(Box::new(self.from_memory.clone()))?;
        registry.register(Box::new(self.job_success.clone()))
    }

    /// The counters of one route and method, to be resolved once when routes are set up. `route` is
    /// the pattern, never the path of a request: that would make a series of each.
    pub fn route(&self, route: &str, method: &str) -> RouteMetrics {
        if let Ok(mut routes) = self.routes.lock() {
            routes.insert(route.to_owned());
        }
        RouteMetrics::new(
            self.requests.clone(),
            self.durations.clone(),
            self.in_flight.clone(),
            [route.to_owned(), method.to_owned()],
        )
    }

    /// The patterns of all routes there are: what is said of all of them is held against this.
    pub fn routes(&self) -> Vec<String> {
        let routes = self.routes.lock();
        routes.map_or_else(|_| Vec::new(), |routes| routes.iter().cloned().collect())
    }

    /// Says how many connections are in a state now.
    pub fn set_connections(&self, state: ConnectionState, count: usize) {
        let label = match state {
            ConnectionState::Idle => "idle",
            ConnectionState::Busy => "busy",
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.connections.with_label_values(&[label]).set(count);
    }

    /// Counts the end of a run of a job, at a time in seconds since 1970.
    pub fn job_ran(&self, job: &str, outcome: JobOutcome, now_seconds: f64) {
        let label = match outcome {
            JobOutcome::Success => "success",
            JobOutcome::Failure => "failure",
        };
        self.job_runs.with_label_values(&[job, label]).inc();
        if outcome == JobOutcome::Success {
            self.job_success.with_label_values(&[job]).set(now_seconds);
        }
    }

    /// Counts an attempt to sign in.
    pub fn signed_in(&self, outcome: SignIn) {
        let label = match outcome {
            SignIn::Granted => "granted",
            SignIn::Refused => "refused",
            SignIn::Slowed => "slowed",
        };
        self.sign_ins.with_label_values(&[label]).inc();
    }

    /// Counts a request that was answered from memory.
    pub fn answered_from_memory(&self) {
        self.from_memory.inc();
    }

    /// Everything in the text format of Prometheus; its content type is [`CONTENT_TYPE`].
    pub fn render(&self) -> Result<String, Error> {
        let mut bytes = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut bytes)?;
        String::from_utf8(bytes).map_err(|error| Error::Msg(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_rendered_under_its_name() {
        let metrics = Metrics::new("1.2.3").unwrap();
        metrics.set_connections(ConnectionState::Idle, 3);
        metrics.job_ran("revocations", JobOutcome::Success, 1_800_000_000.0);
        metrics.job_ran("revocations", JobOutcome::Failure, 1_800_000_001.0);
        metrics.signed_in(SignIn::Slowed);
        let text = metrics.render().unwrap();
        for line in [
            "touchmark_sign_ins_total{outcome=\"slowed\"} 1",
            "touchmark_build_info{version=\"1.2.3\"} 1",
            "touchmark_http_requests_in_flight 0",
            "touchmark_store_connections{state=\"idle\"} 3",
            "touchmark_jobs_runs_total{job=\"revocations\",outcome=\"failure\"} 1",
            "touchmark_jobs_last_success_seconds{job=\"revocations\"} 1800000000",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }

    #[test]
    fn servers_count_apart() {
        let one = Metrics::new("1").unwrap();
        let other = Metrics::new("1").unwrap();
        one.set_connections(ConnectionState::Busy, 1);
        assert!(!other.render().unwrap().contains("busy"));
    }
}
