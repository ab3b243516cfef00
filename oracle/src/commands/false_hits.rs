//! What decoys say of an attribution's mistakes, in figures and in words.

use serde_json::{Value, json};
use yieldset_oracle::report::Decoys;

use super::count;

/// Which part of the datasets' hits may be mistakes; nothing where no decoys were compared, or nothing but decoys was
/// hit.
pub fn told(measured: Option<&Decoys>) -> Option<Value> {
    let measured = measured?;
    let found = measured.false_discoveries()?;
    let Decoys { hits, decoy_hits, decoys, .. } = *measured;
    let (expected, lowest, highest) = (percent(found.expected), percent(found.lowest), percent(found.highest));
    let real = hits.saturating_sub(decoy_hits);
    Some(json!({
        "expected_millionths": found.expected,
        "lowest_millionths": found.lowest,
        "highest_millionths": found.highest,
        "says": format!(
            "outputs came above the threshold {} by datasets' texts; {expected} of these may be mistakes, with 95 % \
             certainty from {lowest} to {highest}. It is measured by {}, texts that no model has read: {}. Few hits \
             say little (docs/ATTRIBUTION.md, Decoys)",
            times(real),
            count(decoys.into(), "decoy"),
            match decoy_hits {
                0 => "none was hit".to_owned(),
                hits => format!("hit {}, each time by mistake", times(hits)),
            },
        ),
    }))
}

/// How often.
fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        number => format!("{number} times"),
    }
}

/// Millionths as a percentage, to the nearest tenth.
fn percent(millionths: u32) -> String {
    let tenths = (millionths + 500) / 1_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation's example: of 18 hits of six datasets, none a decoy's, 5.6 % may be mistakes, or up to 64 %.
    #[test]
    fn mistakes_are_told_in_words() {
        let measured = Decoys { hits: 18, decoy_hits: 0, datasets: 6, decoys: 2 };
        let found = told(Some(&measured)).expect("measured");
        let says = found["says"].as_str().expect("words");
        assert!(says.contains("18 times by datasets' texts; 5.6 % of these may be mistakes"), "{says}");
        assert!(says.contains("2 decoys") && says.contains("none was hit"), "{says}");
        assert_eq!(found["expected_millionths"], 55_555);
        assert_eq!((told(None), told(Some(&Decoys { hits: 0, ..measured }))), (None, None));
        assert_eq!(
            ["0.0 %", "0.1 %", "5.6 %", "100.0 %"].map(String::from),
            [499, 500, 55_555, 1_000_000].map(percent)
        );
    }
}
