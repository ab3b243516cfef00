//! Messages of other contracts, as they are asked and told.

use ink::prelude::vec::Vec;

use crate::{
    host,
    words::{Address, Word, number_of, number_word},
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
///         /// Lets another account move the caller's own.
///         agree approve(spender: address, value: uint256);
///         /// Moves the caller's own.
///         tell transfer(to: address, value: uint256);
///         /// Numbers a text, which may be of any length.
///         tell note(account: address; text: string) -> uint64;
///     }
/// }
/// let (token, account) = ([1; 20], [2; 20]);
/// let balance: Option<u128> = token::balanceOf { account }.ask(&token);
/// let info: Option<[[u8; 32]; 2]> = token::infoOf { account: &account }.ask(&token);
/// let done: bool = token::transfer { to: account, value: 3_u128 }.tell(&token);
/// let number: Option<u64> = token::note { account, text: "so" }.tell(&token);
/// let agreed: bool = token::approve { spender: account, value: 3_u128 }.agree(&token);
/// let paid: bool = token::transfer { to: account, value: 3_u128 }.tell_with(5, &token);
/// assert_eq!(token::transfer::SELECTOR, [0xa9, 0x05, 0x9c, 0xbb]);
/// ```
///
/// Each is a struct with Solidity's name. What is asked is asked read-only, so whatever the callee does cannot change
/// any contract; the answer is `None` where the callee refuses, answers with less, or with what is none of the type. Of
/// several values the answer is their words. Whether a message that was told did not fail is the answer, where none is
/// declared; what it says is [`host::returned`]. `tell_with` sends money of the chain's own along. Who agrees answers
/// with true, or with nothing, as tokens do. Fields of any length (`bytes`, `string`) come last, after a
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
                        self => &[
                            const { $crate::interface::head(<$message>::SELECTOR) },
                            $($crate::abi::Is::<$crate::__kind!($kind)>::word(&self.$field)),*
                        ]
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
            $crate::interface::ask_many(callee, $words, &mut answer).then_some(answer)
        }
    };
    (ask $message:ident [$answer:ident] $this:ident => $words:expr $(, $tails:expr)?) => {
        /// Asks a contract.
        #[inline(always)]
        pub fn ask(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<<$crate::abi::kind::$answer as $crate::abi::Told>::Value> {
            let answer = $crate::__send!(callee, true, $words $(, $tails)?)?;
            <$crate::abi::kind::$answer as $crate::abi::Told>::told(&answer)
        }

        $crate::__message! { @perhaps [$answer] $this => $words $(, $tails)? }
    };
    (@perhaps [$answer:ident] $this:ident => $words:expr) => {
        /// As `ask`, `None` where the contract does not run to its end, too: for questions whose missing answer opens
        /// nothing.
        #[inline(always)]
        pub fn ask_perhaps_broken(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<<$crate::abi::kind::$answer as $crate::abi::Told>::Value> {
            let answer = $crate::interface::ask_perhaps_broken(callee, $words)?;
            <$crate::abi::kind::$answer as $crate::abi::Told>::told(&answer)
        }
    };
    (@perhaps [$answer:ident] $this:ident => $words:expr, $tails:expr) => {};
    (tell $message:ident [$answer:ident] $this:ident => $words:expr $(, $tails:expr)?) => {
        /// Tells a contract.
        #[inline(always)]
        pub fn tell(
            $this,
            callee: &$crate::words::Address,
        ) -> Option<<$crate::abi::kind::$answer as $crate::abi::Told>::Value> {
            let answer = $crate::__send!(callee, false, $words $(, $tails)?)?;
            <$crate::abi::kind::$answer as $crate::abi::Told>::told(&answer)
        }
    };
    (tell $message:ident [] $this:ident => $words:expr) => {
        /// Tells a contract.
        #[inline(always)]
        pub fn tell($this, callee: &$crate::words::Address) -> bool {
            $crate::interface::tell(callee, $words)
        }

        /// Tells a contract, with so many wei.
        #[inline(always)]
        pub fn tell_with($this, wei: u128, callee: &$crate::words::Address) -> bool {
            $crate::interface::pay(callee, wei, $words)
        }

        /// Tells a contract that may waste what it is given, with so many wei: it gets a bounded weight.
        #[inline(always)]
        pub fn tell_bounded($this, wei: u128, callee: &$crate::words::Address) -> bool {
            $crate::interface::tell_bounded(callee, wei, $words)
        }
    };
    (agree $message:ident [] $this:ident => $words:expr) => {
        /// Tells a contract; whether it answers with true or with nothing.
        #[inline(always)]
        pub fn agree($this, callee: &$crate::words::Address) -> bool {
            $crate::interface::agree(callee, $words)
        }
    };
}

/// Sends a message that answers with a word.
#[doc(hidden)]
#[macro_export]
macro_rules! __send {
    ($callee:ident, true, $words:expr) => {
        $crate::interface::ask($callee, $words)
    };
    ($callee:ident, false, $words:expr) => {
        $crate::interface::send_long($callee, $words, &[], false)
    };
    ($callee:ident, $read_only:expr, $words:expr, $tails:expr) => {
        $crate::interface::send_long($callee, $words, $tails, $read_only)
    };
}

/// The first word of a message in memory, of which its selector alone is sent: the words need no other place to be put
/// together.
#[doc(hidden)]
pub const fn head(selector: [u8; 4]) -> Word {
    let mut head = [0; 32];
    let mut at = 0;
    while at < 4 {
        head[28 + at] = selector[at];
        at += 1;
    }
    head
}

/// What is sent of a message with its [`head`].
fn sent(message: &[Word]) -> &[u8] {
    &message.as_flattened()[28..]
}

/// Asks for a word.
#[doc(hidden)]
pub fn ask(callee: &Address, message: &[Word]) -> Option<Word> {
    host::ask(callee, sent(message)).map(|[word]| word)
}

/// Asks for several words; whether so many came.
#[doc(hidden)]
#[inline(never)]
pub fn ask_many(callee: &Address, message: &[Word], answer: &mut [Word]) -> bool {
    host::ask_to_the_end(callee, sent(message), answer.as_flattened_mut())
}

/// Asks for a word of a contract that may not run to its end.
#[doc(hidden)]
pub fn ask_perhaps_broken(callee: &Address, message: &[Word]) -> Option<Word> {
    host::ask_perhaps_broken(callee, sent(message)).map(|[word]| word)
}

/// Tells, with money and a bounded weight; whether it succeeded.
#[doc(hidden)]
#[inline(never)]
pub fn tell_bounded(callee: &Address, wei: u128, message: &[Word]) -> bool {
    host::tell_bounded(callee, wei, sent(message))
}

/// Tells; whether it succeeded.
#[doc(hidden)]
pub fn tell(callee: &Address, message: &[Word]) -> bool {
    host::call(callee, 0, false, sent(message), &mut [])
}

/// Tells, with money; whether it succeeded.
#[doc(hidden)]
#[inline(never)]
pub fn pay(callee: &Address, wei: u128, message: &[Word]) -> bool {
    host::call(callee, wei, false, sent(message), &mut [])
}

/// Tells; whether the answer is true, or nothing (as USDT's). Anything else is a failure.
#[doc(hidden)]
#[inline(never)]
pub fn agree(callee: &Address, message: &[Word]) -> bool {
    let mut answer = [0; 32];
    tell(callee, message)
        && match host::returned(&mut answer).len() {
            0 => true,
            32 => number_of(&answer) == Some(1),
            _ => false,
        }
}

/// Sends a message of words and, last, fields of any length, and hears a word.
#[doc(hidden)]
#[inline(never)]
pub fn send_long(callee: &Address, message: &[Word], tails: &[&[u8]], read_only: bool) -> Option<Word> {
    // The head is no argument.
    let places = 32 * (message.len() - 1 + tails.len());
    let padded = |tail: &&[u8]| 32 + tail.len().next_multiple_of(32);
    let mut input = Vec::with_capacity(4 + places + tails.iter().map(padded).sum::<usize>());
    input.extend_from_slice(sent(message));
    let mut at = places;
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
