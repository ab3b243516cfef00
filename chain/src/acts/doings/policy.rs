//! Who may hold a pool's shares, and why a transfer would be stopped.

use alloy_primitives::{Address, B256, U256};
use serde_json::json;

use crate::{
    abi::Pool,
    acts::{
        ActError, Answer, Fact, Plan, Who,
        arguments::{Name, Shares},
        countries::Country,
    },
    error::amount,
    units::Span,
};

doing! {
    /// Sets who may hold the pool's shares, all of it anew: what is not said has no limit.
    Set = "policy set", by Who::Role("COMPLIANCE_ROLE"), calls [Pool::setPolicyCall] {
        /// Admits everybody but who is frozen or on a sanctions list.
        #[arg(long)]
        #[serde(default)]
        open: bool,
        /// Lowest KYC level.
        #[arg(long, default_value_t = 1)]
        level: u8,
        /// Accredited investors only.
        #[arg(long)]
        #[serde(default)]
        accredited_only: bool,
        /// Countries that alone are admitted, by their ISO 3166-1 codes or numbers: US,FI or 840,246.
        #[arg(long, value_delimiter = ',', conflicts_with = "block")]
        #[serde(default)]
        admit: Vec<Country>,
        /// Countries that are not admitted.
        #[arg(long, value_delimiter = ',')]
        #[serde(default)]
        block: Vec<Country>,
        /// Most holders; zero is without limit.
        #[arg(long, default_value_t = 0)]
        #[serde(default)]
        max_holders: u32,
        /// Most shares of a holder; without limit where not said.
        #[arg(long)]
        max_holding: Option<Shares>,
        /// How long new shares stay with their buyer.
        #[arg(long)]
        lockup: Option<Span>,
    }
    |it, desk| {
        let pool = desk.deployment.pool;
        if !it.admit.is_empty() && !it.block.is_empty() {
            return Err(ActError::Unfit("name the countries that are admitted, or those that are not".into()));
        }
        if it.open && (it.level > 1 || it.accredited_only) {
            return Err(ActError::Unfit("--open admits everybody: give no level, and not --accredited-only".into()));
        }
        let allow = !it.admit.is_empty();
        let countries = if allow { &it.admit } else { &it.block };
        let lockup = it.lockup.map_or(0, |lockup| lockup.0);
        let call = Pool::setPolicyCall {
            open: it.open,
            minLevel: it.level,
            accreditedOnly: it.accredited_only,
            allowList: allow,
            jurisdictions: country_set(countries)?,
            maxHolders: it.max_holders,
            maxHolding: U256::from(it.max_holding.map_or(0, |shares| shares.0)),
            lockupSeconds: u32::try_from(lockup)
                .map_err(|_| ActError::Unfit("a lock-up is at most 136 years".into()))?,
        };
        let now = desk.read(pool, &Pool::policyCall {}).await?;
        let same = (now.open, now.minLevel, now.accreditedOnly, now.allowList, now.jurisdictions)
            == (call.open, call.minLevel, call.accreditedOnly, call.allowList, call.jurisdictions)
            && (now.maxHolders, now.maxHolding, now.lockupSeconds)
                == (call.maxHolders, call.maxHolding, call.lockupSeconds);
        // All of it is set anew: what is not said here goes.
        let ends: Vec<&str> = [
            (now.open && !call.open, "that everybody may hold"),
            (!now.open && call.open, "the KYC level"),
            (!now.open && !call.open && now.minLevel > call.minLevel, "the higher KYC level"),
            (now.accreditedOnly && !call.accreditedOnly, "that only accredited investors may hold"),
            (now.jurisdictions != call.jurisdictions && countries.is_empty(), "the list of countries"),
            (now.maxHolders > 0 && call.maxHolders == 0, "the most holders"),
            (!now.maxHolding.is_zero() && call.maxHolding.is_zero(), "the most shares of a holder"),
            (now.lockupSeconds > 0 && call.lockupSeconds == 0, "the lock-up of new shares"),
        ]
        .into_iter()
        .filter_map(|(goes, what)| goes.then_some(what))
        .collect();
        let mut rules = vec![match it.open {
            true => "everybody who is neither frozen nor on a sanctions list".to_owned(),
            false => format!("KYC level {} at least", it.level),
        }];
        if it.accredited_only {
            rules.push("accredited investors only".into());
        }
        if !countries.is_empty() {
            let list: Vec<_> = countries.iter().map(|country| country.says()).collect();
            rules.push(format!("{} of the countries {}", if allow { "only" } else { "none" }, list.join(", ")));
        }
        if it.max_holders > 0 {
            rules.push(format!("at most {} holders", it.max_holders));
        }
        rules.extend(it.max_holding.map(|most| format!("at most {most} each")));
        rules.extend(it.lockup.map(|lockup| format!("new shares stay {lockup}")));
        let plan = Plan::of(Self::KIND, format!("Sets who may hold shares: {}.", rules.join("; ")));
        let plan = match ends.is_empty() {
            true => plan,
            false => plan.fact(Fact::warning(format!(
                "it ends {}; yieldset policy show tells what holds now, and what is to stay is said again",
                ends.join(", ")
            ))),
        };
        Ok(plan
            .fact(desk.holds(pool, "COMPLIANCE_ROLE").await?)
            .fact(Fact::changes(!same, if same { "it is set so already" } else { "it is set otherwise now" }))
            .call(pool, &call))
    }
}

/// A set of countries as the contract has it: code n is bit 7 − n mod 8 of byte n / 8.
fn country_set(countries: &[Country]) -> Result<[B256; 4], ActError> {
    let mut bits = [0u8; 128];
    for Country(code) in countries {
        let byte = bits.get_mut(usize::from(code / 8)).filter(|_| (1..=999).contains(code));
        let byte =
            byte.ok_or_else(|| ActError::Unfit(format!("{code} is no country; ISO 3166-1 numbers are from 1 to 999")))?;
        *byte |= 0x80 >> (code % 8);
    }
    let word = |at: usize| B256::from_slice(&bits[at * 32..(at + 1) * 32]);
    Ok([word(0), word(1), word(2), word(3)])
}

asking! {
    /// Who may hold the pool's shares.
    Show = "policy show" {}
    |_it, desk| {
        let policy = desk.read(desk.deployment.pool, &Pool::policyCall {}).await?;
        let bytes = policy.jurisdictions.concat();
        let set = |code: &u16| bytes[usize::from(code / 8)] & (0x80 >> (code % 8)) != 0;
        let countries: Vec<_> = (1..1_000).filter(set).map(|code| Country(code).says()).collect();
        let most_shares = Shares(amount(policy.maxHolding)?);
        let lockup = Span(policy.lockupSeconds.into());
        Ok(answer!({
            "who_may_hold": match (policy.open, policy.accreditedOnly) {
                (true, _) => "everybody who is neither frozen nor on a sanctions list".to_owned(),
                (false, false) => format!("who has a KYC record of level {} at least", policy.minLevel),
                (false, true) => {
                    format!("accredited investors with a KYC record of level {} at least", policy.minLevel)
                }
            },
            "countries": match (policy.allowList, countries.is_empty()) {
                (true, true) => "none is admitted".to_owned(),
                (false, true) => "all".to_owned(),
                (true, false) => format!("only {}", countries.join(", ")),
                (false, false) => format!("all but {}", countries.join(", ")),
            },
            "most_holders": unless(policy.maxHolders == 0, &policy.maxHolders, "any number"),
            "most_shares_each": unless(most_shares.0 == 0, &most_shares, "any number"),
            "new_shares_stay": unless(lockup.0 == 0, &lockup, "no time: they can be moved at once"),
            "open": policy.open,
            "least_level": policy.minLevel,
            "accredited_only": policy.accreditedOnly,
            "holders": desk.read(desk.deployment.pool, &Pool::holderCountCall {}).await?,
        }))
    }
}

/// A limit in words, where zero turns it off.
fn unless(off: bool, limit: &impl ToString, without: &str) -> String {
    if off { without.to_owned() } else { limit.to_string() }
}

asking! {
    /// Whether shares could move from one account to another now, and why not.
    Why = "why" {
        /// From whom; `nobody` for new shares.
        sender: Name,
        /// To whom.
        to: Name,
        /// How many.
        shares: Shares,
    }
    |it, desk| {
        let from = if it.sender.0 == "nobody" { Address::ZERO } else { desk.address(&it.sender)? };
        let to = desk.address(&it.to)?;
        let mut facts = vec![desk.may_move(from, to, it.shares).await?];
        let move_them = match from.is_zero() {
            true => "be minted".to_owned(),
            false => {
                facts.push(desk.has_shares(from, it.shares).await?);
                format!("move from {}", desk.says(from))
            }
        };
        let may = facts.iter().all(|fact| fact.holds);
        let why = |holds: bool| {
            let says = facts.iter().filter(|fact| fact.holds == holds).map(|fact| fact.says.as_str());
            says.collect::<Vec<_>>().join("; ")
        };
        let can = if may { "yes, they can" } else { "no, they cannot" };
        let says = format!("{}: {can} {move_them} to {}", it.shares, desk.says(to));
        let remedies: Vec<_> = facts.iter().filter(|fact| !fact.holds).map(|fact| fact.remedy.clone()).collect();
        let mut fields = vec![
            ("answer".to_owned(), json!(says)),
            ("because".to_owned(), json!(why(may))),
        ];
        if !may {
            fields.push(("what_to_type".to_owned(), json!(remedies.join("; "))));
        }
        let mut answer = Answer::of(fields);
        // For programs alone: people read it in the first line.
        answer.json["may"] = may.into();
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 840 is byte 105, bit 7; 246 is byte 30, bit 1; as `setPolicy` documents it.
    #[test]
    fn countries_are_bits_as_the_contract_has_them() {
        let words = country_set(&[Country(840), Country(246)]).expect("two countries");
        assert_eq!((words[0][30], words[3][9]), (0x02, 0x80));
        assert_eq!(words.concat().iter().map(|byte| byte.count_ones()).sum::<u32>(), 2);
        assert!(country_set(&[Country(0)]).is_err() && country_set(&[Country(1_000)]).is_err());
    }
}
