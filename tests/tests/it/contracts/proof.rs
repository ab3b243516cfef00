//! A way out, on the built blobs: for each role that falls silent for ever, what everybody else can still bring about,
//! and what stays where until when.
//!
//! | file | what |
//! |---|---|
//! | `cast.rs` | all real contracts in one token, and who takes part |
//! | `books.rs` | who is owed what, in plain integers that come from no contract and no rule of ours |
//! | `story.rs` | random histories over several quarters |
//! | `sweep.rs` | what everybody but the silent role does, quarter after quarter |
//! | `silence.rs` | the table, and the proof of it |
//! | `stranger.rs` | the same stories with a stranger between, who takes nothing and stops nobody |

mod books;
mod cast;
mod silence;
mod story;
mod stranger;
mod sweep;
