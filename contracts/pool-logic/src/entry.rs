//! The messages: signature, who may call, and what it does. The ABI with its documentation is `chain/src/abi/pool.rs`.

use ink::codegen::sol::selector_bytes;
use yieldset_pool_core::{
    account::{Account, payee},
    calldata::{address, answer, arguments, boolean, integer, not_payable, selector},
    claims::State,
    delegation::delegatee,
    ledger::{self, Ledger},
    money::{self, PeriodRecord},
    refusals::{self, narrow, permitted},
    shares::{self, Logic},
};
use yieldset_shell::{
    access, host,
    words::{Address, address_word},
};

use crate::{
    agents, answers, claims,
    issuance::{self, Sale},
    permit::{self, Signature},
    setup, streams, successors, views, votes,
};

/// Runs the message whose selector this is: `"signature" [words of its arguments] => what it does`, ending the call.
macro_rules! messages {
    ($selector:ident: $($signature:literal [$($argument:ident),*] => $body:expr;)*) => {$(
        {
            const SELECTOR: u32 = u32::from_be_bytes(selector_bytes($signature));
            if $selector == SELECTOR {
                let [$($argument),*] = arguments();
                $body
            }
        }
    )*};
}

/// The code that pools run: its own storage is closed.
#[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
extern "C" fn deploy() {
    not_payable();
    setup::deploy();
}

#[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
extern "C" fn call() {
    let selector = selector();
    messages! { selector:
        "deposit(bytes32,uint32,uint256)" [stream, period, amount] => {
            money::check_begun(integer(&period));
            done(money::deposit::<Logic>(&host::caller(), &stream, integer(&period), &amount))
        };
        "buy(uint256,uint256)" [amount, max_cost] => answer(issuance::buy(&host::caller(), &amount, &max_cost));
    }
    // All others take no money.
    not_payable();
    if selector == 0 && host::call_data_length() == setup::ARGUMENTS {
        setup::construct();
    }
    money_messages(selector);
    share_messages(selector);
    vote_messages(selector);
    agent_messages(selector);
    successor_messages(selector);
    setup_messages(selector);
    role_messages(selector);
    refusals::unknown_message(selector)
}

fn money_messages(selector: u32) {
    messages! { selector:
        "claim()" [] => claim(&host::caller());
        "claimFor(address)" [account] => claim(&address(&account));
        "claimable(address)" [account] => answer(views::claimable(&address(&account)));
        "dividendState(address)" [account] => state(claims::dividend_state(&address(&account)));
        "contributionClaimed(bytes32,uint32,address)" [stream, period, account] =>
            answer(claims::claimed(&address(&account), &stream, integer(&period)));
        "periodOf(bytes32,uint32)" [stream, period] => {
            let record = PeriodRecord::load(&stream, integer(&period)).period();
            answers::numbers(&[record.total, record.claimed, record.weight_claimed.into()])
        };
        "keptRoot(bytes32,uint32)" [stream, period] =>
            host::answer(&PeriodRecord::load(&stream, integer(&period)).root);
        "carry(bytes32,uint32,uint32)" [stream, from, to] => done(streams::carry(&stream, integer(&from), integer(&to)));
        "releaseWaiting(bytes32,uint32)" [stream, period] => done(streams::release(&stream, integer(&period)));
        "waitingOf(bytes32,uint32)" [stream, period] =>
            answers::numbers(&streams::waiting(&stream, integer(&period)));
        "wayOf(bytes32,uint32,uint64)" [stream, period, end] =>
            answers::numbers(&[streams::way_of(&stream, integer(&period), &end).into()]);
        "holderOf(address)" [account] => {
            let holder = Account::load(&address(&account)).holder;
            answers::numbers(&[holder.balance, holder.index, holder.pending, holder.fraction.into()])
        };
        "payeeOf(address)" [account] => host::answer(&address_word(&payee(&address(&account))));
        "totals()" [] => answers::numbers(&views::totals());
        "checkPayout(address,address,uint256)" [from, to, amount] =>
            done(money::check_payout(&Ledger::load().currency, &address(&from), &address(&to), narrow(&amount)));
        "currencyMinimum()" [] => answer(money::minimum());
        "declareMinimum(uint256)" [minimum] => done(issuance::declare_minimum(&minimum));
    }
}

fn share_messages(selector: u32) {
    messages! { selector:
        "transfer(address,uint256)" [to, value] => {
            shares::transfer::<Logic>(&host::caller(), &address(&to), &value);
            answer(1)
        };
        "transferFrom(address,address,uint256)" [from, to, value] => {
            shares::transfer_from::<Logic>(&host::caller(), &address(&from), &address(&to), &value);
            answer(1)
        };
        "approve(address,uint256)" [spender, value] => {
            shares::approve::<Logic>(&host::caller(), &address(&spender), &value);
            answer(1)
        };
        "name()" [] => answers::label(&permit::labels()[0]);
        "symbol()" [] => answers::label(&permit::labels()[1]);
        "decimals()" [] => answer(18);
        "totalSupply()" [] => answer(Ledger::load().supply);
        "balanceOf(address)" [account] => answer(Account::load(&address(&account)).holder.balance);
        "allowance(address,address)" [owner, spender] =>
            host::answer(&shares::allowance(&address(&owner), &address(&spender)));
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)" [owner, spender, value, deadline, v, r, s] =>
            done(permit::permit(&address(&owner), &address(&spender), &value, &deadline, &Signature { v: integer(&v), r, s }));
        "nonces(address)" [owner] => answer(permit::nonce(&address(&owner)).into());
        "DOMAIN_SEPARATOR()" [] => host::answer(&permit::domain_separator());
        "mint(address,uint256)" [to, amount] => done(issuance::mint(&address(&to), &amount));
        "setSale(uint256,uint256,uint64,uint64,address)" [price, cap, starts, ends, proceeds_to] =>
            done(issuance::set_sale(&price, &cap, integer(&starts), integer(&ends), address(&proceeds_to)));
        "open(uint256,address,address)" [cap, licences, governor] =>
            done(issuance::open(&cap, address(&licences), address(&governor)));
        "raiseCap(uint256)" [cap] => done(issuance::raise_cap(&cap));
        "opened()" [] => answer(Ledger::load().opened().into());
        "cap()" [] => answer(issuance::opening().cap);
        "licences()" [] => host::answer(&address_word(&issuance::opening().licences));
        "governor()" [] => host::answer(&address_word(&issuance::opening().governor));
        "sale()" [] => {
            let s = Sale::load();
            answers::numbers(&[s.price, s.left, s.sold, s.raised, s.starts.into(), s.ends.into()])
        };
    }
}

fn vote_messages(selector: u32) {
    messages! { selector:
        "clock()" [] => answer(host::now().into());
        "CLOCK_MODE()" [] => answers::text(b"mode=timestamp");
        "getVotes(address)" [account] => answer(votes::current(&address(&account)));
        "getPastVotes(address,uint256)" [account, timepoint] =>
            answer(votes::past(&address(&account), views::past(&timepoint)));
        "getPastTotalSupply(uint256)" [timepoint] => answer(issuance::supply_at(views::past(&timepoint)));
        "delegates(address)" [account] => host::answer(&address_word(&delegatee(&address(&account))));
        "delegate(address)" [to] => done(votes::delegate(&host::caller(), &address(&to)));
        "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)" [to, nonce, expiry, v, r, s] =>
            done(votes::delegate_by_sig(&address(&to), &nonce, &expiry, &Signature { v: integer(&v), r, s }));
        "endDelegation(address)" [account] => done(votes::end(&address(&account)));
    }
}

fn successor_messages(selector: u32) {
    messages! { selector:
        "proposeSuccessor(uint8,address)" [part, account] =>
            done(successors::propose(integer(&part), &address(&account)));
        "cancelSuccessor(uint8)" [part] => done(successors::cancel(integer(&part)));
        "adoptSuccessor(uint8)" [part] => done(successors::adopt(integer(&part)));
        "successorOf(uint8)" [part] => host::answer(successors::of(integer(&part)).as_flattened());
        "storageLayout()" [] => answer(ledger::storage_layout());
    }
}

fn agent_messages(selector: u32) {
    messages! { selector:
        "freezePartialTokens(address,uint256)" [account, amount] => done(agents::freeze(&address(&account), &amount));
        "unfreezePartialTokens(address,uint256)" [account, amount] => done(agents::unfreeze(&address(&account), &amount));
        "getFrozenTokens(address)" [account] => answer(Account::load(&address(&account)).restraints.frozen);
        "restraintsOf(address)" [account] => answers::numbers(&views::restraints(&address(&account)));
        "seizuresOf(address)" [account] => answer(Account::load(&address(&account)).restraints.seizures.into());
        "screened(address)" [account] => answer(views::screened(&address(&account)).into());
        "forcedTransfer(address,address,uint256,bytes32)" [from, to, amount, reason] => {
            agents::force(&address(&from), &address(&to), &amount, &reason);
            answer(1)
        };
        "recoverAccount(address,address,bytes32)" [lost, replacement, reason] =>
            done(agents::recover(&address(&lost), &address(&replacement), &reason));
        "reserve(address,uint256)" [owner, amount] => done(agents::reserve(&address(&owner), &amount));
        "release(address,uint256)" [owner, amount] => done(agents::release(&address(&owner), &amount));
        "endReservations()" [] => done(agents::end_reservations(&host::caller()));
        "deliver(address,address,uint256)" [from, to, amount] =>
            done(agents::deliver(&address(&from), &address(&to), &amount));
    }
}

fn setup_messages(selector: u32) {
    messages! { selector:
        "initialise(address,bytes32,bytes32,address,address,address,uint16,address)"
            [logic, name, symbol, kyc, attribution, currency, bps, admin] =>
            setup::initialise(&[logic, name, symbol, kyc, attribution, currency, bps, admin]);
        "setPolicy(bool,uint8,bool,bool,bytes32[4],uint32,uint256,uint32)"
            [open, level, accredited, allow_list, j0, j1, j2, j3, max_holders, max_holding, lockup] =>
            done(setup::set_policy(boolean(&open), &setup::Terms {
                min_level: integer(&level),
                accredited_only: boolean(&accredited),
                allow_list: boolean(&allow_list),
                jurisdictions: [j0, j1, j2, j3],
                max_holders: integer(&max_holders),
                max_holding: integer(&max_holding),
                lockup_seconds: integer(&lockup),
            }));
        "policy()" [] => host::answer(views::policy().as_flattened());
        "detectTransferRestriction(address,address,uint256)" [from, to, amount] =>
            answer(views::detect(&address(&from), &address(&to), &amount).into());
        "messageForTransferRestriction(uint8)" [code] => answers::text(views::message(integer(&code)).as_bytes());
        "pause()" [] => done(setup::set_paused(true));
        "unpause()" [] => done(setup::set_paused(false));
        "paused()" [] => answer(Ledger::load().paused().into());
        "holderCount()" [] => answer(Ledger::load().holders.into());
        "logic()" [] => host::answer(&address_word(&Ledger::load().logic));
        "claimsLogic()" [] => host::answer(&address_word(&setup::claims()));
        "kyc()" [] => host::answer(&address_word(&Ledger::load().kyc));
        "attribution()" [] => host::answer(&address_word(&Ledger::load().attribution));
        "currency()" [] => host::answer(&address_word(&Ledger::load().currency));
        "contributorsBps()" [] => answer(Ledger::load().contributors_bps.into());
    }
}

fn role_messages(selector: u32) {
    messages! { selector:
        "hasRole(bytes32,address)" [role, account] => answer(access::has_role(&role, &address(&account)).into());
        "getRoleAdmin(bytes32)" [_role] => host::answer(&access::DEFAULT_ADMIN_ROLE);
        "grantRole(bytes32,address)" [role, account] => done(permitted(access::grant(&role, &address(&account))));
        "revokeRole(bytes32,address)" [role, account] => done(permitted(access::revoke(&role, &address(&account))));
        "renounceRole(bytes32,address)" [role, account] => done(permitted(access::renounce(&role, &address(&account))));
        "defaultAdmin()" [] => host::answer(&address_word(&access::default_admin()));
        "pendingDefaultAdmin()" [] => host::answer(&address_word(&access::pending_default_admin()));
        "beginDefaultAdminTransfer(address)" [new_admin] =>
            done(permitted(access::begin_default_admin_transfer(&address(&new_admin))));
        "acceptDefaultAdminTransfer()" [] => done(permitted(access::accept_default_admin_transfer()));
    }
}

/// Ends the call without an answer.
fn done((): ()) -> ! {
    host::answer(&[])
}

fn claim(account: &Address) -> ! {
    let record = Account::load(account);
    answer(money::claim::<Logic>(&mut Ledger::load(), account, record, &payee(account)))
}

fn state((state, amount): (State, u128)) -> ! {
    answers::numbers(&[state as u128, amount])
}
