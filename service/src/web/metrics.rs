//! Request metrics with latencies, for Prometheus. A process has one set of them, whatever it serves:
//!
//! - `yieldset_http_requests_total{method, status, endpoint}`
//! - `yieldset_http_requests_duration_seconds{method, status, endpoint}`, a histogram
//! - `yieldset_http_requests_pending{method, endpoint}`
//!
//! `endpoint` is a route's template, never a path that somebody asked for: of those there are as many as anybody likes.

use std::{sync::OnceLock, time::Duration};

use axum::{Router, http::header, response::IntoResponse};
use axum_prometheus::{
    EndpointLabel, PrometheusMetricLayer, PrometheusMetricLayerBuilder, metrics as recorder,
    metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle},
};

/// What the names begin with.
const PREFIX: &str = "yieldset";
const DURATION: &str = "yieldset_http_requests_duration_seconds";
/// The `endpoint` of requests that no route takes.
const NO_ROUTE: &str = "none";
/// Upper ends of the latencies' classes, in seconds.
const LATENCIES: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
/// How often samples are put into their classes; until then each takes memory.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

struct Metrics {
    layer: PrometheusMetricLayer<'static>,
    handle: PrometheusHandle,
}

fn metrics() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &LATENCIES)
            .expect("there are classes");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if recorder::set_global_recorder(recorder).is_err() {
            tracing::error!("the metrics of this process go elsewhere; /metrics will be empty");
        }
        // After the recorder, which takes the descriptions.
        let layer = PrometheusMetricLayerBuilder::new()
            .with_prefix(PREFIX)
            .with_endpoint_label_type(EndpointLabel::MatchedPathWithFallbackFn(|_| NO_ROUTE.to_owned()))
            .build();
        Metrics { layer, handle }
    })
}

/// Counts and times what a router answers. Put it around all else.
///
/// # Panics
/// Outside of a tokio runtime, in which samples are put into their classes.
pub fn measure<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let Metrics { layer, handle } = metrics();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            handle.run_upkeep();
        }
    });
    router.layer(layer.clone())
}

/// All request metrics of this process, in Prometheus' text format.
pub fn render() -> String {
    metrics().handle.render()
}

/// `GET /metrics`: [`render`]. A service with figures of its own appends them by [`answer`].
pub async fn get() -> impl IntoResponse {
    answer(render())
}

/// An answer in Prometheus' text format.
pub fn answer(text: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, routing::get as route};
    use tower::ServiceExt;

    use super::*;

    /// Two services of one process are measured together, by route and never by path, with latencies in classes.
    #[tokio::test]
    async fn requests_are_counted_and_timed_by_route() {
        for _ in 0..2 {
            let router: Router = measure(Router::new().route("/pools/{id}", route(async || "")));
            for path in ["/pools/secret-1", "/pools/secret-2", "/secret-3"] {
                let request = Request::get(path).body(Body::empty()).expect("request");
                router.clone().oneshot(request).await.expect("answer");
            }
        }
        let text = render();
        for line in [
            r#"yieldset_http_requests_total{method="GET",status="200",endpoint="/pools/{id}"} 4"#,
            r#"yieldset_http_requests_total{method="GET",status="404",endpoint="none"} 2"#,
            &format!(r#"{DURATION}_bucket{{method="GET",status="200",endpoint="/pools/{{id}}",le="15"}} 4"#),
            "# TYPE yieldset_http_requests_duration_seconds histogram",
        ] {
            assert!(text.lines().any(|has| has == line), "{line}\n{text}");
        }
        assert!(!text.contains("secret"), "{text}");
        assert_eq!(
            answer(text).into_response().headers()[header::CONTENT_TYPE],
            "text/plain; version=0.0.4; charset=utf-8"
        );
    }
}
