//! Where a person acts from: a node, a network, its contracts, an address book, and who sends.

mod names;

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;

use super::{
    Act, Fact, Plan,
    arguments::{ArgumentError, Moment, Name, Shares},
};
use crate::{
    abi::{Access, Pool},
    behind::Behind,
    book::{Book, BookError},
    client::{AccountId, ChainClient},
    deployment::{Deployment, role},
    error::{ChainError, amount},
    profile::Profile,
    units::{Coin, Native, Quantity, UnitError},
};

/// Why something cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// An amount, a time or the like.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// An argument.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// A name that the address book does not have.
    #[error(transparent)]
    Book(#[from] BookError),
    /// Arguments that do not go together, or with what is on chain.
    #[error("{0}")]
    Unfit(String),
    /// What is named is not there, or not any more.
    #[error("{0}")]
    Absent(String),
}

/// What money is counted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    /// An ERC-20; zero for the chain's own.
    pub address: Address,
    /// Its unit.
    pub coin: Coin,
}

impl Currency {
    /// Whether it is the chain's own money.
    pub fn is_native(&self) -> bool {
        self.address.is_zero()
    }

    /// An amount with its unit.
    pub fn says(&self, amount: impl TryInto<u128>) -> String {
        amount
            .try_into()
            .map_or_else(|_| format!("more than 2^128 of {}", self.coin.symbol), |amount| self.coin.print(amount))
    }
}

/// Where a person acts from.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The connection.
    pub client: ChainClient,
    /// The network.
    pub profile: Profile,
    /// The contracts of a pool.
    pub deployment: Deployment,
    /// Labels of accounts.
    pub book: Book,
    /// Who signed the contracts' file, as it was read.
    pub deployer: Option<Address>,
    /// Who sends.
    pub sender: Address,
    /// The native account behind the sender, where that is known; else the chain is asked for it.
    pub account: Option<AccountId>,
}

impl Desk {
    /// What a contract answers the sender.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn read<C: SolCall + Sync>(&self, contract: Address, call: &C) -> Result<C::Return, ActError> {
        let best = self.client.best_block().await?.hash;
        Ok(self.client.read_as_at(best, self.sender, contract, call).await?)
    }

    /// The native account behind the sender.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn origin(&self) -> Result<AccountId, ActError> {
        match self.account {
            Some(account) => Ok(account),
            None => Ok(self.client.behind(self.sender).await?.account()),
        }
    }

    /// Whom a name names; the sender without one.
    ///
    /// # Errors
    /// As [`address`](Self::address).
    pub fn address_or_sender(&self, name: Option<&Name>) -> Result<Address, ActError> {
        name.map_or(Ok(self.sender), |name| self.address(name))
    }

    /// Whom a name names, and the fact that the chain's money for that address reaches somebody.
    ///
    /// # Errors
    /// As [`address`](Self::address), and [`ActError::Chain`].
    pub async fn paid(&self, name: &Name) -> Result<(Address, Fact), ActError> {
        let address = self.address(name)?;
        let account = self.book.entry(&name.0).ok().and_then(|entry| entry.account);
        Ok((address, self.reaches(address, account).await?))
    }

    /// What is known of who is behind an address that gets shares or a record: earnings go there later. Stops nothing.
    ///
    /// # Errors
    /// As [`paid`](Self::paid).
    pub async fn seen(&self, name: &Name) -> Result<Fact, ActError> {
        let (_, fact) = self.paid(name).await?;
        Ok(match fact.holds {
            true => fact,
            false => Fact::known(format!("{}; before it is paid: {}", fact.says, fact.remedy)),
        })
    }

    /// As [`paid`](Self::paid), of the sender without a name.
    ///
    /// # Errors
    /// As [`paid`](Self::paid).
    pub async fn paid_or_sender(&self, name: Option<&Name>) -> Result<(Address, Fact), ActError> {
        match name {
            Some(name) => self.paid(name).await,
            None => Ok((self.sender, self.reaches(self.sender, None).await?)),
        }
    }

    /// The fact that what contracts pay to an address reaches somebody. What is known of the account behind it may be
    /// given; else the address book is asked.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn reaches(&self, address: Address, account: Option<AccountId>) -> Result<Fact, ActError> {
        let own = self.account.filter(|_| address == self.sender);
        let account = account.or(own).or_else(|| self.book.account(address));
        let (who, behind) = (self.says(address), self.client.behind(address).await?);
        Ok(match (behind, account) {
            (Behind::Mapped(_) | Behind::Contract(_) | Behind::Ethereum(_), _) => {
                Fact::known(format!("the chain knows who is behind {who}"))
            }
            (Behind::Unknown(taken), Some(account)) if account == taken => {
                Fact::known(format!("{who} is an Ethereum account"))
            }
            (Behind::Unknown(_), Some(_)) => Fact::new(
                false,
                format!("the chain does not know the account behind {who} yet, and would pay another"),
                "its owner types first: yieldset account map",
            ),
            (Behind::Unknown(_), None) => {
                Fact::new(false, format!("the chain has seen nobody behind {who}"), vouch(address))
            }
        })
    }

    /// The chain's clock, in Unix seconds.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn now(&self) -> Result<u64, ActError> {
        Ok(self.client.best_block().await?.timestamp_ms / 1_000)
    }

    /// A time in Unix seconds.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn moment(&self, moment: Moment) -> Result<u64, ActError> {
        Ok(moment.seconds(self.now().await?))
    }

    /// The chain's own money.
    pub fn native(&self) -> Native {
        self.profile.native(&self.client)
    }

    /// What the pool is paid in.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn currency(&self) -> Result<Currency, ActError> {
        let address = self.read(self.deployment.pool, &Pool::currencyCall {}).await?;
        self.currency_at(address).await
    }

    /// A currency by its address, zero for the chain's own.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn currency_at(&self, address: Address) -> Result<Currency, ActError> {
        let coin = match address.is_zero() {
            true => self.native().coin,
            // ERC-20's optional messages, by the pool's declarations of the same.
            false => Coin {
                symbol: symbol(&self.read(address, &Pool::symbolCall {}).await?),
                decimals: self.read(address, &Pool::decimalsCall {}).await?,
            },
        };
        Ok(Currency { address, coin })
    }

    /// An amount of a currency; of the chain's own one that it can move.
    ///
    /// # Errors
    /// [`ActError::Unit`].
    pub fn money(&self, quantity: &Quantity, currency: &Currency) -> Result<u128, ActError> {
        let amount = quantity.in_units_of(&currency.coin)?;
        if currency.is_native() {
            self.native().units(amount)?;
        }
        Ok(amount)
    }

    /// The fact that the sender has a role of a contract.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn holds(&self, contract: Address, name: &str) -> Result<Fact, ActError> {
        let has = self.has_role(contract, name, self.sender).await?;
        let (who, place) = (self.says(self.sender), self.says(contract));
        let verb = if has { "has" } else { "does not have" };
        let remedy = if has { String::new() } else { self.grant(contract, name).await? };
        Ok(Fact::new(has, format!("{who} {verb} {name} of {place}"), remedy))
    }

    /// Who gives the sender a role of a contract, and what to type.
    async fn grant(&self, contract: Address, name: &str) -> Result<String, ActError> {
        let admin = self.types(self.read(contract, &Access::defaultAdminCall {}).await?);
        let (place, who) = (self.types(contract), self.types(self.sender));
        Ok(format!(
            "{admin} grants it, the admin of {place}: yieldset roles grant {name} {who} --on {place} --from {admin}; or \
             send it as an account that has it"
        ))
    }

    /// Whether an account has a role of a contract; `admin` is the default admin's.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn has_role(&self, contract: Address, name: &str, account: Address) -> Result<bool, ActError> {
        match name {
            "admin" => Ok(self.read(contract, &Access::defaultAdminCall {}).await? == account),
            name => self.read(contract, &Access::hasRoleCall { role: role(name), account }).await,
        }
    }

    /// The fact that the sender has so many shares.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn has_shares(&self, owner: Address, shares: Shares) -> Result<Fact, ActError> {
        let has = amount(self.read(self.deployment.pool, &Pool::balanceOfCall { account: owner }).await?)?;
        let (who, has_shares) = (self.says(owner), Shares(has));
        let says = match has {
            0 => format!("{who} has no shares"),
            _ => format!("{who} has {has_shares}"),
        };
        Ok(Fact::new(has >= shares.0, says, has_shares.at_most()))
    }

    /// The fact that the pool lets shares go from one account to another; of address zero nothing is asked.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn may_move(&self, from: Address, to: Address, shares: Shares) -> Result<Fact, ActError> {
        let pool = self.deployment.pool;
        let ask = Pool::detectTransferRestrictionCall { from, to, amount: U256::from(shares.0) };
        let code = self.read(pool, &ask).await?;
        if code == 0 {
            return Ok(Fact::known("the pool and its KYC registry let these shares move"));
        }
        let why = self.read(pool, &Pool::messageForTransferRestrictionCall { code }).await?;
        Ok(Fact::new(false, format!("the pool stops it, code {code}: {why}"), super::remedies::of_restriction(code)))
    }

    /// A plan with a call that takes money: with the chain's own the money goes along, of an ERC-20 the contract is
    /// allowed to take it first, where it is not already.
    ///
    /// # Errors
    /// [`ActError`].
    pub async fn with_money<C: SolCall + Sync>(
        &self,
        plan: Plan,
        (currency, amount): (&Currency, u128),
        contract: Address,
        call: &C,
    ) -> Result<Plan, ActError> {
        if currency.is_native() {
            self.native().units(amount)?;
            let has = match self.account {
                Some(account) => self.client.holdings(&account).await?.0,
                None => self.client.native_balance(self.sender).await?,
            };
            return Ok(plan.fact(self.affords(currency, has, amount)).call_paying(contract, call, amount));
        }
        let account = self.sender;
        let has = self.read(currency.address, &Pool::balanceOfCall { account }).await?;
        let has = amount_or_most(has);
        let plan = plan.fact(self.affords(currency, has, amount));
        self.allowed(plan, currency.address, contract, amount, call).await
    }

    /// A plan with a call of a contract that takes so much of a token from the sender.
    ///
    /// # Errors
    /// [`ActError`].
    pub async fn allowed<C: SolCall + Sync>(
        &self,
        plan: Plan,
        token: Address,
        contract: Address,
        needed: u128,
        call: &C,
    ) -> Result<Plan, ActError> {
        let ask = Pool::allowanceCall { owner: self.sender, spender: contract };
        let act = Act::new(plan.kind, plan.sentence.clone(), contract, call);
        if self.read(token, &ask).await? >= U256::from(needed) {
            return Ok(plan.act(act));
        }
        let approve = Pool::approveCall { spender: contract, amount: U256::from(needed) };
        Ok(plan.call(token, &approve).act(act.following()))
    }

    fn affords(&self, currency: &Currency, has: u128, needed: u128) -> Fact {
        let (who, types, lacks) = (self.says(self.sender), self.types(self.sender), needed.saturating_sub(has));
        let lacks = currency.says(lacks);
        let how = match currency.is_native() {
            true => format!("whoever has some types yieldset account fund {types} \"{lacks}\" --from WHO"),
            false => format!("somebody sends it {lacks} of the token {}", currency.address),
        };
        Fact::new(
            has >= needed,
            format!("{who} has {}, {} is needed", currency.says(has), currency.says(needed)),
            format!("it lacks {lacks}, and for fees some of the chain's own money: {how}"),
        )
    }
}

/// What to type of an address behind which the chain has seen nobody.
pub fn vouch(address: Address) -> String {
    format!(
        "if it is an Ethereum account's, say so once: yieldset account label NAME {address} --ethereum; of an sr25519 \
         account write the account itself, as SS58 or 0x and 64 hex digits"
    )
}

fn amount_or_most(value: U256) -> u128 {
    amount(value).unwrap_or(u128::MAX)
}

/// A token's symbol, as it can stand in a sentence of ours: whoever made the token chose it.
fn symbol(text: &str) -> String {
    let letters: String = text.chars().filter(char::is_ascii_graphic).take(16).collect();
    if letters.is_empty() { "tokens".to_owned() } else { letters }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A symbol is a word: what it has of lines and colours would be taken for ours.
    #[test]
    fn a_symbol_is_a_word() {
        assert_eq!(symbol("USDC"), "USDC");
        assert_eq!(symbol("USDC\n  + all is well"), "USDC+alliswell");
        assert_eq!(symbol(&"x".repeat(99)).len(), 16);
        assert_eq!(symbol("\u{1b}[2K\u{202e}"), "[2K");
        assert_eq!(symbol(" "), "tokens");
    }
}
