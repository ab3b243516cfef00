//! Trading shares: orders, fills, what the market owes.

mod rules;

use alloy_primitives::{Address, U256};
use serde_json::json;
use yieldset_rules::market::{ASK, BID};

use self::rules::{Listed, Placed, fills, places};
use super::pool::value;
use crate::{
    abi::{Market, Pool},
    acts::{
        ActError, Answer, Desk, Fact, Plan, Who,
        arguments::{Amount, Moment, Name, Shares},
    },
    error::amount,
    units::Date,
};

const LISTER: Who = Who::Role("LISTER_ROLE");

doing! {
    /// Lists the pool, or sets its lot and tick anew.
    List = "market list", by LISTER, calls [Market::listPoolCall] {
        /// Fewest shares of an order and of a fill.
        #[arg(long)]
        lot: Shares,
        /// Prices are multiples of it.
        #[arg(long)]
        tick: Amount,
    }
    |it, desk| {
        let (market, pool, currency) = (desk.deployment.market, desk.deployment.pool, desk.currency().await?);
        let tick = desk.money(&it.tick, &currency)?;
        let now = desk.read(market, &Market::listingOfCall { pool }).await?;
        let same = now.listed && now.lot == U256::from(it.lot.0) && now.tick == U256::from(tick);
        Ok(Plan::of(
            Self::KIND,
            format!("Lists {}: lots of {}, prices in steps of {}.", desk.says(pool), it.lot, currency.says(tick)),
        )
        .fact(desk.holds(market, "LISTER_ROLE").await?)
        .fact(seen(desk).await?)
        .fact(Fact::new(
            !same,
            if same { "it is listed so already" } else { "it is not listed, or otherwise" },
            "nothing is to be done",
        ))
        .call(market, &Market::listPoolCall { pool, lot: U256::from(it.lot.0), tick: U256::from(tick) }))
    }
}

doing! {
    /// Stops trading in the pool: orders can only be cancelled then.
    Delist = "market delist", by LISTER, calls [Market::delistPoolCall] {}
    |_it, desk| {
        let (market, pool) = (desk.deployment.market, desk.deployment.pool);
        Ok(Plan::of(
            Self::KIND,
            format!("Stops trading in {}; its orders can only be cancelled then.", desk.says(pool)),
        )
        .fact(desk.holds(market, "LISTER_ROLE").await?)
        .fact(listed(desk).await?)
        .call(market, &Market::delistPoolCall { pool }))
    }
}

doing! {
    /// Offers shares at a price; they stay the seller's and keep earning until they are sold.
    Ask = "market ask", by Who::Named("anyone the pool lets send"), calls [Market::askCall, Pool::approveCall] {
        /// How many.
        shares: Shares,
        /// For a share.
        #[arg(long)]
        price: Amount,
        /// Until when, at most 90 days from now.
        #[arg(long, default_value = "+30d")]
        until: Moment,
    }
    |it, desk| {
        let (market, pool, currency) = (desk.deployment.market, desk.deployment.pool, desk.currency().await?);
        let (price, expiry) = (desk.money(&it.price, &currency)?, desk.moment(it.until).await?);
        let worth = currency.says(value(it.shares, price)?);
        let plan = Plan::of(
            Self::KIND,
            format!("Offers {} at {} each, {worth} in all, until {}.", it.shares, currency.says(price), Date(expiry)),
        )
        .fact(places(&Listed::of(desk).await?, desk, (ASK, it.shares, price, expiry)).await?)
        .fact(desk.has_shares(desk.sender, it.shares).await?)
        .fact(desk.may_move(desk.sender, Address::ZERO, it.shares).await?);
        let call = Market::askCall { pool, shares: U256::from(it.shares.0), price: U256::from(price), expiry };
        desk.allowed(plan, pool, market, it.shares.0, &call).await
    }
}

doing! {
    /// Wants shares at a price; the market holds the money until they are bought or the order ends.
    Bid = "market bid", by Who::Named("anyone the pool lets receive"), calls [Market::bidCall, Pool::approveCall] {
        /// How many.
        shares: Shares,
        /// For a share.
        #[arg(long)]
        price: Amount,
        /// Until when, at most 90 days from now.
        #[arg(long, default_value = "+30d")]
        until: Moment,
    }
    |it, desk| {
        let (market, pool, currency) = (desk.deployment.market, desk.deployment.pool, desk.currency().await?);
        let (price, expiry) = (desk.money(&it.price, &currency)?, desk.moment(it.until).await?);
        let cost = value(it.shares, price)?;
        let plan = Plan::of(
            Self::KIND,
            format!(
                "Wants {} at {} each until {}; the market holds {}.",
                it.shares,
                currency.says(price),
                Date(expiry),
                currency.says(cost)
            ),
        )
        .fact(places(&Listed::of(desk).await?, desk, (BID, it.shares, price, expiry)).await?)
        .fact(desk.may_move(Address::ZERO, desk.sender, it.shares).await?);
        let call = Market::bidCall { pool, shares: U256::from(it.shares.0), price: U256::from(price), expiry };
        desk.with_money(plan, (&currency, cost), market, &call).await
    }
}

doing! {
    /// Takes an order: buys the shares of an ask, or sells shares to a bid.
    Fill = "market fill", by Who::Named("anyone but its maker"),
    calls [Market::fillAskCall, Market::fillBidCall, Pool::approveCall] {
        /// Its number.
        order: u64,
        /// How many; all that is left without.
        #[arg(long)]
        shares: Option<Shares>,
    }
    |it, desk| {
        let (market, order) = (desk.deployment.market, it.order);
        let found = Placed::of(desk, order).await?;
        let left = Shares(found.order.shares);
        let (shares, currency) = (it.shares.unwrap_or(left), found.currency(desk).await?);
        let listing = Listed::of(desk).await?;
        let (filling, figure) = fills(&listing, desk, &found, shares).await?;
        let (verb, whom) = if found.order.side == ASK { ("Buys", "from") } else { ("Sells", "to") };
        let sentence = format!(
            "{verb} {shares} {whom} {} at {} each, for {}.",
            desk.says(found.maker()),
            currency.says(found.order.price),
            currency.says(figure)
        );
        let plan = Plan::of(Self::KIND, sentence).fact(found.is_of(desk)).fact(filling);
        let units = U256::from(shares.0);
        if found.order.side == ASK {
            let plan = plan.fact(desk.may_move(Address::ZERO, desk.sender, shares).await?);
            let call = Market::fillAskCall { order, shares: units, maxCost: U256::from(figure) };
            return desk.with_money(plan, (&currency, figure), market, &call).await;
        }
        let plan = plan
            .fact(desk.has_shares(desk.sender, shares).await?)
            .fact(desk.may_move(desk.sender, found.maker(), shares).await?);
        let call = Market::fillBidCall { order, shares: units, minProceeds: U256::from(figure) };
        desk.allowed(plan, found.pool(), market, shares.0, &call).await
    }
}

doing! {
    /// Fills an ask and a bid with each other, at the earlier one's price.
    Match = "market match", by Who::Anyone, calls [Market::matchOrdersCall] {
        /// The ask's number.
        ask: u64,
        /// The bid's number.
        bid: u64,
        /// How many; all that both have without.
        #[arg(long)]
        shares: Option<Shares>,
    }
    |it, desk| {
        let (market, ask, bid) = (desk.deployment.market, it.ask, it.bid);
        let (offered, wanted) = (Placed::of(desk, ask).await?, Placed::of(desk, bid).await?);
        let (least, most) = (offered.order.price, wanted.order.price);
        let currency = offered.currency(desk).await?;
        let both = Shares(offered.order.shares.min(wanted.order.shares));
        let shares = it.shares.unwrap_or(both);
        let sides = offered.order.side == ASK && wanted.order.side == BID;
        Ok(Plan::of(Self::KIND, format!("Fills ask {ask} and bid {bid} with each other: {shares}."))
            .fact(Fact::new(
                sides,
                if sides { "they are an ask and a bid".to_owned() } else { format!("{ask} is no ask, or {bid} no bid") },
                "name the ask first; yieldset market show lists them",
            ))
            .fact(offered.is_of(desk))
            .fact(wanted.is_of(desk))
            .fact(Fact::new(
                least <= most,
                format!("the ask wants {}, the bid gives {}", currency.says(least), currency.says(most)),
                "they do not cross",
            ))
            .fact(Fact::new(shares.0 <= both.0, format!("both have {both}"), both.at_most()))
            .call(market, &Market::matchOrdersCall { ask, bid, shares: U256::from(shares.0) }))
    }
}

doing! {
    /// Takes an order of the sender's back.
    Cancel = "market cancel", by Who::Named("its maker"), calls [Market::cancelCall] {
        /// Its number.
        order: u64,
    }
    |it, desk| {
        let (market, order) = (desk.deployment.market, it.order);
        let found = Placed::of(desk, order).await?;
        let back = match found.order.side {
            ASK => format!("{} are free again", Shares(found.order.shares)),
            _ => format!("{} can be withdrawn", found.currency(desk).await?.says(found.escrow)),
        };
        Ok(Plan::of(Self::KIND, format!("Takes order {order} back: {back}."))
            .fact(Fact::new(
                found.maker() == desk.sender,
                format!("its maker is {}", desk.says(found.maker())),
                format!("send it as that account: --from {}", desk.types(found.maker())),
            ))
            .call(market, &Market::cancelCall { order }))
    }
}

doing! {
    /// Clears an order that can no longer be filled; its maker gets back what is its own.
    Clear = "market clear", by Who::Named("anyone, once it is over or void"), calls [Market::cancelExpiredCall] {
        /// Its number.
        order: u64,
    }
    |it, desk| {
        let (market, order) = (desk.deployment.market, it.order);
        let found = Placed::of(desk, order).await?;
        Ok(Plan::of(Self::KIND, format!("Clears order {order} of {}.", desk.says(found.maker())))
            .fact(Fact::known(format!("it ends on {}", Date(found.order.expiry))))
            .call(market, &Market::cancelExpiredCall { order }))
    }
}

doing! {
    /// Pays out what the market owes the sender.
    Withdraw = "market withdraw", by Who::Named("who has a credit"), calls [Market::withdrawCall] {
        /// To whom; the sender without.
        #[arg(long)]
        to: Option<Name>,
    }
    |it, desk| {
        let (market, pool) = (desk.deployment.market, desk.deployment.pool);
        let (to, reaches) = desk.paid_or_sender(it.to.as_ref()).await?;
        let credit = amount(desk.read(market, &Market::creditOfCall { account: desk.sender, pool }).await?)?;
        let credit_says = desk.currency().await?.says(credit);
        Ok(Plan::of(Self::KIND, format!("Pays {credit_says} out to {}.", desk.says(to)))
            .fact(Fact::new(
                credit > 0,
                format!("the market owes {} {credit_says}", desk.says(desk.sender)),
                "nothing is owed; open bids come back by yieldset market cancel ORDER",
            ))
            .fact(reaches)
            .call(market, &Market::withdrawCall { pool, to }))
    }
}

doing! {
    /// Moves what the market owes a lost account to whom the pool recovered it to.
    Inherit = "market inherit", by Who::Anyone, calls [Market::inheritCall] {
        /// The lost account.
        lost: Name,
    }
    |it, desk| {
        let (market, pool, lost) = (desk.deployment.market, desk.deployment.pool, desk.address(&it.lost)?);
        let heir = desk.read(pool, &Pool::payeeOfCall { account: lost }).await?;
        let credit = amount(desk.read(market, &Market::creditOfCall { account: lost, pool }).await?)?;
        Ok(Plan::of(
            Self::KIND,
            format!("Moves {} from {} to {}.", desk.currency().await?.says(credit), desk.says(lost), desk.says(heir)),
        )
        .fact(Fact::new(
            heir != lost,
            format!("the pool pays {} for it", desk.says(heir)),
            "an agent recovers it first: yieldset pool recover",
        ))
        .fact(Fact::new(credit > 0, "something is owed", "nothing is to be done"))
        .call(market, &Market::inheritCall { lost, pool }))
    }
}

asking! {
    /// The pool's listing and open orders, or one of them.
    Show = "market show" {
        /// An order's number; all open ones without.
        order: Option<u64>,
        /// How many orders are looked at, from the latest back.
        #[arg(long, default_value_t = 100)]
        #[serde(default)]
        latest: u64,
    }
    |it, desk| {
        let (market, pool, currency) = (desk.deployment.market, desk.deployment.pool, desk.currency().await?);
        let listing = desk.read(market, &Market::listingOfCall { pool }).await?;
        let count = desk.read(market, &Market::orderCountCall {}).await?;
        let numbers = match it.order {
            Some(order) => order..=order,
            None => count.saturating_sub(it.latest).saturating_add(1)..=count,
        };
        let mut orders = Vec::new();
        for order in numbers {
            let found = match Placed::find(desk, order).await? {
                Some(found) => found,
                None if it.order.is_some() => return Err(Placed::absent(desk, order).await?),
                // One that is over has no record any more.
                None => continue,
            };
            if found.pool() != pool {
                continue;
            }
            orders.push(row!({
                "order": order,
                "side": if found.order.side == ASK { "ask" } else { "bid" },
                "shares": Shares(found.order.shares),
                "price": currency.says(found.order.price),
                "until": Date(found.order.expiry),
                "maker": desk.types(found.maker()),
            }));
        }
        let mut fields = vec![("listed".to_owned(), json!(listing.listed))];
        if listing.listed {
            let last = amount(listing.lastPrice)?;
            let last = if last == 0 { "none: nothing was sold yet".to_owned() } else { currency.says(last) };
            fields.extend([
                ("lot".to_owned(), json!(Shares(amount(listing.lot)?))),
                ("tick".to_owned(), json!(currency.says(amount(listing.tick)?))),
                ("last_price".to_owned(), json!(last)),
            ]);
        } else {
            fields.push(("more".to_owned(), json!("a lister types: yieldset market list --lot SHARES --tick PRICE")));
        }
        // Nobody is owed nothing.
        if !desk.sender.is_zero() {
            let credit = desk.read(market, &Market::creditOfCall { account: desk.sender, pool }).await?;
            fields.push(("owed_to_sender".to_owned(), json!(currency.says(amount(credit)?))));
        }
        Ok(Answer::of(fields).rows("orders", orders))
    }
}

async fn listed(desk: &Desk) -> Result<Fact, ActError> {
    let listed = desk.read(desk.deployment.market, &Market::listingOfCall { pool: desk.deployment.pool }).await?.listed;
    let says = if listed { "the pool is listed" } else { "the pool is not listed" };
    Ok(Fact::new(listed, says, "a lister types: yieldset market list --lot SHARES --tick PRICE"))
}

async fn seen(desk: &Desk) -> Result<Fact, ActError> {
    let has = desk.has_role(desk.deployment.pool, "MARKET_ROLE", desk.deployment.market).await?;
    let says = if has { "the pool lets the market deliver" } else { "the market has no role in the pool" };
    Ok(Fact::new(has, says, "the pool's admin types: yieldset roles grant MARKET_ROLE market --on pool"))
}
