//! What Prometheus gets.

use reqwest::Method;
use touchmark_registry::config::Flags;
use touchmark_tests::{Machine, Options, Story, TestServer};

use crate::http;

async fn metrics(server: &TestServer) -> String {
    let answer = server
        .anonymous()
        .send(Method::GET, "/metrics", None)
        .await
        .expect("metrics");
    assert_eq!(answer.status, 200);
    let kind = answer.headers.get("content-type").expect("a type");
    assert!(
        kind.to_str().expect("text").starts_with("text/plain"),
        "{kind:?}"
    );
    String::from_utf8(answer.body).expect("text")
}

/// The value of the series with this name and all of these labels.
fn value(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let of = |line: &&str| {
        line.split(['{', ' ']).next() == Some(name) && labels.iter().all(|l| line.contains(l))
    };
    let line = text.lines().find(of)?;
    line.rsplit(' ').next()?.parse().ok()
}

const BUCKET: &str = "route=\"/packer/2023-01-01/buckets/{bucket}\"";
const REQUESTS: &str = "touchmark_http_requests_total";

#[tokio::test]
async fn requests_are_counted_by_route_method_and_status() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    for name in ["alpine", "alpine", "none"] {
        let _ = admin.get_bucket(name).await;
    }
    let _ = server
        .anonymous()
        .with_scope("o", "p")
        .get_bucket("alpine")
        .await;
    let text = metrics(&server).await;
    for (status, count) in [("200", 2.0), ("404", 1.0), ("401", 1.0)] {
        let labels = [BUCKET, "method=\"GET\"", &format!("status=\"{status}\"")];
        assert_eq!(
            value(&text, REQUESTS, &labels),
            Some(count),
            "{status}\n{text}"
        );
    }
    assert!(
        !text.contains("alpine") && !text.contains(&server.project.id),
        "patterns, no paths"
    );
}

#[tokio::test]
async fn latency_is_a_histogram_by_route() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.get_bucket("alpine").await.expect("the bucket");
    let text = metrics(&server).await;
    let name = "touchmark_http_request_duration_seconds";
    assert_eq!(value(&text, &format!("{name}_count"), &[BUCKET]), Some(1.0));
    assert!(value(&text, &format!("{name}_sum"), &[BUCKET]) > Some(0.0));
    assert_eq!(
        value(&text, &format!("{name}_bucket"), &[BUCKET, "le=\"+Inf\""]),
        Some(1.0)
    );
}

#[tokio::test]
async fn connections_and_jobs_are_shown() {
    let server = TestServer::start().await;
    server.admin().bucket("alpine").await;
    server.run_jobs().await;
    let text = metrics(&server).await;
    let open = ["idle", "busy"].map(|state| {
        value(
            &text,
            "touchmark_store_connections",
            &[&format!("\"{state}\"")],
        )
    });
    assert!(open[0] >= Some(1.0) && open[1].is_some(), "{open:?}");
    for job in ["revocations", "stale_builds"] {
        let job = format!("job=\"{job}\"");
        // Once at the start, once just now.
        let runs = value(
            &text,
            "touchmark_jobs_runs_total",
            &[&job, "outcome=\"success\""],
        );
        assert_eq!(runs, Some(2.0));
        let at = value(&text, "touchmark_jobs_last_success_seconds", &[&job]);
        assert_eq!(at, Some(1_767_323_045.0));
    }
    assert_eq!(
        value(&text, "touchmark_build_info", &["version=\"0.1.0\""]),
        Some(1.0)
    );
}

#[tokio::test]
async fn unknown_routes_are_counted_without_a_series_for_each_path() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous();
    for path in [
        "/nothing-a",
        "/packer/2023-01-01/organizations/o/projects/p/nothing-b",
    ] {
        let answer = anonymous
            .send(Method::GET, path, None)
            .await
            .expect("an answer");
        assert_eq!(answer.status, 404);
    }
    let text = metrics(&server).await;
    assert!(!text.contains("nothing-"), "{text}");
    let counted: f64 = text
        .lines()
        .filter(|line| line.starts_with(REQUESTS) && line.contains("status=\"404\""))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum();
    assert!((counted - 2.0).abs() < 0.5, "{text}");
}

#[tokio::test]
async fn a_listener_of_its_own_takes_the_metrics_away_from_the_main_one() {
    let port = http::free_port();
    let flags = Flags {
        metrics_listen: Some(format!("127.0.0.1:{port}")),
        ..Flags::default()
    };
    let server = TestServer::start_with(Options {
        flags,
        ..Options::default()
    })
    .await;
    let main = server
        .anonymous()
        .send(Method::GET, "/metrics", None)
        .await
        .expect("an answer");
    assert_eq!(main.status, 404);
    let asked = tokio::task::spawn_blocking(move || {
        ["/metrics", "/livez", "/oauth2/token"].map(|path| http::get(port, path, &[]))
    });
    let [metrics, live, token] = asked.await.expect("answers");
    assert_eq!((metrics.status, live.status, token.status), (200, 404, 404));
    assert!(metrics.body.contains("touchmark_build_info"));
}

#[test]
fn a_metrics_port_in_use_is_refused() {
    let machine = Machine::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let ended = machine.refuses(&["--metrics-listen", &address]);
    assert_eq!(ended.code, Some(1));
    let expected = format!("error: cannot serve metrics at {address}: ");
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
}
