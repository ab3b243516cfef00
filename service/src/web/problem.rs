//! Refusals as RFC 9457 problems: one dialect for all our services.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use problem_details::{ProblemDetails, ProblemType};
use serde::{Deserialize, Serialize};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A refusal: what is wrong and what to do. In JSON: `type` (`about:blank`: the status says what kind it is), `status`,
/// `title` (the status in words), `detail`, `code`, and where they are known `advice` and `record`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problem(Box<ProblemDetails<Members>>);

/// Our members beside the standard's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Members {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    record: Option<usize>,
    /// Said in the header alone.
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// Longest text of a refusal, in bytes. Much of it may be what a sender sent, and an answer is not to be larger than
/// its question.
pub const MAX_TEXT: usize = 500;

fn cut(text: impl Into<String>) -> String {
    const MARK: char = '…';
    let mut text = text.into();
    if text.len() > MAX_TEXT {
        text.truncate(text.floor_char_boundary(MAX_TEXT - MARK.len_utf8()));
        text.push(MARK);
    }
    text
}

impl Problem {
    /// With `code`, a name for programs that does not change (lower-case words joined by dashes, such as
    /// `unknown-pool`), and `detail`, a sentence for people, cut to [`MAX_TEXT`].
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let members = Members { code: code.to_owned(), ..Members::default() };
        let details =
            ProblemDetails::from_status_code(status).with_type(ProblemType::default()).with_detail(cut(detail));
        Self(details.with_extensions(members).boxed())
    }

    /// What to do, where the detail does not say it, cut to [`MAX_TEXT`].
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.0.extensions.advice = Some(cut(advice));
        self
    }

    /// The place, from 0 on, of the record that is to blame.
    pub fn with_record(mut self, index: usize) -> Self {
        self.0.extensions.record = Some(index);
        self
    }

    /// When to come back, in seconds: the header `Retry-After`.
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.extensions.retry_after = Some(seconds);
        self
    }

    /// For statuses that the web framework answers by itself.
    pub fn of_status(status: StatusCode) -> Self {
        let (code, detail, advice) = match status {
            StatusCode::NOT_FOUND => ("not-found", "there is nothing at this address", "check the address"),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method-not-allowed", "this address does not take this method", "use one that the header Allow names")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("body-too-large", "the request's body is too large", "send less at once"),
            StatusCode::URI_TOO_LONG => ("address-too-long", "the address is too long", "shorten it"),
            _ if status.is_client_error() => {
                ("bad-request", "the request cannot be understood", "compare it with the service's description")
            }
            _ => ("unavailable", "the request could not be answered", "try again in a moment"),
        };
        Self::new(status, code, detail).with_advice(advice)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The status in words.
    pub fn title(&self) -> &str {
        self.0.title.as_deref().unwrap_or_default()
    }

    /// The name for programs.
    pub fn code(&self) -> &str {
        &self.0.extensions.code
    }

    /// What is wrong.
    pub fn detail(&self) -> &str {
        self.0.detail.as_deref().unwrap_or_default()
    }

    /// What to do.
    pub fn advice(&self) -> Option<&str> {
        self.0.extensions.advice.as_deref()
    }

    /// The place of the record that is to blame.
    pub fn record(&self) -> Option<usize> {
        self.0.extensions.record
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.0.extensions.retry_after;
        let mut response = self.0.into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Puts a refusal into words where it has none: one that the framework made, which is bare or plain text. `words` says
/// what its status means here; [`Problem::of_status`] will do. All other answers pass as they are, and so do the
/// refusal's headers, such as `Allow`.
pub fn explain(response: Response, words: impl FnOnce(StatusCode) -> Problem) -> Response {
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes());
    if !refused || kind.is_some_and(|kind| !kind.starts_with(b"text/plain")) {
        return response;
    }
    let mut explained = words(status).into_response();
    for (name, value) in response.headers() {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            explained.headers_mut().append(name, value.clone());
        }
    }
    explained
}

#[cfg(feature = "openapi")]
mod openapi {
    use std::borrow::Cow;

    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{RefOr, Schema},
    };

    /// A refusal as RFC 9457 says, and our members `code`, `advice` and `record`. As [`super::Problem`] is written.
    #[derive(ToSchema)]
    #[schema(as = Problem)]
    #[allow(dead_code, reason = "read by the derive alone")]
    struct Written {
        /// `about:blank`: the status says what kind of problem it is.
        #[schema(example = "about:blank")]
        r#type: String,
        /// The HTTP status.
        #[schema(example = 404)]
        status: u16,
        /// The status in words.
        #[schema(example = "Not Found")]
        title: String,
        /// What is wrong, for people.
        detail: String,
        /// What is wrong, for programs; does not change.
        #[schema(example = "not-found")]
        code: String,
        /// What to do, where the detail does not say it.
        #[schema(nullable = false)]
        advice: Option<String>,
        /// The place, from 0 on, of the record that is to blame.
        #[schema(nullable = false)]
        record: Option<usize>,
    }

    impl PartialSchema for super::Problem {
        fn schema() -> RefOr<Schema> {
            Written::schema()
        }
    }

    impl ToSchema for super::Problem {
        fn name() -> Cow<'static, str> {
            Cow::Borrowed("Problem")
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Json, http::HeaderValue};
    use serde_json::json;

    use super::*;

    /// The members of RFC 9457 and ours, flat, and those alone that are known.
    #[test]
    fn a_problem_is_written_as_the_rfc_says_and_read_back() {
        let plain = Problem::new(StatusCode::NOT_FOUND, "unknown-pool", "there is no pool 7");
        let expected = json!({
            "type": "about:blank",
            "status": 404,
            "title": "Not Found",
            "detail": "there is no pool 7",
            "code": "unknown-pool",
        });
        assert_eq!(serde_json::to_value(&plain).expect("JSON"), expected);
        let full = plain.with_advice("see /v1/pools").with_record(3);
        let text = serde_json::to_string(&full).expect("JSON");
        assert!(text.contains(r#""advice":"see /v1/pools""#) && text.contains(r#""record":3"#), "{text}");
        let read: Problem = serde_json::from_str(&text).expect("read");
        assert_eq!(read, full);
        assert_eq!((read.status(), read.code(), read.record()), (StatusCode::NOT_FOUND, "unknown-pool", Some(3)));
        assert_eq!((read.title(), read.detail()), ("Not Found", "there is no pool 7"));
        assert_eq!(read.advice(), Some("see /v1/pools"));
        serde_json::from_str::<Problem>(r#"{"status": 404}"#).expect_err("not one of ours");
    }

    /// Whatever a sender put into it, an answer is short, and its text whole characters.
    #[test]
    fn long_texts_are_cut_and_short_ones_stay() {
        for character in ['x', 'ü', '€', '🦀'] {
            for length in [0, 1, MAX_TEXT / 4, MAX_TEXT, 100_000] {
                let text: String = std::iter::repeat_n(character, length).collect();
                let problem = Problem::new(StatusCode::FORBIDDEN, "c", text.clone()).with_advice(text.clone());
                for written in [problem.detail(), problem.advice().expect("given")] {
                    assert!(written.len() <= MAX_TEXT, "{} bytes", written.len());
                    let kept = written.strip_suffix('…').unwrap_or(written);
                    assert!(text.starts_with(kept) && (kept.len() == text.len()) == (text.len() <= MAX_TEXT));
                    assert!(text.len() - kept.len() == 0 || kept.len() > MAX_TEXT - 8, "{kept}");
                }
            }
        }
    }

    /// The header says when to come back; the body is as always.
    #[test]
    fn retry_after_is_a_header() {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "later").with_retry_after(7);
        assert!(!serde_json::to_string(&problem).expect("JSON").contains("retry"));
        assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "7");
    }

    /// Only bare refusals are put into words, and their headers stay.
    #[test]
    fn bare_refusals_get_words_and_others_stay() {
        let kind = |response: &Response| response.headers().get(header::CONTENT_TYPE).cloned();
        let problem = Some(HeaderValue::from_static(MEDIA_TYPE));
        for status in [404, 405, 413, 414, 415, 500, 503] {
            let status = StatusCode::from_u16(status).expect("status");
            for bare in [status.into_response(), (status, "Some words of the framework.").into_response()] {
                let explained = explain(bare, Problem::of_status);
                assert_eq!((explained.status(), kind(&explained)), (status, problem.clone()));
            }
            let own = explain((status, Json(json!({"state": "away"}))).into_response(), Problem::of_status);
            assert_eq!(kind(&own), Some(HeaderValue::from_static("application/json")));
        }
        let own = Problem::new(StatusCode::CONFLICT, "own", "own").into_response();
        assert_eq!(kind(&explain(own, |_| panic!("it has words"))), problem);
        let fine = explain("fine".into_response(), |_| panic!("no refusal"));
        assert_eq!(fine.status(), StatusCode::OK);
        let wrong_method = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,HEAD")]).into_response();
        let explained = explain(wrong_method, Problem::of_status);
        assert_eq!(explained.headers().get(header::ALLOW), Some(&HeaderValue::from_static("GET,HEAD")));
    }

    /// The description has what is written, and says of each member whether it is always there.
    #[cfg(feature = "openapi")]
    #[test]
    fn the_description_is_of_what_is_written() {
        use std::collections::BTreeSet;

        use utoipa::PartialSchema;

        let full = Problem::of_status(StatusCode::NOT_FOUND).with_advice("a").with_record(1);
        let keys = |value: &serde_json::Value| -> BTreeSet<String> {
            value.as_object().expect("object").keys().cloned().collect()
        };
        let schema = serde_json::to_value(Problem::schema()).expect("JSON");
        assert_eq!(keys(&schema["properties"]), keys(&serde_json::to_value(&full).expect("JSON")));
        let plain = serde_json::to_value(Problem::new(StatusCode::NOT_FOUND, "c", "d")).expect("JSON");
        let required: BTreeSet<String> = serde_json::from_value(schema["required"].clone()).expect("list");
        assert_eq!(required, keys(&plain));
    }
}
