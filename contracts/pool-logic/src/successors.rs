//! Successors of the pool's parts ([`yieldset_rules::succession`]): named by its governor, adopted by anybody after a
//! long time.

use ink::{codegen::sol::selector_bytes, env::emit_event_sol};
use yieldset_pool_core::{keys, ledger::Ledger, refusals};
use yieldset_rules::succession::{Part, SuccessionError, Successor, check_governor};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, number_word},
};

use crate::{
    events::{SuccessorAdopted, SuccessorProposed},
    issuance,
};

const RESTRICTION_FOR: [u8; 4] =
    selector_bytes("restrictionFor(address,address,bytes32,bytes32,bytes32,bytes32,bytes32)");
const RESULT_OF: [u8; 4] = selector_bytes("resultOf(address,bytes32,uint32)");
const STORAGE_LAYOUT_OF: [u8; 4] = selector_bytes("storageLayout()");
const STREAM_END: [u8; 4] = selector_bytes("streamEnd(bytes32)");

/// What a pool's records are like, as the logic alone says: a pool, which would hand the question on to its own logic,
/// says 0 and is no logic.
pub fn storage_layout() -> u128 {
    let mut record = [0; 2];
    // The logic's own record has one byte.
    if host::read_into(keys::LEDGER, &mut record) == Some(1) { STORAGE_LAYOUT } else { 0 }
}

/// What a pool's records are like. A logic that does not say the same cannot take this one's place: it would read other
/// records, and not even name its own successor.
const STORAGE_LAYOUT: u128 = 1;

/// The governor names a part's successor, in place of whoever it named before.
pub fn propose(number: u8, account: &Address) {
    govern(number);
    let part = part(number);
    let named = accept(number, account, Successor::name(&current(&Ledger::load(), part), account, host::now()));
    check(part, account);
    host::write(&keys::successor_of_part(number), &named.to_bytes());
    emit_event_sol(SuccessorProposed {
        part: number,
        successor: (*account).into(),
        eta: named.eta,
        expires: named.expires(),
    });
}

/// The governor takes it back.
pub fn cancel(number: u8) {
    govern(number);
    part(number);
    let named = named(number);
    if named == Successor::default() {
        refusals::no_successor(number);
    }
    host::clear(&keys::successor_of_part(number));
    emit_event_sol(SuccessorProposed { part: number, successor: [0; 20].into(), eta: 0, expires: 0 });
}

/// The part is replaced, for whoever asks.
pub fn adopt(number: u8) {
    let (part, named) = (part(number), named(number));
    let account = accept(number, &named.account, named.adopt(host::now()));
    check(part, &account);
    let mut ledger = Ledger::load();
    let previous = current(&ledger, part);
    match part {
        Part::Kyc => ledger.kyc = account,
        Part::Attribution => ledger.attribution = account,
        Part::Logic => ledger.logic = account,
        Part::Licences => issuance::set_licences(&account),
    }
    // Silence counts from here on: the new one knows nothing of what is still to be paid.
    if matches!(part, Part::Attribution | Part::Licences) {
        ledger.adopted = host::now();
    }
    ledger.save();
    host::clear(&keys::successor_of_part(number));
    emit_event_sol(SuccessorAdopted { part: number, successor: account.into(), previous: previous.into() });
}

/// `(successor, eta, expires)`; zeros where nobody is named.
pub fn of(number: u8) -> [Word; 3] {
    part(number);
    let named = named(number);
    let expires = if named == Successor::default() { 0 } else { named.expires() };
    [address_word(&named.account), number_word(named.eta.into()), number_word(expires.into())]
}

fn govern(number: u8) {
    let caller = host::caller();
    accept(number, &caller, check_governor(&issuance::opening().governor, &caller));
}

fn part(number: u8) -> Part {
    accept(number, &[0; 20], Part::from_number(number))
}

fn named(number: u8) -> Successor {
    host::read(&keys::successor_of_part(number))
        .map_or_else(Successor::default, |record| Successor::from_bytes(&record))
}

fn current(ledger: &Ledger, part: Part) -> Address {
    match part {
        Part::Kyc => ledger.kyc,
        Part::Attribution => ledger.attribution,
        Part::Logic => ledger.logic,
        Part::Licences => issuance::opening().licences,
    }
}

/// Stops where the account does not answer what the pool asks of the part: a typing error must not close the pool.
fn check(part: Part, account: &Address) {
    // Messages with arguments of zero.
    let (selector, words) = match part {
        Part::Kyc => (RESTRICTION_FOR, 7),
        Part::Attribution => (RESULT_OF, 3),
        Part::Logic => (STORAGE_LAYOUT_OF, 0),
        Part::Licences => (STREAM_END, 1),
    };
    let mut asked = [0; 4 + 7 * 32];
    asked[..4].copy_from_slice(&selector);
    // An account without code answers nothing, and the pool does not call itself.
    let may_answer = host::code_size(account) > 0 && *account != host::own_address();
    let answer = if may_answer { host::ask::<1>(account, &asked[..4 + 32 * words]) } else { None };
    let fits = match part {
        Part::Logic => answer == Some([number_word(STORAGE_LAYOUT)]),
        // Zeros name no licence.
        Part::Licences => answer == Some([[0; 32]]),
        _ => answer.is_some(),
    };
    if !fits {
        refusals::unfit_successor(part as u8, account);
    }
}

fn accept<T>(number: u8, account: &Address, result: Result<T, SuccessionError>) -> T {
    result.unwrap_or_else(|error| match error {
        SuccessionError::UnknownPart => refusals::unknown_part(number),
        SuccessionError::NotGovernor => refusals::not_governor(account),
        SuccessionError::Unfit => refusals::unfit_successor(number, account),
        SuccessionError::NoSuccessor => refusals::no_successor(number),
        SuccessionError::TooEarly { eta } => refusals::successor_too_early(number, eta),
        SuccessionError::Expired { since } => refusals::successor_expired(number, since),
    })
}
