//! A pool's beginning, its policy and its pause.

use ink::{codegen::sol::selector_bytes, env::emit_event_sol, sol::FixedBytes};
use yieldset_pool_core::{
    calldata::{address, integer},
    keys,
    ledger::{self, Ledger},
    refusals, roles,
};
use yieldset_rules::{compliance::Policy, math::BASIS_POINTS, succession::Part};
use yieldset_shell::{
    access, host,
    words::{Address, Word, address_of, number_word},
};

use crate::{
    agents::holder_of,
    events::{Paused, PolicySet, PoolCreated, Unpaused},
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

const STORAGE_LAYOUT_OF: [u8; 4] = selector_bytes("storageLayout()");
const CLAIMS_LOGIC: [u8; 4] = selector_bytes("claimsLogic()");

/// The constructor of the code that pools run: `new(address claims)`. Its own storage is closed, and says for good
/// which contract has the code of contributors' claims.
pub fn deploy() {
    let claims = address(&host::call_data_word(0));
    if !has_our_records(&claims) {
        refusals::unfit_successor(Part::Logic as u8, &claims);
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
    host::ask::<1>(code, &STORAGE_LAYOUT_OF) == Some([number_word(ledger::STORAGE_LAYOUT)])
}

/// The contract with the code of claims that a logic names, so that whoever chooses a logic has chosen both; `None`
/// where one of the two is no such code.
pub fn claims_of(logic: &Address) -> Option<Address> {
    let [claims] = host::ask::<1>(logic, &CLAIMS_LOGIC)?;
    address_of(&claims).filter(has_our_records)
}

/// A pool's constructor. Of every deposit `contributors_bps` basis points (rounded down) go to the contributors; name
/// and symbol are UTF-8, at most 32 bytes, filled up with zeros; the parts are logic, KYC registry, attribution
/// registry, and the ERC-20 that all money is in, or zero for the chain's own. The pool begins without shares and
/// admits every account with a KYC record.
#[inline(never)]
pub fn initialise(arguments: &[Word; ARGUMENTS / 32]) -> ! {
    let [logic, name, symbol, kyc, attribution, currency, bps, admin] = *arguments;
    let [logic, kyc, attribution, currency] = [logic, kyc, attribution, currency].map(|part| address(&part));
    let (contributors_bps, admin) = (integer(&bps), address(&admin));
    if host::read::<1>(keys::LEDGER).is_some() {
        refusals::already_initialised();
    }
    if contributors_bps > BASIS_POINTS {
        refusals::invalid_basis_points(contributors_bps);
    }
    if name[0] == 0 || symbol[0] == 0 {
        refusals::empty_label();
    }
    let Some(claims) = claims_of(&logic) else { refusals::unfit_successor(Part::Logic as u8, &logic) };
    Ledger::new([logic, claims, kyc, attribution, currency], contributors_bps).save();
    host::write(keys::LABELS, [name, symbol].as_flattened());
    access::initialise(&admin);
    emit_event_sol(PoolCreated {
        kyc: kyc.into(),
        attribution: attribution.into(),
        currency: currency.into(),
        contributors_bps,
        name: FixedBytes(name),
        symbol: FixedBytes(symbol),
    });
    host::answer(&[])
}

/// The same, for the front's constructor, whose arguments are all of the call.
pub fn construct() -> ! {
    let mut words = [[0; 32]; ARGUMENTS / 32];
    host::call_data(words.as_flattened_mut(), 0);
    initialise(&words)
}

/// Sets who may hold shares.
pub fn set_policy(open: bool, terms: &Terms) {
    holder_of(&roles::COMPLIANCE);
    let mut ledger = Ledger::load();
    let Terms { min_level, accredited_only, allow_list, max_holders, max_holding, lockup_seconds, .. } = *terms;
    let mut jurisdictions = [0; 128];
    jurisdictions.copy_from_slice(terms.jurisdictions.as_flattened());
    let policy =
        Policy { min_level, accredited_only, allow_list, jurisdictions, max_holders, max_holding, lockup_seconds };
    ledger.set_policy(open, &policy);
    ledger.save();
    emit_event_sol(PolicySet {
        open,
        min_level,
        accredited_only,
        allow_list,
        jurisdictions: terms.jurisdictions.map(FixedBytes),
        max_holders,
        max_holding: max_holding.into(),
        lockup_seconds,
    });
}

/// Pauses or unpauses.
pub fn set_paused(paused: bool) {
    let caller = holder_of(&roles::PAUSER);
    let mut ledger = Ledger::load();
    match (ledger.paused(), paused) {
        (true, true) => refusals::paused(),
        (false, false) => refusals::not_paused(),
        _ => {}
    }
    ledger.set_paused(paused);
    ledger.save();
    let account = caller.into();
    if paused { emit_event_sol(Paused { account }) } else { emit_event_sol(Unpaused { account }) }
}
