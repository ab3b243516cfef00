//! What to do about a refusal: what to type next, for those that a person meets.

use yieldset_rules::compliance::Restriction;

use crate::{
    abi::Refusal::RefusalErrors,
    error::{ChainError, ContractError},
};

/// What to do about an error of the chain client's, where it is known.
pub fn of_error(error: &ChainError) -> Option<&'static str> {
    match error {
        ChainError::Refused { error, .. } => of(error),
        ChainError::Dispatch { reason } => of_the_chain(reason),
        // Substrate's own number for a transaction that is not valid, and its words for who cannot pay.
        ChainError::Rejected { reason, .. } if reason.contains("1010") || reason.contains("pay some fees") => Some(
            "if the account has too little of the chain's own money for the fee: yieldset account fund ACCOUNT AMOUNT; \
             yieldset account show ACCOUNT says what it has",
        ),
        _ => None,
    }
}

/// What to do about a contract's refusal, where it is known.
pub fn of(error: &ContractError) -> Option<&'static str> {
    use RefusalErrors as E;
    let ContractError::Known(known) = error else { return None };
    Some(match &**known {
        E::AccessControlUnauthorizedAccount(_) => {
            "the contract's admin grants the role: yieldset roles grant ROLE ACCOUNT --on CONTRACT; who has which: \
             yieldset roles show"
        }
        E::AccessControlInvalidDefaultAdmin(_) => {
            "only whom the admin named can accept: yieldset roles hand-over ACCOUNT --on CONTRACT"
        }
        E::AccessControlEnforcedDefaultAdminRules(_) => {
            "the admin's role is handed over in two steps: yieldset roles hand-over, then yieldset roles accept"
        }
        E::TransferRestricted(refused) => of_restriction(refused.code),
        E::NoRecord(_) => "yieldset kyc set ACCOUNT --country CODE --until DATE",
        E::RecordExists(_) => "yieldset kyc revoke ACCOUNT first",
        E::UntrustedIssuer(_) => "yieldset kyc trust ISSUER, or have an agent set the record: yieldset kyc set",
        E::IssuerWasRemoved(_) => "the issuer comes back with another key: yieldset kyc trust NEW-ADDRESS",
        E::NotOpened(_) | E::PoolNotOpened(_) => "the pool's issuer opens it first: yieldset pool open --cap SHARES",
        E::AlreadyOpened(_) => "it was opened already; yieldset pool show",
        E::CapExceeded(_) | E::CapTooLow(_) => "the co-op raises the cap: yieldset pool raise-cap SHARES --by-vote WHY",
        E::NotGovernor(_) => "the co-op decides on that: repeat the command with --by-vote WHY",
        E::NotLicensor(_) => {
            "the pool's licensor decides on that; where it is the co-op, repeat the command with --by-vote WHY"
        }
        E::NotPlatform(_) => "the licence's platform sends that: yieldset licence show LICENCE says who it is",
        E::EnforcedPause(_) => "the pool is paused; who has PAUSER_ROLE types: yieldset pool unpause",
        E::ExpectedPause(_) => "the pool is not paused; yieldset pool show",
        E::MinimumUndeclared(_) => "the issuer declares the currency's least balance: yieldset pool declare-minimum",
        E::FloatMissing(_) => "send the contract the missing amount of the currency; it is told as `missing`",
        E::NothingToClaim(_) => "nothing has been earned since the last claim; yieldset claim show",
        E::NoFinalReport(_) => {
            "the period's report must be posted (yieldset report post) and its time for disputes over; \
             yieldset report show STREAM PERIOD"
        }
        E::InvalidProof(_) => "weight and proof are of another report; take the settlement of the one that is final",
        E::NotListed(_) => "a lister lists the pool: yieldset market list --lot SHARES --tick PRICE",
        E::BelowLot(_) => "the market trades no fewer shares at once; yieldset market show says the lot",
        E::OffTick(_) => "prices are multiples of the tick; yieldset market show says it",
        E::ExpiryPassed(_) | E::ExpiryTooLate(_) => "an order lives at most 90 days: --until +90d",
        E::UnknownOrder(_) => "it was filled or cancelled; yieldset market show ORDER",
        E::OrderExpired(_) | E::OrderVoid(_) => "yieldset market clear ORDER",
        E::CostAboveLimit(_) => "it costs more than you allowed; look at the price and try again",
        E::ERC20InsufficientAllowance(_) => "allow it first: yieldset pool approve SPENDER SHARES",
        E::ERC20InsufficientBalance(_) => "choose fewer shares; yieldset pool show says how many there are",
        E::UnknownDataset(_) => "register it: yieldset dataset register SLUG --manifest FILE --licence-text FILE",
        E::DatasetExists(_) => "register its next version: yieldset dataset update SLUG --manifest FILE",
        E::DatasetNotInPool(_) => "its creator assigns it: yieldset dataset assign DATASET pool",
        E::NotDatasetCreator(_) => "its creator sends that: yieldset dataset show DATASET says who it is",
        E::NotPendingCreator(_) => "its creator offers it first: yieldset dataset transfer DATASET ACCOUNT",
        E::LicencesActive(_) => "licences are active on it; yieldset dataset show DATASET",
        E::UnknownLicence(_) => "there is no such licence on this contract; check the id and --profile",
        E::OfferExpired(_) => "its time is over; the platform offers again: yieldset licence offer",
        E::QuarterNotOver(_) | E::PeriodNotOver(_) => "wait until the quarter is over",
        E::QuarterOutOfOrder(_) => "quarters are reported in order: report the earlier one first",
        E::QuarterNotAssessed(_) => "the platform reports the quarter first: yieldset revenue report LICENCE PERIOD",
        E::NothingDue(_) => "nothing is owed there; yieldset licence show LICENCE --period PERIOD",
        E::PaysFirst(_) => "pay what is owed first: yieldset pay LICENCE PERIOD AMOUNT",
        E::TrueUpFirst(_) => "true the year up first: yieldset licence true-up LICENCE YEAR",
        E::TooFewKeys(_) => "the committee has too few keys left: yieldset committee propose, then activate",
        E::WrongEpoch(_) => "the committee changed: its members sign again, yieldset report sign -- …",
        E::AlreadyRegistered(_) => "this version is registered already; yieldset dataset show DATASET",
        _ => return None,
    })
}

/// What to do about an ERC-1404 code.
pub fn of_restriction(code: u8) -> &'static str {
    use Restriction as R;
    let Some(restriction) = R::from_code(code) else { return "yieldset policy show" };
    match restriction {
        R::None => "yieldset policy show",
        R::SenderNotVerified | R::RecipientNotVerified => {
            "an agent records it: yieldset kyc set ACCOUNT --country CODE --until DATE"
        }
        R::SenderExpired | R::RecipientExpired => {
            "an agent renews the record: yieldset kyc set ACCOUNT --country CODE --until DATE"
        }
        R::SenderFrozen | R::RecipientFrozen => "the account is frozen; an agent types: yieldset kyc unfreeze ACCOUNT",
        R::SenderSanctioned | R::RecipientSanctioned => {
            "the account is on a sanctions list; only an agent takes that back"
        }
        R::SenderIssuerRemoved | R::RecipientIssuerRemoved => {
            "its issuer is not trusted any more: an agent sets the record, yieldset kyc set"
        }
        R::SenderLevelTooLow | R::RecipientLevelTooLow => {
            "the KYC level is too low: yieldset kyc set ACCOUNT --level N"
        }
        R::SenderJurisdictionNotAllowed | R::RecipientJurisdictionNotAllowed => {
            "its country is not admitted; yieldset policy show says which are"
        }
        R::RecipientNotAccredited => "accredited investors only: yieldset kyc set ACCOUNT --accredited",
        R::InsufficientBalance | R::PartFrozen | R::SharesReserved => {
            "fewer shares are free; yieldset pool show ACCOUNT says how many"
        }
        R::LockedUp => "the shares are locked up after their purchase; yieldset pool show ACCOUNT says until when",
        R::TooManyHolders | R::HoldingTooLarge => "the pool's limits on holders stop it; yieldset policy show",
        R::Paused => "the pool is paused; who has PAUSER_ROLE types: yieldset pool unpause",
        R::RegistryUnavailable => {
            "the KYC registry does not answer; the holders name another: yieldset pool succeed kyc ADDRESS --by-vote WHY"
        }
    }
}

/// What to do about the chain's own refusal.
pub fn of_the_chain(reason: &str) -> Option<&'static str> {
    let known: &[(&str, &str)] = &[
        ("AccountUnmapped", "map the account first: yieldset account map"),
        ("TransferFailed", "the sender has too little of the chain's own money: yieldset account fund ACCOUNT AMOUNT"),
        (
            "StorageDepositNotEnoughFunds",
            "the sender cannot hold the storage deposit: yieldset account fund ACCOUNT AMOUNT",
        ),
        ("OutOfGas", "it needs more than a block has: do less in one call"),
        ("ContractTrapped", "the contract stopped; check that it is the right one: yieldset doctor"),
    ];
    known.iter().find(|(part, _)| reason.contains(part)).map(|(_, remedy)| *remedy)
}
