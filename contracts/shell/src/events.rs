//! Events: what happened.

/// Declares events, indexed fields in brackets and the others in braces:
///
/// ```
/// yieldset_shell::events! {
///     /// ERC-20: shares moved.
///     Transfer(
///         /// From whom.
///         from: address,
///         /// To whom.
///         to: address,
///     ) {
///         /// How many.
///         value: uint256,
///     }
/// }
/// let (from, to) = ([1; 20], [2; 20]);
/// Transfer { from: &from, to: &to, value: 3_u128 }.emit();
/// assert_eq!(Transfer::TOPIC[..4], [0xdd, 0xf2, 0x52, 0xad]);
/// ```
///
/// Each is a struct with Solidity's name whose `emit` tells it; a field takes any Rust type that [`Is`](crate::abi::Is)
/// of its kind. Where a field has a length of its own (`string`, `[address]`), its contract encodes the fields in
/// braces: the event is declared `encoded`, and has one field `encoded` for all of them.
///
/// The topic and the ABI's entry come from the same lines, so neither can be forgotten or differ.
#[macro_export]
macro_rules! events {
    ($($(#[doc = $doc:literal])* $name:ident(
        $($(#[doc = $topic_doc:literal])* $topic:ident: $topic_kind:tt),* $(,)?
    ) $($encoded:ident)? {
        $($(#[doc = $field_doc:literal])* $field:ident: $kind:tt),* $(,)?
    })*) => {$(
        $crate::__event! {
            [$($encoded)?] [$($doc)*] $name
            ($([$($topic_doc)*] $topic: $topic_kind),*)
            {$([$($field_doc)*] $field: $kind),*}
        }
        const _: () = {
            #[allow(dead_code, reason = "an event of no field has no `emit`")]
            impl $name {
                /// keccak-256 of the signature.
                pub const TOPIC: $crate::words::Word = $crate::abi::signature(
                    stringify!($name),
                    &[
                        $($crate::abi::named::<$crate::__kind!($topic_kind)>(),)*
                        $($crate::abi::named::<$crate::__kind!($kind)>(),)*
                    ],
                );
            }

            #[cfg(feature = "std")]
            #[$crate::ink::linkme::distributed_slice($crate::ink::CONTRACT_EVENTS_SOL)]
            #[linkme(crate = $crate::ink::linkme)]
            static EVENT: fn() -> $crate::ink::metadata::sol::EventMetadata = || {
                $crate::abi::told::event(
                    stringify!($name),
                    &[
                        $((
                            stringify!($topic),
                            $crate::abi::named::<$crate::__kind!($topic_kind)>(),
                            true,
                            &[$($topic_doc),*],
                        ),)*
                        $((
                            stringify!($field),
                            $crate::abi::named::<$crate::__kind!($kind)>(),
                            false,
                            &[$($field_doc),*],
                        ),)*
                    ],
                    &[$($doc),*],
                )
            };
        };
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __event {
    ([] [$($doc:literal)*] $name:ident
        ($([$($topic_doc:literal)*] $topic:ident: $topic_kind:tt),*)
        {$([$($field_doc:literal)*] $field:ident: $kind:tt),*}
    ) => {
        $(#[doc = $doc])*
        #[allow(non_camel_case_types, reason = "a field's type is named as the field")]
        pub struct $name<$($topic = (),)* $($field = ()),*> {
            $($(#[doc = $topic_doc])* pub $topic: $topic,)*
            $($(#[doc = $field_doc])* pub $field: $field,)*
        }

        #[allow(non_camel_case_types, reason = "a field's type is named as the field")]
        impl<
            $($topic: $crate::abi::Is<$crate::__kind!($topic_kind)>,)*
            $($field: $crate::abi::Is<$crate::__kind!($kind)>),*
        > $name<$($topic,)* $($field),*> {
            /// Tells it.
            #[inline(always)]
            pub fn emit(self) {
                $crate::host::emit(
                    &[<$name>::TOPIC $(, $crate::abi::Is::word(&self.$topic))*],
                    &[$($crate::abi::Is::word(&self.$field)),*],
                );
            }
        }
    };
    ([encoded] [$($doc:literal)*] $name:ident
        ($([$($topic_doc:literal)*] $topic:ident: $topic_kind:tt),*)
        {$([$($field_doc:literal)*] $field:ident: $kind:tt),*}
    ) => {
        $(#[doc = $doc])*
        #[allow(non_camel_case_types, reason = "a field's type is named as the field")]
        pub struct $name<$($topic = (),)* encoded = ()> {
            $($(#[doc = $topic_doc])* pub $topic: $topic,)*
            $(#[doc = concat!("`", stringify!($field), "`:", $($field_doc,)* "\n")])*
            pub encoded: encoded,
        }

        #[allow(non_camel_case_types, reason = "a field's type is named as the field")]
        impl<
            $($topic: $crate::abi::Is<$crate::__kind!($topic_kind)>,)*
            encoded: AsRef<[$crate::words::Word]>
        > $name<$($topic,)* encoded> {
            /// Tells it.
            #[inline(always)]
            pub fn emit(self) {
                $crate::host::emit(
                    &[<$name>::TOPIC $(, $crate::abi::Is::word(&self.$topic))*],
                    self.encoded.as_ref(),
                );
            }
        }
    };
}
