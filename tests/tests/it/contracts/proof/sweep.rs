//! What everybody does who is left: each message that anybody may send, and those of the roles that still speak.

use std::collections::BTreeSet;

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Licence as Contract, Market, Pool};
use yieldset_rules::period::quarter_start;
use yieldset_tests::{
    coop::Plan,
    licence::{DAY, HASH},
};

use super::{
    books::{FORFEITED, PEOPLE, Person, Stream},
    cast::Cast,
};

/// Who never does anything again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Everybody speaks.
    Nobody,
    Platform,
    /// Signs reports.
    Committee,
    /// Rules on disputes of reports.
    ReportArbiter,
    /// Of licences.
    Arbiter,
    Oracle,
    Auditor,
    /// The holders' votes: licensor and governor.
    Coop,
    /// KYC agent.
    Registrar,
    /// Pauses the pool and ends pauses.
    Pauser,
    /// Holds shares, has orders.
    Holder,
    /// Has weights in reports.
    Contributor,
    /// Deposits, trades, defends reports.
    Patron,
    /// Issuer and agent of the pool, lister of the market.
    Operators,
}

pub const ROLES: [Role; 14] = [
    Role::Nobody,
    Role::Platform,
    Role::Committee,
    Role::ReportArbiter,
    Role::Arbiter,
    Role::Oracle,
    Role::Auditor,
    Role::Coop,
    Role::Registrar,
    Role::Pauser,
    Role::Holder,
    Role::Contributor,
    Role::Patron,
    Role::Operators,
];

impl Role {
    /// Whether somebody's own messages are not sent.
    pub fn is(self, person: Person) -> bool {
        matches!(
            (self, person),
            (Self::Platform, Person::Platform)
                | (Self::Holder, Person::Ann)
                | (Self::Contributor, Person::Cid)
                | (Self::Patron, Person::Patron)
        )
    }
}

impl Cast {
    /// Everybody but the silent role does what they can.
    pub fn everybody_acts(&mut self, silent: Role) {
        self.send_on();
        self.offices(silent);
        self.committee(silent);
        self.close_windows();
        self.licences_go_on(silent);
        self.orders_go_back(silent);
        self.money_that_waits();
        self.claim_everything();
    }

    /// Whoever has an office.
    fn offices(&mut self, silent: Role) {
        self.notice_expiries();
        if silent != Role::Pauser && self.books.paused {
            self.must(&self.admin(), self.pool(), Pool::unpauseCall {});
            self.books.paused = false;
        }
        if silent != Role::Registrar {
            for (person, _) in self.books.held.clone() {
                self.let_in(person);
            }
        }
        // The arbiter is in time only where the dispute's time is not over.
        for key in self.books.disputes.clone().into_keys().filter(|_| silent != Role::ReportArbiter) {
            let (pool, stream) = (self.pool(), self.stream(key.0));
            let call = Attribution::rejectCall { pool, stream, period: key.1 };
            if self.tries(&self.arbiter.clone(), self.registry(), call) {
                let deliver = Attribution::deliverBondCall { pool, stream: self.stream(key.0), period: key.1 };
                self.tries(&self.arbiter.clone(), self.registry(), deliver);
                let quarter = self.quarter();
                self.books.ruled(key, false, quarter);
            }
        }
    }

    /// The committee reports what is over and has money, and revises what was withdrawn.
    fn committee(&mut self, silent: Role) {
        if silent == Role::Committee {
            return;
        }
        for stream in self.streams() {
            let withdrawn = self.books.reports.iter().filter(|(key, report)| key.0 == stream && report.withdrawn);
            for quarter in withdrawn.map(|(key, _)| key.1).collect::<Vec<_>>() {
                self.post(stream, quarter, true);
            }
            let last = self.books.last_report(stream).unwrap_or_default();
            let wanted = self.books.legs.keys().filter(|key| key.0 == stream && key.1 > last);
            let over = wanted.map(|key| key.1).filter(|quarter| *quarter < self.quarter());
            for quarter in over.collect::<Vec<_>>() {
                self.post(stream, quarter, true);
            }
        }
    }

    fn licences_go_on(&mut self, silent: Role) {
        let (anybody, contract) = (self.anybody(), self.licence());
        for number in 0..self.ids.len() {
            self.licence_ends(silent, number);
            let id = self.ids[number];
            if silent != Role::Platform {
                self.platform_acts(number);
            }
            for quarter in self.books.licences[number].quarters() {
                self.assess(number, quarter);
                // What nobody reported is closed, once nobody can.
                if !self.books.reports.contains_key(&(number + 1, quarter)) {
                    self.tries(&anybody, contract, Contract::assessUsageCall { licence: id, quarter });
                }
            }
            self.tries(&anybody, contract, Contract::lapseCall { licence: id });
            self.tries(&anybody, contract, Contract::trueUpCall { licence: id, year: 1 });
            self.tries(&anybody, contract, Contract::payShortfallCall { licence: id, year: 1, value: U256::ZERO });
            for quarter in self.books.licences[number].quarters() {
                self.tries(&anybody, contract, Contract::recordDefaultCall { licence: id, number: quarter });
                self.tries(&anybody, contract, Contract::deliverCall { licence: id, period: quarter });
            }
            self.tries(&anybody, contract, Contract::closeCall { licence: id });
            if FORFEITED {
                let forfeit = keccak256("forfeitEscrow(bytes32)")[..4].iter().chain(&id[..]).copied().collect();
                let _ = self.scene.w.s.chain.call_raw(&anybody, contract, forfeit, 0);
            }
            let to = self.account(Person::Platform).address;
            let by = if silent == Role::Platform { anybody.clone() } else { self.account(Person::Platform) };
            self.tries(&by, contract, Contract::refundCall { licence: id, to });
        }
    }

    /// Anybody has years trued up as soon as may be.
    pub fn anybody_trues_up(&mut self) {
        for licence in self.ids.clone() {
            self.tries(&self.anybody(), self.licence(), Contract::trueUpCall { licence, year: 1 });
        }
    }

    /// The platform takes back what nobody accepted, reports nothing more than it must, and pays.
    fn platform_acts(&mut self, number: usize) {
        let (platform, contract) = (self.account(Person::Platform), self.licence());
        if !self.books.licences[number].accepted {
            self.tries(&platform, contract, Contract::withdrawCall { licence: self.ids[number] });
        }
        while self.report(number, 0) {}
        for quarter in self.books.licences[number].quarters() {
            self.assess(number, quarter);
            self.pay(number, quarter);
        }
        let certify = Contract::certifyDeletionCall { licence: self.ids[number], certificate: HASH };
        self.tries(&platform, contract, certify);
    }

    /// What was alleged is dismissed, or the co-op ends the licence for it; in the end it is over by itself.
    fn licence_ends(&mut self, silent: Role, number: usize) {
        let Some(evidence) = self.books.licences[number].alleged else { return };
        let (id, evidence) = (self.ids[number], B256::repeat_byte(evidence));
        if silent != Role::Arbiter {
            let call = Contract::dismissCall { licence: id, kind: 1, which: evidence };
            self.tries(&self.arbiter.clone(), self.licence(), call);
            self.books.licences[number].alleged = None;
        } else if !self.books.is_held(Person::Ben) {
            let call = Contract::terminateCall { licence: id, reason: 4, kind: 0, number: 0, evidence };
            // Votes are counted by the shares of a minute ago.
            self.wait(60);
            let plan = Plan::one(self.licence(), 0, call.abi_encode(), &format!("End {id} at {}", self.now()));
            if self.scene.vote(&plan).is_ok() {
                let quarter = self.quarter();
                let licence = &mut self.books.licences[number];
                (licence.ended, licence.alleged) = (Some(quarter), None);
            }
        }
    }

    /// Makers cancel, or anybody does once an order is over; what is credited its owner takes.
    fn orders_go_back(&mut self, silent: Role) {
        let (market, now) = (self.scene.w.market, self.now());
        for (order, (maker, .., expiry)) in self.books.orders.clone() {
            if !silent.is(maker) {
                assert!(self.tries(&self.account(maker), market, Market::cancelCall { order }), "{maker:?}'s order");
            } else if now >= expiry {
                assert!(self.tries(&self.anybody(), market, Market::cancelExpiredCall { order }), "{maker:?}'s order");
            } else {
                continue;
            }
            self.books.close_order(order);
        }
        for person in PEOPLE.into_iter().filter(|person| !silent.is(*person)) {
            let account = self.account(person);
            let call = Market::withdrawCall { pool: self.pool(), to: account.address };
            if self.tries(&account, market, call) {
                let credit = self.books.credits.remove(&person).unwrap();
                self.books.gain(person, credit);
            }
        }
    }

    /// Anybody carries and releases contributors' money wherever it goes, and has bonds paid to their owners.
    fn money_that_waits(&mut self) {
        let (anybody, pool, registry) = (self.anybody(), self.pool(), self.registry());
        let disputed: Vec<(Stream, u32)> = self.books.reports.keys().copied().collect();
        for (stream, period) in disputed {
            let stream = self.stream(stream);
            self.tries(&anybody, registry, Attribution::expireCall { pool, stream, period });
        }
        for person in PEOPLE {
            let (currency, account) = (self.scene.currency, self.account(person).address);
            self.tries(&anybody, registry, Attribution::withdrawBondCall { currency, account, to: account });
        }
        for stream in self.streams() {
            let id = self.stream(stream);
            for from in self.quarters_with_money(stream) {
                if let Some(to) = self.books.next_report((stream, from)) {
                    self.tries(&anybody, pool, Pool::carryCall { stream: id, from, to });
                }
                self.tries(&anybody, pool, Pool::releaseWaitingCall { stream: id, period: from });
            }
        }
    }

    /// Anybody sends on what can go on already: who is first decides nothing then.
    pub fn send_on(&mut self) {
        let (anybody, pool) = (self.anybody(), self.pool());
        for (stream, period) in self.books.legs.clone().into_keys() {
            let (key, id) = ((stream, period), self.stream(stream));
            if self.books.pays(key) {
                continue;
            }
            let next = self.books.next_report(key);
            let gone = match next {
                Some(to) => self.tries(&anybody, pool, Pool::carryCall { stream: id, from: period, to }),
                None => self.tries(&anybody, pool, Pool::releaseWaitingCall { stream: id, period }),
            };
            if gone {
                self.books.sent_on(key, next);
            }
        }
    }

    /// All quarters that a stream's money can be of: the escrow pays for some that the books do not know yet.
    fn quarters_with_money(&self, stream: Stream) -> BTreeSet<u32> {
        let known = self.books.legs.keys().filter(|key| key.0 == stream).map(|key| key.1);
        let own = stream.checked_sub(1).map(|number| self.books.licences[number].quarters());
        let reported = self.books.reports.keys().filter(|key| key.0 == stream).map(|key| key.1);
        known.chain(reported).chain(own.into_iter().flatten()).filter(|quarter| *quarter <= self.quarter()).collect()
    }

    /// Anybody has everybody paid.
    pub fn claim_everything(&mut self) {
        self.notice_expiries();
        let (anybody, pool) = (self.anybody(), self.pool());
        for (stream, quarter) in self.books.reports.clone().into_keys() {
            for n in 0..2 {
                let claim = self.scene.c.claim_for(n, self.stream(stream), quarter);
                self.tries(&anybody, pool, claim);
            }
        }
        for person in self.books.parts.clone().into_keys() {
            let account = self.account(person).address;
            self.tries(&anybody, pool, Pool::claimForCall { account });
        }
    }

    /// Goes through the quarters up to one, and in each everybody acts.
    pub fn sweep_until(&mut self, silent: Role, quarter: u32) {
        self.everybody_acts(silent);
        while self.quarter() < quarter {
            self.scene.at(quarter_start(self.quarter() + 1) + DAY);
            self.everybody_acts(silent);
        }
    }
}
