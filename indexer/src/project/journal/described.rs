//! Events field by field, as the contracts name them.

use serde_json::{Map, Value};
use yieldset_chain::{
    Address, B256, Bytes, U256,
    abi::{
        Access::AccessEvents, Attribution::AttributionEvents, Coop::CoopEvents, Factory::FactoryEvents, Kyc::KycEvents,
        Licence::LicenceEvents, Manifests::ManifestsEvents, Market::MarketEvents, Pool::PoolEvents,
    },
};

/// A field's value: amounts are strings of digits, bytes hexadecimal.
trait Shown {
    fn shown(&self) -> Value;
}

macro_rules! shown {
    ($($kind:ty: $value:ident => $shown:expr),* $(,)?) => {$(
        impl Shown for $kind {
            fn shown(&self) -> Value {
                let $value = self;
                Value::from($shown)
            }
        }
    )*};
}
shown!(
    bool: flag => *flag,
    u8: number => *number,
    u16: number => *number,
    u32: number => *number,
    // A program that reads JSON may know no integers over 53 bits, and an expiry that never comes is one.
    u64: number => number.to_string(),
    U256: number => number.to_string(),
    Address: address => address.to_string(),
    B256: hash => hash.to_string(),
    Bytes: bytes => bytes.to_string(),
    String: text => super::readable(text),
);

impl<T: Shown, const N: usize> Shown for [T; N] {
    fn shown(&self) -> Value {
        self.iter().map(Shown::shown).collect()
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> Value {
        self.iter().map(Shown::shown).collect()
    }
}

/// `trainingUntil` as `training_until`.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

macro_rules! described {
    ($event:expr, $events:ident { $($name:ident { $($field:ident),* }),* $(,)? }) => {
        match $event {
            $($events::$name(e) => {
                let mut fields = Map::new();
                $(fields.insert(snake(stringify!($field)), e.$field.shown());)*
                (stringify!($name), Value::Object(fields))
            })*
        }
    };
}

pub(super) fn pool(event: &PoolEvents) -> (&'static str, Value) {
    described!(event, PoolEvents {
        AccountRecovered { lost, replacement, shares, pending, reason, agent },
        Approval { owner, spender, value },
        CapRaised { cap },
        ClaimSkipped { stream, period, account, reason },
        ContributionClaimed { stream, period, account, amount, weight },
        DelegateChanged { delegator, fromDelegate, toDelegate },
        Deposited { stream, period, payer, amount, toHolders, index },
        DividendClaimed { account, amount },
        ForcedTransferred { from, to, value, reason, agent },
        MinimumDeclared { minimum },
        Opened { supply, cap, licences, governor },
        Paused { account },
        PolicySet { open, minLevel, accreditedOnly, allowList, jurisdictions, maxHolders, maxHolding, lockupSeconds },
        PoolCreated { kyc, attribution, currency, contributorsBps, name, symbol },
        Released { owner, market, value, reserved },
        ReservationsEnded { owner, value, seizures },
        Reserved { owner, market, value, reserved },
        RootKept { stream, period, root },
        SaleSet { price, cap, starts, ends, proceedsTo },
        SharesSold { buyer, value, cost, left },
        SuccessorAdopted { part, successor, previous },
        SuccessorProposed { part, successor, eta, expires },
        TokensFrozen { userAddress, amount },
        TokensUnfrozen { userAddress, amount },
        Transfer { from, to, value },
        Unpaused { account },
        WaitingCarried { stream, from, to, amount },
        WaitingReleased { stream, period, amount, index },
    })
}

pub(super) fn kyc(event: &KycEvents) -> (&'static str, Value) {
    described!(event, KycEvents {
        AccountRecovered { lost, replacement, agent, reason },
        AddressFrozen { userAddress, isFrozen, owner },
        AddressSanctioned { account, sanctioned, agent },
        RecordRevoked { account, issuer, frozen, sanctioned, nonce },
        RecordSet { account, level, jurisdiction, accredited, expiry, frozen, sanctioned, issuer, attested, nonce },
        TrustedIssuerAdded { trustedIssuer, claimTopics },
        TrustedIssuerRemoved { trustedIssuer },
    })
}

pub(super) fn access(event: &AccessEvents) -> (&'static str, Value) {
    described!(event, AccessEvents {
        DefaultAdminTransferStarted { previousAdmin, newAdmin },
        RoleGranted { role, account, sender },
        RoleRevoked { role, account, sender },
    })
}

pub(super) fn manifests(event: &ManifestsEvents) -> (&'static str, Value) {
    described!(event, ManifestsEvents {
        DatasetAssigned { dataset, pool, previousPool },
        DatasetCardSet { dataset, cardHash, previousCardHash },
        DatasetRegistered { dataset, version, manifestHash, licenceHash, creator, registeredAt, first },
        DatasetTransferStarted { dataset, creator, pendingCreator },
        DatasetTransferred { dataset, previousCreator, creator },
        LicenceClosed { dataset, licence, active },
        LicenceHeld { dataset, licence, exclusiveUntil, active },
        LicenceOpened { dataset, licence, exclusiveUntil, active },
        ModelCardSet { platform, model, cardHash, previousCardHash },
        ModelIngested { platform, run, model, datasets, versions, epochs, digest, recordedAt },
        RedactionCertified { dataset, version, platform, certificateHash, certified, platforms },
        VersionRedacted { dataset, version, replacedBy, reasonHash, redactedBy, platforms, redactedAt },
        VersionWithdrawn { dataset, version, reasonHash, withdrawnAt },
    })
}

pub(super) fn attribution(event: &AttributionEvents) -> (&'static str, Value) {
    described!(event, AttributionEvents {
        AuditPosted { pool, stream, period, reportHash, auditHash, seed, samples, maxDeviation, confidence, auditor, postedAt },
        BondDelivered { pool, stream, period, currency, amount, kept },
        BondKept { pool, stream, period, currency, amount, kept },
        BondWithdrawn { account, to, currency, amount },
        CommitteeProposed { epoch, threshold, keys, effectiveAt },
        CommitteeSet { epoch, threshold, keys },
        DisputeDefended { pool, stream, period, reportHash, defender },
        DisputeExpired { pool, stream, period, reportHash, challenger, finalAt, toChallenger, toDefender },
        DisputeRejected { pool, stream, period, reportHash, challenger, arbiter, finalAt, toChallenger, toDefender, toPeriod },
        DisputeUpheld { pool, stream, period, reportHash, challenger, arbiter, toChallenger, toDefender, toPeriod },
        KeyRevoked { key, epoch, left, threshold },
        ReasonAdded { pool, stream, period, reportHash, account, reason },
        ReportDisputed { pool, stream, period, reportHash, challenger, reason, deadline, currency, bond },
        ReportPosted { pool, stream, period, revision, reportHash, weightsRoot, finalAt, report },
    })
}

pub(super) fn licence(event: &LicenceEvents) -> (&'static str, Value) {
    described!(event, LicenceEvents {
        AuditAnswered { licence, number, logs, manifests, runs, late },
        AuditJoined { licence, number, contributor, quarter, scope },
        AuditPaid { licence, number, to, amount, expenses },
        AuditReported { licence, number, auditor, discrepancyBps, tokens, calls, fee, expenses, report },
        AuditRequested { licence, number, contributor, quarter, scope, answerBy },
        AuditWithdrawn { licence, number, creditor, to, amount, expenses },
        BreachRecorded { licence, kind, number, breaches },
        CheckpointAnchored { licence, epoch, size, root, block, at },
        ContributorApproved { licence, contributor, approved },
        DefaultCured { licence, number, year, openDefaults },
        DefaultRecorded { licence, number, year, outstanding, openDefaults },
        DeletionCertified { licence, certificate, late },
        Delivered { licence, period, amount, held },
        Dismissed { licence, kind, which, violations },
        DueAssessed { licence, quarter, due, payBy, paid },
        EscrowForfeited { licence, amount },
        EscrowFunded { licence, amount, escrow },
        FundsChanged { licence, escrow, refundable, held },
        LicenceAccepted { licence, licensor, option, document, upfront, period, exclusiveUntil, fundBy },
        LicenceActivated { licence, endsAt, trainingUntil },
        LicenceClosed { licence },
        LicenceLapsed { licence },
        LicenceOffered { licence, pool, platform, currency, options, datasets, upfront, expiresAt },
        LicenceTerminated { licence, reason, by, endsAt, deletionDue, evidence },
        MenuPublished { licence, pool, licensor, currency, options, expiresAt },
        MenuWithdrawn { licence },
        MilestoneCertified { licence, index, certifier, amount, toPool, escrow, evidence },
        OfferDeclined { licence, licensor },
        OfferWithdrawn { licence },
        OptionOffered { licence, option, document },
        OptionTaken { licence, menu, option },
        PlatformChanged { licence, platform },
        PlatformProposed { licence, next },
        RedactionCertified { licence, number, certificate, manifest, late },
        RedactionJoined { licence, number, requester, request },
        RedactionRequested { licence, number, dataset, requester, request, manifest, due },
        Refunded { licence, to, amount },
        RevenueReported { licence, quarter, gross, infrastructure, taxes, net, evidence, late },
        RoyaltyPaid { licence, quarter, principal, interest, outstanding },
        ShortfallPaid { licence, year, amount, owed },
        SublicenceRecorded { licence, number, licensee, uses, document },
        UsageLogSet { licence, epoch, key, origin, witnesses, since },
        UsageReported { licence, quarter, tokens, calls, report },
        ViolationRecorded { licence, kind, uses, at, evidence, violations },
        YearTruedUp { licence, year, guaranteed, earned, fromEscrow, owed, escrow, refillTo, refillBy },
    })
}

pub(super) fn market(event: &MarketEvents) -> (&'static str, Value) {
    described!(event, MarketEvents {
        Credited { account, pool, amount, credit },
        Inherited { lost, heir, pool, amount },
        OrderCancelled { order, maker, pool, expired, shares, refund },
        OrderPlaced { order, maker, pool, side, currency, shares, price, expiry, escrow },
        PoolDelisted { pool },
        PoolListed { pool, currency, lot, tick },
        Traded { pool, seller, buyer, ask, bid, shares, price, cost, askLeft, bidLeft },
        Withdrawn { account, pool, to, currency, amount },
    })
}

pub(super) fn factory(event: &FactoryEvents) -> (&'static str, Value) {
    described!(event, FactoryEvents {
        PartsSet { kyc, attribution, manifests, licence, market, logic, poolCode, coopCode },
        PoolListed { pool, creator, coop, number, currency, kyc, attribution, manifests, licence, market, logic, created },
    })
}

pub(super) fn coop(event: &CoopEvents) -> (&'static str, Value) {
    described!(event, CoopEvents {
        CoopCreated { pool, votingDelay, votingPeriod, quorumBps, proposalThreshold, timelock, gracePeriod },
        ProposalCanceled { proposalId },
        ProposalCreated { proposalId, proposer, targets, values, calldatas, voteStart, voteEnd, description },
        ProposalExecuted { proposalId },
        Received { payer, amount },
        VoteCast { voter, proposalId, support, weight, reason },
    })
}

#[cfg(test)]
mod tests {
    use yieldset_chain::abi::{Coop::ProposalCreated, Market::OrderPlaced};

    use super::*;

    #[test]
    fn fields_keep_their_names_and_digits() {
        let placed = OrderPlaced { order: 1, shares: U256::MAX, expiry: u64::MAX, side: 2, ..OrderPlaced::default() };
        let (kind, payload) = market(&MarketEvents::OrderPlaced(placed));
        assert_eq!((kind, &payload["order"], &payload["side"]), ("OrderPlaced", &"1".into(), &2.into()));
        assert_eq!(payload["shares"], U256::MAX.to_string());
        assert_eq!(payload["expiry"], "18446744073709551615");
        assert_eq!(payload["maker"], Address::ZERO.to_string());
        assert_eq!(snake("trainingUntil"), "training_until");
        let proposed = ProposalCreated {
            calldatas: vec![Bytes::from_static(&[0xab, 1])],
            description: "a\0b".into(),
            ..ProposalCreated::default()
        };
        let (_, payload) = coop(&CoopEvents::ProposalCreated(proposed));
        assert_eq!(
            (&payload["calldatas"], &payload["description"]),
            (&["0xab01"].as_slice().into(), &"a\u{fffd}b".into())
        );
    }
}
