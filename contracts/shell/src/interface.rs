//! Messages of other contracts, as they are asked and told.

use crate::{
    host,
    words::{Address, Word},
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
///     }
/// }
/// let (token, account) = ([1; 20], [2; 20]);
/// let balance: Option<u128> = token::balanceOf { account }.ask(&token);
/// let info: Option<[[u8; 32]; 2]> = token::infoOf { account: &account }.ask(&token);
/// let done: bool = token::transfer { to: account, value: 3_u128 }.tell(&token);
/// let paid: bool = token::transfer { to: account, value: 3_u128 }.tell_with(5, &token);
/// assert_eq!(token::transfer::SELECTOR, [0xa9, 0x05, 0x9c, 0xbb]);
/// ```
///
/// Each is a struct with Solidity's name. What is asked is asked read-only, so whatever the callee does cannot change
/// any contract; the answer is `None` where the callee fails, answers with less, or with what is none of the type. Of
/// several values the answer is their words. Whether a message that was told did not fail is the answer; what it says
/// is [`host::returned`]. `tell_with` sends money of the chain's own along.
#[macro_export]
macro_rules! interface {
    ($($(#[doc = $doc:literal])* $visibility:vis mod $module:ident {
        $($(#[doc = $message_doc:literal])* $verb:ident $message:ident(
            $($field:ident: $kind:tt),* $(,)?
        ) $(-> $answer:tt)?;)*
    })*) => {$(
        $(#[doc = $doc])*
        #[allow(non_camel_case_types, missing_docs, dead_code, reason = "named as the messages and their fields")]
        $visibility mod $module {
            $(
                $(#[doc = $message_doc])*
                pub struct $message<$($field = ()),*> {
                    $(pub $field: $field,)*
                }

                impl $message {
                    /// First bytes of the call.
                    pub const SELECTOR: [u8; 4] = $crate::abi::selector(
                        stringify!($message),
                        &[$($crate::abi::named::<$crate::__kind!($kind)>()),*],
                    );
                }

                impl<$($field: $crate::abi::Is<$crate::__kind!($kind)>),*> $message<$($field),*> {
                    $crate::__message! {
                        $verb $message [$($answer)?]
                        self => &[$($crate::abi::Is::<$crate::__kind!($kind)>::word(&self.$field)),*]
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
        ) -> Option<[$crate::words::Word; { [$(stringify!($answer)),*].len() }]> {
            let mut answer = [[0; 32]; { [$(stringify!($answer)),*].len() }];
            $crate::interface::call(callee, <$message>::SELECTOR, $words, true, &mut answer).then_some(answer)
        }
    };
    (ask $message:ident [$answer:ident] $this:ident => $words:expr) => {
        /// Asks a contract.
        #[inline(always)]
        pub fn ask(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<<$crate::abi::kind::$answer as $crate::abi::Told>::Value> {
            let answer = $crate::interface::ask(callee, <$message>::SELECTOR, $words)?;
            <$crate::abi::kind::$answer as $crate::abi::Told>::told(&answer)
        }
    };
    (tell $message:ident [$($answer:tt)?] $this:ident => $words:expr) => {
        /// Tells a contract.
        #[inline(always)]
        pub fn tell($this, callee: &$crate::words::Address) -> bool {
            $crate::interface::call(callee, <$message>::SELECTOR, $words, false, &mut [])
        }

        /// Tells a contract, with so many wei.
        #[inline(always)]
        pub fn tell_with($this, wei: u128, callee: &$crate::words::Address) -> bool {
            $crate::interface::pay(callee, wei, <$message>::SELECTOR, $words)
        }
    };
}

/// Most words of a message.
const MOST: usize = 8;

/// Asks for a word.
#[doc(hidden)]
#[inline(never)]
pub fn ask(callee: &Address, selector: [u8; 4], words: &[Word]) -> Option<Word> {
    let mut answer = [[0; 32]];
    call(callee, selector, words, true, &mut answer).then_some(answer[0])
}

/// Sends a message; whether it succeeded and answered with at least as much as `answer` takes.
#[doc(hidden)]
#[inline(never)]
pub fn call(callee: &Address, selector: [u8; 4], words: &[Word], read_only: bool, answer: &mut [Word]) -> bool {
    let (input, length) = input(selector, words);
    host::call(callee, 0, read_only, &input[..length], answer.as_flattened_mut())
}

/// Sends a message with money; whether it succeeded.
#[doc(hidden)]
#[inline(never)]
pub fn pay(callee: &Address, wei: u128, selector: [u8; 4], words: &[Word]) -> bool {
    let (input, length) = input(selector, words);
    host::call(callee, wei, false, &input[..length], &mut [])
}

fn input(selector: [u8; 4], words: &[Word]) -> ([u8; 4 + 32 * MOST], usize) {
    let mut input = [0; 4 + 32 * MOST];
    input[..4].copy_from_slice(&selector);
    let length = 4 + 32 * words.len();
    input[4..length].copy_from_slice(words.as_flattened());
    (input, length)
}
