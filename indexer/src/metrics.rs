//! What the follower does, as metrics beside those of the requests.

use axum::{extract::State, response::IntoResponse};
// This module has the library's name.
use ::metrics::{counter, describe_counter, describe_gauge, gauge};
use yieldset_service::web;

use crate::{
    api::status::{self, StatusView},
    app::App,
    status::{Doing, Status},
};

/// `GET /metrics`.
pub(crate) async fn get(State(app): State<App>) -> impl IntoResponse {
    tell(&app.status, &status::view(&app).await);
    web::metrics::get().await
}

/// Says what the metrics mean. After [`web::metrics::measure`], which makes the place that they go to.
pub(crate) fn describe() {
    describe_gauge!("yieldset_finalised_block", "Last finalised block the node named.");
    describe_gauge!("yieldset_best_block", "Head of the best chain that the node named.");
    describe_counter!("yieldset_rollbacks_total", "Times that the best chain took another branch.");
    describe_gauge!("yieldset_indexed_block", "Last block in Postgres.");
    describe_counter!("yieldset_blocks_applied_total", "Blocks applied by this process.");
    describe_counter!("yieldset_events_applied_total", "Events journaled by this process.");
    describe_counter!(
        "yieldset_events_unread_total",
        "Events of ours from which nothing follows: not understood, or not fitting."
    );
    describe_counter!("yieldset_node_losses_total", "Times the node was found away.");
    describe_counter!("yieldset_database_losses_total", "Times Postgres was found away.");
    describe_gauge!("yieldset_ready", "1 where answers count as those of now, as /readyz says.");
    describe_gauge!("yieldset_follower_silent_seconds", "Since who follows told last what it does.");
    describe_gauge!("yieldset_phase", "1 for what the indexer is doing now.");
}

/// Puts into the process's metrics what it counted, and what the status says, which the follower may have told from
/// another process.
fn tell(status: &Status, view: &StatusView) {
    for (name, height) in [
        ("yieldset_finalised_block", view.finalised_block),
        ("yieldset_best_block", view.best_block),
        ("yieldset_indexed_block", view.indexed_block),
    ] {
        // Heights and counts are far below 2^53; what nobody knows now is no number.
        gauge!(name).set(height.map_or(f64::NAN, |height| height as f64));
    }
    gauge!("yieldset_ready").set(f64::from(u8::from(view.ready)));
    gauge!("yieldset_follower_silent_seconds")
        .set(view.follower_silent_ms.map_or(f64::NAN, |silent| silent as f64 / 1_000.0));
    for (name, count) in [
        ("yieldset_blocks_applied_total", &status.blocks_applied),
        ("yieldset_events_applied_total", &status.events_applied),
        ("yieldset_events_unread_total", &status.events_unread),
        ("yieldset_rollbacks_total", &status.rollbacks),
        ("yieldset_node_losses_total", &status.node_losses),
        ("yieldset_database_losses_total", &status.database_losses),
    ] {
        counter!(name).absolute(Status::count(count));
    }
    for phase in Doing::ALL {
        gauge!("yieldset_phase", "phase" => phase.name()).set(f64::from(u8::from(phase == view.state)));
    }
}
