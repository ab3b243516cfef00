//! Where the time went: on the clock, and in the processors.

use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Error};
use nix::sys::resource::{UsageWho, getrusage};

/// A build that took longer than this was not one of a few changed files.
const COLD: Duration = Duration::from_secs(180);

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    name: String,
    wall: Duration,
    cpu: Duration,
    state: String,
}

/// As scripts/test says it: `build=1270,2290`, in seconds.
impl FromStr for Row {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, times) = text.split_once('=').context("a name and its times are divided by =")?;
        let (wall, cpu) = times.split_once(',').context("two times are divided by a comma")?;
        let seconds = |text: &str| text.parse().map(Duration::from_secs).context("a time is a number of seconds");
        Ok(Self { name: name.to_owned(), wall: seconds(wall)?, cpu: seconds(cpu)?, state: "ok".to_owned() })
    }
}

/// Times one stage.
pub struct Stopwatch {
    started: Instant,
    cpu: Duration,
}

impl Stopwatch {
    /// From now on.
    pub fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu_of_children() }
    }

    /// Until now.
    pub fn row(&self, name: &str, state: String) -> Row {
        let cpu = cpu_of_children().saturating_sub(self.cpu);
        Row { name: name.to_owned(), wall: self.started.elapsed(), cpu, state }
    }
}

/// User and system time of all programs that were started from here and have ended, with those that they started.
fn cpu_of_children() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return Duration::ZERO };
    let seconds = |time: nix::sys::time::TimeVal| {
        let (whole, micros) = (u64::try_from(time.tv_sec()), u32::try_from(time.tv_usec()));
        Duration::new(whole.unwrap_or_default(), micros.unwrap_or_default() * 1000)
    };
    seconds(usage.user_time()) + seconds(usage.system_time())
}

/// All rows and their sum.
pub fn print(rows: &[Row]) -> String {
    let mut text = format!("{:<34} {:>8} {:>8}\n", "", "wall", "CPU");
    for row in rows {
        text += &line(&row.name, row.wall, row.cpu, &row.state);
    }
    text + &line("all", rows.iter().map(|row| row.wall).sum(), rows.iter().map(|row| row.cpu).sum(), "")
}

fn line(name: &str, wall: Duration, cpu: Duration, state: &str) -> String {
    let line = format!("{name:<34} {:>6} s {:>6} s  {state}", wall.as_secs(), cpu.as_secs());
    format!("{}\n", line.trim_end())
}

/// What a cold build took, as scripts/demo says it too.
pub fn cold_build(rows: &[Row]) -> Option<String> {
    let build = rows.iter().find(|row| row.name == "build" && row.wall >= COLD)?;
    let (minutes, seconds) = (build.wall.as_secs() / 60, build.wall.as_secs() % 60);
    Some(format!("built in {minutes} min {seconds} s, {} CPU-minutes", (build.cpu.as_secs() + 30) / 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_the_script_says_them_and_summed() {
        let row = |text: &str| text.parse::<Row>().expect("row");
        let text = print(&[row("setup=3,1"), row("build=1270,2290")]);
        let words: Vec<Vec<_>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[2], ["build", "1270", "s", "2290", "s", "ok"]);
        assert_eq!(words[3], ["all", "1273", "s", "2291", "s"]);
        for wrong in ["build", "build=1", "build=1,x", "build=-1,2"] {
            assert!(wrong.parse::<Row>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_cold_build_is_told_of() {
        let told = |text: &str| cold_build(&[text.parse().expect("row")]);
        assert_eq!(told("build=1270,2290").as_deref(), Some("built in 21 min 10 s, 38 CPU-minutes"));
        assert_eq!(told("build=20,30"), None);
        assert_eq!(told("tests=1270,2290"), None);
    }

    #[test]
    fn the_time_of_programs_that_ended_is_counted() {
        let stopwatch = Stopwatch::start();
        let burn = "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done";
        assert!(std::process::Command::new("sh").args(["-c", burn]).status().expect("a shell").success());
        let row = stopwatch.row("work", "ok".into());
        assert!(row.cpu > Duration::from_millis(5), "{row:?}");
    }
}
