//! What benchmarks beside a peer have in common: data that is the same each time, and lines for who runs them.

use std::{fs, io::Write, time::Instant};

/// What a benchmark ends with.
pub type Failure = Box<dyn std::error::Error>;

/// Sebastiano Vigna's splitmix64.
pub struct Chance(pub u64);

impl Chance {
    /// A number below `most`.
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

/// The program's, without what cargo adds.
pub fn arguments() -> Vec<String> {
    std::env::args().skip(1).filter(|one| one != "--bench").collect()
}

/// A figure of this process's memory, as Linux tells it.
pub fn kilobytes(figure: &str) -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).ok_or("no such figure of memory")?;
    Ok(line.trim_matches(|c: char| !c.is_ascii_digit()).parse()?)
}

/// Seconds that something takes, and of processors' time of all threads: what else the machine does slows the former.
pub fn timed<T>(what: impl FnOnce() -> T) -> Result<(T, f64, f64), Failure> {
    let (started, before) = (Instant::now(), processor()?);
    let done = what();
    Ok((done, started.elapsed().as_secs_f64(), processor()? - before))
}

/// Seconds of processors' time of this process, in the hundredths that Linux counts.
fn processor() -> Result<f64, Failure> {
    let all = fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = all.rsplit_once(") ").ok_or("no times of this process")?;
    let ticks: Vec<f64> = rest.split(' ').skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// Prints a line at once.
pub fn say(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
