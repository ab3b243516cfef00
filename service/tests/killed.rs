//! A writer of files, killed without warning.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use yieldset_service::files::{self, Access};

/// Where it is set, this program is the writer, and writes to the file named there until it is killed.
const WRITE_TO: &str = "YIELDSET_TEST_WRITE_TO";
/// Large enough that nothing writes it at once.
const SIZE: usize = 1 << 20;

fn write_until_killed(file: &Path) {
    for content in (0..=u8::MAX).cycle() {
        files::write(file, &vec![content; SIZE], Access::Published).expect("written");
    }
}

/// One content, the whole of it.
fn assert_whole(file: &Path) {
    let bytes = fs::read(file).expect("it is always there");
    assert_eq!(bytes.len(), SIZE, "cut off");
    assert!(bytes.iter().all(|byte| *byte == bytes[0]), "mixed");
}

/// Whoever reads while a file is replaced, or after its writer was killed, finds the old content or the new one.
#[test]
fn a_killed_writer_leaves_a_whole_file() {
    if let Some(file) = env::var_os(WRITE_TO) {
        return write_until_killed(file.as_ref());
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("file");
    files::write(&file, &[b'-'; SIZE], Access::Published).expect("written");
    for round in 0..12u64 {
        let before = fs::read(&file).expect("read")[0];
        let mut writer = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "a_killed_writer_leaves_a_whole_file"])
            .env(WRITE_TO, &file)
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        let started = Instant::now();
        while fs::read(&file).expect("read")[0] == before {
            assert!(started.elapsed() < Duration::from_secs(60), "nothing is written");
            assert!(writer.try_wait().expect("asked").is_none(), "the writer ended");
        }
        for _ in 0..5 {
            assert_whole(&file);
        }
        // Another moment each round.
        thread::sleep(Duration::from_micros(700 * round));
        writer.kill().expect("killed");
        writer.wait().expect("ended");
        assert_whole(&file);
    }
}
