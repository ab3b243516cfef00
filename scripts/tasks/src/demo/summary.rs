//! The table at the end: who earned what, and why.

use comfy_table::{CellAlignment, Table, presets};
use yieldset_chain::U256;

use super::screen::{coins, exactly};

/// One person's line.
pub struct Line {
    /// Who.
    pub name: String,
    /// Whole shares held.
    pub shares: u128,
    /// Dividends paid, in wei.
    pub dividends: u128,
    /// Outputs whose score for this creator passed the threshold.
    pub qualifying: u64,
    /// Output tokens attributed.
    pub tokens: u64,
    /// Weight in the report, in parts of 10^18.
    pub weight: U256,
    /// Contribution paid, in wei.
    pub contribution: u128,
}

/// The lines, cut to six decimals, and their sums, which are not: what is cut of each line is in them.
pub fn table(lines: &[Line]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(["who", "shares", "dividends", "outputs", "tokens", "weight", "contribution", "earned"]);
    for line in lines {
        table.add_row(row(line, coins));
    }
    let sum = |part: fn(&Line) -> u128| lines.iter().map(part).sum();
    let together = Line {
        name: "together".into(),
        shares: sum(|line| line.shares),
        dividends: sum(|line| line.dividends),
        qualifying: lines.iter().map(|line| line.qualifying).sum(),
        tokens: lines.iter().map(|line| line.tokens).sum(),
        weight: lines.iter().fold(U256::ZERO, |sum, line| sum + line.weight),
        contribution: sum(|line| line.contribution),
    };
    table.add_row(row(&together, exactly));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn row(line: &Line, coins: fn(u128) -> String) -> [String; 8] {
    [
        line.name.clone(),
        line.shares.to_string(),
        coins(line.dividends),
        line.qualifying.to_string(),
        line.tokens.to_string(),
        percent(line.weight),
        coins(line.contribution),
        coins(line.dividends + line.contribution),
    ]
}

/// Parts of 10^18 as percent, cut to four decimals.
fn percent(weight: U256) -> String {
    let parts: u128 = (weight / U256::from(1_000_000_000_000u64)).saturating_to();
    format!("{}.{:04} %", parts / 10_000, parts % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_below_the_lines() {
        let line = |shares, weight| Line {
            name: "a".into(),
            shares,
            // Two are cut to 1.499999 each, and together are 2.999999999999999998.
            dividends: 1_499_999_999_999_999_999,
            qualifying: 2,
            tokens: 30,
            weight: U256::from(weight),
            contribution: 500_000_000_000_000_000,
        };
        let printed = table(&[line(1, 250_000_000_000_000_000u64), line(2, 750_000_000_000_000_000)]).to_string();
        let last = printed.lines().rev().nth(1).expect("a last row").to_owned();
        for part in
            ["together", " 3 ", "2.999999999999999998", " 4 ", " 60 ", "100.0000 %", "1.000000", "3.999999999999999998"]
        {
            assert!(last.contains(part), "{part:?} in {printed}");
        }
    }
}
