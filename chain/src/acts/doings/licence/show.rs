//! What is known of a licence or a menu: everything that is voted on, and what is owed.

use alloy_primitives::{B256, U256};

use super::of::{Choice, Of, datasets_of, known, menu, named, options_of, record, stage_in_words};
use crate::{
    abi::{Licence, Licence::LicenceEvents},
    acts::{
        ActError, Answer, Currency, Desk, Row,
        arguments::LicenceName,
        doings::terms::told::{clauses, in_short},
        history,
    },
    error::amount,
    events::Event,
    units::{Date, Period},
};

asking! {
    /// A licence or a menu: parties, dates, datasets, all terms, money, what is owed; with --period a quarter.
    Show = "licence show" {
        /// Which licence, or which menu.
        licence: LicenceName,
        /// A quarter.
        #[arg(long)]
        #[serde(default)]
        period: Option<Period>,
    }
    |it, desk| {
        let id = desk.licence(&it.licence)?;
        if it.period.is_none() {
            let offered = menu(desk, id).await?;
            if !offered.pool.is_zero() {
                return menu_shown(desk, id, &offered).await;
            }
        }
        let of = Of::load(desk, &it.licence).await?;
        match it.period {
            Some(period) => quarter_shown(desk, &of, period).await,
            None => shown(desk, &of).await,
        }
    }
}

/// A licence, whatever its stage.
async fn shown(desk: &Desk, of: &Of) -> Result<Answer, ActError> {
    let currency = of.currency(desk).await?;
    let says = |value: U256| amount(value).map(|value| currency.says(value));
    let times: Licence::Times = of.record(desk, b'T', B256::ZERO).await?;
    let money: Licence::Money = of.record(desk, b'M', B256::ZERO).await?;
    let counts: Licence::Counts = of.record(desk, b'N', B256::ZERO).await?;
    let accepted = times.acceptedAt > 0;
    let next = counts.nextQuarter;
    let owed = match next {
        0 => Vec::new(),
        next => outstanding(desk, of, next, &currency).await?,
    };
    let answer = answer!({
        "licence": of.licence,
        "label": desk.licence_label(of.licence),
        "stage": of.stage(),
        "that_is": stage_in_words(of.state.stage),
        "platform": desk.says(of.parties.platform),
        "pool": desk.says(of.parties.pool),
        "currency": currency.coin.symbol,
        "datasets": datasets_of(desk, of.licence).await?,
        "offer_expires": known(times.offerExpiresAt),
        "accepted": known(times.acceptedAt),
        "accepted_option": accepted.then_some(of.state.option),
        "fund_by": known(times.fundBy),
        "active_since": known(times.activatedAt),
        "ends": known(times.endsAt),
        "exclusive_until": known(times.exclusiveUntil),
        "training_until": known(times.trainingUntil),
        "delete_by": known(times.deletionDue),
        "next_platform": (!of.parties.nextPlatform.is_zero()).then(|| desk.says(of.parties.nextPlatform)),
        "escrow": says(money.escrow)?,
        "refundable": says(money.refundable)?,
        "paid_to_pool": says(money.toPool)?,
        "owed": says(money.owed)?,
        "outstanding": owed,
        "next_quarter": (next > 0).then_some(Period(next)),
        "open_defaults": counts.openDefaults,
        "breaches": counts.breaches,
        "violations": counts.violations,
    });
    // Once one is accepted, the contract has that one alone.
    let options = match accepted {
        true => vec![(of.state.option, of.option(desk, of.state.option).await?)],
        false => (0..).zip(options_of(desk, of.licence, of.state.options).await?).collect(),
    };
    let chosen = accepted.then_some(of.state.option);
    Ok(with_options(answer, &options, &currency, chosen))
}

/// A licensor's menu.
async fn menu_shown(desk: &Desk, id: B256, offered: &Licence::Menu) -> Result<Answer, ActError> {
    let currency = desk.currency_at(offered.currency).await?;
    let open = offered.expiresAt > desk.now().await?;
    let answer = answer!({
        "menu": id,
        "label": desk.licence_label(id),
        "stage": if open { "open" } else { "over" },
        "that_is": format!("who takes an option is licensed at once: yieldset licence take {} OPTION", named(desk, id)),
        "licensor": desk.says(offered.licensor),
        "pool": desk.says(offered.pool),
        "currency": currency.coin.symbol,
        "datasets": datasets_of(desk, id).await?,
        "expires": known(offered.expiresAt),
    });
    let options: Vec<_> = (0..).zip(options_of(desk, id, offered.options).await?).collect();
    Ok(with_options(answer, &options, &currency, None))
}

/// Options with all of their clauses; where one was accepted, that one alone binds.
fn with_options(answer: Answer, options: &[(u8, Choice)], currency: &Currency, accepted: Option<u8>) -> Answer {
    options.iter().fold(answer, |answer, (at, (terms, milestones))| {
        let said = match accepted {
            Some(option) if option == *at => " (accepted)",
            Some(_) => " (not accepted)",
            None => "",
        };
        answer.section(&format!("option_{at}"), said, clauses(terms, milestones, currency))
    })
}

/// What is outstanding of quarters that were reported, newest first: the last eight.
async fn outstanding(desk: &Desk, of: &Of, next: u32, currency: &Currency) -> Result<Vec<String>, ActError> {
    let (first, last) = of.calendar(desk).await?.quarters();
    let mut all = Vec::new();
    for number in (first..=last.min(next)).rev().take(8) {
        let due: Licence::Due = of.record(desk, b'U', U256::from(number).into()).await?;
        let owed = amount(due.outstanding)?;
        if owed > 0 {
            let by = known(due.payBy).map(|by| format!(" by {by}")).unwrap_or_default();
            let late = if due.inDefault { ", in default" } else { "" };
            all.push(format!("{} for {}{by}{late}", currency.says(owed), Period(number)));
        }
    }
    Ok(all)
}

/// A quarter of a licence.
async fn quarter_shown(desk: &Desk, of: &Of, period: Period) -> Result<Answer, ActError> {
    let currency = of.currency(desk).await?;
    let says = |value: U256| amount(value).map(|value| currency.says(value));
    let which = B256::from(U256::from(period.0));
    let quarter: Licence::Quarter = of.record(desk, b'Q', which).await?;
    let due: Licence::Due = of.record(desk, b'U', which).await?;
    // What terms cut off a deduction is not seen in the figures that were reported.
    let counted = (quarter.reportedAt > 0).then(|| says(quarter.base)).transpose()?;
    Ok(answer!({
        "licence": of.licence,
        "period": period,
        "reported": known(quarter.reportedAt),
        "gross": says(quarter.gross)?,
        "infrastructure": says(quarter.infrastructure)?,
        "taxes": says(quarter.taxes)?,
        "part_of_it_is_taken_of": counted,
        "tokens": quarter.tokens.to_string(),
        "calls": quarter.calls,
        "due": says(due.due)?,
        "paid": says(due.paid)?,
        "interest": says(due.interest)?,
        "outstanding": says(due.outstanding)?,
        "pay_by": known(due.payBy),
        "in_default": due.inDefault,
        "kept_for_the_pool": says(due.held)?,
    }))
}

asking! {
    /// The pool's licences, offers and menus: those with a label here, and those of which the newest blocks tell.
    List = "licence list" {
        /// How many blocks are looked at, from the newest back.
        #[arg(long, default_value_t = history::BLOCKS, value_parser = history::bounded())]
        #[serde(default = "history::blocks")]
        blocks: u64,
    }
    |it, desk| {
        let told = history::told(desk, desk.deployment.licence, it.blocks).await?;
        let mut ids: Vec<B256> = desk.book.licences.values().copied().collect();
        for event in &told.events {
            let id = match &event.event {
                Event::Licence(LicenceEvents::LicenceOffered(made)) => made.licence,
                Event::Licence(LicenceEvents::MenuPublished(made)) => made.licence,
                _ => continue,
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let mut all = Vec::new();
        for id in ids {
            all.extend(row(desk, id).await?);
        }
        Ok(answer!({ "blocks": told.says(), "more": "yieldset licence show LICENCE" }).rows("licences", all))
    }
}

/// A licence or a menu of the pool, in a line.
async fn row(desk: &Desk, id: B256) -> Result<Option<Row>, ActError> {
    let name = named(desk, id);
    if let Some(of) = Of::find(desk, id).await? {
        if of.parties.pool != desk.deployment.pool {
            return Ok(None);
        }
        let times: Licence::Times = of.record(desk, b'T', B256::ZERO).await?;
        let currency = of.currency(desk).await?;
        let accepted = times.acceptedAt > 0;
        let (terms, _) = match accepted {
            true => of.terms(desk).await?,
            false => of.option(desk, 0).await?,
        };
        let until = if times.endsAt > 0 { times.endsAt } else { times.offerExpiresAt };
        let more = if accepted || of.state.options < 2 { "" } else { ", or another option" };
        return Ok(Some(row!({
            "licence": name,
            "is": of.stage(),
            "of": desk.types(of.parties.platform),
            "until": Date(until),
            "terms": format!("{}{more}", in_short(&terms, &currency)),
        })));
    }
    let offered: Licence::Menu = record(desk, id, b'X', B256::ZERO).await?;
    if offered.pool != desk.deployment.pool {
        return Ok(None);
    }
    Ok(Some(row!({
        "licence": name,
        "is": "a menu",
        "of": desk.types(offered.licensor),
        "until": Date(offered.expiresAt),
        "terms": super::count(offered.options.into(), "option"),
    })))
}
