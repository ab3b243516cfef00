//! What agents do to shares, for reasons that are documented; and what is on offer.

use alloy_primitives::{Address, U256};

use crate::{
    abi::Pool,
    acts::{
        Fact, Plan, Who,
        arguments::{Digest, Name, Shares},
    },
    error::amount,
};

const AGENT: Who = Who::Role("AGENT_ROLE");

doing! {
    /// Freezes so many more of an account's shares, or with --lift unfreezes them.
    FreezeShares = "pool freeze-shares", by AGENT,
    calls [Pool::freezePartialTokensCall, Pool::unfreezePartialTokensCall] {
        /// Whose.
        account: Name,
        /// How many.
        shares: Shares,
        /// Unfreezes them.
        #[arg(long)]
        #[serde(default)]
        lift: bool,
    }
    |it, desk| {
        let (pool, account, amount) = (desk.deployment.pool, desk.address(&it.account)?, U256::from(it.shares.0));
        let what = if it.lift { "Unfreezes" } else { "Freezes" };
        let plan = Plan::of(Self::KIND, format!("{what} {} of {}.", it.shares, desk.says(account)))
            .fact(desk.holds(pool, "AGENT_ROLE").await?)
            .fact(desk.has_shares(account, it.shares).await?);
        Ok(match it.lift {
            true => plan.call(pool, &Pool::unfreezePartialTokensCall { account, amount }),
            false => plan.call(pool, &Pool::freezePartialTokensCall { account, amount }),
        })
    }
}

doing! {
    /// Moves shares whatever keeps them, to an eligible account, for a documented reason.
    Force = "pool force-transfer", by AGENT, calls [Pool::forcedTransferCall] {
        /// Whose shares.
        owner: Name,
        /// To whom.
        to: Name,
        /// How many.
        shares: Shares,
        /// The document that says why.
        #[arg(long)]
        reason: Digest,
    }
    |it, desk| {
        let (pool, from, to) = (desk.deployment.pool, desk.address(&it.owner)?, desk.address(&it.to)?);
        let call = Pool::forcedTransferCall { from, to, amount: U256::from(it.shares.0), reason: it.reason.0 };
        Ok(Plan::of(
            Self::KIND,
            format!(
                "Moves {} from {} to {}, whatever keeps them, for the reason {}.",
                it.shares,
                desk.says(from),
                desk.says(to),
                it.reason
            ),
        )
        .fact(desk.holds(pool, "AGENT_ROLE").await?)
        .fact(desk.has_shares(from, it.shares).await?)
        .call(pool, &call))
    }
}

doing! {
    /// Replaces a lost account: all its shares and earnings, now and later, are its replacement's.
    Recover = "pool recover", by AGENT, calls [Pool::recoverAccountCall] {
        /// Whose key is lost.
        lost: Name,
        /// Who stands in its place.
        replacement: Name,
        /// The document that says why.
        #[arg(long)]
        reason: Digest,
    }
    |it, desk| {
        let (pool, lost, replacement) = (desk.deployment.pool, desk.address(&it.lost)?, desk.address(&it.replacement)?);
        let shares = Shares(amount(desk.read(pool, &Pool::balanceOfCall { account: lost }).await?)?);
        let call = Pool::recoverAccountCall { lost, replacement, reason: it.reason.0 };
        Ok(Plan::of(
            Self::KIND,
            format!("Gives {} all that {} has and will earn: {shares} now.", desk.says(replacement), desk.says(lost)),
        )
        .fact(desk.holds(pool, "AGENT_ROLE").await?)
        .fact(Fact::warning("it cannot be taken back; the KYC record moves first: yieldset kyc recover"))
        .fact(desk.may_move(Address::ZERO, replacement, shares).await?)
        .call(pool, &call))
    }
}

doing! {
    /// Frees the sender's shares that are on offer; its asks are void then.
    EndReservations = "pool end-reservations", by Who::Anyone, calls [Pool::endReservationsCall] {}
    |_it, desk| {
        let pool = desk.deployment.pool;
        let reserved = amount(desk.read(pool, &Pool::restraintsOfCall { account: desk.sender }).await?.reserved)?;
        Ok(Plan::of(
            Self::KIND,
            format!("Frees {} that {} has on offer; its asks are void then.", Shares(reserved), desk.says(desk.sender)),
        )
        .fact(Fact::new(reserved > 0, format!("{} are on offer", Shares(reserved)), "nothing is to be done"))
        .call(pool, &Pool::endReservationsCall {}))
    }
}
