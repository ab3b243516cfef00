//! Data pool, the front: the address people know as the pool.
//!
//! A call's proof contains the code it runs, so the messages that are called most (transfer, transferFrom, approve, balanceOf,
//! allowance, totalSupply, deposit, claim) are answered here, from a blob of a few kilobytes without ink!'s dispatch and root cell.
//! Everything else is handed whole to the pool's logic, an ink! contract that declares and answers *all* messages; it runs on
//! this contract's storage and cannot be exchanged. Both call the same functions of `yieldset-pool-core`.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[cfg(target_arch = "riscv64")]
mod entry {
    // Brings the allocator and the panic handler.
    use ink as _;
    use ink::codegen::sol::selector_bytes;
    use yieldset_pool_core::{account::Account, ledger::Ledger, money, refusals, shares};
    use yieldset_shell::{
        host,
        words::{Address, Word, address_of, number_of, number_word},
    };

    const fn selector(signature: &str) -> u32 {
        u32::from_be_bytes(selector_bytes(signature))
    }

    const TRANSFER: u32 = selector("transfer(address,uint256)");
    const TRANSFER_FROM: u32 = selector("transferFrom(address,address,uint256)");
    const APPROVE: u32 = selector("approve(address,uint256)");
    const BALANCE_OF: u32 = selector("balanceOf(address)");
    const ALLOWANCE: u32 = selector("allowance(address,address)");
    const TOTAL_SUPPLY: u32 = selector("totalSupply()");
    const DEPOSIT: u32 = selector("deposit(bytes32,uint32,uint256)");
    const CLAIM: u32 = selector("claim()");
    const INITIALISE: [u8; 4] =
        selector_bytes("initialise(address,bytes32,bytes32,address,address,address,uint16,address)");

    /// ink!'s root cell: the logic reads it before each message and keeps nothing in it.
    const ROOT_CELL: [u8; 4] = [0; 4];
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
        let logic = address(host::call_data_word(0));
        host::write(&ROOT_CELL, &[]);
        let done = host::delegate(&logic, &input);
        let mut answer = [0; 512];
        let answer = host::returned(&mut answer);
        if !done {
            host::revert(answer);
        }
        // An address without code succeeds and does nothing.
        let _ = Ledger::load();
    }

    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn call() {
        let head = host::call_data_word(0);
        let selector = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let caller = host::caller;
        match selector {
            TRANSFER => {
                let [to, value] = arguments();
                not_payable();
                shares::transfer(&caller(), &address(to), &value);
                answer(1)
            }
            TRANSFER_FROM => {
                let [from, to, value] = arguments();
                not_payable();
                shares::transfer_from(&caller(), &address(from), &address(to), &value);
                answer(1)
            }
            APPROVE => {
                let [spender, value] = arguments();
                not_payable();
                shares::approve(&caller(), &address(spender), &value);
                answer(1)
            }
            BALANCE_OF => {
                let [account] = arguments();
                not_payable();
                answer(Account::load(&address(account)).holder.balance)
            }
            ALLOWANCE => {
                let [owner, spender] = arguments();
                not_payable();
                host::answer(&shares::allowance(&address(owner), &address(spender)))
            }
            TOTAL_SUPPLY => {
                not_payable();
                answer(Ledger::load().supply)
            }
            DEPOSIT => {
                let [stream, period, amount] = arguments();
                let period = number_of(&period).and_then(|number| u32::try_from(number).ok());
                let Some(period) = period else { refusals::malformed() };
                money::deposit(&caller(), &stream, period, &amount);
                host::answer(&[])
            }
            CLAIM => claim(&caller()),
            _ => host::forward(&Ledger::load().logic),
        }
    }

    fn claim(account: &Address) {
        let mut ledger = Ledger::load();
        let record = Account::load(account);
        if record.restraints.recovered {
            // Who is paid then is the logic's business.
            host::forward(&ledger.logic);
        }
        not_payable();
        answer(money::claim(&mut ledger, account, record, account))
    }

    /// The words after the selector; a call that is too short is none.
    fn arguments<const N: usize>() -> [Word; N] {
        if host::call_data_length() < 4 + N * 32 {
            refusals::malformed();
        }
        let mut words = [[0; 32]; N];
        for (at, word) in words.iter_mut().enumerate() {
            *word = host::call_data_word(4 + at as u32 * 32);
        }
        words
    }

    fn address(word: Word) -> Address {
        address_of(&word).unwrap_or_else(|| refusals::malformed())
    }

    fn not_payable() {
        if host::transferred() != Some(0) {
            refusals::malformed();
        }
    }

    fn answer(number: u128) -> ! {
        host::answer(&number_word(number))
    }
}
