//! The rules' machine beside the contract.

use std::collections::BTreeMap;

use yieldset_rules::licence::{
    self as rules, Call, Command, Id, Moves, Quarter, Refusal,
    audit::{Audit, Debt},
    ending::Side,
    guarantee,
    store::{self, Key, numbered},
};

use super::Who;
use crate::chain::Account;

/// The rules' machine, and what it says each side has.
pub struct LicenceModel {
    /// The rules' records.
    pub store: BTreeMap<Key, Vec<u8>>,
    /// The licence's id on chain.
    pub id: Id,
}

impl LicenceModel {
    /// What a role check of the contract would say of the caller.
    fn may(who: Who, command: &Command) -> bool {
        match command {
            Command::Decline | Command::Accept(_) => who == Who::Licensor,
            Command::CertifyMilestone(..) => matches!(who, Who::Licensor | Who::Arbiter),
            Command::RecordViolation { .. } => who == Who::Oracle,
            Command::DismissFinding(_) | Command::DismissViolation(_) => who == Who::Arbiter,
            Command::ApproveContributor(..) | Command::ReportAudit(..) => who == Who::Auditor,
            Command::RequestRedaction(_) => matches!(who, Who::Licensor | Who::Creator),
            _ => true,
        }
    }

    /// On whose behalf a caller terminates.
    pub fn side(who: Who, reason: u8) -> Side {
        match (who, reason) {
            (Who::Arbiter, 5) => Side::Arbiter,
            (_, 5) => Side::None,
            (Who::Platform, _) => Side::Platform,
            (Who::Licensor, _) => Side::Licensor,
            _ => Side::None,
        }
    }

    /// Decides a message; `takes` says how much of a delivery the pool takes. `None` where a role is missing.
    pub fn run(
        &mut self,
        who: Who,
        command: &Command,
        now: u64,
        takes: impl Fn(u128) -> u128,
    ) -> Option<Result<Moves, Refusal>> {
        if !Self::may(who, command) {
            return None;
        }
        let caller = Account::number(who as u32).address.into_array();
        let moves = command.apply(&mut self.store, &Call { licence: self.id, caller, now });
        if let Ok(Moves { deliver: Some(period), .. }) = moves {
            let held = Quarter::of(&self.store, &self.id, period).held;
            guarantee::delivered(&mut self.store, &self.id, period, takes(held)).unwrap();
        }
        Some(moves)
    }

    /// The licence.
    pub fn licence(&self) -> rules::Licence {
        rules::Licence::find(&self.store, &self.id).unwrap()
    }

    /// What the platform paid for audits and nobody withdrew.
    pub fn credited(&self) -> u128 {
        let audits = (1..=self.licence().audits)
            .filter_map(|number| Audit::load(&self.store, &numbered(&self.id, store::AUDIT, number)));
        audits.map(|audit| audit.credited()).sum()
    }

    /// What an audit's debt is.
    pub fn debt(&self, command: &Command) -> u128 {
        let Command::PayAudit(number, debt) = command else { return 0 };
        let audit = Audit::load(&self.store, &numbered(&self.id, store::AUDIT, *number)).unwrap_or_default();
        match debt {
            Debt::Fee => audit.fee,
            Debt::Expenses => audit.expenses,
        }
    }
}
