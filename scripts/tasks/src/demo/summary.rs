//! The tables at the end: who earned what, and why; and the factory's pools.

use comfy_table::{CellAlignment, Table, presets};
use yieldset_chain::U256;
use yieldset_chain::units::Coin;

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
    right(&mut table);
    table
}

/// One pool's line, with amounts in the smallest unit of its currency.
pub struct PoolLine {
    /// Its name.
    pub name: String,
    /// What it is paid in.
    pub coin: Coin,
    /// Everything paid in.
    pub deposited: u128,
    /// Dividends paid out.
    pub dividends: u128,
    /// Contributions paid out.
    pub contributions: u128,
}

/// The lines, to the last digit. There is no sum: each pool has a currency of its own.
pub fn pools(lines: &[PoolLine]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(["pool", "decimals", "paid in", "dividends", "contributions"]);
    for PoolLine { name, coin, deposited, dividends, contributions } in lines {
        let amounts = [deposited, dividends, contributions].map(|amount| coin.print(*amount));
        let [deposited, dividends, contributions] = amounts;
        table.add_row([name.clone(), coin.decimals.to_string(), deposited, dividends, contributions]);
    }
    right(&mut table);
    table
}

/// Figures are to the right of what they are about.
fn right(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
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

    /// Each pool's amounts are counted by its own currency: the same digits are another amount in another one.
    #[test]
    fn amounts_are_in_the_pools_own_currency() {
        let line = |name: &str, coin| PoolLine {
            name: name.into(),
            coin,
            deposited: 12_500_000,
            dividends: 5_624_991,
            contributions: 0,
        };
        let token = Coin { symbol: "USDC".into(), decimals: 6 };
        let printed = pools(&[line("a", token), line("b", Coin::wei("DEV"))]).to_string();
        let row = |name: &str| printed.lines().find(|line| line.contains(&format!(" {name} "))).expect("its row");
        for (name, parts) in [
            ("a", [" 6 ", " 12.5 USDC ", " 5.624991 USDC ", " 0 USDC "]),
            ("b", [" 18 ", " 0.0000000000125 DEV ", " 0.000000000005624991 DEV ", " 0 DEV "]),
        ] {
            assert!(parts.iter().all(|part| row(name).contains(part)), "{parts:?} in {printed}");
        }
    }

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
