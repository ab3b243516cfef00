//! Refusals: why a message ends without having done anything.
//!
//! Refusing ends the call at once instead of handing an error up: an error is large, and passing it through every
//! caller makes much code, which is proof on each call.

use crate::{
    host,
    words::{Word, number_word},
};

/// Declares Solidity's custom errors:
///
/// ```
/// yieldset_shell::refusals! {
///     /// More than there is: (account, has, needed).
///     ERC20InsufficientBalance(sender: address, balance: uint256, needed: uint256),
///     /// The other contract refused: what it said.
///     Refused(account: address; said: bytes),
/// }
/// assert_eq!(ERC20InsufficientBalance::SELECTOR, [0xe4, 0x50, 0xd3, 0x8c]);
/// ```
///
/// Each is a struct with Solidity's name; `ERC20InsufficientBalance { sender, balance, needed }.refuse()` reverts
/// everything the message did and answers with the error. A field takes any Rust type that [`Is`](crate::abi::Is) of
/// its kind; `bytes` or a `string` may come last, after a semicolon. The selector and the ABI's entry come from the
/// same lines.
#[macro_export]
macro_rules! refusals {
    (@declare $($(#[doc = $doc:literal])* $name:ident(
        $($field:ident: $kind:tt),* $(; $tail:ident: $tail_kind:ident)?
    )),* $(,)?) => {
        $($crate::__refusal! { [$($doc)*] $name ($($field: $kind),*) [$($tail: $tail_kind)?] })*

        /// The errors above, for the ABI.
        #[cfg(feature = "std")]
        #[doc(hidden)]
        pub fn declared() -> $crate::ink::prelude::vec::Vec<$crate::ink::metadata::sol::ErrorMetadata> {
            $crate::ink::prelude::vec![$($crate::abi::told::error(
                stringify!($name),
                &[
                    $((stringify!($field), $crate::abi::named::<$crate::__kind!($kind)>()),)*
                    $((stringify!($tail), $crate::abi::named::<$crate::__kind!($tail_kind)>()),)?
                ],
                &[$($doc),*],
            )),*]
        }
    };
    ($($declarations:tt)*) => {
        $crate::refusals! { @declare $($declarations)* }
        $crate::__in_the_abi! { declared }
    };
}

/// Puts a function's errors into the contract's ABI.
#[doc(hidden)]
#[macro_export]
macro_rules! __in_the_abi {
    ($errors:path) => {
        #[cfg(feature = "std")]
        const _: () = {
            #[$crate::ink::linkme::distributed_slice($crate::ink::CONTRACT_ERRORS_SOL)]
            #[linkme(crate = $crate::ink::linkme)]
            static ERRORS: fn() -> $crate::ink::prelude::vec::Vec<$crate::ink::metadata::sol::ErrorMetadata> = $errors;
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __refusal {
    ([$($doc:literal)*] $name:ident ($($field:ident: $kind:tt),*) [$($tail:ident: $tail_kind:ident)?]) => {
        $(#[doc = $doc])*
        #[allow(non_camel_case_types, missing_docs, reason = "a field's type is named as the field")]
        pub struct $name<$($field = (),)* $($tail = ())?> {
            $(pub $field: $field,)*
            $(pub $tail: $tail,)?
        }

        #[allow(dead_code, reason = "for the refusals below, and for tests")]
        impl $name {
            /// First bytes of the answer.
            pub const SELECTOR: [u8; 4] = $crate::abi::selector(
                stringify!($name),
                &[
                    $($crate::abi::named::<$crate::__kind!($kind)>(),)*
                    $($crate::abi::named::<$crate::__kind!($tail_kind)>(),)?
                ],
            );
        }

        #[allow(non_camel_case_types, reason = "a field's type is named as the field")]
        impl<
            $($field: $crate::abi::Is<$crate::__kind!($kind)>,)*
            $($tail: AsRef<[u8]>)?
        > $name<$($field,)* $($tail)?> {
            /// Ends the call with it.
            #[cold]
            #[inline(never)]
            pub fn refuse(self) -> ! {
                let words = [$($crate::abi::Is::<$crate::__kind!($kind)>::word(&self.$field)),*];
                $crate::__refuse!(<$name>::SELECTOR, &words $(, self.$tail.as_ref())?)
            }
        }

        #[allow(non_camel_case_types, reason = "a field's type is named as the field")]
        impl<
            $($field: $crate::abi::Is<$crate::__kind!($kind)>,)*
            $($tail: AsRef<[u8]>)?
        > $crate::refusals::Explain<()> for $name<$($field,)* $($tail)?> {
            #[inline(always)]
            fn explain(self, (): ()) -> ! {
                self.refuse()
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __refuse {
    ($selector:expr, $words:expr) => {
        $crate::refusals::refuse($selector, $words)
    };
    ($selector:expr, $words:expr, $bytes:expr) => {
        $crate::refusals::refuse_with_bytes($selector, $words, $bytes)
    };
}

/// Most words of an error.
const MOST: usize = 4;

/// Ends the call with an error of words.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn refuse(selector: [u8; 4], words: &[Word]) -> ! {
    let mut error = [0; 4 + 32 * MOST];
    error[..4].copy_from_slice(&selector);
    let words = words.as_flattened();
    error[4..4 + words.len()].copy_from_slice(words);
    host::revert(&error[..4 + words.len()])
}

/// Longest text of an error, in bytes.
pub const LONGEST_TEXT: usize = 256;

/// Ends the call with an error of words and, last, bytes, of which the first [`LONGEST_TEXT`] are told.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn refuse_with_bytes(selector: [u8; 4], words: &[Word], bytes: &[u8]) -> ! {
    let mut error = [0; 4 + 32 * (MOST + 2) + LONGEST_TEXT];
    let bytes = &bytes[..bytes.len().min(LONGEST_TEXT)];
    let head = words.as_flattened().len();
    error[..4].copy_from_slice(&selector);
    error[4..4 + head].copy_from_slice(words.as_flattened());
    error[4 + head..36 + head].copy_from_slice(&number_word(head as u128 + 32));
    error[36 + head..68 + head].copy_from_slice(&number_word(bytes.len() as u128));
    error[68 + head..68 + head + bytes.len()].copy_from_slice(bytes);
    host::revert(&error[..68 + head + bytes.len().next_multiple_of(32)])
}

/// Says why something failed with `E`, and ends the call. Every declared refusal explains why there is nothing (`()`);
/// whoever knows what a refusal of the rules was about explains that.
pub trait Explain<E> {
    /// Ends the call.
    fn explain(self, error: E) -> !;
}

/// A value, or a refusal.
pub trait OrRefuse<E>: Sized {
    /// The value.
    type Value;

    /// The value; otherwise `why` ends the call.
    fn or_refuse(self, why: impl Explain<E>) -> Self::Value;
}

impl<T> OrRefuse<()> for Option<T> {
    type Value = T;

    #[inline(always)]
    fn or_refuse(self, why: impl Explain<()>) -> T {
        match self {
            Some(value) => value,
            None => why.explain(()),
        }
    }
}

impl<T, E> OrRefuse<E> for Result<T, E> {
    type Value = T;

    #[inline(always)]
    fn or_refuse(self, why: impl Explain<E>) -> T {
        match self {
            Ok(value) => value,
            Err(error) => why.explain(error),
        }
    }
}
