//! Who is behind an address, and so who gets the money that is sent there.
//!
//! Contracts know addresses of twenty bytes, the chain's own money lies on accounts of thirty-two. Of an account with
//! an sr25519 key the address is a hash, and until the chain has seen the account it takes the address for an Ethereum
//! key's: money that is sent there lies on an account for which nobody has a key of its own (its owner can only get at
//! it by `Revive.dispatch_as_fallback_account`). So no transfer goes to an address: it goes to a [`Payee`], which is
//! made of an account, or of an address behind which somebody is known.

use alloy_primitives::Address;

use crate::{
    client::{AccountId, ChainClient, address_of, fallback_account},
    error::ChainError,
};

/// An account that the chain's own money may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payee(AccountId);

impl Payee {
    /// The account itself, as its owner's key or SS58 says it.
    pub const fn account(account: AccountId) -> Self {
        Self(account)
    }

    /// The account.
    pub const fn account_id(self) -> AccountId {
        self.0
    }

    /// Its address in contracts.
    pub fn address(self) -> Address {
        address_of(&self.0)
    }
}

/// What the chain knows of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// An account with a key of the chain's own kinds, which the chain has seen.
    Mapped(AccountId),
    /// A contract. What money it takes it takes by its messages.
    Contract(AccountId),
    /// An Ethereum key's account that has sent a transaction.
    Ethereum(AccountId),
    /// Nobody that the chain has seen: an Ethereum key's account that has sent nothing yet, one that the chain does not
    /// know behind its address, or nobody's.
    Unknown(AccountId),
}

impl Behind {
    /// The account that the chain takes for the address's now: to ask about, not to pay.
    pub const fn account(self) -> AccountId {
        match self {
            Self::Mapped(account) | Self::Contract(account) | Self::Ethereum(account) | Self::Unknown(account) => {
                account
            }
        }
    }

    /// Who can be paid, where somebody is known to have the account.
    pub const fn payee(self) -> Option<Payee> {
        match self {
            Self::Mapped(account) | Self::Ethereum(account) => Some(Payee(account)),
            Self::Contract(_) | Self::Unknown(_) => None,
        }
    }
}

/// The account of an Ethereum key, by its address.
pub fn of_ethereum(address: Address) -> AccountId {
    fallback_account(address)
}

impl ChainClient {
    /// What the chain knows of an address, at the head of the best chain.
    ///
    /// # Errors
    /// [`ChainError`] where the node does not answer.
    pub async fn behind(&self, address: Address) -> Result<Behind, ChainError> {
        let best = self.best_hash().await?;
        let account = self.account_at(&self.at(best).await?, address).await?;
        if account != fallback_account(address) {
            return Ok(Behind::Mapped(account));
        }
        // Before the nonce, which contracts have too.
        if self.code_hash(address).await?.is_some() {
            return Ok(Behind::Contract(account));
        }
        Ok(match self.nonce_at(best, &account).await? {
            0 => Behind::Unknown(account),
            _ => Behind::Ethereum(account),
        })
    }

    /// Whether the chain knows the account behind its address: money that contracts send to the address of one that it
    /// does not know goes to another account.
    ///
    /// # Errors
    /// [`ChainError`] where the node does not answer.
    pub async fn is_mapped(&self, account: &AccountId) -> Result<bool, ChainError> {
        let at = self.at(self.best_hash().await?).await?;
        Ok(self.account_at(&at, address_of(account)).await? == *account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody is paid by an address alone: there must be somebody behind it.
    #[test]
    fn only_an_account_that_somebody_has_is_paid() {
        let account = [7; 32];
        assert_eq!(Behind::Mapped(account).payee(), Some(Payee::account(account)));
        assert_eq!(Behind::Ethereum(account).payee().map(Payee::account_id), Some(account));
        for nobody in [Behind::Contract(account), Behind::Unknown(account)] {
            assert_eq!((nobody.payee(), nobody.account()), (None, account));
        }
        let address = Address::repeat_byte(9);
        assert_eq!(Payee::account(of_ethereum(address)).address(), address);
    }
}
