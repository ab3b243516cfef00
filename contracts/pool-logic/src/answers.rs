//! What the views answer, encoded by hand: one shared loop over words instead of a generated encoder for each tuple of
//! `uint256`, which together were a sixth of the pool's code.

use ink::{
    U256,
    prelude::{string::String, vec, vec::Vec},
    sol::{SolResultDecode, SolResultDecodeError, SolResultEncode},
};

use yieldset_shell::words::{Word, number_of, number_word};

/// Defines an answer of `$count` numbers whose Solidity type is `$sol`.
macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident, $count:literal, $sol:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(pub [u128; $count]);

        impl SolResultEncode<'_> for $name {
            type SolType = $sol;

            fn encode(&self) -> Vec<u8> {
                encode(&self.0)
            }
        }

        impl SolResultDecode for $name {
            type SolType = $sol;

            fn decode(data: &[u8], did_revert: bool) -> Result<Self, SolResultDecodeError> {
                decode(data, did_revert).map(Self)
            }
        }
    };
}

numbers!(
    /// One `uint256`.
    Amount, 1, U256
);
numbers!(
    /// Total, claimed, weight claimed.
    PeriodView, 3, (U256, U256, u64)
);
numbers!(
    /// Balance, index, pending, fraction.
    HolderView, 4, (U256, U256, U256, u64)
);
numbers!(
    /// A claim's state (`yieldset_pool_logic::claims`) and amount.
    StateView, 2, (u8, U256)
);
numbers!(
    /// Frozen, reserved, locked, locked until, recovered.
    RestraintsView, 5, (U256, U256, U256, u64, bool)
);
numbers!(
    /// Price, left, sold, raised, starts, ends.
    SaleView, 6, (U256, U256, U256, U256, u64, u64)
);
numbers!(
    /// Deposited, to holders, to contributors, claimed by holders, claimed by contributors, index, carry, undistributed.
    Totals, 8, (U256, U256, U256, U256, U256, U256, U256, U256)
);

fn encode(numbers: &[u128]) -> Vec<u8> {
    let mut data = Vec::with_capacity(numbers.len() * 32);
    for number in numbers {
        data.extend_from_slice(&number_word(*number));
    }
    data
}

fn decode<const N: usize>(data: &[u8], did_revert: bool) -> Result<[u128; N], SolResultDecodeError> {
    if did_revert {
        return Err(SolResultDecodeError::NonResultFromRevert);
    }
    let mut numbers = [0; N];
    for (at, number) in numbers.iter_mut().enumerate() {
        let word = data.get(at * 32..at * 32 + 32).and_then(|word| Word::try_from(word).ok());
        *number = word.and_then(|word| number_of(&word)).ok_or(SolResultDecodeError::Decode)?;
    }
    Ok(numbers)
}

/// A `string` of at most 32 bytes: UTF-8 filled up with zeros. That it is UTF-8 is the deployer's business; a name that is not
/// shows as gibberish and harms nobody else.
#[derive(Debug)]
pub struct Text(pub Word);

impl SolResultEncode<'_> for Text {
    type SolType = String;

    fn encode(&self) -> Vec<u8> {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let mut data = vec![0; 96];
        data[31] = 32;
        data[63] = length as u8;
        data[64..].copy_from_slice(&self.0);
        data
    }
}

impl SolResultDecode for Text {
    type SolType = String;

    fn decode(data: &[u8], did_revert: bool) -> Result<Self, SolResultDecodeError> {
        if did_revert {
            return Err(SolResultDecodeError::NonResultFromRevert);
        }
        data.get(64..96).and_then(|word| word.try_into().ok()).map(Self).ok_or(SolResultDecodeError::Decode)
    }
}
