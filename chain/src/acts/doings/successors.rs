//! What a pool's governor decides: its cap, and who takes the place of its parts.

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

use crate::{
    abi::Pool,
    acts::{
        ActError, Desk, Fact, Plan, Who,
        arguments::{Name, Shares},
        words::word,
    },
    error::amount,
    units::Date,
};

const GOVERNOR: Who = Who::Named("the pool's governor, which is the co-op");

doing! {
    /// Raises the most shares that there will be.
    RaiseCap = "pool raise-cap", by GOVERNOR, calls [Pool::raiseCapCall] {
        /// To how many.
        cap: Shares,
    }
    |it, desk| {
        let pool = desk.deployment.pool;
        let before = Shares(amount(desk.read(pool, &Pool::capCall {}).await?)?);
        Ok(Plan::of(Self::KIND, format!("Raises the cap from {before} to {}.", it.cap))
            .fact(governed(desk).await?)
            .fact(Fact::new(it.cap.0 > before.0, format!("the cap is {before}"), "choose a higher one"))
            .call(pool, &Pool::raiseCapCall { cap: U256::from(it.cap.0) }))
    }
}

/// A part of a pool that can have a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The KYC registry.
    Kyc = 0,
    /// The attribution registry.
    Attribution = 1,
    /// The pool's code.
    Logic = 2,
    /// The licence contract.
    Licences = 3,
}

doing! {
    /// Names the successor of a part of the pool, which takes its place thirty days later.
    Succeed = "pool succeed", by GOVERNOR, calls [Pool::proposeSuccessorCall] {
        /// Which part.
        part: Part,
        /// Who is to take its place.
        successor: Name,
    }
    |it, desk| {
        let successor = desk.address(&it.successor)?;
        Ok(Plan::of(
            Self::KIND,
            format!("Names {} to take the place of the pool's {} in 30 days.", desk.says(successor), word(it.part)),
        )
        .fact(governed(desk).await?)
        .call(desk.deployment.pool, &Pool::proposeSuccessorCall { part: it.part as u8, successor }))
    }
}

doing! {
    /// Takes back who was named to succeed a part of the pool.
    CancelSuccessor = "pool cancel-successor", by GOVERNOR, calls [Pool::cancelSuccessorCall] {
        /// Of which part.
        part: Part,
    }
    |it, desk| {
        Ok(Plan::of(Self::KIND, format!("Takes back who was named to succeed the pool's {}.", word(it.part)))
            .fact(governed(desk).await?)
            .fact(named(desk, it.part).await?)
            .call(desk.deployment.pool, &Pool::cancelSuccessorCall { part: it.part as u8 }))
    }
}

doing! {
    /// Puts the successor of a part in its place, once its thirty days are over.
    Adopt = "pool adopt", by Who::Anyone, calls [Pool::adoptSuccessorCall] {
        /// Of which part.
        part: Part,
    }
    |it, desk| {
        let found = desk.read(desk.deployment.pool, &Pool::successorOfCall { part: it.part as u8 }).await?;
        let (now, from, until) = (desk.now().await?, Date(found.eta), Date(found.expires));
        Ok(Plan::of(
            Self::KIND,
            format!("Puts {} in the place of the pool's {}.", desk.says(found.successor), word(it.part)),
        )
        .fact(named(desk, it.part).await?)
        .fact(Fact::new(
            (found.eta..found.expires).contains(&now),
            format!("it can be adopted from {from} until {until}"),
            "wait for it, or have it named anew",
        ))
        .call(desk.deployment.pool, &Pool::adoptSuccessorCall { part: it.part as u8 }))
    }
}

async fn named(desk: &Desk, part: Part) -> Result<Fact, ActError> {
    let successor = desk.read(desk.deployment.pool, &Pool::successorOfCall { part: part as u8 }).await?.successor;
    let says =
        if successor.is_zero() { "nobody is named".to_owned() } else { format!("{} is named", desk.says(successor)) };
    Ok(Fact::new(!successor.is_zero(), says, "name one: yieldset pool succeed PART ADDRESS --by-vote WHY"))
}

async fn governed(desk: &Desk) -> Result<Fact, ActError> {
    let governor = desk.read(desk.deployment.pool, &Pool::governorCall {}).await?;
    let says = if governor.is_zero() {
        "the pool has no governor".to_owned()
    } else {
        format!("the pool's governor is {}", desk.says(governor))
    };
    Ok(Fact::new(governor == desk.sender, says, "where it is the co-op, repeat the command with --by-vote WHY"))
}
