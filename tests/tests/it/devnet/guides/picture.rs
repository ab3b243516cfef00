//! What a section's commands print, as a picture of a terminal.

use std::fmt::Write;

/// Most characters of a line; what is longer goes on in the next.
const WIDTH: usize = 118;
/// Most lines of a picture.
const HEIGHT: usize = 44;
/// A character's size, in pixels.
const CHARACTER: (f32, f32) = (7.25, 17.0);
const MARGIN: f32 = 14.0;

/// Draws lines as SVG; those that begin with `$ ` or, going on, `> ` are typed.
pub fn draw(title: &str, lines: &[String]) -> String {
    let mut shown: Vec<(bool, String)> = Vec::new();
    for line in lines {
        let typed = line.starts_with("$ ") || line.starts_with("> ");
        let characters: Vec<char> = line.chars().collect();
        if characters.is_empty() {
            shown.push((false, String::new()));
        }
        shown.extend(characters.chunks(WIDTH).map(|part| (typed, part.iter().collect())));
    }
    if shown.len() > HEIGHT {
        shown.truncate(HEIGHT - 1);
        shown.push((false, "…".into()));
    }
    let (width, height) = (WIDTH as f32 * CHARACTER.0 + 2.0 * MARGIN, shown.len() as f32 * CHARACTER.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#14181f\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\" font-size=\"12\" fill=\"#c9d1d9\" xml:space=\"preserve\">\n",
        escaped(title)
    );
    for (at, (typed, line)) in shown.iter().enumerate() {
        let y = MARGIN + (at as f32 + 0.75) * CHARACTER.1;
        let colour = if *typed { " fill=\"#7ee787\"" } else { "" };
        let _ = writeln!(svg, "<text x=\"{MARGIN}\" y=\"{y:.1}\"{colour}>{}</text>", escaped(line));
    }
    svg + "</g>\n</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Long lines go on, what is typed stands out, and nothing is taken for a tag.
#[test]
fn a_terminal_is_drawn() {
    let long = "x".repeat(WIDTH + 1);
    let lines = ["$ yieldset <pool> & show".to_owned(), long, "done".into()];
    let svg = draw("A <title>", &lines);
    assert_eq!(svg.matches("<text").count(), 4);
    assert_eq!(svg.matches("#7ee787").count(), 1);
    assert!(svg.contains("$ yieldset &lt;pool&gt; &amp; show") && svg.contains("<title>A &lt;title&gt;</title>"));
    assert_eq!(draw("much", &vec![String::new(); 100]).matches("<text").count(), HEIGHT);
}
