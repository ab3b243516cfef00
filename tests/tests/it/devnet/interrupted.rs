//! The demo, sent away before it has told its story.

use std::{path::Path, time::Duration};

use tokio::process::Command;
use yieldset_tests::chain::root_file;

use super::programs;

/// How long something that takes a second may take on a machine with other work.
const PATIENCE: Duration = Duration::from_secs(120);

async fn until(found: impl Fn() -> bool) {
    let look = async {
        while !found() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("it comes");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// A signal ends the demo whenever it comes, and its folder is gone: in the moment in which that was made, and once the
/// node's log is in it. Before, the first left an empty folder behind and the second one with the chain in it.
#[tokio::test]
async fn an_early_signal_leaves_nothing_behind() {
    for depth in [1, 2] {
        let temporary = tempfile::tempdir().unwrap();
        let mut demo = Command::new(programs().join("yieldset-tasks"))
            .args(["demo", "--keep"])
            .current_dir(root_file(""))
            .env("TMPDIR", temporary.path())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        until(|| {
            let folders = names(temporary.path());
            folders
                .iter()
                .any(|folder| depth == 1 || names(&temporary.path().join(folder)).contains(&"devnet.log".into()))
        })
        .await;
        let process = demo.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-INT", &process]).status().await.unwrap().success());
        let ended = tokio::time::timeout(PATIENCE, demo.wait()).await.expect("it ends").unwrap();
        assert_eq!(ended.code(), Some(1), "in order, and told");
        assert_eq!(names(temporary.path()), Vec::<String>::new());
    }
}
