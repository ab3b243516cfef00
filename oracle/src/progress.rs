//! How far a long computation is, on standard error: a bar where somebody looks at a terminal, else a line in the log
//! now and then.

use std::{
    fmt,
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// How often the log gets a line.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// What the bar looks like. The rate is that of the last seconds.
const STYLE: &str = "{msg} {bar:30} {human_pos}/{human_len}, {rate}, {eta} left";

/// Counts what is done. The bar goes away when this is dropped.
pub(crate) struct Progress {
    what: &'static str,
    bar: ProgressBar,
    started: Instant,
    line_every: Duration,
    last_line: Mutex<Instant>,
}

impl Progress {
    /// None of `total` done; `what` is done to them, such as `embedding`.
    pub(crate) fn new(what: &'static str, total: usize) -> Self {
        // Shows nothing where standard error is no terminal.
        Self::with(what, total, ProgressDrawTarget::stderr(), LINE_EVERY)
    }

    fn with(what: &'static str, total: usize, target: ProgressDrawTarget, line_every: Duration) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), target).with_message(what);
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            bar.set_style(style.with_key("rate", rate));
        }
        let now = Instant::now();
        Self { what, bar, started: now, line_every, last_line: Mutex::new(now) }
    }

    /// So many more are done. For all threads.
    pub(crate) fn advance(&self, count: usize) {
        self.bar.inc(count as u64);
        if self.bar.is_hidden() {
            self.tell();
        }
    }

    /// A line in the log, if it is time for one. Whoever finds another thread at it leaves it to that one.
    fn tell(&self) {
        let Ok(mut last_line) = self.last_line.try_lock() else { return };
        if last_line.elapsed() < self.line_every {
            return;
        }
        *last_line = Instant::now();
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or_default());
        let per_second = done as f64 / self.started.elapsed().as_secs_f64();
        tracing::info!("{}: {done} of {all}, {per_second:.1}/s", self.what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn rate(state: &ProgressState, text: &mut dyn fmt::Write) {
    // Nothing can be done about a terminal that takes no text.
    let _ = write!(text, "{:.1}/s", state.per_sec());
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, PoisonError},
    };

    use super::*;

    /// What was logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(line_every: Duration) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let progress = Progress::with("embedding", 3, ProgressDrawTarget::hidden(), line_every);
            (0..3).for_each(|_| progress.advance(1));
        });
        let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("text")
    }

    /// Without a terminal: lines with how much is done, of how many, and the rate, and no more of them than asked for.
    #[test]
    fn without_a_terminal_the_log_tells() {
        let each = logged(Duration::ZERO);
        let lines: Vec<&str> = each.lines().collect();
        assert_eq!(lines.len(), 3, "{each}");
        assert!(lines[1].contains("embedding: 2 of 3, ") && lines[1].contains("/s"), "{each}");
        assert_eq!(logged(Duration::from_secs(60)), "");
    }

    /// The bar can be drawn: a template that cannot is a bare bar without a rate.
    #[test]
    fn the_bar_has_its_style() {
        assert!(ProgressStyle::with_template(STYLE).is_ok());
    }
}
