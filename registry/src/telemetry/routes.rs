//! Counts requests. The labels of a route are looked up once, so a request costs a few atomic adds.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge};

/// The statuses that we answer with. Others are counted as well, by a lookup each time.
const STATUSES: [u16; 18] = [
    200, 303, 304, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 429, 500, 501, 503, 302,
];

/// The counters of one route and method. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub struct RouteMetrics(Arc<Handles>);

#[derive(Debug)]
struct Handles {
    labels: [String; 2],
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    /// Filled when the route is first asked: series of what never happens would only be noise.
    duration: OnceLock<Histogram>,
    /// Filled when a status is first seen.
    by_status: [OnceLock<IntCounter>; STATUSES.len()],
}

/// A request that is being answered. It counts as in flight until this is dropped, which also
/// happens when the client goes away.
#[derive(Debug)]
pub struct InFlight {
    route: RouteMetrics,
}

impl RouteMetrics {
    pub(super) fn new(
        requests: IntCounterVec,
        durations: HistogramVec,
        in_flight: IntGauge,
        labels: [String; 2],
    ) -> Self {
        Self(Arc::new(Handles {
            labels,
            requests,
            durations,
            in_flight,
            duration: OnceLock::new(),
            by_status: std::array::from_fn(|_| OnceLock::new()),
        }))
    }

    /// Begins a request.
    pub fn begin(&self) -> InFlight {
        self.0.in_flight.inc();
        InFlight {
            route: self.clone(),
        }
    }

    fn resolve(&self, status: u16) -> IntCounter {
        let [route, method] = &self.0.labels;
        let status = status.to_string();
        let labels = [route.as_str(), method.as_str(), status.as_str()];
        self.0.requests.with_label_values(&labels)
    }
}

impl InFlight {
    /// Counts the request as answered with this HTTP status after this time.
    pub fn answered(self, status: u16, elapsed: Duration) {
        let handles = &self.route.0;
        let duration = handles.duration.get_or_init(|| {
            let [route, _] = &handles.labels;
            handles.durations.with_label_values(&[route.as_str()])
        });
        duration.observe(elapsed.as_secs_f64());
        let known = STATUSES.iter().position(|known| *known == status);
        match known.and_then(|at| handles.by_status.get(at)) {
            Some(slot) => slot.get_or_init(|| self.route.resolve(status)).inc(),
            None => self.route.resolve(status).inc(),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.route.0.in_flight.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::Metrics;
    use super::*;

    #[test]
    fn requests_are_counted_by_route_method_and_status() {
        let metrics = Metrics::new("1").unwrap();
        let route = metrics.route("/b/{name}", "GET");
        for status in [200, 200, 404, 418] {
            route.begin().answered(status, Duration::from_micros(300));
        }
        let open = route.begin();
        let text = metrics.render().unwrap();
        let prefix = "touchmark_http_requests_total{method=\"GET\",route=\"/b/{name}\",status=";
        for (status, count) in [(200, 2), (404, 1), (418, 1)] {
            let line = format!("{prefix}\"{status}\"}} {count}");
            assert!(text.contains(&line), "{line}\n{text}");
        }
        assert!(!text.contains("status=\"500\""));
        assert!(text.contains("duration_seconds_count{route=\"/b/{name}\"} 4"));
        assert!(text.contains("duration_seconds_bucket{route=\"/b/{name}\",le=\"0.0005\"} 4"));
        assert!(text.contains("in_flight 1\n"));
        drop(open);
        assert!(metrics.render().unwrap().contains("in_flight 0\n"));
    }
}
