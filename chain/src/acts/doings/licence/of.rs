//! A licence or a menu as its contract has it.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolValue;
use yieldset_rules::licence::{self as rules, words};

use crate::{
    abi::{Licence, Manifests, Refusal::RefusalErrors},
    acts::{
        ActError, Currency, Desk, Fact,
        arguments::{DatasetName, LicenceName},
    },
    error::{ChainError, ContractError},
    units::Date,
};

/// Stages of a licence by their numbers: the one place of these words, which the indexer has with `_` between them.
pub const STAGES: [&str; 11] = [
    "unknown",
    "offered",
    "withdrawn",
    "declined",
    "accepted",
    "lapsed",
    "active",
    "terminated",
    "expired",
    "under notice",
    "ended",
];

/// What a stage means to who reads it.
pub(super) fn stage_in_words(stage: u8) -> &'static str {
    match stage {
        1 => "offered: the pool's licensor accepts or declines it",
        2 => "withdrawn by its platform",
        3 => "declined by the pool",
        4 => "accepted: in force once its escrow is funded (yieldset escrow fund)",
        5 => "lapsed: its escrow was not funded in time",
        6 => "active: it is in force",
        7 => "terminated",
        8 => "expired: nobody accepted it in time; its platform takes the upfront back (yieldset licence withdraw)",
        9 => "under notice: in force until the notice is over",
        10 => "ended: its term is over",
        _ => "unknown to this program",
    }
}

/// A licence that exists.
pub(in crate::acts::doings) struct Of {
    /// The contract.
    pub contract: Address,
    /// The licence.
    pub licence: B256,
    /// Whose it is.
    pub parties: Licence::Parties,
    /// Where it stands.
    pub state: Licence::State,
}

impl Of {
    /// A licence by its name.
    pub async fn load(desk: &Desk, name: &LicenceName) -> Result<Self, ActError> {
        let (contract, licence) = (desk.deployment.licence, desk.licence(name)?);
        if let Some(of) = Self::find(desk, licence).await? {
            return Ok(of);
        }
        let menu = menu(desk, licence).await?;
        Err(ActError::Absent(match menu.pool.is_zero() {
            true => format!(
                "there is no licence {licence} on {}; yieldset licence list says which there are; check --profile and \
                 --deployment",
                desk.says(contract)
            ),
            false => {
                format!("{name} is a menu, and no licence yet: yieldset licence take {name} OPTION makes one of it")
            }
        }))
    }

    /// A licence by its id, where there is one.
    pub async fn find(desk: &Desk, licence: B256) -> Result<Option<Self>, ActError> {
        let parties: Licence::Parties = match record(desk, licence, b'P', B256::ZERO).await {
            Ok(parties) => parties,
            Err(ActError::Chain(error)) if is_unknown(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        if parties.platform.is_zero() {
            return Ok(None);
        }
        let state = record(desk, licence, b'S', B256::ZERO).await?;
        Ok(Some(Self { contract: desk.deployment.licence, licence, parties, state }))
    }

    /// As people type it: its label, or its id.
    pub fn name(&self, desk: &Desk) -> String {
        named(desk, self.licence)
    }

    /// One of its records.
    pub async fn record<T>(&self, desk: &Desk, letter: u8, which: B256) -> Result<T, ActError>
    where
        T: SolValue + From<<T::SolType as alloy_sol_types::SolType>::RustType>,
    {
        record(desk, self.licence, letter, which).await
    }

    /// The terms that hold, once an option is accepted.
    pub async fn terms(&self, desk: &Desk) -> Result<Choice, ActError> {
        self.option(desk, self.state.option).await
    }

    /// An option that was offered.
    pub async fn option(&self, desk: &Desk, option: u8) -> Result<Choice, ActError> {
        option_of(desk, self.licence, option, self.state.options).await
    }

    /// Its quarters and years, by the rules.
    pub async fn calendar(&self, desk: &Desk) -> Result<rules::Licence, ActError> {
        let times: Licence::Times = self.record(desk, b'T', B256::ZERO).await?;
        Ok(rules::Licence { activated_at: times.activatedAt, ends_at: times.endsAt, ..rules::Licence::default() })
    }

    /// The fact that the sender is its platform.
    pub fn platform(&self, desk: &Desk) -> Fact {
        let platform = self.parties.platform;
        Fact::new(
            platform == desk.sender,
            format!("its platform is {}", desk.says(platform)),
            format!("send it as that account: --from {}", desk.types(platform)),
        )
    }

    /// Its stage in words.
    pub fn stage(&self) -> &'static str {
        STAGES.get(usize::from(self.state.stage)).copied().unwrap_or("unknown")
    }

    /// The fact that it is in one of these stages.
    pub fn in_stage(&self, wanted: &[u8]) -> Fact {
        let names: Vec<_> = wanted.iter().filter_map(|stage| STAGES.get(usize::from(*stage))).copied().collect();
        Fact::new(
            wanted.contains(&self.state.stage),
            format!("the licence is {}", self.stage()),
            format!("that needs one that is {}; yieldset licence show {}", names.join(" or "), self.licence),
        )
    }

    /// What it is paid in.
    pub async fn currency(&self, desk: &Desk) -> Result<Currency, ActError> {
        desk.currency_at(self.parties.currency).await
    }
}

/// As people type a licence or a menu: its label, or its id.
pub(super) fn named(desk: &Desk, licence: B256) -> String {
    let label = desk.book.licences.iter().find(|(_, id)| **id == licence);
    label.map_or_else(|| licence.to_string(), |(label, _)| format!("@{label}"))
}

fn is_unknown(error: &ChainError) -> bool {
    let ChainError::Refused { error: ContractError::Known(known), .. } = error else { return false };
    matches!(**known, RefusalErrors::UnknownLicence(_))
}

/// A menu of a licensor's; of pool zero where there is none.
pub(super) async fn menu(desk: &Desk, menu: B256) -> Result<Licence::Menu, ActError> {
    record(desk, menu, b'X', B256::ZERO).await
}

/// A record of a licence or a menu, from its words.
pub(in crate::acts::doings) async fn record<T>(
    desk: &Desk,
    licence: B256,
    letter: u8,
    which: B256,
) -> Result<T, ActError>
where
    T: SolValue + From<<T::SolType as alloy_sol_types::SolType>::RustType>,
{
    let call = Licence::recordOfCall { licence, record: letter, which };
    let words = desk.read(desk.deployment.licence, &call).await?.concat();
    T::abi_decode(&words).map_err(|error| {
        ActError::Unfit(format!(
            "{} has no record {} of {licence} ({error})",
            desk.says(desk.deployment.licence),
            char::from(letter)
        ))
    })
}

/// An option's terms and milestones.
pub(in crate::acts::doings) type Choice = (rules::Terms, Vec<rules::Milestone>);

/// An option of a licence or a menu that has so many.
///
/// # Errors
/// [`ActError::Unfit`] with the options that there are.
pub(super) async fn option_of(desk: &Desk, licence: B256, option: u8, options: u8) -> Result<Choice, ActError> {
    let none = || {
        let last = options.saturating_sub(1);
        let which =
            if last == 0 { "its only one is option 0".to_owned() } else { format!("it has options 0 to {last}") };
        ActError::Absent(format!("{} has no option {option}: {which}", named(desk, licence)))
    };
    if option >= options {
        return Err(none());
    }
    let call = Licence::recordOfCall { licence, record: b'O', which: B256::from(U256::from(option)) };
    let read: Vec<words::Word> =
        desk.read(desk.deployment.licence, &call).await?.into_iter().map(|word| word.0).collect();
    words::parse(&read).ok_or_else(none)
}

/// All options of a licence or a menu.
pub(super) async fn options_of(desk: &Desk, licence: B256, options: u8) -> Result<Vec<Choice>, ActError> {
    let mut all = Vec::new();
    for option in 0..options {
        all.push(option_of(desk, licence, option, options).await?);
    }
    Ok(all)
}

/// The datasets of a licence or a menu, as people know them.
pub(super) async fn datasets_of(desk: &Desk, licence: B256) -> Result<Vec<String>, ActError> {
    let call = Licence::recordOfCall { licence, record: b'D', which: B256::ZERO };
    let all = desk.read(desk.deployment.licence, &call).await?;
    Ok(all.into_iter().map(|id| desk.dataset_says(id)).collect())
}

/// The fact that the sender is the pool's licensor.
pub(super) async fn licensor(desk: &Desk, pool: Address) -> Result<Fact, ActError> {
    let is = desk.has_role(pool, "LICENSOR_ROLE", desk.sender).await?;
    let says = format!(
        "{} {} LICENSOR_ROLE of {}",
        desk.says(desk.sender),
        if is { "has" } else { "does not have" },
        desk.says(pool)
    );
    Ok(Fact::new(is, says, "where the co-op has it, repeat the command with --by-vote WHY"))
}

/// The fact that a dataset is in the pool.
pub(super) async fn in_pool(desk: &Desk, name: &DatasetName, dataset: B256) -> Result<Fact, ActError> {
    let registry = desk.deployment.manifests;
    let pool = desk.read(registry, &Manifests::poolOfCall { dataset }).await?;
    let unknown = || async {
        let found = desk.read(registry, &Manifests::datasetOfCall { dataset }).await?;
        Ok::<_, ActError>(found.latestVersion == 0)
    };
    if pool.is_zero() && unknown().await? {
        return Ok(Fact::new(false, format!("nobody registered {name}"), desk.unknown_dataset(name)));
    }
    let says =
        if pool.is_zero() { format!("{name} is in no pool") } else { format!("{name} is in {}", desk.says(pool)) };
    Ok(Fact::new(
        pool == desk.deployment.pool,
        says,
        format!("its creator types: yieldset dataset assign {dataset} {}", desk.deployment.pool),
    ))
}

/// A time, where there is one.
pub(in crate::acts::doings) fn known(time: u64) -> Option<Date> {
    (time > 0).then_some(Date(time))
}

/// So many of something.
pub(in crate::acts::doings) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number if what.ends_with('s') => format!("{number} {what}es"),
        number => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use yieldset_rules::licence::Stage as S;

    use super::*;

    /// The words stand at the rules' numbers, and are the rules' own names.
    #[test]
    fn stages_are_the_rules() {
        for stage in [
            S::Offered,
            S::Withdrawn,
            S::Declined,
            S::Accepted,
            S::Lapsed,
            S::Active,
            S::Terminated,
            S::Expired,
            S::UnderNotice,
            S::Ended,
        ] {
            let name = format!("{stage:?}").to_lowercase();
            assert_eq!(STAGES[stage as usize].replace(' ', ""), name);
            assert!(stage_in_words(stage as u8).starts_with(STAGES[stage as usize]), "{name}");
        }
    }
}
