//! Prometheus' text format, by hand: a dozen numbers need no library.

use std::fmt::Write;

use axum::{extract::State, http::header, response::IntoResponse};

use crate::{
    serve::App,
    status::{Phase, Status},
};

const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// `GET /metrics`.
pub(crate) async fn get(State(app): State<App>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render(&app.status))
}

/// All metrics of a process.
pub fn render(status: &Status) -> String {
    let mut text = String::new();
    let numbers = [
        ("yieldset_finalised_block", "gauge", "Last finalised block the node named.", &status.finalised_block),
        ("yieldset_indexed_block", "gauge", "Last block in Postgres.", &status.indexed_block),
        ("yieldset_blocks_applied_total", "counter", "Blocks applied by this process.", &status.blocks_applied),
        ("yieldset_events_applied_total", "counter", "Events journaled by this process.", &status.events_applied),
        (
            "yieldset_events_unknown_total",
            "counter",
            "Events of ours that were not understood.",
            &status.events_unknown,
        ),
        ("yieldset_node_losses_total", "counter", "Times the node was found away.", &status.node_losses),
        ("yieldset_database_losses_total", "counter", "Times Postgres was found away.", &status.database_losses),
    ];
    for (name, kind, help, value) in numbers {
        head(&mut text, name, kind, help);
        line(&mut text, format_args!("{name} {}", Status::count(value)));
    }
    head(&mut text, "yieldset_phase", "gauge", "1 for what the indexer is doing now.");
    let now = status.now().phase;
    for phase in Phase::ALL {
        line(&mut text, format_args!("yieldset_phase{{phase=\"{}\"}} {}", phase.name(), u8::from(phase == now)));
    }
    head(&mut text, "yieldset_http_responses_total", "counter", "Answers to web requests by status class.");
    for (class, count) in CLASSES.iter().zip(&status.responses) {
        let count = Status::count(count);
        line(&mut text, format_args!("yieldset_http_responses_total{{class=\"{class}\"}} {count}"));
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    line(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{arguments}");
}
