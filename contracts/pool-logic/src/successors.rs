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
    issuance, setup,
};

const RESTRICTION_FOR: [u8; 4] =
    selector_bytes("restrictionFor(address,address,bytes32,bytes32,bytes32,bytes32,bytes32)");
const RESULT_OF: [u8; 4] = selector_bytes("resultOf(address,bytes32,uint32)");
const STREAM_END: [u8; 4] = selector_bytes("streamEnd(bytes32)");

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
        Part::Logic => {
            // The holders chose both: the logic names the claims' code.
            let Some(claims) = setup::claims_of(&account) else { refusals::unfit_successor(number, &account) };
            (ledger.logic, ledger.claims) = (account, claims);
        }
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
    // An account without code answers nothing, and the pool does not call itself.
    let may_answer = host::code_size(account) > 0 && *account != host::own_address();
    let fits = may_answer
        && match part {
            Part::Kyc => asked(account, RESTRICTION_FOR, 7).is_some(),
            Part::Attribution => asked(account, RESULT_OF, 3).is_some(),
            Part::Logic => setup::has_our_records(account) && setup::claims_of(account).is_some(),
            // Zeros name no licence.
            Part::Licences => asked(account, STREAM_END, 1) == Some([0; 32]),
        };
    if !fits {
        refusals::unfit_successor(part as u8, account);
    }
}

/// What a contract answers to a message with arguments of zero.
fn asked(account: &Address, selector: [u8; 4], words: usize) -> Option<Word> {
    let mut input = [0; 4 + 7 * 32];
    input[..4].copy_from_slice(&selector);
    host::ask::<1>(account, &input[..4 + 32 * words]).map(|[answer]| answer)
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
