//! How many requests a client may make. Who a client is, [`super::client`] says.

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{Request, StatusCode},
    response::{IntoResponse, Response},
};
use ipnet::IpNet;
use tower_governor::{GovernorError, GovernorLayer, governor::GovernorConfigBuilder, key_extractor::KeyExtractor};

use super::{
    Problem,
    client::{Client, loopback},
};

/// How often clients that have their whole allowance again are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// More than a person or a page of ours asks for, less than what keeps a small machine busy.
const PER_SECOND: NonZeroU32 = number(50);
const BURST: NonZeroU32 = number(500);
/// More than a browser's tabs and a fleet of programs keep open; what one costs is its buffers.
const CONNECTIONS: NonZeroU32 = number(2_048);

const fn number(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// How many requests a client may make, and who says who a client is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Limits {
    /// Requests per second that a client may make in the long run.
    #[cfg_attr(feature = "cli", arg(long, env = "YIELDSET_REQUESTS_PER_SECOND", default_value_t = PER_SECOND))]
    pub requests_per_second: NonZeroU32,
    /// Requests that a client may make at once; they come back at the rate above.
    #[cfg_attr(feature = "cli", arg(long, env = "YIELDSET_REQUEST_BURST", default_value_t = BURST))]
    pub request_burst: NonZeroU32,
    /// Connections that are open at once; who comes after them waits. Half of the process's open files at most.
    #[cfg_attr(feature = "cli", arg(long, env = "YIELDSET_OPEN_CONNECTIONS", default_value_t = CONNECTIONS))]
    pub open_connections: NonZeroU32,
    /// Networks of the proxies before this service, whose last address in X-Forwarded-For is the client; several are
    /// joined by commas. By default this machine alone.
    #[cfg_attr(
        feature = "cli",
        arg(
            long = "trusted-proxy",
            env = "YIELDSET_TRUSTED_PROXIES",
            value_name = "NETWORK",
            value_delimiter = ',',
            value_parser = super::client::network,
            default_values_t = loopback(),
        )
    )]
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: PER_SECOND,
            request_burst: BURST,
            open_connections: CONNECTIONS,
            trusted_proxies: loopback(),
        }
    }
}

/// Limits what a client may ask of a router, its fallback included; what is merged into it later is not limited. Who
/// asks too much gets 429 as a [`Problem`] with `Retry-After`. Each call counts by itself.
///
/// Without the connected address (see [`super`]) all clients count as one.
///
/// # Panics
/// Outside of a tokio runtime, in which it forgets clients.
pub fn limit<S: Clone + Send + Sync + 'static>(router: Router<S>, limits: Limits) -> Router<S> {
    let period = Duration::from_secs(1) / limits.requests_per_second.get();
    let config = GovernorConfigBuilder::default()
        .key_extractor(Asking { trusted_proxies: limits.trusted_proxies.into() })
        .period(period.max(Duration::from_nanos(1)))
        .burst_size(limits.request_burst.get())
        .finish()
        .expect("neither period nor burst is zero");
    let limiter = Arc::downgrade(config.limiter());
    // Ends with the router: until then the list of clients would only grow.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FORGET_EVERY).await;
            let Some(limiter) = limiter.upgrade() else { return };
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    });
    router.layer(GovernorLayer::new(config).error_handler(refuse))
}

fn refuse(error: GovernorError) -> Response {
    let GovernorError::TooManyRequests { wait_time, .. } = error else {
        return Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    };
    // Whole seconds, of which the library has cut off the rest.
    let seconds = wait_time.saturating_add(1);
    let detail = format!("these are more requests than one client may make; wait {seconds} s, then go on more slowly");
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail);
    problem.with_retry_after(seconds).into_response()
}

/// Who asks.
#[derive(Debug, Clone)]
struct Asking {
    trusted_proxies: Arc<[IpNet]>,
}

impl KeyExtractor for Asking {
    type Key = Client;

    fn extract<T>(&self, request: &Request<T>) -> Result<Client, GovernorError> {
        let connected = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|connected| connected.0.ip());
        Ok(Client::asking(connected, request.headers(), &self.trusted_proxies))
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{HeaderValue, header},
        routing::get,
    };
    use tower::ServiceExt;

    use super::*;

    /// A burst, then one at a time; each client by itself; what is added later is not limited.
    #[tokio::test]
    async fn a_burst_then_at_the_rate() {
        let limits = Limits { requests_per_second: number(5), request_burst: number(3), ..Limits::default() };
        let router: Router = limit(Router::new().route("/limited", get(async || "")), limits);
        let router = router.route("/open", get(async || ""));
        let ask = async |path: &str, client: [u8; 4]| {
            let from = ConnectInfo(SocketAddr::from((client, 1)));
            let request = Request::get(path).extension(from).body(Body::empty()).expect("request");
            router.clone().oneshot(request).await.expect("answer")
        };
        for _ in 0..3 {
            assert_eq!(ask("/limited", [192, 0, 2, 1]).await.status(), StatusCode::OK);
        }
        let refused = ask("/limited", [192, 0, 2, 1]).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers().get(header::RETRY_AFTER), Some(&HeaderValue::from_static("1")));
        assert_eq!(ask("/nothing", [192, 0, 2, 1]).await.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask("/open", [192, 0, 2, 1]).await.status(), StatusCode::OK);
        assert_eq!(ask("/limited", [192, 0, 2, 2]).await.status(), StatusCode::OK);
        // One comes back after a fifth of a second; the promise of `Retry-After` holds all the more.
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(ask("/limited", [192, 0, 2, 1]).await.status(), StatusCode::OK);
    }

    /// The highest rate that can be asked for limits nobody, and is no error.
    #[tokio::test]
    async fn the_highest_rate_is_no_error() {
        let most = NonZeroU32::MAX;
        let limits = Limits { requests_per_second: most, request_burst: most, ..Limits::default() };
        let router: Router = limit(Router::new().route("/", get(async || "")), limits);
        let answer = router.oneshot(Request::get("/").body(Body::empty()).expect("request")).await.expect("answer");
        assert_eq!(answer.status(), StatusCode::OK);
    }
}
