//! Solidity's types and signatures: what [`messages!`](crate::messages), [`events!`](crate::events),
//! [`refusals!`](crate::refusals) and [`interface!`](crate::interface) are declared with.
//!
//! A declaration names Solidity's types (`owner: address, value: uint256`), and everything follows from it: selector or
//! topic, the words that go on chain, and on the native build the ABI. A field takes whatever Rust has for its type
//! ([`Is`]), so that no value is turned into another only to be told.

use ink::{U256, codegen::sol::keccak_256, sol::FixedBytes};

use crate::words::{Address, Word, address_of, address_word, number_of, number_word};

/// A type of Solidity.
pub trait Kind {
    /// Its name; a list's is that of its elements.
    const NAME: &'static str;
    /// What follows the name where it is a list.
    const LIST: &'static str = "";
}

/// A type of Solidity as it stands in a signature: the name, and what follows it.
pub type Named = (&'static str, &'static str);

/// How a type stands in a signature.
pub const fn named<K: Kind>() -> Named {
    (K::NAME, K::LIST)
}

/// Solidity's types, under Solidity's names.
#[allow(non_camel_case_types, reason = "as Solidity has them")]
pub mod kind {
    use super::Kind;

    macro_rules! kinds {
        ($($name:ident)*) => {$(
            #[doc = concat!("Solidity's `", stringify!($name), "`.")]
            pub struct $name;

            impl Kind for $name {
                const NAME: &'static str = stringify!($name);
            }
        )*};
    }
    kinds! { address bool bytes bytes4 bytes32 string uint8 uint16 uint32 uint64 uint128 uint256 }
}

/// A list.
pub struct List<K>(core::marker::PhantomData<K>);

impl<K: Kind> Kind for List<K> {
    const NAME: &'static str = K::NAME;
    const LIST: &'static str = "[]";
}

/// A list of lists.
pub struct Lists<K>(core::marker::PhantomData<K>);

impl<K: Kind> Kind for Lists<K> {
    const NAME: &'static str = K::NAME;
    const LIST: &'static str = "[][]";
}

/// Four of a kind.
pub struct Four<K>(core::marker::PhantomData<K>);

impl<K: Kind> Kind for Four<K> {
    const NAME: &'static str = K::NAME;
    const LIST: &'static str = "[4]";
}

/// The [`Kind`] that a declaration names: `address`, `[address]` for a list of them, `[[address]]` for a list of lists,
/// and `[address; 4]` for four.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind {
    ([$name:ident; 4]) => {
        $crate::abi::Four<$crate::abi::kind::$name>
    };
    ([[$name:ident]]) => {
        $crate::abi::Lists<$crate::abi::kind::$name>
    };
    ([$name:ident]) => {
        $crate::abi::List<$crate::abi::kind::$name>
    };
    ($name:ident) => {
        $crate::abi::kind::$name
    };
}

/// A value of a type of one word.
#[diagnostic::on_unimplemented(message = "`{Self}` is no `{K}` of Solidity, or that type has more than one word")]
pub trait Is<K> {
    /// The word.
    fn word(&self) -> Word;
}

impl<K, T: Is<K>> Is<K> for &T {
    fn word(&self) -> Word {
        T::word(self)
    }
}

macro_rules! numbers {
    ($($number:ty: $($kind:ident),*;)*) => {$($(
        impl Is<kind::$kind> for $number {
            fn word(&self) -> Word {
                number_word(u128::from(*self))
            }
        }
    )*)*};
}
numbers! {
    bool: bool;
    u8: uint8, uint256;
    u16: uint16;
    u32: uint32, uint256;
    u64: uint64, uint256;
    u128: uint128, uint256;
}

impl Is<kind::uint256> for usize {
    fn word(&self) -> Word {
        number_word(*self as u128)
    }
}

impl Is<kind::uint256> for U256 {
    fn word(&self) -> Word {
        self.to_big_endian()
    }
}

/// A number that is a word already.
impl Is<kind::uint256> for Word {
    fn word(&self) -> Word {
        *self
    }
}

impl Is<kind::bytes32> for Word {
    fn word(&self) -> Word {
        *self
    }
}

impl Is<kind::bytes32> for FixedBytes<32> {
    fn word(&self) -> Word {
        self.0
    }
}

impl Is<kind::bytes4> for [u8; 4] {
    fn word(&self) -> Word {
        let mut word = [0; 32];
        word[..4].copy_from_slice(self);
        word
    }
}

impl Is<kind::address> for Address {
    fn word(&self) -> Word {
        address_word(self)
    }
}

impl Is<kind::address> for ink::Address {
    fn word(&self) -> Word {
        address_word(&self.0)
    }
}

/// What a message answers with one word, in Rust.
pub trait Told: Kind {
    /// The value.
    type Value;
    /// From the word; `None` where the word is none of this type.
    fn told(word: &Word) -> Option<Self::Value>;
}

impl Told for kind::address {
    type Value = Address;
    fn told(word: &Word) -> Option<Address> {
        address_of(word)
    }
}

impl Told for kind::bytes32 {
    type Value = Word;
    fn told(word: &Word) -> Option<Word> {
        Some(*word)
    }
}

/// 128 bits are all that the contracts count with.
impl Told for kind::uint256 {
    type Value = u128;
    fn told(word: &Word) -> Option<u128> {
        number_of(word)
    }
}

macro_rules! told {
    ($($kind:ident = $number:ty),*) => {$(
        impl Told for kind::$kind {
            type Value = $number;
            fn told(word: &Word) -> Option<$number> {
                number_of(word)?.try_into().ok()
            }
        }
    )*};
}
told!(uint8 = u8, uint16 = u16, uint32 = u32, uint64 = u64);

impl Told for kind::bool {
    type Value = bool;
    fn told(word: &Word) -> Option<bool> {
        match number_of(word)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// Longest signature, in bytes.
const LONGEST: usize = 512;

/// keccak-256 of a signature: `name(type,type)`. An event's topic.
pub const fn signature(name: &str, types: &[Named]) -> Word {
    let (mut text, mut length) = push([0; LONGEST], 0, name.as_bytes());
    (text, length) = push(text, length, b"(");
    let mut at = 0;
    while at < types.len() {
        if at > 0 {
            (text, length) = push(text, length, b",");
        }
        (text, length) = push(text, length, types[at].0.as_bytes());
        (text, length) = push(text, length, types[at].1.as_bytes());
        at += 1;
    }
    (text, length) = push(text, length, b")");
    keccak_256(text.split_at(length).0)
}

/// The first four bytes of [`signature`]: a message's or an error's.
pub const fn selector(name: &str, types: &[Named]) -> [u8; 4] {
    let hash = signature(name, types);
    [hash[0], hash[1], hash[2], hash[3]]
}

const fn push(mut text: [u8; LONGEST], at: usize, part: &[u8]) -> ([u8; LONGEST], usize) {
    let mut index = 0;
    while index < part.len() {
        text[at + index] = part[index];
        index += 1;
    }
    (text, at + part.len())
}

/// What the ABI tells of declarations: on the native build alone.
#[cfg(feature = "std")]
pub mod told {
    use ink::metadata::sol::{
        ErrorMetadata, ErrorParamMetadata, EventMetadata, EventParamMetadata, FunctionMetadata, ParamMetadata,
    };

    use super::Named;

    /// Lines of a doc comment as one text.
    fn text(lines: &[&str]) -> String {
        lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    fn type_name((name, list): Named) -> String {
        format!("{name}{list}")
    }

    /// A message: its parameters and answers are (name, type).
    pub fn message(
        verb: &str,
        name: &str,
        inputs: &[(&str, Named)],
        outputs: &[(&str, Named)],
        docs: &[&str],
    ) -> FunctionMetadata {
        let inputs = inputs
            .iter()
            .map(|(name, kind)| ParamMetadata { name: (*name).to_owned().into(), ty: type_name(*kind).into() });
        let outputs: Vec<_> =
            outputs.iter().map(|(name, kind)| format!("{} {name}", type_name(*kind)).trim_end().to_owned()).collect();
        FunctionMetadata {
            name: name.to_owned().into(),
            inputs: inputs.collect(),
            output: (!outputs.is_empty()).then(|| outputs.join(", ").into()),
            mutates: verb != "ask",
            is_payable: verb == "pay",
            is_default: false,
            docs: text(docs).into(),
        }
    }

    /// An event: its parameters are (name, type, whether indexed, documentation).
    pub fn event(name: &str, params: &[(&str, Named, bool, &[&str])], docs: &[&str]) -> EventMetadata {
        let params = params.iter().map(|(name, kind, is_topic, docs)| EventParamMetadata {
            name: (*name).to_owned().into(),
            ty: type_name(*kind).into(),
            is_topic: *is_topic,
            docs: text(docs).into(),
        });
        EventMetadata {
            name: name.to_owned().into(),
            is_anonymous: false,
            params: params.collect(),
            docs: text(docs).into(),
        }
    }

    /// An error: its parameters are (name, type).
    pub fn error(name: &str, params: &[(&str, Named)], docs: &[&str]) -> ErrorMetadata {
        let params = params.iter().map(|(name, kind)| ErrorParamMetadata {
            name: (*name).to_owned().into(),
            ty: type_name(*kind).into(),
            docs: "".into(),
        });
        ErrorMetadata { name: name.to_owned().into(), params: params.collect(), docs: text(docs).into() }
    }
}
