//! Events of licences, market, factory and co-op, field by field as the contracts name them.

use serde_json::{Map, Value};
use yieldset_chain::{
    Address, B256, Bytes, U256,
    abi::{Coop::CoopEvents, Factory::FactoryEvents, Licence::LicenceEvents, Market::MarketEvents},
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

pub(super) fn licence(event: &LicenceEvents) -> (&'static str, Value) {
    described!(event, LicenceEvents {
        LicenceOffered { licence, pool, platform, currency, options, datasets, upfront, expiresAt },
        OptionOffered { licence, option, document },
        MenuPublished { licence, pool, licensor, currency, options, expiresAt },
        MenuWithdrawn { licence },
        OptionTaken { licence, menu, option },
        OfferWithdrawn { licence },
        OfferDeclined { licence, licensor },
        LicenceAccepted { licence, licensor, option, document, upfront, period, exclusiveUntil, fundBy },
        EscrowFunded { licence, amount, escrow },
        LicenceActivated { licence, endsAt, trainingUntil },
        LicenceLapsed { licence },
        RevenueReported { licence, quarter, gross, infrastructure, taxes, net, evidence, late },
        UsageReported { licence, quarter, tokens, calls, report },
        DueAssessed { licence, quarter, due, payBy, paid },
        RoyaltyPaid { licence, quarter, principal, interest, outstanding },
        DefaultRecorded { licence, number, year, outstanding, openDefaults },
        DefaultCured { licence, number, year, openDefaults },
        YearTruedUp { licence, year, guaranteed, earned, fromEscrow, owed, escrow, refillTo, refillBy },
        ShortfallPaid { licence, year, amount, owed },
        MilestoneCertified { licence, index, certifier, amount, toPool, escrow, evidence },
        Delivered { licence, period, amount, held },
        Refunded { licence, to, amount },
        EscrowForfeited { licence, amount },
        ContributorApproved { licence, contributor, approved },
        AuditRequested { licence, number, contributor, quarter, scope, answerBy },
        AuditJoined { licence, number, contributor, quarter, scope },
        AuditAnswered { licence, number, logs, manifests, runs, late },
        AuditReported { licence, number, auditor, discrepancyBps, tokens, calls, fee, expenses, report },
        Dismissed { licence, kind, which, violations },
        AuditPaid { licence, number, to, amount, expenses },
        AuditWithdrawn { licence, number, creditor, to, amount, expenses },
        SublicenceRecorded { licence, number, licensee, uses, document },
        ViolationRecorded { licence, kind, uses, at, evidence, violations },
        BreachRecorded { licence, kind, number, breaches },
        RedactionRequested { licence, number, dataset, requester, request, manifest, due },
        RedactionJoined { licence, number, requester, request },
        RedactionCertified { licence, number, certificate, manifest, late },
        LicenceTerminated { licence, reason, by, endsAt, deletionDue, evidence },
        PlatformProposed { licence, next },
        PlatformChanged { licence, platform },
        UsageLogSet { licence, epoch, key, origin, witnesses, since },
        CheckpointAnchored { licence, epoch, size, root, block, at },
        FundsChanged { licence, escrow, refundable, held },
        LicenceClosed { licence },
        DeletionCertified { licence, certificate, late },
    })
}

pub(super) fn market(event: &MarketEvents) -> (&'static str, Value) {
    described!(event, MarketEvents {
        PoolListed { pool, currency, lot, tick },
        PoolDelisted { pool },
        OrderPlaced { order, maker, pool, side, currency, shares, price, expiry, escrow },
        OrderCancelled { order, maker, pool, expired, shares, refund },
        Traded { pool, seller, buyer, ask, bid, shares, price, cost, askLeft, bidLeft },
        Credited { account, pool, amount, credit },
        Withdrawn { account, pool, to, currency, amount },
        Inherited { lost, heir, pool, amount },
    })
}

pub(super) fn factory(event: &FactoryEvents) -> (&'static str, Value) {
    described!(event, FactoryEvents {
        PoolListed {
            pool, creator, coop, number, currency, kyc, attribution, manifests, licence, market, logic, created
        },
        PartsSet { kyc, attribution, manifests, licence, market, logic, poolCode, coopCode },
    })
}

pub(super) fn coop(event: &CoopEvents) -> (&'static str, Value) {
    described!(event, CoopEvents {
        CoopCreated { pool, votingDelay, votingPeriod, quorumBps, proposalThreshold, timelock, gracePeriod },
        ProposalCreated { proposalId, proposer, targets, values, calldatas, voteStart, voteEnd, description },
        VoteCast { voter, proposalId, support, weight, reason },
        ProposalExecuted { proposalId },
        ProposalCanceled { proposalId },
        Received { payer, amount },
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
