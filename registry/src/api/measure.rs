//! Counts the requests of one resource. Labels are resolved when the route is set up.

use std::time::Instant;

use actix_web::{Error, dev::ServiceResponse, http::Method};

use crate::telemetry::{
    metrics::Metrics,
    routes::{InFlight, RouteMetrics},
};

const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// The counters of one resource.
#[derive(Clone)]
pub(crate) struct Measure {
    methods: [RouteMetrics; METHODS.len()],
    other: RouteMetrics,
}

impl Measure {
    /// Counters of the resource with this pattern.
    pub(crate) fn new(metrics: &Metrics, pattern: &str) -> Self {
        Self {
            methods: METHODS.map(|method| metrics.route(pattern, method.as_str())),
            other: metrics.route(pattern, "other"),
        }
    }

    /// Begins a request.
    pub(crate) fn begin(&self, method: &Method) -> Begun {
        let at = METHODS.iter().position(|known| known == method);
        let route = at
            .and_then(|at| self.methods.get(at))
            .unwrap_or(&self.other);
        Begun {
            request: route.begin(),
            since: Instant::now(),
        }
    }
}

/// A request that is being answered.
pub(crate) struct Begun {
    request: InFlight,
    since: Instant,
}

impl Begun {
    /// Counts it with this status.
    pub(crate) fn end_with(self, status: u16) {
        self.request.answered(status, self.since.elapsed());
    }

    /// Counts it with the status that it was answered with.
    pub(crate) fn end(self, answer: &Result<ServiceResponse, Error>) {
        let status = match answer {
            Ok(response) => response.status().as_u16(),
            Err(error) => error.as_response_error().status_code().as_u16(),
        };
        self.end_with(status);
    }
}
