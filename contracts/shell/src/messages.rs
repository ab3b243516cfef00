//! Messages of a contract that dispatches by itself.

/// Declares a contract's messages, with what they do, where `#[ink::contract]` is not used:
///
/// ```
/// mod messages {
///     yieldset_shell::messages! {
///         /// What an account has.
///         ask balanceOf(account: address) -> uint256 { u32::from(account[0]) }
///         /// All that is known of an account.
///         ask infoOf(account: address) -> (level: uint8, frozen: bool) { (account[0], false) }
///         /// Moves the caller's own.
///         tell transfer(to: address, value: uint256) -> bool { to != [0; 20] && *value != [0; 32] }
///         /// Takes the money that came with the call.
///         pay deposit() { }
///     }
/// }
/// assert_eq!(messages::selectors::transfer, 0xa9059cbb);
/// assert!(messages::takes_money(messages::selectors::deposit));
/// assert!(!messages::takes_money(messages::selectors::transfer));
/// ```
///
/// What is asked changes nothing, what is told does, and what is paid takes money too. An argument is the Rust value of
/// its type ([`Argument`](crate::calldata::Argument)): of a number of 256 bits the word, and a list stays in the
/// calldata. What the body says is the answer: of one type what [`Is`](crate::abi::Is) of it, of several types a tuple,
/// of a `string` its bytes; of types in brackets it is their words.
///
/// Beside `answer`, which runs the message that has a selector and comes back where none has, it makes the module
/// `selectors`, and on the native build `declared`, the messages for the ABI.
#[macro_export]
macro_rules! messages {
    ($($(#[doc = $doc:literal])* $verb:ident $message:ident(
        $($argument:ident: $kind:tt),* $(,)?
    ) $(-> $answer:tt)? $body:block)*) => {
        $crate::selectors! {
            /// Of the messages below.
            pub mod selectors {
                $($message($($kind),*);)*
            }
        }

        /// Whether a message takes money.
        #[allow(dead_code, reason = "some contract's messages take none")]
        pub fn takes_money(selector: u32) -> bool {
            false $(|| $crate::__takes_money!($verb) && selector == selectors::$message)*
        }

        /// Answers the message with this selector, which ends the call.
        #[allow(unused_variables, unreachable_code, clippy::diverging_sub_expression, reason = "by the message")]
        pub fn answer(selector: u32) {
            $(if selector == selectors::$message {
                let head = $crate::calldata::arguments::<{
                    0 $(+ <$crate::__kind!($kind) as $crate::calldata::Argument>::WORDS)*
                }>();
                let at = 0;
                $(
                    let $argument = <$crate::__kind!($kind) as $crate::calldata::Argument>::argument(&head, at);
                    let at = at + <$crate::__kind!($kind) as $crate::calldata::Argument>::WORDS;
                )*
                $crate::__answer!([$($answer)?] $body)
            })*
        }

        /// The messages above, for the ABI.
        #[cfg(feature = "std")]
        pub fn declared() -> $crate::ink::prelude::vec::Vec<$crate::ink::metadata::sol::FunctionMetadata> {
            $crate::ink::prelude::vec![$($crate::abi::told::message(
                stringify!($verb),
                stringify!($message),
                &[$((stringify!($argument), $crate::abi::named::<$crate::__kind!($kind)>())),*],
                $crate::__answered!([$($answer)?]),
                &[$($doc),*],
            )),*]
        }
    };
}

/// Selectors by the names of messages that another part of a contract answers:
///
/// ```
/// yieldset_shell::selectors! {
///     /// Of a token.
///     pub mod token {
///         transfer(address, uint256);
///         totalSupply();
///     }
/// }
/// assert_eq!(token::transfer, 0xa9059cbb);
/// assert!(token::ALL.contains(&token::totalSupply));
/// ```
#[macro_export]
macro_rules! selectors {
    ($($(#[doc = $doc:literal])* $visibility:vis mod $module:ident {
        $($message:ident($($kind:tt),* $(,)?);)*
    })*) => {$(
        $(#[doc = $doc])*
        #[allow(non_upper_case_globals, missing_docs, reason = "named as the messages")]
        $visibility mod $module {
            $(pub const $message: u32 = u32::from_be_bytes($crate::abi::selector(
                stringify!($message),
                &[$($crate::abi::named::<$crate::__kind!($kind)>()),*],
            ));)*

            /// All of them.
            pub const ALL: &[u32] = &[$($message),*];
        }
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __takes_money {
    (ask) => {
        false
    };
    (tell) => {
        false
    };
    (pay) => {
        true
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __answer {
    ([] $body:block) => {{
        let () = $body;
        $crate::answer::done()
    }};
    ([string] $body:block) => {
        $crate::answer::text(AsRef::as_ref(&$body))
    };
    ([$kind:ident] $body:block) => {
        $crate::answer::answer(&[$crate::abi::Is::<$crate::abi::kind::$kind>::word(&$body)])
    };
    ([($($name:ident: $kind:tt),* $(,)?)] $body:block) => {{
        let ($($name,)*) = $body;
        $crate::answer::answer(&[$($crate::abi::Is::<$crate::__kind!($kind)>::word(&$name)),*])
    }};
    ([[$($name:ident: $kind:tt),* $(,)?]] $body:block) => {
        $crate::answer::answer(&$body)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __answered {
    ([]) => {
        &[]
    };
    ([$kind:ident]) => {
        &[("", $crate::abi::named::<$crate::__kind!($kind)>())]
    };
    ([($($name:ident: $kind:tt),* $(,)?)]) => {
        &[$((stringify!($name), $crate::abi::named::<$crate::__kind!($kind)>())),*]
    };
    ([[$($name:ident: $kind:tt),* $(,)?]]) => {
        &[$((stringify!($name), $crate::abi::named::<$crate::__kind!($kind)>())),*]
    };
}

/// Whether each of some selectors is among others.
pub const fn are_among(some: &[u32], others: &[u32]) -> bool {
    let mut at = 0;
    while at < some.len() {
        let mut found = 0;
        while found < others.len() && others[found] != some[at] {
            found += 1;
        }
        if found == others.len() {
            return false;
        }
        at += 1;
    }
    true
}
