//! Data pool, the front: the address people know as the pool.
//!
//! A call's proof contains the code it runs, so the messages that are called most (transfer, transferFrom, approve, balanceOf,
//! allowance, totalSupply, deposit, claim) are answered here, from a blob of a few kilobytes. Everything else is handed whole to the
//! pool's logic, which answers *all* messages; it runs on this contract's storage and cannot be exchanged. Both call the same
//! functions of `yieldset-pool-core`.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[cfg(target_arch = "riscv64")]
mod entry {
    use ink::codegen::sol::selector_bytes;
    use yieldset_pool_core::{
        account::Account,
        calldata::{address, answer, arguments, integer, not_payable, selector},
        ledger::Ledger,
        money, refusals, shares,
    };
    use yieldset_shell::{host, words::Address};

    const fn id(signature: &str) -> u32 {
        u32::from_be_bytes(selector_bytes(signature))
    }

    const TRANSFER: u32 = id("transfer(address,uint256)");
    const TRANSFER_FROM: u32 = id("transferFrom(address,address,uint256)");
    const APPROVE: u32 = id("approve(address,uint256)");
    const BALANCE_OF: u32 = id("balanceOf(address)");
    const ALLOWANCE: u32 = id("allowance(address,address)");
    const TOTAL_SUPPLY: u32 = id("totalSupply()");
    const DEPOSIT: u32 = id("deposit(bytes32,uint32,uint256)");
    const CLAIM: u32 = id("claim()");
    const INITIALISE: [u8; 4] =
        selector_bytes("initialise(address,bytes32,bytes32,address,address,address,uint16,address)");

    /// The constructor's arguments: eight words, the logic's address first.
    const ARGUMENTS: usize = 8 * 32;

    /// `new(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
    /// uint16 contributorsBps, address admin)`.
    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn deploy() {
        not_payable();
        if host::call_data_length() != ARGUMENTS {
            refusals::malformed();
        }
        let mut input = [0; 4 + ARGUMENTS];
        input[..4].copy_from_slice(&INITIALISE);
        for at in 0..8 {
            input[4 + at * 32..36 + at * 32].copy_from_slice(&host::call_data_word(at as u32 * 32));
        }
        let logic = address(&host::call_data_word(0));
        if !host::delegate(&logic, &input) {
            host::revert(host::returned(&mut [0; 512]));
        }
        // An address without code succeeds and does nothing: then there is no ledger.
        let _ = Ledger::load();
    }

    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn call() {
        let caller = host::caller;
        let selector = selector();
        // The two that look at the money themselves.
        match selector {
            DEPOSIT => {
                let [stream, period, amount] = arguments();
                money::deposit(&caller(), &stream, integer(&period), &amount);
                host::answer(&[])
            }
            TRANSFER | TRANSFER_FROM | APPROVE | BALANCE_OF | ALLOWANCE | TOTAL_SUPPLY | CLAIM => not_payable(),
            _ => host::forward(&Ledger::load().logic),
        }
        match selector {
            TRANSFER => {
                let [to, value] = arguments();
                shares::transfer(&caller(), &address(&to), &value);
            }
            TRANSFER_FROM => {
                let [from, to, value] = arguments();
                shares::transfer_from(&caller(), &address(&from), &address(&to), &value);
            }
            APPROVE => {
                let [spender, value] = arguments();
                shares::approve(&caller(), &address(&spender), &value);
            }
            BALANCE_OF => {
                let [account] = arguments();
                answer(Account::load(&address(&account)).holder.balance)
            }
            ALLOWANCE => {
                let [owner, spender] = arguments();
                host::answer(&shares::allowance(&address(&owner), &address(&spender)))
            }
            TOTAL_SUPPLY => answer(Ledger::load().supply),
            _ => claim(&caller()),
        }
        answer(1)
    }

    fn claim(account: &Address) {
        let mut ledger = Ledger::load();
        let record = Account::load(account);
        if record.restraints.recovered {
            // Who is paid then is the logic's business.
            host::forward(&ledger.logic);
        }
        answer(money::claim(&mut ledger, account, record, account))
    }
}
