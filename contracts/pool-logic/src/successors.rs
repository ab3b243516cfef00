//! Successors of the pool's parts ([`yieldset_rules::succession`]): named by its governor, adopted by anybody after a
//! long time.

use yieldset_pool_core::{
    keys,
    ledger::Ledger,
    outside::{attribution, kyc},
    refusals,
};
use yieldset_rules::succession::{Part, SuccessionError, Successor, check_governor};
use yieldset_shell::{
    host,
    refusals::{Explain, OrRefuse},
    words::Address,
};

use crate::{
    events::{SuccessorAdopted, SuccessorProposed},
    issuance, setup,
    streams::stream_end,
};

/// The governor names a part's successor, in place of whoever it named before.
pub fn propose(number: u8, account: &Address) {
    govern(number);
    let part = part(number);
    let named = Successor::name(&current(&Ledger::load(), part), account, host::now());
    let named = named.or_refuse(Subject { part: number, account });
    check(part, account);
    host::write(&keys::successor_of_part(number), &named.to_bytes());
    SuccessorProposed { part: number, successor: account, eta: named.eta, expires: named.expires() }.emit();
}

/// The governor takes it back.
pub fn cancel(number: u8) {
    govern(number);
    part(number);
    let named = named(number);
    if named == Successor::default() {
        refusals::NoSuccessor { part: number }.refuse();
    }
    host::clear(&keys::successor_of_part(number));
    SuccessorProposed { part: number, successor: &[0; 20], eta: 0_u64, expires: 0_u64 }.emit();
}

/// The part is replaced, for whoever asks.
pub fn adopt(number: u8) {
    let (part, named) = (part(number), named(number));
    let account = named.adopt(host::now()).or_refuse(Subject { part: number, account: &named.account });
    check(part, &account);
    let mut ledger = Ledger::load();
    let previous = current(&ledger, part);
    match part {
        Part::Kyc => ledger.kyc = account,
        Part::Attribution => ledger.attribution = account,
        Part::Logic => {
            // The holders chose both: the logic names the claims' code.
            let claims = setup::claims_of(&account);
            let claims = claims.or_refuse(refusals::UnfitSuccessor { part: number, successor: &account });
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
    SuccessorAdopted { part: number, successor: account, previous }.emit();
}

/// `(successor, eta, expires)`; zeros where nobody is named.
pub fn of(number: u8) -> (Address, u64, u64) {
    part(number);
    let named = named(number);
    let expires = if named == Successor::default() { 0 } else { named.expires() };
    (named.account, named.eta, expires)
}

fn govern(number: u8) {
    let caller = host::caller();
    let checked = check_governor(&issuance::opening().governor, &caller);
    checked.or_refuse(Subject { part: number, account: &caller });
}

fn part(number: u8) -> Part {
    Part::from_number(number).or_refuse(Subject { part: number, account: &[0; 20] })
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
            Part::Kyc => {
                let (from, to, [requirements, a, b, c, d]) = ([0; 20], [0; 20], [[0; 32]; 5]);
                kyc::restrictionFor { from, to, requirements, a, b, c, d }.ask(account).is_some()
            }
            Part::Attribution => {
                let (pool, stream) = ([0; 20], [0; 32]);
                attribution::resultOf { pool, stream, period: 0_u32 }.ask(account).is_some()
            }
            Part::Logic => setup::has_our_records(account) && setup::claims_of(account).is_some(),
            // Zeros name no licence.
            Part::Licences => stream_end(account, &[0; 32]) == Some([0; 32]),
        };
    if !fits {
        refusals::UnfitSuccessor { part: part as u8, successor: account }.refuse();
    }
}

/// What was refused about a part, and about whom.
struct Subject<'a> {
    part: u8,
    account: &'a Address,
}

impl Explain<SuccessionError> for Subject<'_> {
    #[cold]
    #[inline(never)]
    fn explain(self, error: SuccessionError) -> ! {
        let Self { part, account } = self;
        match error {
            SuccessionError::UnknownPart => refusals::UnknownPart { part }.refuse(),
            SuccessionError::NotGovernor => refusals::NotGovernor { account }.refuse(),
            SuccessionError::Unfit => refusals::UnfitSuccessor { part, successor: account }.refuse(),
            SuccessionError::NoSuccessor => refusals::NoSuccessor { part }.refuse(),
            SuccessionError::TooEarly { eta } => refusals::SuccessorTooEarly { part, eta }.refuse(),
            SuccessionError::Expired { since } => refusals::SuccessorExpired { part, since }.refuse(),
        }
    }
}
