//! How any ERC-20 must behave, after OpenZeppelin's own behaviour tests: transfers, approvals, transfers by allowance,
//! zero values, transfers to oneself, zero addresses with the errors of ERC-6093, events and answers.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolEvent};
use yieldset_chain::abi::Refusal;

use crate::chain::{Account, Chain, Failure};
use crate::fixtures::Token;

/// A token under test, and who plays: `owner` has all shares, `spender` and `other` have none and may receive some.
pub struct Erc20<'a> {
    /// The chain it is on.
    pub chain: &'a mut Chain,
    /// The token.
    pub token: Address,
    /// Has `supply`.
    pub owner: Account,
    /// Spends for `owner`.
    pub spender: Account,
    /// Receives.
    pub other: Account,
    /// All shares.
    pub supply: u128,
}

/// Runs everything. The token is afterwards as it was, but for allowances.
pub fn erc20_behaviour(subject: &mut Erc20<'_>) {
    subject.starts();
    subject.transfers();
    subject.transfers_that_are_refused();
    subject.approvals();
    subject.transfers_by_allowance();
    subject.transfers_by_allowance_that_are_refused();
    subject.unlimited_allowance();
    subject.ends();
}

fn balance_error(sender: Address, balance: u128, needed: u128) -> Failure {
    let error = Refusal::ERC20InsufficientBalance { sender, balance: U256::from(balance), needed: U256::from(needed) };
    Failure::with(&error)
}

fn allowance_error(spender: Address, allowance: u128, needed: u128) -> Failure {
    let (allowance, needed) = (U256::from(allowance), U256::from(needed));
    let error = Refusal::ERC20InsufficientAllowance { spender, allowance, needed };
    Failure::with(&error)
}

impl Erc20<'_> {
    /// Names, and who has what.
    pub fn starts(&mut self) {
        assert!(!self.ask(Token::nameCall {}).is_empty());
        assert!(!self.ask(Token::symbolCall {}).is_empty());
        self.ask(Token::decimalsCall {});
        self.ends();
    }

    /// All is the owner's again.
    pub fn ends(&mut self) {
        assert_eq!(self.ask(Token::totalSupplyCall {}), U256::from(self.supply));
        self.assert_balances(self.supply, 0, 0);
    }

    /// Part, all, none, and to oneself.
    pub fn transfers(&mut self) {
        let (owner, other, supply) = (self.owner.clone(), self.other.clone(), self.supply);
        for value in [1, supply - 1, 0] {
            self.transfer(&owner, &other, value);
        }
        self.assert_balances(0, 0, supply);
        self.transfer(&other, &other, supply);
        self.transfer(&other, &other, 0);
        self.assert_balances(0, 0, supply);
        self.transfer(&other, &owner, supply);
        self.assert_balances(supply, 0, 0);
    }

    /// Too much, and to nobody.
    pub fn transfers_that_are_refused(&mut self) {
        let (owner, spender, supply) = (self.owner.clone(), self.spender.clone(), self.supply);
        let call = |to: Address, value: u128| Token::transferCall { to, value: U256::from(value) };
        let refused = self.tell(&owner, call(spender.address, supply + 1));
        assert_eq!(refused, Err(balance_error(owner.address, supply, supply + 1)));
        let refused = self.tell(&owner, call(owner.address, supply + 1));
        assert_eq!(refused, Err(balance_error(owner.address, supply, supply + 1)));
        let refused = self.tell(&spender, call(owner.address, 1));
        assert_eq!(refused, Err(balance_error(spender.address, 0, 1)));
        for value in [0, supply] {
            let refused = self.tell(&owner, call(Address::ZERO, value));
            assert_eq!(refused, Err(receiver_error()));
        }
        let refused = self.tell(&owner, Token::transferCall { to: spender.address, value: U256::MAX });
        assert!(refused.is_err());
        self.assert_balances(supply, 0, 0);
    }

    /// Set, replaced, above the balance, taken back; never for nobody.
    pub fn approvals(&mut self) {
        let (owner, spender, supply) = (self.owner.clone(), self.spender.clone(), self.supply);
        for value in [U256::from(1), U256::from(supply), U256::from(supply) + U256::from(1), U256::MAX, U256::ZERO] {
            self.approve(&owner, &spender, value);
        }
        let nobody = Token::approveCall { spender: Address::ZERO, value: U256::from(1) };
        let error = Refusal::ERC20InvalidSpender { spender: Address::ZERO };
        let expected = Failure::with(&error);
        assert_eq!(self.tell(&owner, nobody), Err(expected));
        // One owner's approval is no other's.
        self.approve(&owner, &spender, U256::from(5));
        assert_eq!(self.allowance(&spender, &owner), U256::ZERO);
        assert_eq!(self.allowance(&spender, &spender), U256::ZERO);
        self.approve(&owner, &spender, U256::ZERO);
    }

    /// The allowance falls by what was moved, and without an event of its own.
    pub fn transfers_by_allowance(&mut self) {
        let (owner, spender, other, supply) =
            (self.owner.clone(), self.spender.clone(), self.other.clone(), self.supply);
        self.approve(&owner, &spender, U256::from(supply));
        self.transfer_from(&spender, &owner, &other, 1);
        assert_eq!(self.allowance(&owner, &spender), U256::from(supply - 1));
        self.transfer_from(&spender, &owner, &other, 0);
        self.transfer_from(&spender, &owner, &owner, supply - 2);
        assert_eq!(self.allowance(&owner, &spender), U256::from(1));
        self.transfer_from(&spender, &owner, &spender, 1);
        assert_eq!(self.allowance(&owner, &spender), U256::ZERO);
        self.assert_balances(supply - 2, 1, 1);
        self.transfer(&spender, &owner, 1);
        self.transfer(&other, &owner, 1);
        // Nothing can be moved without an allowance too.
        self.transfer_from(&spender, &owner, &other, 0);
    }

    /// Beyond the allowance, beyond the balance, from and to nobody; one's own shares need an allowance as well.
    pub fn transfers_by_allowance_that_are_refused(&mut self) {
        let (owner, spender, other, supply) =
            (self.owner.clone(), self.spender.clone(), self.other.clone(), self.supply);
        let call =
            |from: Address, to: Address, value: u128| Token::transferFromCall { from, to, value: U256::from(value) };
        let refused = self.tell(&spender, call(owner.address, other.address, 1));
        assert_eq!(refused, Err(allowance_error(spender.address, 0, 1)));
        let refused = self.tell(&owner, call(owner.address, other.address, 1));
        assert_eq!(refused, Err(allowance_error(owner.address, 0, 1)));
        self.approve(&owner, &spender, U256::from(supply));
        let refused = self.tell(&spender, call(owner.address, other.address, supply + 1));
        assert_eq!(refused, Err(allowance_error(spender.address, supply, supply + 1)));
        self.approve(&owner, &spender, U256::from(supply) + U256::from(1));
        let refused = self.tell(&spender, call(owner.address, other.address, supply + 1));
        assert_eq!(refused, Err(balance_error(owner.address, supply, supply + 1)));
        let refused = self.tell(&spender, call(owner.address, Address::ZERO, supply));
        assert_eq!(refused, Err(receiver_error()));
        // OpenZeppelin names the approver, others the sender.
        match self.tell(&spender, call(Address::ZERO, other.address, 0)) {
            Err(failure) => assert!(failure.is("ERC20InvalidSender") || failure.is("ERC20InvalidApprover")),
            Ok(_) => panic!("the zero address sent shares"),
        }
        // What was refused spent nothing.
        assert_eq!(self.allowance(&owner, &spender), U256::from(supply) + U256::from(1));
        self.approve(&owner, &spender, U256::ZERO);
        self.assert_balances(supply, 0, 0);
    }

    /// 2^256 − 1 is without limit and never falls.
    pub fn unlimited_allowance(&mut self) {
        let (owner, spender, other, supply) =
            (self.owner.clone(), self.spender.clone(), self.other.clone(), self.supply);
        self.approve(&owner, &spender, U256::MAX);
        self.transfer_from(&spender, &owner, &other, supply);
        assert_eq!(self.allowance(&owner, &spender), U256::MAX);
        self.transfer(&other, &owner, supply);
        self.approve(&owner, &spender, U256::ZERO);
    }

    fn ask<C: SolCall>(&mut self, call: C) -> C::Return {
        let by = self.owner.clone();
        self.chain.call(&by, self.token, call, 0).unwrap()
    }

    fn tell<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.token, call, 0)
    }

    fn balance(&mut self, account: &Account) -> U256 {
        self.ask(Token::balanceOfCall { account: account.address })
    }

    fn allowance(&mut self, owner: &Account, spender: &Account) -> U256 {
        self.ask(Token::allowanceCall { owner: owner.address, spender: spender.address })
    }

    #[track_caller]
    fn assert_balances(&mut self, owner: u128, spender: u128, other: u128) {
        let (a, b, c) = (self.owner.clone(), self.spender.clone(), self.other.clone());
        let found = [self.balance(&a), self.balance(&b), self.balance(&c)];
        assert_eq!(found, [owner, spender, other].map(U256::from));
    }

    /// A transfer that must work, with both balances and the one event.
    #[track_caller]
    fn transfer(&mut self, from: &Account, to: &Account, value: u128) {
        self.moves(from, from, to, value, Token::transferCall { to: to.address, value: U256::from(value) });
    }

    #[track_caller]
    fn transfer_from(&mut self, by: &Account, from: &Account, to: &Account, value: u128) {
        let call = Token::transferFromCall { from: from.address, to: to.address, value: U256::from(value) };
        self.moves(by, from, to, value, call);
    }

    #[track_caller]
    fn moves<C: SolCall<Return = bool>>(&mut self, by: &Account, from: &Account, to: &Account, value: u128, call: C) {
        let (sent, received) = (self.balance(from), self.balance(to));
        self.chain.take_logs();
        assert_eq!(self.tell(by, call), Ok(true));
        let event = Token::Transfer { from: from.address, to: to.address, value: U256::from(value) };
        self.assert_only_event(&event);
        if from.address == to.address {
            assert_eq!(self.balance(from), sent);
        } else {
            assert_eq!(self.balance(from), sent - U256::from(value), "the sender's balance");
            assert_eq!(self.balance(to), received + U256::from(value), "the recipient's balance");
        }
    }

    #[track_caller]
    fn approve(&mut self, owner: &Account, spender: &Account, value: U256) {
        self.chain.take_logs();
        assert_eq!(self.tell(owner, Token::approveCall { spender: spender.address, value }), Ok(true));
        self.assert_only_event(&Token::Approval { owner: owner.address, spender: spender.address, value });
        assert_eq!(self.allowance(owner, spender), value);
    }

    /// The token said exactly this since its events were taken last.
    #[track_caller]
    fn assert_only_event<E: SolEvent>(&mut self, expected: &E) {
        let logs = self.chain.take_logs().into_iter().filter(|log| log.contract == self.token).collect::<Vec<_>>();
        let expected = expected.encode_log_data();
        let found: Vec<_> = logs.iter().map(|log| (log.topics.clone(), log.data.clone())).collect();
        let topics = expected.topics().iter().map(|topic| topic.0).collect();
        assert_eq!(found, [(topics, expected.data.to_vec())]);
    }
}

fn receiver_error() -> Failure {
    let error = Refusal::ERC20InvalidReceiver { receiver: Address::ZERO };
    Failure::with(&error)
}
