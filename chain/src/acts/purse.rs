//! Whether who sends has the money for it: what goes along, fees, and what is held for storage, and still something
//! then, without which the chain would end the account.

use super::{ActError, Desk, Fact, Plan, Simulated};
use crate::{
    behind::of_ethereum,
    client::AccountId,
    units::{Coin, Native},
};

/// What is sent to an account that lacks something is a multiple of it, in wei: a hundredth of a coin.
const STEP: u128 = 10_000_000_000_000_000;

/// What a plan takes of the chain's own money, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Takes {
    /// Goes along with the calls.
    pub sent: u128,
    /// Fees, at most.
    pub fees: u128,
    /// Held for storage.
    pub held: u128,
}

impl Takes {
    /// All of it.
    pub fn all(&self) -> u128 {
        self.sent.saturating_add(self.fees).saturating_add(self.held)
    }

    /// In words: `5.02 DEV (5 DEV go along, 0.01 DEV fees, 0.01 DEV held for storage)`.
    pub fn says(&self, coin: &Coin) -> String {
        let parts = [(self.sent, "go along"), (self.fees, "fees"), (self.held, "held for storage")];
        let parts: Vec<_> = parts
            .iter()
            .filter(|(wei, _)| *wei > 0)
            .map(|(wei, what)| format!("{} {what}", coin.print(*wei)))
            .collect();
        match parts.is_empty() {
            true => coin.print(0),
            false => format!("{} ({})", coin.print(self.all()), parts.join(", ")),
        }
    }
}

/// What a plan takes, by what was tried of it. A call that cannot be tried yet is taken for as dear as the dearest of
/// the others. Of an Ethereum account a quarter more is asked: gas is paid for in advance with that margin, and what is
/// not used comes back.
pub fn takes(plan: &Plan, tried: &[Simulated], ethereum: bool) -> Takes {
    let cost = |simulated: &Simulated| simulated.fee.zip(simulated.deposit);
    let known: Vec<_> = tried.iter().filter_map(cost).collect();
    let dearest = known.iter().max_by_key(|(fee, held)| fee.saturating_add(*held)).copied().unwrap_or((0, 0));
    let all = tried.iter().map(|simulated| cost(simulated).unwrap_or(dearest));
    let (fees, held) = all
        .fold((0u128, 0u128), |(fees, held), (fee, deposit)| (fees.saturating_add(fee), held.saturating_add(deposit)));
    let margin = |wei: u128| if ethereum { wei.saturating_add(wei / 4) } else { wei };
    let sent = plan.acts.iter().map(|act| act.value).fold(0u128, u128::saturating_add);
    Takes { sent, fees: margin(fees), held: margin(held) }
}

/// The fact that an account has what something takes, beside the least that the chain lets it have. `who` as people
/// type it.
pub fn covers(native: &Native, who: &str, spendable: u128, takes: &Takes) -> Fact {
    let coin = &native.coin;
    if takes.all() == 0 {
        // Nothing of it could be tried, as with an account that has nothing.
        return Fact::new(
            spendable > 0,
            format!("{who} can spend {}", coin.print(spendable)),
            format!(
                "every transaction has a fee: whoever has some types yieldset account fund {who} AMOUNT --from WHO"
            ),
        );
    }
    // Of what comes to an account that has nothing, the chain's least stays.
    let least = if spendable == 0 { STEP } else { 0 };
    let lacks = takes.all().saturating_sub(spendable).div_ceil(STEP).saturating_mul(STEP).saturating_add(least);
    Fact::new(
        spendable >= takes.all(),
        format!("{who} can spend {}, this takes {}", coin.print(spendable), takes.says(coin)),
        format!(
            "it lacks {0}: whoever has some types yieldset account fund {who} \"{0}\" --from WHO",
            coin.print(lacks)
        ),
    )
}

/// A plan with what each of its calls would do and cost, and with the fact that its sender can pay for it.
///
/// # Errors
/// [`ActError::Chain`].
pub async fn tried(desk: &Desk, plan: Plan) -> Result<(Plan, Vec<Simulated>), ActError> {
    let tried = plan.simulate(&desk.client, desk.origin().await?).await?;
    let paid = of_plan(desk, &plan, &tried).await?;
    Ok((paid.into_iter().fold(plan, Plan::fact), tried))
}

/// The fact that the sender of a plan can pay for it; none where nobody is named.
async fn of_plan(desk: &Desk, plan: &Plan, tried: &[Simulated]) -> Result<Option<Fact>, ActError> {
    if desk.sender.is_zero() || plan.acts.is_empty() {
        return Ok(None);
    }
    let account: AccountId = desk.origin().await?;
    let takes = takes(plan, tried, account == of_ethereum(desk.sender));
    let spendable = desk.client.spendable(&account).await?;
    let who = desk.book.name(desk.sender, Some(&desk.deployment));
    Ok(Some(covers(&desk.native(), &who, spendable, &takes)))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, Bytes};

    use super::*;
    use crate::{
        abi::Pool,
        acts::{Act, Kind, Outcome, Who},
    };

    const KIND: Kind = Kind::of_people("market ask", Who::Anyone, "Offers shares.");
    const COIN: u128 = 1_000_000_000_000_000_000;

    fn plan() -> Plan {
        let contract = Address::repeat_byte(7);
        let second = Act::new(&KIND, String::new(), contract, &Pool::claimCall {}).paying(5 * COIN);
        Plan::of(&KIND, "Offers.").call(contract, &Pool::pauseCall {}).act(second.following())
    }

    fn tried() -> [Simulated; 2] {
        let none = Simulated { outcome: Outcome::AfterTheOneBefore, weight: None, fee: None, deposit: None };
        let works = Outcome::Works(Bytes::new());
        [Simulated { outcome: works, weight: None, fee: Some(COIN), deposit: Some(2 * COIN) }, none]
    }

    /// Money that goes along, fees and deposits of all calls count, of those that cannot be tried yet too.
    #[test]
    fn what_a_plan_takes_is_all_of_it() {
        let all = takes(&plan(), &tried(), false);
        assert_eq!(all, Takes { sent: 5 * COIN, fees: 2 * COIN, held: 4 * COIN });
        assert_eq!(takes(&plan(), &tried(), true).fees, 2 * COIN + COIN / 2);
    }

    /// Who lacks something is told how much, and what to type.
    #[test]
    fn who_lacks_something_is_told_how_much() {
        let native = Native { coin: Coin::wei("DEV"), ratio: 1_000_000 };
        let all = takes(&plan(), &tried(), false);
        let fact = covers(&native, "@lumen", 10 * COIN + 1, &all);
        assert!(!fact.holds && fact.says.contains("takes 11 DEV (5 DEV go along, 2 DEV fees"), "{fact:?}");
        assert!(fact.remedy.contains("account fund @lumen \"1 DEV\""), "{fact:?}");
        assert!(covers(&native, "@lumen", 11 * COIN, &all).holds);
        // Of an account that has nothing, nothing can be tried.
        let fact = covers(&native, "@lumen", 0, &Takes::default());
        assert!(!fact.holds && fact.remedy.contains("account fund @lumen"), "{fact:?}");
    }
}
