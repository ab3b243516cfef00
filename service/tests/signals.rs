//! A program that does not come to its end, told to stop.

use std::{
    env,
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Where it is set, this program is the one that is told.
const STUBBORN: &str = "YIELDSET_TEST_STUBBORN";
/// A limit, so that a test that fails ends.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::main]
async fn never_end() {
    let stop = yieldset_service::stop::on_signal().expect("installed");
    println!("\nstarted");
    stop.await;
    println!("stopping");
    std::future::pending::<()>().await;
}

fn wait_for_end(child: &mut Child) -> std::process::ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("asked") {
            return status;
        }
        if started.elapsed() > LIMIT {
            child.kill().expect("killed");
            panic!("it did not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// One signal asks it to stop, and it may take its time; the second ends it, whichever of the two it is, with the
/// status that tells the signal.
#[test]
fn a_second_signal_ends_at_once() {
    if env::var_os(STUBBORN).is_some() {
        return never_end();
    }
    for (first, second, code) in [
        (Signal::SIGTERM, Signal::SIGTERM, 143),
        (Signal::SIGINT, Signal::SIGINT, 130),
        (Signal::SIGTERM, Signal::SIGINT, 130),
        (Signal::SIGINT, Signal::SIGTERM, 143),
    ] {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "a_second_signal_ends_at_once", "--nocapture"])
            .env(STUBBORN, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a number"));
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
        assert!(lines.any(|line| line == "started"), "it did not start");
        kill(pid, first).expect("sent");
        assert!(lines.any(|line| line == "stopping"), "it was not told");
        assert!(child.try_wait().expect("asked").is_none(), "one signal is a request");
        kill(pid, second).expect("sent");
        let status = wait_for_end(&mut child);
        assert_eq!((status.code(), status.signal()), (Some(code), None), "{first}, then {second}");
    }
}
