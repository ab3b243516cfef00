//! Shares of a pool: opening, selling, moving, pausing. How pools are made is beside.

pub mod making;

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};
use serde_json::json;
use yieldset_rules::math::mul_div;

use super::licence::known;
use crate::{
    abi::Pool,
    acts::{
        ActError, Answer, Currency, Desk, Fact, Plan, Who,
        arguments::{Amount, FromFile, Moment, Name, Shares, SharesOrNone},
    },
    error::amount,
    units::{Date, Percent},
};

const ISSUER: Who = Who::Role("ISSUER_ROLE");
const PAUSER: Who = Who::Role("PAUSER_ROLE");

/// One share.
const WHOLE: u128 = 1_000_000_000_000_000_000;

doing! {
    /// Opens the pool: its sale ends for good, and it takes deposits from then on.
    Open = "pool open", by ISSUER, calls [Pool::openCall] {
        /// The most shares that there will ever be without a vote.
        #[arg(long)]
        cap: Shares,
        /// Who may raise the cap and name successors; the pool's co-op without.
        #[arg(long)]
        governor: Option<Name>,
    }
    |it, desk| {
        let pool = desk.deployment.pool;
        let governor = it.governor.as_ref().map_or(Ok(desk.deployment.coop), |name| desk.address(name))?;
        let supply = amount(desk.read(pool, &Pool::totalSupplyCall {}).await?)?;
        let opened = desk.read(pool, &Pool::openedCall {}).await?;
        let (licences, cap) = (desk.deployment.licence, U256::from(it.cap.0));
        let sentence = format!(
            "Opens the pool with {} of at most {}; {} governs it.",
            Shares(supply),
            it.cap,
            desk.says(governor)
        );
        Ok(Plan::of(Self::KIND, sentence)
            .fact(desk.holds(pool, "ISSUER_ROLE").await?)
            .fact(Fact::new(
                !opened,
                if opened { "it was opened already" } else { "it was not opened yet" },
                "nothing is to be done",
            ))
            .fact(Fact::new(
                supply >= WHOLE,
                format!("{} are out", Shares(supply)),
                "mint one share at least: yieldset pool mint ACCOUNT SHARES",
            ))
            .fact(Fact::new(
                it.cap.0 >= supply,
                format!("the cap is {}", it.cap),
                format!("choose at least {}", Shares(supply)),
            ))
            .call(pool, &Pool::openCall { cap, licences, governor }))
    }
}

doing! {
    /// Declares the least balance of the pool's currency, where that is a token of the chain.
    DeclareMinimum = "pool declare-minimum", by ISSUER, calls [Pool::declareMinimumCall] {
        /// The least that an account can have of it.
        minimum: Amount,
    }
    |it, desk| {
        let (pool, currency) = (desk.deployment.pool, desk.currency().await?);
        let minimum = desk.money(&it.minimum, &currency)?;
        Ok(Plan::of(
            Self::KIND,
            format!("Declares that no account has less than {} of the currency.", currency.says(minimum)),
        )
        .fact(desk.holds(pool, "ISSUER_ROLE").await?)
        .fact(Fact::new(
            !currency.is_native(),
            format!("the pool is paid in {}", currency.coin.symbol),
            "only tokens of the chain have a least balance",
        ))
        .call(pool, &Pool::declareMinimumCall { minimum: U256::from(minimum) }))
    }
}

doing! {
    /// Gives an account new shares.
    Mint = "pool mint", by ISSUER, calls [Pool::mintCall] {
        /// To whom.
        to: Name,
        /// How many.
        shares: Shares,
    }
    |it, desk| {
        let (pool, to, seen) = (desk.deployment.pool, desk.address(&it.to)?, desk.seen(&it.to).await?);
        Ok(Plan::of(Self::KIND, format!("Gives {} {} new {}.", desk.says(to), number(it.shares), unit(it.shares)))
            .fact(desk.holds(pool, "ISSUER_ROLE").await?)
            .fact(within_cap(desk, it.shares).await?)
            .fact(desk.may_move(Address::ZERO, to, it.shares).await?)
            .fact(seen)
            .call(pool, &Pool::mintCall { to, amount: U256::from(it.shares.0) }))
    }
}

/// The fact that so many new shares stay within the cap, which there is from the opening on.
async fn within_cap(desk: &Desk, shares: Shares) -> Result<Fact, ActError> {
    let pool = desk.deployment.pool;
    let cap = Shares(amount(desk.read(pool, &Pool::capCall {}).await?)?);
    let supply = Shares(amount(desk.read(pool, &Pool::totalSupplyCall {}).await?)?);
    if !desk.read(pool, &Pool::openedCall {}).await? {
        return Ok(Fact::known(format!("there are {supply}; the pool is not opened, and has no cap yet")));
    }
    let left = Shares(cap.0.saturating_sub(supply.0));
    let most = Shares(supply.0.saturating_add(shares.0));
    Ok(Fact::new(
        shares.0 <= left.0,
        format!("there are {supply}, the cap is {cap}"),
        match left.0 {
            0 => format!("the holders raise the cap: yieldset pool raise-cap \"{most}\" --by-vote WHY"),
            _ => format!(
                "choose at most {left}, or have the holders raise the cap: yieldset pool raise-cap \"{most}\" \
                 --by-vote WHY"
            ),
        },
    ))
}

doing! {
    /// Moves the sender's shares to another account.
    Transfer = "pool transfer", by Who::Named("anyone the pool lets send"), calls [Pool::transferCall] {
        /// To whom.
        to: Name,
        /// How many.
        shares: Shares,
    }
    |it, desk| {
        let (to, seen) = (desk.address(&it.to)?, desk.seen(&it.to).await?);
        Ok(Plan::of(Self::KIND, format!("Moves {} from {} to {}.", it.shares, desk.says(desk.sender), desk.says(to)))
            .fact(desk.has_shares(desk.sender, it.shares).await?)
            .fact(desk.may_move(desk.sender, to, it.shares).await?)
            .fact(seen)
            .call(desk.deployment.pool, &Pool::transferCall { to, amount: U256::from(it.shares.0) }))
    }
}

doing! {
    /// Moves another's shares by the allowance that the sender has.
    TransferFrom = "pool transfer-from", by Who::Named("anyone with the allowance"), calls [Pool::transferFromCall] {
        /// Whose shares.
        owner: Name,
        /// To whom.
        to: Name,
        /// How many.
        shares: Shares,
    }
    |it, desk| {
        let (pool, from, to) = (desk.deployment.pool, desk.address(&it.owner)?, desk.address(&it.to)?);
        let allowed = desk.read(pool, &Pool::allowanceCall { owner: from, spender: desk.sender }).await?;
        Ok(Plan::of(Self::KIND, format!("Moves {} from {} to {}.", it.shares, desk.says(from), desk.says(to)))
            .fact(Fact::new(
                allowed >= U256::from(it.shares.0),
                format!("{} allowed {}", desk.says(from), shares_of(allowed)),
                format!("it types: yieldset pool approve {} \"{}\"", desk.types(desk.sender), it.shares),
            ))
            .fact(desk.may_move(from, to, it.shares).await?)
            .call(pool, &Pool::transferFromCall { from, to, amount: U256::from(it.shares.0) }))
    }
}

doing! {
    /// Lets another account move so many of the sender's shares.
    Approve = "pool approve", by Who::Anyone, calls [Pool::approveCall] {
        /// Whom.
        spender: Name,
        /// How many from now on; zero takes an allowance back.
        shares: SharesOrNone,
    }
    |it, desk| {
        let (pool, spender, shares) = (desk.deployment.pool, desk.address(&it.spender)?, it.shares.0);
        let now = desk.read(pool, &Pool::allowanceCall { owner: desk.sender, spender }).await?;
        Ok(Plan::of(
            Self::KIND,
            match shares.0 {
                0 => format!("Lets {} move nothing of {} any more.", desk.says(spender), desk.says(desk.sender)),
                _ => format!("Lets {} move {shares} of {}.", desk.says(spender), desk.says(desk.sender)),
            },
        )
        .fact(Fact::changes(now != U256::from(shares.0), format!("it may move {} now", shares_of(now))))
        .call(pool, &Pool::approveCall { spender, amount: U256::from(shares.0) }))
    }
}

/// An allowance as its owner signed it (ERC-2612); numbers in 10^-18 shares.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permitted {
    owner: Address,
    spender: Address,
    value: U256,
    deadline: u64,
    v: u8,
    r: B256,
    s: B256,
}

doing! {
    /// Hands in an allowance that its owner signed (ERC-2612).
    Permit = "pool permit", by Who::Named("anyone, with the owner's signature"), calls [Pool::permitCall] {
        /// JSON or TOML: owner, spender, value, deadline, v, r, s.
        file: FromFile<Permitted>,
    }
    |it, desk| {
        let Permitted { owner, spender, value, deadline, v, r, s } = it.file.0.clone();
        let now = desk.now().await?;
        Ok(Plan::of(
            Self::KIND,
            format!("Lets {} move {} of {}.", desk.says(spender), shares_of(value), desk.says(owner)),
        )
        .fact(Fact::new(deadline >= now, format!("its time ends on {}", Date(deadline)), "the owner signs again"))
        .call(
            desk.deployment.pool,
            &Pool::permitCall { owner, spender, value, deadline: U256::from(deadline), v, r, s },
        ))
    }
}

doing! {
    /// Opens, changes or closes the sale of new shares, before the pool is opened.
    Sale = "pool sale", by ISSUER, calls [Pool::setSaleCall] {
        /// For a share.
        #[arg(long, required_unless_present = "close")]
        price: Option<Amount>,
        /// How many.
        #[arg(long, required_unless_present = "close")]
        shares: Option<Shares>,
        /// From when on; now without.
        #[arg(long)]
        starts: Option<Moment>,
        /// Until when.
        #[arg(long, required_unless_present = "close")]
        ends: Option<Moment>,
        /// Who gets the proceeds; the sender without.
        #[arg(long)]
        proceeds_to: Option<Name>,
        /// Closes it.
        #[arg(long, conflicts_with_all = ["price", "shares", "ends"])]
        #[serde(default)]
        close: bool,
    }
    |it, desk| {
        let (pool, now) = (desk.deployment.pool, desk.now().await?);
        let opened = desk.read(pool, &Pool::openedCall {}).await?;
        let (proceeds_to, reaches) = desk.paid_or_sender(it.proceeds_to.as_ref()).await?;
        let plan =
            Plan::of(Self::KIND, "Closes the sale.").fact(desk.holds(pool, "ISSUER_ROLE").await?).fact(Fact::new(
                !opened,
                if opened { "the pool was opened" } else { "the pool is not opened yet" },
                "later shares are minted or traded",
            ));
        if it.close {
            let call =
                Pool::setSaleCall { price: U256::ZERO, cap: U256::ZERO, starts: 0, ends: 0, proceedsTo: proceeds_to };
            return Ok(plan.call(pool, &call));
        }
        let missing = || ActError::Unfit("a sale needs --price, --shares and --ends; --close closes it".into());
        let (price, shares) = (it.price.as_ref().ok_or_else(missing)?, it.shares.ok_or_else(missing)?);
        let (starts, ends) =
            (it.starts.map_or(now, |starts| starts.seconds(now)), it.ends.ok_or_else(missing)?.seconds(now));
        let currency = desk.currency().await?;
        let price = desk.money(price, &currency)?;
        let sentence = format!(
            "Sells {shares} at {} each, from {} until {}; {} gets the proceeds.",
            currency.says(price),
            Date(starts),
            Date(ends),
            desk.says(proceeds_to)
        );
        let call = Pool::setSaleCall {
            price: U256::from(price),
            cap: U256::from(shares.0),
            starts,
            ends,
            proceedsTo: proceeds_to,
        };
        Ok(Plan { sentence, ..plan }
            .fact(reaches)
            .fact(Fact::new(
                ends > starts.max(now),
                format!("it ends on {}", Date(ends)),
                "choose a later end, such as +14d",
            ))
            .call(pool, &call))
    }
}

doing! {
    /// Buys new shares in the pool's sale.
    Buy = "pool buy", by Who::Named("anyone the pool lets receive, before the opening"),
    calls [Pool::buyCall, Pool::approveCall] {
        /// How many.
        shares: Shares,
    }
    |it, desk| {
        let (pool, currency) = (desk.deployment.pool, desk.currency().await?);
        let sale = desk.read(pool, &Pool::saleCall {}).await?;
        let cost = value(it.shares, amount(sale.price)?)?;
        let (now, left) = (desk.now().await?, amount(sale.left)?);
        let call = Pool::buyCall { amount: U256::from(it.shares.0), maxCost: U256::from(cost) };
        let open = (sale.starts..sale.ends).contains(&now);
        let plan = Plan::of(
            Self::KIND,
            format!("Buys {} for {}, at {} each.", it.shares, currency.says(cost), currency.says(amount(sale.price)?)),
        )
        .fact(Fact::new(
            open,
            format!("the sale runs from {} until {}", Date(sale.starts), Date(sale.ends)),
            "wait for it, or buy on the market: yieldset market show",
        ))
        .fact(Fact::new(
            left >= it.shares.0,
            format!("{} are left in it", Shares(left)),
            Shares(left).at_most(),
        ))
        .fact(desk.may_move(Address::ZERO, desk.sender, it.shares).await?);
        desk.with_money(plan, (&currency, cost), pool, &call).await
    }
}

doing! {
    /// Stops transfers, issuance, trades and claims; what is earned stays owed.
    Pause = "pool pause", by PAUSER, calls [Pool::pauseCall] {}
    |_it, desk| {
        paused(Plan::of(Self::KIND, "Pauses the pool."), desk, true).await
    }
}

doing! {
    /// Lets the pool run on.
    Unpause = "pool unpause", by PAUSER, calls [Pool::unpauseCall] {}
    |_it, desk| {
        paused(Plan::of(Self::KIND, "Lets the pool run on."), desk, false).await
    }
}

async fn paused(plan: Plan, desk: &Desk, pause: bool) -> Result<Plan, ActError> {
    let pool = desk.deployment.pool;
    let is = desk.read(pool, &Pool::pausedCall {}).await?;
    let says = if is { "it is paused" } else { "it is not paused" };
    let plan =
        plan.fact(desk.holds(pool, "PAUSER_ROLE").await?).fact(Fact::new(is != pause, says, "nothing is to be done"));
    Ok(match pause {
        true => plan.call(pool, &Pool::pauseCall {}),
        false => plan.call(pool, &Pool::unpauseCall {}),
    })
}

/// What shares cost at a price for one, rounded up as the contracts do.
pub(super) fn value(shares: Shares, price: u128) -> Result<u128, ActError> {
    let too_much = || ActError::Unfit(format!("{shares} at that price are more than 128 bits of money"));
    let down = mul_div(shares.0, price, WHOLE).map_err(|_| too_much())?;
    let exact = U256::from(shares.0) * U256::from(price) == U256::from(down) * U256::from(WHOLE);
    if exact { Ok(down) } else { down.checked_add(1).ok_or_else(too_much) }
}

/// An allowance, which may be without limit.
fn shares_of(value: U256) -> String {
    amount(value).map_or_else(|_| "any number of shares".to_owned(), |units| Shares(units).to_string())
}

fn number(shares: Shares) -> String {
    shares.to_string().split(' ').next().unwrap_or_default().to_owned()
}

fn unit(shares: Shares) -> &'static str {
    if shares.0 == WHOLE { "share" } else { "shares" }
}

asking! {
    /// The pool, and what an account has in it.
    Show = "pool show" {
        /// Whose; the sender's without.
        account: Option<Name>,
    }
    |it, desk| {
        let (pool, account) = (desk.deployment.pool, desk.address_or_sender(it.account.as_ref())?);
        let (currency, totals) = (desk.currency().await?, desk.read(pool, &Pool::totalsCall {}).await?);
        let (sale, opened) =
            (desk.read(pool, &Pool::saleCall {}).await?, desk.read(pool, &Pool::openedCall {}).await?);
        let governor = desk.read(pool, &Pool::governorCall {}).await?;
        let answer = answer!({
            "pool": pool,
            "name": desk.read(pool, &Pool::nameCall {}).await?,
            "symbol": desk.read(pool, &Pool::symbolCall {}).await?,
            "paid_in": currency.coin.symbol,
            "contributors": Percent(desk.read(pool, &Pool::contributorsBpsCall {}).await?),
            "opened": opened,
            "paused": desk.read(pool, &Pool::pausedCall {}).await?,
            "shares_in_all": Shares(amount(desk.read(pool, &Pool::totalSupplyCall {}).await?)?),
            "cap": match opened {
                true => json!(Shares(amount(desk.read(pool, &Pool::capCall {}).await?)?)),
                false => "none before it is opened: yieldset pool open --cap SHARES".into(),
            },
            "governor": if governor.is_zero() { "nobody".to_owned() } else { desk.says(governor) },
            "deposited": currency.says(amount(totals.deposited)?),
            "claimed_by_holders": currency.says(amount(totals.claimedByHolders)?),
            "claimed_by_contributors": currency.says(amount(totals.claimedByContributors)?),
            "in_sale": match (amount(sale.left)?, opened) {
                (0, _) | (_, true) => "none".to_owned(),
                (left, false) => format!("{} at {} each", Shares(left), currency.says(amount(sale.price)?)),
            },
        });
        match account.is_zero() {
            true => Ok(answer),
            false => Ok(answer.and(in_pool(desk, account, &currency).await?)),
        }
    }
}

/// What an account has in the pool.
async fn in_pool(desk: &Desk, account: Address, currency: &Currency) -> Result<Answer, ActError> {
    let pool = desk.deployment.pool;
    let restraints = desk.read(pool, &Pool::restraintsOfCall { account }).await?;
    let votes_for = desk.read(pool, &Pool::delegatesCall { account }).await?;
    Ok(answer!({
        "account": desk.says(account),
        "shares": Shares(amount(desk.read(pool, &Pool::balanceOfCall { account }).await?)?),
        "frozen": Shares(amount(restraints.frozen)?),
        "on_offer": Shares(amount(restraints.reserved)?),
        "locked": Shares(amount(restraints.locked)?),
        "locked_until": known(restraints.lockedUntil),
        "votes_for": if votes_for.is_zero() { "itself".to_owned() } else { desk.says(votes_for) },
        "claimable": currency.says(amount(desk.read(pool, &Pool::claimableCall { account }).await?)?),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_cost_is_rounded_up() {
        assert_eq!(value(Shares(3 * WHOLE), 2_000_000).expect("fits"), 6_000_000);
        assert_eq!(value(Shares(WHOLE / 3), 1).expect("fits"), 1);
        assert_eq!(value(Shares(0), 5).expect("fits"), 0);
        assert!(value(Shares(u128::MAX), u128::MAX).is_err());
    }
}
