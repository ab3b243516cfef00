//! A pool's beginning, its policy and its pause.

use yieldset_pool_core::{
    keys,
    ledger::{self, Ledger},
    outside::code,
    refusals,
    roles::{COMPLIANCE, PAUSER},
};
use yieldset_rules::{compliance::Policy, math::BASIS_POINTS, succession::Part};
use yieldset_shell::{
    abi::kind,
    access,
    answer::done,
    calldata::value,
    host,
    refusals::OrRefuse,
    roles::only,
    words::{Address, Word},
};

use crate::{
    events::{Paused, PolicySet, PoolCreated, Unpaused},
    views,
};

/// Length of a constructor's arguments: logic, name, symbol, KYC registry, attribution registry, currency,
/// contributors' basis points, admin.
pub const ARGUMENTS: usize = 8 * 32;

/// A policy as a caller gives it.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Lowest KYC level.
    pub min_level: u8,
    /// Accredited investors only.
    pub accredited_only: bool,
    /// Jurisdictions allowed, not blocked.
    pub allow_list: bool,
    /// ISO 3166-1 numeric codes as bits.
    pub jurisdictions: [Word; 4],
    /// Most accounts with shares; zero without limit.
    pub max_holders: u32,
    /// Most shares of one account; zero without limit.
    pub max_holding: u128,
    /// For new shares.
    pub lockup_seconds: u32,
}

/// The constructor of the code that pools run: `new(address claims)`. Its own storage is closed, and says for good
/// which contract has the code of contributors' claims.
pub fn deploy() {
    let claims = value::<kind::address>(&host::call_data_word(0));
    if !has_our_records(&claims) {
        refusals::UnfitSuccessor { part: Part::Logic as u8, successor: &claims }.refuse();
    }
    ledger::close_own_storage();
    host::write(keys::CLAIMS, &claims);
}

/// The contract with the code of contributors' claims: of a pool, or the one that this logic names for its pools.
pub fn claims() -> Address {
    host::read(keys::CLAIMS).unwrap_or_else(|| Ledger::load().claims)
}

/// Whether a contract says that it is code for pools with records like these.
pub fn has_our_records(code: &Address) -> bool {
    code::storageLayout {}.ask(code) == Some(ledger::STORAGE_LAYOUT)
}

/// The contract with the code of claims that a logic names, so that whoever chooses a logic has chosen both; `None`
/// where one of the two is no such code.
pub fn claims_of(logic: &Address) -> Option<Address> {
    code::claimsLogic {}.ask(logic).filter(has_our_records)
}

/// A pool's constructor. Of every deposit `contributors_bps` basis points (rounded down) go to the contributors; name
/// and symbol are UTF-8, at most 32 bytes, filled up with zeros; the parts are logic, KYC registry, attribution
/// registry, and the ERC-20 that all money is in, or zero for the chain's own. The pool begins without shares and
/// admits every account with a KYC record.
#[inline(never)]
pub fn initialise(
    [logic, kyc, attribution, currency]: [Address; 4],
    [name, symbol]: [Word; 2],
    contributors_bps: u16,
    admin: &Address,
) {
    if host::read::<1>(keys::LEDGER).is_some() {
        refusals::AlreadyInitialised {}.refuse();
    }
    if contributors_bps > BASIS_POINTS {
        refusals::InvalidBasisPoints { basis_points: contributors_bps }.refuse();
    }
    if name[0] == 0 || symbol[0] == 0 {
        refusals::EmptyLabel {}.refuse();
    }
    let claims = claims_of(&logic);
    let claims = claims.or_refuse(refusals::UnfitSuccessor { part: Part::Logic as u8, successor: &logic });
    Ledger::new([logic, claims, kyc, attribution, currency], contributors_bps).save();
    host::write(keys::LABELS, [name, symbol].as_flattened());
    access::initialise(admin);
    PoolCreated { kyc, attribution, currency, contributors_bps, name, symbol }.emit();
}

/// The same, for the front's constructor, whose arguments are all of the call.
pub fn construct() -> ! {
    let mut words = [[0; 32]; ARGUMENTS / 32];
    host::call_data(words.as_flattened_mut(), 0);
    let [logic, name, symbol, kyc, attribution, currency, bps, admin] = &words;
    let parts = [logic, kyc, attribution, currency].map(value::<kind::address>);
    initialise(parts, [*name, *symbol], value::<kind::uint16>(bps), &value::<kind::address>(admin));
    done()
}

/// Sets who may hold shares.
pub fn set_policy(open: bool, terms: &Terms) {
    only(&COMPLIANCE);
    let mut ledger = Ledger::load();
    let Terms { min_level, accredited_only, allow_list, max_holders, max_holding, lockup_seconds, .. } = *terms;
    let mut jurisdictions = [0; 128];
    jurisdictions.copy_from_slice(terms.jurisdictions.as_flattened());
    let policy =
        Policy { min_level, accredited_only, allow_list, jurisdictions, max_holders, max_holding, lockup_seconds };
    ledger.set_policy(open, &policy);
    ledger.save();
    PolicySet { encoded: views::policy(&ledger) }.emit();
}

/// Pauses or unpauses.
pub fn set_paused(paused: bool) {
    let account = only(&PAUSER);
    let mut ledger = Ledger::load();
    match (ledger.paused(), paused) {
        (true, true) => refusals::EnforcedPause {}.refuse(),
        (false, false) => refusals::ExpectedPause {}.refuse(),
        _ => {}
    }
    ledger.set_paused(paused);
    ledger.save();
    if paused { Paused { account }.emit() } else { Unpaused { account }.emit() }
}
