//! The model's money that waits: which way out it has, by the reports that the model knows of.

use yieldset_rules::{
    dispute::Phase,
    waiting::{Place, Way, way_out},
};

use super::books::{Books, Refusal, refuse};

impl Books {
    /// Which way out a period's money has. No stream of the model has a licence.
    pub fn way(&self, (stream, period): (usize, u32)) -> Way {
        let standing = self.standing((stream, period));
        let reported = || self.standings.keys().filter(|key| key.0 == stream).map(|key| key.1);
        let place = Place {
            state: standing.state(self.now),
            has_weights: standing.weights_root != [0; 32],
            withdrawn_at: if standing.phase() == Phase::Withdrawn { standing.until } else { 0 },
            next: reported().filter(|other| *other > period).min().unwrap_or_default(),
            last: reported().max().unwrap_or_default(),
        };
        way_out(period, &place, 0, 0, self.now)
    }

    /// What nobody has claimed of a period.
    pub fn unclaimed(&self, key: (usize, u32)) -> u128 {
        self.legs.get(&key).map_or(0, |leg| leg.period.unclaimed())
    }

    pub fn carry(&mut self, stream: usize, from: u32, to: u32) -> Result<(), Refusal> {
        let amount = self.unclaimed((stream, from));
        if amount == 0 {
            return refuse("NothingWaits");
        }
        if self.way((stream, from)) != Way::Carry(to) {
            return refuse("WrongWay");
        }
        self.legs.entry((stream, from)).or_default().period.total -= amount;
        self.legs.entry((stream, to)).or_default().period.total += amount;
        Ok(())
    }

    pub fn release_waiting(&mut self, stream: usize, period: u32) -> Result<(), Refusal> {
        let amount = self.unclaimed((stream, period));
        if amount == 0 {
            return refuse("NothingWaits");
        }
        if self.way((stream, period)) != Way::Release {
            return refuse("WrongWay");
        }
        self.legs.entry((stream, period)).or_default().period.total -= amount;
        self.to_contributors -= amount;
        self.to_holders += amount;
        self.dividends.distribute(amount, self.supply)?;
        Ok(())
    }
}
