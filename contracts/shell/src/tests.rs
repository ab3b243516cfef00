//! What follows from a declaration. Hashes are those of the standards whose events, errors and messages they are.

use ink::{CONTRACT_EVENTS_SOL, U256, sol::FixedBytes};

use crate::{
    abi::{Is, Told, kind},
    refusals::OrRefuse,
    words::{WithList, Word, with_bytes},
};

crate::events! {
    /// ERC-1155: many tokens moved.
    TransferBatch(
        /// Who moved them.
        operator: address,
        from: address,
        to: address,
    ) encoded {
        /// Which.
        ids: [uint256],
        values: [uint256],
    }
}

crate::refusals! {
    /// ERC-6093.
    ERC20InsufficientBalance(sender: address, balance: uint256, needed: uint256),
    /// Nothing of its own.
    Panic(code: uint256),
}

crate::interface! {
    mod token {
        ask balanceOf(account: address) -> uint256;
        tell transferFrom(from: address, to: address, value: uint256);
        tell onERC721Received(operator: address, from: address, id: uint256; data: bytes) -> bytes32;
    }
}

mod policy {
    crate::messages! {
        /// Who may hold shares.
        tell setPolicy(open: bool, jurisdictions: [bytes32; 4], max_holding: uint256) {
            let _ = (open, jurisdictions, max_holding);
        }
        ask limitsOf(accounts: [address], proofs: [[bytes32]]) -> (holders: uint32, holding: uint256) {
            (accounts.len(), proofs.len())
        }
        pay enter() -> bool { true }
    }
}

fn word_of(last: &[u8]) -> Word {
    let mut word = [0; 32];
    word[32 - last.len()..].copy_from_slice(last);
    word
}

/// Proves that a topic or selector is the one of its standard, lists included.
#[test]
fn topics_and_selectors_are_those_of_the_standards() {
    assert_eq!(TransferBatch::TOPIC[..8], [0x4a, 0x39, 0xdc, 0x06, 0xd4, 0xc0, 0xdb, 0xc6]);
    assert_eq!(ERC20InsufficientBalance::SELECTOR, [0xe4, 0x50, 0xd3, 0x8c]);
    assert_eq!(Panic::SELECTOR, [0x4e, 0x48, 0x7b, 0x71]);
    assert_eq!(token::balanceOf::SELECTOR, [0x70, 0xa0, 0x82, 0x31]);
    assert_eq!(token::transferFrom::SELECTOR, [0x23, 0xb8, 0x72, 0xdd]);
    assert_eq!(token::onERC721Received::SELECTOR, [0x15, 0x0b, 0x7a, 0x02]);
}

/// Proves that each Rust type of a field is the word that Solidity has for it.
#[test]
fn values_are_words_of_their_kind() {
    let address = [7; 20];
    let expected = word_of(&[7; 20]);
    assert_eq!(Is::<kind::address>::word(&address), expected);
    assert_eq!(Is::<kind::address>::word(&&ink::Address::from(address)), expected);
    assert_eq!(Is::<kind::bool>::word(&true), word_of(&[1]));
    assert_eq!(Is::<kind::uint16>::word(&0x0102_u16), word_of(&[1, 2]));
    assert_eq!(Is::<kind::uint256>::word(&258_usize), word_of(&[1, 2]));
    assert_eq!(Is::<kind::uint256>::word(&U256::MAX), [0xff; 32]);
    assert_eq!(Is::<kind::bytes32>::word(&FixedBytes([9; 32])), [9; 32]);
    let mut left = [0; 32];
    left[..4].copy_from_slice(&[1, 2, 3, 4]);
    assert_eq!(Is::<kind::bytes4>::word(&[1, 2, 3, 4]), left);
}

/// Proves that an answer which is none of the type is none.
#[test]
fn words_of_another_kind_are_no_answer() {
    assert_eq!(kind::address::told(&word_of(&[7; 20])), Some([7; 20]));
    assert_eq!(kind::address::told(&word_of(&[7; 21])), None);
    assert_eq!(kind::uint8::told(&word_of(&[255])), Some(255));
    assert_eq!(kind::uint8::told(&word_of(&[1, 0])), None);
    assert_eq!(kind::uint256::told(&word_of(&[0xff; 16])), Some(u128::MAX));
    assert_eq!(kind::uint256::told(&word_of(&[1; 17])), None);
    assert_eq!(kind::bool::told(&word_of(&[1])), Some(true));
    assert_eq!(kind::bool::told(&word_of(&[2])), None);
}

/// Proves that the ABI has what the declaration says, documentation included.
#[test]
fn declarations_are_in_the_abi() {
    let events: Vec<_> = CONTRACT_EVENTS_SOL.iter().map(|event| event()).collect();
    let event = events.iter().find(|event| event.name == "TransferBatch").expect("registered");
    let params: Vec<_> = event.params.iter().map(|it| (&*it.name, &*it.ty, it.is_topic)).collect();
    let topics = ["operator", "from", "to"].map(|name| (name, "address", true));
    assert_eq!(params[..3], topics);
    assert_eq!(params[3..], [("ids", "uint256[]", false), ("values", "uint256[]", false)]);
    assert_eq!((&*event.docs, &*event.params[0].docs), ("ERC-1155: many tokens moved.", "Who moved them."));
    let errors = declared();
    assert_eq!(errors.iter().map(|error| &*error.name).collect::<Vec<_>>(), ["ERC20InsufficientBalance", "Panic"]);
    let params: Vec<_> = errors[0].params.iter().map(|it| (&*it.name, &*it.ty)).collect();
    assert_eq!(params, [("sender", "address"), ("balance", "uint256"), ("needed", "uint256")]);
}

/// Proves that a message's selector, and its entry in the ABI, are those of its declaration, whatever types it has.
#[test]
fn messages_are_as_declared() {
    let selector = |signature: &str| ink::codegen::sol::selector_bytes(signature);
    let signatures = ["setPolicy(bool,bytes32[4],uint256)", "limitsOf(address[],bytes32[][])", "enter()"];
    assert_eq!(policy::selectors::ALL, signatures.map(|signature| u32::from_be_bytes(selector(signature))));
    assert_eq!(
        policy::selectors::ALL.iter().map(|it| policy::takes_money(*it)).collect::<Vec<_>>(),
        [false, false, true]
    );
    let [set, limits, enter] = &policy::declared()[..] else { panic!("three messages") };
    let inputs = |message: &ink::metadata::sol::FunctionMetadata| {
        message.inputs.iter().map(|input| format!("{} {}", input.ty, input.name)).collect::<Vec<_>>()
    };
    assert_eq!(inputs(set), ["bool open", "bytes32[4] jurisdictions", "uint256 max_holding"]);
    assert_eq!(inputs(limits), ["address[] accounts", "bytes32[][] proofs"]);
    let outputs = [set, limits, enter].map(|message| message.output.as_deref());
    assert_eq!(outputs, [None, Some("uint32 holders, uint256 holding"), Some("bool")]);
    let state = [set, limits, enter].map(|message| (message.mutates, message.is_payable));
    assert_eq!(state, [(true, false), (false, false), (true, true)]);
    assert_eq!(set.docs, "Who may hold shares.");
}

/// Proves that a part of a contract that answers less than another hands to it is found.
#[test]
fn a_missing_message_is_found() {
    use crate::messages::are_among;
    let all = policy::selectors::ALL;
    assert!(are_among(all, all) && are_among(&[], all) && are_among(&[policy::selectors::enter], all));
    assert!(!are_among(&[policy::selectors::enter, 1], all) && !are_among(all, &[]));
}

/// Proves that a value is not refused.
#[test]
fn values_pass() {
    assert_eq!(Some(3).or_refuse(Panic { code: 1_u128 }), 3);
    assert_eq!(Ok::<_, ()>(4).or_refuse(Panic { code: 1_u128 }), 4);
}

/// Proves that what has a length of its own stands where the ABI has it: its place among the others, then its length
/// and its content.
#[test]
fn lists_and_bytes_stand_behind_the_others() {
    let [one, two, three] = [[1; 32], [2; 32], [3; 32]];
    let mut list = WithList::<6>::between(&[one], &[two]);
    // Three words stand before the length.
    assert_eq!(list.as_ref(), [one, word_of(&[96]), two, word_of(&[0])]);
    list.push(&three);
    list.push(&one);
    assert_eq!(list.as_ref(), [one, word_of(&[96]), two, word_of(&[2]), three, one]);
    assert_eq!(WithList::<2>::between(&[], &[]).as_ref(), [word_of(&[32]), word_of(&[0])]);
    // 33 bytes need two words.
    let mut last = [0; 32];
    last[0] = 7;
    assert_eq!(with_bytes(&[one], &[7; 33]), [one, word_of(&[64]), word_of(&[33]), [7; 32], last]);
    assert_eq!(with_bytes(&[], &[7; 32]), [word_of(&[32]), word_of(&[32]), [7; 32]]);
    assert_eq!(with_bytes(&[], &[]), [word_of(&[32]), word_of(&[0])]);
}
