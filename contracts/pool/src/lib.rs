//! Data pool, the front: the address people know as the pool.
//!
//! A call's proof contains the code it runs, so the messages that are called most (transfer, transferFrom, approve,
//! balanceOf, allowance, totalSupply, deposit, claim) are answered here, from a blob of a few kilobytes. Everything
//! else, and each of those that is wrong from the start, is handed whole to the pool's logic, which answers these too;
//! it runs on this contract's storage and is replaced by the holders' vote alone. Contributors' claims go to code of
//! their own, whose blob is smaller than the logic's; the logic names it. All call the same functions of
//! `yieldset-pool-core`.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[cfg(target_arch = "riscv64")]
mod entry {
    use yieldset_pool_core::{
        account::Account,
        books::Book,
        ledger::Ledger,
        messages::{claims, front},
        money, refusals,
        shares::{self, Lock, Rare},
    };
    use yieldset_shell::{
        abi::kind,
        answer::{answer, done},
        calldata::{check_length, not_payable, value},
        host,
        refusals::Explain,
        words::{Address, Word, word},
    };

    /// `new(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
    /// uint16 contributorsBps, address admin)`.
    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn deploy() {
        not_payable();
        let logic = address(&host::call_data_word(0));
        // The logic takes eight words without a selector for these arguments.
        host::pass_on(&logic);
        // An address without code succeeds and does nothing: then there is no ledger.
        let _ = Ledger::load();
    }

    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn call() {
        // One reading for all: a word that the call does not have is zero, and none of those is looked at.
        // The selector is the end of the first, so that the others begin where the machine reads whole numbers.
        let mut words = [[0; 32]; 4];
        host::call_data(&mut words.as_flattened_mut()[28..], 0);
        let [head, first, second, third] = &words;
        let selector = u32::from_be_bytes([head[28], head[29], head[30], head[31]]);
        let arguments = match selector {
            front::deposit | front::transferFrom => 3,
            front::transfer | front::approve | front::allowance => 2,
            front::balanceOf => 1,
            front::totalSupply | front::claim => 0,
            _ if claims::ALL.contains(&selector) => host::forward(&Ledger::load().claims),
            _ => hand_on(&Ledger::load()),
        };
        check_length(arguments);
        let caller = host::caller();
        if selector == front::deposit {
            let period = value::<kind::uint32>(second);
            if !money::has_certainly_begun(period) {
                hand_on(&Ledger::load());
            }
            // It looks at the money itself.
            money::deposit::<Front>(&caller, first, period, third);
            done()
        }
        not_payable();
        match selector {
            front::transfer => shares::transfer::<Front>(&caller, &address(first), second),
            front::transferFrom => shares::transfer_from::<Front>(&caller, &address(first), &address(second), third),
            front::approve => shares::approve::<Front>(&caller, &address(first), second),
            front::balanceOf => answer(&[word(Account::load(&address(first)).holder.balance)]),
            front::allowance => answer(&[shares::allowance(&address(first), &address(second))]),
            front::totalSupply => answer(&[word(Ledger::load().supply)]),
            _ => claim(&caller),
        }
        answer(&[word(true)])
    }

    fn address(word: &Word) -> Address {
        value::<kind::address>(word)
    }

    /// The logic does the whole call.
    #[cold]
    #[inline(never)]
    fn hand_on(ledger: &Ledger) -> ! {
        host::forward(&ledger.logic)
    }

    /// Several locks, delegated votes, later books, and what is wrong with a call are the logic's business.
    struct Front;

    impl Rare for Front {
        fn refuse(ledger: &Ledger, _: impl Explain<()>) -> ! {
            hand_on(ledger)
        }

        fn lock(ledger: &Ledger, _: &Address, sender: &Account, recipient: &Account) -> Lock {
            let delegated = sender.restraints.is_delegated() || recipient.restraints.is_delegated();
            match sender.restraints.only_lock() {
                Some(lock) if !delegated => lock,
                _ => hand_on(ledger),
            }
        }

        // Such a call was handed on.
        fn moved(_: &Address, _: u128, _: u128) {}

        // It is who called.
        fn send(payee: &Address, amount: u128) -> bool {
            host::send_back(payee, amount)
        }

        // Why, the logic knows, which answers `claimFor`; its code in each claim's weight would cost all who claim.
        fn unpaid(_: &Ledger, payee: &Address, _: u128) -> ! {
            refusals::PayoutFailed { account: payee }.refuse()
        }

        fn book<'a>(ledger: &Ledger, stream: &'a Word, period: u32) -> Book<'a> {
            let book = Book::first(stream, period);
            if book.is_past(ledger) {
                hand_on(ledger)
            }
            book
        }

        fn save_book(book: &Book<'_>) {
            book.save_first();
        }
    }

    fn claim(account: &Address) {
        let mut ledger = Ledger::load();
        let record = Account::load(account);
        if record.restraints.recovered {
            // Who is paid then is the logic's business.
            hand_on(&ledger);
        }
        answer(&[word(money::claim::<Front>(&mut ledger, account, record, account))])
    }
}
