//! Messages of other contracts, as they are asked and told.

use ink::prelude::vec::Vec;

use crate::{
    host,
    words::{Address, Word, number_word},
};

/// Declares messages of other contracts, in a module for each:
///
/// ```
/// yieldset_shell::interface! {
///     /// A token.
///     pub mod token {
///         /// What an account has.
///         ask balanceOf(account: address) -> uint256;
///         /// All that is known of an account.
///         ask infoOf(account: address) -> (uint8, uint256);
///         /// Moves the caller's own.
///         tell transfer(to: address, value: uint256);
///         /// Numbers a text, which may be of any length.
///         tell note(account: address; text: string) -> uint64;
///         /// Takes native money.
///         pay deposit(account: address);
///     }
/// }
/// let (token, account) = ([1; 20], [2; 20]);
/// let balance: Option<u128> = token::balanceOf { account }.ask(&token);
/// let info: Option<[[u8; 32]; 2]> = token::infoOf { account: &account }.ask(&token);
/// let done: bool = token::transfer { to: account, value: 3_u128 }.tell(&token);
/// let number: Option<u64> = token::note { account, text: "so" }.tell(&token);
/// let done: bool = token::deposit { account }.pay(&token, 4);
/// assert_eq!(token::transfer::SELECTOR, [0xa9, 0x05, 0x9c, 0xbb]);
/// assert_eq!(token::deposit::SELECTOR, [0xf3, 0x40, 0xfa, 0x01]);
/// ```
///
/// Each is a struct with Solidity's name. What is asked is asked read-only, so whatever the callee does cannot change
/// any contract; the answer is `None` where the callee fails, answers with less, or with what is none of the type. Of
/// several values the answer is their words. Whether a message that was told or paid did not fail is the answer, where
/// none is declared; what it says is [`host::returned`]. Fields of any length (`bytes`, `string`) come last, after a
/// semicolon; such a message answers with one value.
#[macro_export]
macro_rules! interface {
    ($($(#[doc = $doc:literal])* $visibility:vis mod $module:ident {
        $($(#[doc = $message_doc:literal])* $verb:ident $message:ident(
            $($field:ident: $kind:tt),* $(,)? $(; $($tail:ident: $tail_kind:ident),+)?
        ) $(-> $answer:tt)?;)*
    })*) => {$(
        $(#[doc = $doc])*
        #[allow(non_camel_case_types, missing_docs, dead_code, reason = "named as the messages and their fields")]
        $visibility mod $module {
            $(
                $(#[doc = $message_doc])*
                pub struct $message<$($field = (),)* $($($tail = ()),+)?> {
                    $(pub $field: $field,)*
                    $($(pub $tail: $tail,)+)?
                }

                impl $message {
                    /// First bytes of the call.
                    pub const SELECTOR: [u8; 4] = $crate::abi::selector(
                        stringify!($message),
                        &[
                            $($crate::abi::named::<$crate::__kind!($kind)>(),)*
                            $($($crate::abi::named::<$crate::__kind!($tail_kind)>()),+)?
                        ],
                    );
                }

                impl<
                    $($field: $crate::abi::Is<$crate::__kind!($kind)>,)*
                    $($($tail: AsRef<[u8]>),+)?
                > $message<$($field,)* $($($tail),+)?> {
                    $crate::__message! {
                        $verb $message [$($answer)?]
                        self => &[$($crate::abi::Is::<$crate::__kind!($kind)>::word(&self.$field)),*]
                        $(, &[$(self.$tail.as_ref()),+])?
                    }
                }
            )*
        }
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __message {
    (ask $message:ident [($($answer:tt),*)] $this:ident => $words:expr) => {
        /// Asks a contract.
        #[inline(always)]
        pub fn ask(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<[$crate::words::Word; { <[&str]>::len(&[$(stringify!($answer)),*]) }]> {
            let mut answer = [[0; 32]; { <[&str]>::len(&[$(stringify!($answer)),*]) }];
            $crate::interface::ask_words(callee, <$message>::SELECTOR, $words, &mut answer).then_some(answer)
        }
    };
    (ask $message:ident [$answer:ident] $this:ident => $words:expr) => {
        $crate::__message! { @ask $message [$answer] $this => $words }

        /// As `ask`, `None` where the contract does not run to its end, too: for questions whose missing answer opens
        /// nothing.
        #[inline(always)]
        pub fn ask_perhaps_broken(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<<$crate::abi::kind::$answer as $crate::abi::Told>::Value> {
            let mut answer = [[0; 32]];
            let done = $crate::interface::call(callee, 0, <$message>::SELECTOR, $words, true, &mut answer);
            if !done {
                return None;
            }
            <$crate::abi::kind::$answer as $crate::abi::Told>::told(&answer[0])
        }
    };
    (ask $message:ident [$answer:ident] $this:ident => $words:expr, $tails:expr) => {
        $crate::__message! { @ask $message [$answer] $this => $words, $tails }
    };
    (@ask $message:ident [$answer:ident] $this:ident => $words:expr $(, $tails:expr)?) => {
        /// Asks a contract.
        #[inline(always)]
        pub fn ask(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<<$crate::abi::kind::$answer as $crate::abi::Told>::Value> {
            let answer = $crate::__send!(callee, <$message>::SELECTOR, true, $words $(, $tails)?)?;
            <$crate::abi::kind::$answer as $crate::abi::Told>::told(&answer)
        }
    };
    (tell $message:ident [$answer:ident] $this:ident => $words:expr $(, $tails:expr)?) => {
        /// Tells a contract.
        #[inline(always)]
        pub fn tell(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<<$crate::abi::kind::$answer as $crate::abi::Told>::Value> {
            let answer = $crate::__send!(callee, <$message>::SELECTOR, false, $words $(, $tails)?)?;
            <$crate::abi::kind::$answer as $crate::abi::Told>::told(&answer)
        }
    };
    (tell $message:ident [] $this:ident => $words:expr) => {
        /// Tells a contract.
        #[inline(always)]
        pub fn tell($this, callee: &$crate::words::Address) -> bool {
            $crate::interface::call(callee, 0, <$message>::SELECTOR, $words, false, &mut [])
        }
    };
    (pay $message:ident [] $this:ident => $words:expr) => {
        /// Tells a contract, and sends it wei.
        #[inline(always)]
        pub fn pay($this, callee: &$crate::words::Address, value: u128) -> bool {
            $crate::interface::call(callee, value, <$message>::SELECTOR, $words, false, &mut [])
        }
    };
}

/// Sends a message that answers with a word.
#[doc(hidden)]
#[macro_export]
macro_rules! __send {
    ($callee:ident, $selector:expr, true, $words:expr) => {
        $crate::interface::ask($callee, $selector, $words)
    };
    ($callee:ident, $selector:expr, false, $words:expr) => {{
        let mut answer = [[0; 32]];
        $crate::interface::call($callee, 0, $selector, $words, false, &mut answer).then_some(answer[0])
    }};
    ($callee:ident, $selector:expr, $read_only:expr, $words:expr, $tails:expr) => {
        $crate::interface::send_long($callee, $selector, $words, $tails, $read_only)
    };
}

/// Most words of a message.
const MOST: usize = 8;

/// Asks for a word.
#[doc(hidden)]
#[inline(never)]
pub fn ask(callee: &Address, selector: [u8; 4], words: &[Word]) -> Option<Word> {
    let mut answer = [[0; 32]];
    ask_words(callee, selector, words, &mut answer).then_some(answer[0])
}

/// Asks for several words, and ends this call where the callee does not run to its end.
#[doc(hidden)]
#[inline(never)]
pub fn ask_words(callee: &Address, selector: [u8; 4], words: &[Word], answer: &mut [Word]) -> bool {
    let mut input = [0; 4 + 32 * MOST];
    let length = put(&mut input, selector, words);
    host::ask_to_the_end(callee, &input[..length], answer.as_flattened_mut())
}

/// Puts a message of words together; its length.
#[inline(always)]
fn put(input: &mut [u8; 4 + 32 * MOST], selector: [u8; 4], words: &[Word]) -> usize {
    input[..4].copy_from_slice(&selector);
    let length = 4 + 32 * words.len();
    input[4..length].copy_from_slice(words.as_flattened());
    length
}

/// Sends a message and wei; whether it succeeded and answered with at least as much as `answer` takes.
#[doc(hidden)]
#[inline(never)]
pub fn call(
    callee: &Address,
    value: u128,
    selector: [u8; 4],
    words: &[Word],
    read_only: bool,
    answer: &mut [Word],
) -> bool {
    let mut input = [0; 4 + 32 * MOST];
    let length = put(&mut input, selector, words);
    host::call(callee, value, read_only, &input[..length], answer.as_flattened_mut())
}

/// Sends a message of words and, last, fields of any length, and hears a word.
#[doc(hidden)]
#[inline(never)]
pub fn send_long(
    callee: &Address,
    selector: [u8; 4],
    words: &[Word],
    tails: &[&[u8]],
    read_only: bool,
) -> Option<Word> {
    let head = 32 * (words.len() + tails.len());
    let padded = |tail: &&[u8]| 32 + tail.len().next_multiple_of(32);
    let mut input = Vec::with_capacity(4 + head + tails.iter().map(padded).sum::<usize>());
    input.extend_from_slice(&selector);
    input.extend_from_slice(words.as_flattened());
    let mut at = head;
    for tail in tails {
        input.extend_from_slice(&number_word(at as u128));
        at += padded(tail);
    }
    for tail in tails {
        let end = input.len() + padded(tail);
        input.extend_from_slice(&number_word(tail.len() as u128));
        input.extend_from_slice(tail);
        input.resize(end, 0);
    }
    let mut answer = [0; 32];
    let done = match read_only {
        true => host::ask_to_the_end(callee, &input, &mut answer),
        false => host::call(callee, 0, false, &input, &mut answer),
    };
    done.then_some(answer)
}
