//! How many requests a client may make.
//!
//! A client is an address: the one that is connected, or, where that is this machine's own, as it is behind a proxy,
//! the last one in `X-Forwarded-For`, which the proxy itself has written. What stands before it there may be anybody's
//! invention. Addresses of a /64 network of IPv6 are one client, because one client has them all.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{HeaderMap, HeaderValue, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use tower_governor::{GovernorError, GovernorLayer, governor::GovernorConfigBuilder, key_extractor::KeyExtractor};

use super::Problem;

/// How often clients that have their whole allowance again are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// More than a person or a page of ours asks for, less than what keeps a small machine busy.
const PER_SECOND: NonZeroU32 = number(50);
const BURST: NonZeroU32 = number(500);

const fn number(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// How many requests a client may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Limits {
    /// Requests per second that a client may make in the long run.
    #[cfg_attr(feature = "cli", arg(long, env = "YIELDSET_REQUESTS_PER_SECOND", default_value_t = PER_SECOND))]
    pub requests_per_second: NonZeroU32,
    /// Requests that a client may make at once; they come back at the rate above.
    #[cfg_attr(feature = "cli", arg(long, env = "YIELDSET_REQUEST_BURST", default_value_t = BURST))]
    pub request_burst: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests_per_second: PER_SECOND, request_burst: BURST }
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
        .key_extractor(ClientAddress)
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
    let mut response = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ClientAddress;

impl KeyExtractor for ClientAddress {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let connected = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|connected| connected.0.ip());
        Ok(client(connected, request.headers()))
    }
}

fn client(connected: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let Some(connected) = connected.map(|address| address.to_canonical()) else {
        return Ipv4Addr::UNSPECIFIED.into();
    };
    let told = if connected.is_loopback() { forwarded(headers) } else { None };
    match told.unwrap_or(connected) {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// The last address that a proxy has added.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let list = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let last = list.rsplit(',').next()?.trim();
    let address = last.parse().or_else(|_| last.parse().map(|address: SocketAddr| address.ip())).ok()?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use tower::ServiceExt;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("address")
    }

    /// Who is connected is the client, unless that is a proxy on this machine: then it is the last address that the
    /// proxy wrote, not the first, which the client can choose.
    #[test]
    fn the_client_is_who_is_connected_or_whom_the_proxy_names() {
        for (connected, forwarded, expected) in [
            ("203.0.113.7", "", "203.0.113.7"),
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "192.0.2.9, 198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "192.0.2.9, 198.51.100.1:4711", "198.51.100.1"),
            ("127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"),
            ("::1", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::"),
            ("::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
            ("2001:db8:1:2:aaaa::1", "", "2001:db8:1:2::"),
        ] {
            let mut headers = HeaderMap::new();
            if !forwarded.is_empty() {
                headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.1"));
                headers.append("x-forwarded-for", HeaderValue::from_static(forwarded));
            }
            assert_eq!(client(Some(address(connected)), &headers), address(expected), "{connected}, {forwarded}");
        }
        assert_eq!(client(None, &HeaderMap::new()), address("0.0.0.0"));
    }

    /// A burst, then one at a time; each client by itself; what is added later is not limited.
    #[tokio::test]
    async fn a_burst_then_at_the_rate() {
        let limits = Limits { requests_per_second: number(5), request_burst: number(3) };
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
        let limits = Limits { requests_per_second: NonZeroU32::MAX, request_burst: NonZeroU32::MAX };
        let router: Router = limit(Router::new().route("/", get(async || "")), limits);
        let answer = router.oneshot(Request::get("/").body(Body::empty()).expect("request")).await.expect("answer");
        assert_eq!(answer.status(), StatusCode::OK);
    }
}
