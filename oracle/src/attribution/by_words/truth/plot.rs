//! Curves as SVG, for `docs/ATTRIBUTION.md`.

use std::fmt::Write;

use super::*;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
/// Left, right, top, bottom.
const MARGINS: [f64; 4] = [64.0, 24.0, 40.0, 48.0];
/// Percents at the bottom and at the top, whose logarithms are apart alike.
const PERCENTS: [f64; 2] = [0.01, 100.0];
/// Colours that colour-blind people tell apart, by Okabe and Ito.
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/// A line of a plot: its name, and the scores of all outputs.
pub(super) type Line<'a> = (&'a str, &'a [u32]);

/// Writes which part of outputs is above a threshold, by threshold, into `docs/attribution`, where `UPDATE_FIGURES` is
/// set.
pub(super) fn write(name: &str, title: &str, lines: &[Line<'_>]) {
    if std::env::var_os("UPDATE_FIGURES").is_none() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/attribution");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join(name), svg(title, lines)).expect("written");
}

fn x(threshold: f64) -> f64 {
    MARGINS[0] + (threshold - 0.5) / 0.4 * (WIDTH - MARGINS[0] - MARGINS[1])
}

fn y(percent: f64) -> f64 {
    let [bottom, top] = PERCENTS.map(f64::log10);
    let part = (percent.max(PERCENTS[0]).log10() - bottom) / (top - bottom);
    HEIGHT - MARGINS[3] - part * (HEIGHT - MARGINS[2] - MARGINS[3])
}

fn svg(title: &str, lines: &[Line<'_>]) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{}\" y=\"22\" font-size=\"15\">{title}</text>\n",
        MARGINS[0]
    );
    let mut put = |line: std::fmt::Arguments<'_>| {
        // A text takes what is written to it.
        let _ = writeln!(out, "{line}");
    };
    let (left, right, low) = (MARGINS[0], WIDTH - MARGINS[1], HEIGHT - MARGINS[3]);
    for percent in [0.01, 0.1, 1.0, 10.0, 100.0] {
        let at = y(percent);
        put(format_args!("<path d=\"M{left} {at:.1}H{right}\" stroke=\"#ddd\"/>"));
        put(format_args!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>", left - 6.0, at + 4.0));
    }
    for threshold in [0.5, 0.6, 0.7, 0.8, 0.9] {
        let (at, dash) = (x(threshold), if threshold == 0.7 { "#888\" stroke-dasharray=\"4" } else { "#ddd" });
        put(format_args!("<path d=\"M{at:.1} {}V{low}\" stroke=\"{dash}\"/>", MARGINS[2]));
        put(format_args!("<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{threshold}</text>", low + 18.0));
    }
    put(format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">threshold</text>", x(0.7), HEIGHT - 10.0));
    for (number, ((name, scores), colour)) in lines.iter().zip(COLOURS).enumerate() {
        let thresholds = (0..=80).map(|step| 500_000 + step * 5_000);
        let above = |threshold: u32| percent(scores.iter().filter(|score| **score > threshold).count(), scores.len());
        let points: Vec<String> = thresholds
            .map(|threshold| (threshold, above(threshold)))
            .take_while(|(_, percent)| *percent > 0.0)
            .map(|(threshold, percent)| format!("{:.1} {:.1}", x(f64::from(threshold) / 1e6), y(percent)))
            .collect();
        if !points.is_empty() {
            put(format_args!(
                "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                points.join("L")
            ));
        }
        let at = 60.0 + 18.0 * number as f64;
        put(format_args!("<text x=\"{}\" y=\"{at}\" text-anchor=\"end\" fill=\"{colour}\">{name}</text>", right - 6.0));
    }
    out + "</svg>\n"
}

/// A plot has its lines where their numbers are: at 0.7, where one of two outputs is above, half of the way from ten to
/// a hundred percent less a little.
#[test]
fn plots_have_their_lines() {
    let plot = svg("title", &[("one", &[650_000, 750_000]), ("none", &[0])]);
    let point = format!("{:.1} {:.1}", x(0.7), y(50.0));
    assert!(plot.contains(&point) && plot.contains(">one</text>") && plot.ends_with("</svg>\n"), "{plot}");
    assert_eq!((y(0.01), y(100.0)), (HEIGHT - MARGINS[3], MARGINS[2]));
    assert_eq!((x(0.5), x(0.9)), (MARGINS[0], WIDTH - MARGINS[1]));
}
