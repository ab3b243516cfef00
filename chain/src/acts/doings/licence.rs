//! Licences: offers, menus, acceptance. What becomes of one in force and what is known of it are beside.

mod of;
pub mod running;
pub mod show;

use alloy_primitives::{B256, U256};
use yieldset_rules::licence::{MAX_DATASETS, Milestone, Terms, words};

use super::terms::{
    Menu,
    told::{clauses, fault, in_short},
};
use crate::{
    abi::{Licence, Pool},
    acts::{
        ActError, Currency, Desk, Fact, Plan, Who,
        arguments::{DatasetName, FromFile, LicenceName, Moment},
    },
    units::{Date, Percent},
};

pub use self::of::STAGES;
pub(super) use self::of::{Of, count, known};
use self::of::{in_pool, licensor, menu, named, option_of, options_of};

const LICENSOR: Who = Who::Named("the pool's licensor, which is the co-op");
const LICENSOR_OR_ARBITER: Who = Who::Named("the pool's licensor, ARBITER_ROLE");
const PLATFORM: Who = Who::Platform;

doing! {
    /// Offers the pool a licence on some of its datasets; the highest upfront of the menu goes along.
    Offer = "licence offer", by Who::Anyone, calls [Licence::offerCall, Pool::approveCall] {
        /// The menu, TOML or JSON: yieldset example menu.
        menu: FromFile<Menu>,
        /// On which datasets.
        #[arg(long, required = true, num_args = 1..)]
        datasets: Vec<DatasetName>,
        /// Until when the pool can accept.
        #[arg(long, default_value = "+30d")]
        until: Moment,
    }
    |it, desk| {
        let (contract, pool, currency) = (desk.deployment.licence, desk.deployment.pool, desk.currency().await?);
        let (datasets, expires_at) = (desk.datasets(&it.datasets)?, desk.moment(it.until).await?);
        let (options, upfront) = it.menu.0.words(desk, &currency)?;
        let plan = Plan::of(
            Self::KIND,
            format!(
                "Offers {} a licence on {} with {}, until {}; {} goes along, which comes back as far as nothing is accepted.",
                desk.says(pool),
                count(datasets.len(), "dataset"),
                count(options.len(), "option"),
                Date(expires_at),
                currency.says(upfront)
            ),
        );
        let mut plan = offered(plan, desk, (&it.datasets, &datasets), (&options, &currency), expires_at).await?;
        for fact in open_offers(desk, &datasets).await? {
            plan = plan.fact(fact);
        }
        let call = Licence::offerCall { pool, currency: currency.address, datasets, options, expiresAt: expires_at };
        desk.with_money(plan, (&currency, upfront), contract, &call).await
    }
}

doing! {
    /// Publishes a menu of the pool's own: a platform that takes an option is licensed at once.
    Publish = "licence publish", by LICENSOR, calls [Licence::publishMenuCall] {
        /// The menu, TOML or JSON: yieldset example menu.
        menu: FromFile<Menu>,
        /// On which datasets.
        #[arg(long, required = true, num_args = 1..)]
        datasets: Vec<DatasetName>,
        /// Until when options can be taken.
        #[arg(long)]
        until: Moment,
    }
    |it, desk| {
        let (contract, pool, currency) = (desk.deployment.licence, desk.deployment.pool, desk.currency().await?);
        let (datasets, expires_at) = (desk.datasets(&it.datasets)?, desk.moment(it.until).await?);
        let (options, _) = it.menu.0.words(desk, &currency)?;
        let sentence = format!(
            "Publishes a menu of {} on {}, until {}.",
            count(options.len(), "option"),
            count(datasets.len(), "dataset"),
            Date(expires_at)
        );
        let plan = Plan::of(Self::KIND, sentence).fact(licensor(desk, pool).await?);
        let plan = offered(plan, desk, (&it.datasets, &datasets), (&options, &currency), expires_at).await?;
        let call =
            Licence::publishMenuCall { pool, currency: currency.address, datasets, options, expiresAt: expires_at };
        Ok(plan.call(contract, &call))
    }
}

/// What decides whether a menu can be offered or published, looked up before any money is bound or allowed: time,
/// datasets, and each option by the rules that the contract follows.
async fn offered(
    plan: Plan,
    desk: &Desk,
    (names, datasets): (&[DatasetName], &[B256]),
    (options, currency): (&[Vec<B256>], &Currency),
    expires_at: u64,
) -> Result<Plan, ActError> {
    let now = desk.now().await?;
    let mut plan = plan.fact(Fact::new(
        expires_at > now,
        format!("the chain's clock shows {}", Date(now)),
        "choose a later --until, such as +30d",
    ));
    let twice = names.iter().zip(datasets).enumerate().find(|(at, (_, id))| datasets[..*at].contains(id));
    if let Some((_, (name, _))) = twice {
        plan = plan.fact(Fact::new(false, format!("{name} is named twice"), "name each dataset once"));
    }
    if datasets.len() > MAX_DATASETS {
        let says = format!("{} are named", count(datasets.len(), "dataset"));
        plan = plan.fact(Fact::new(false, says, format!("a licence is on at most {MAX_DATASETS}: offer several")));
    }
    for (name, dataset) in names.iter().zip(datasets) {
        plan = plan.fact(in_pool(desk, name, *dataset).await?);
    }
    for (at, option) in options.iter().enumerate() {
        let words: Vec<words::Word> = option.iter().map(|word| word.0).collect();
        let wrong = match words::parse(&words) {
            Some((terms, milestones)) => {
                plan = plan.fact(in_full(at, (&terms, &milestones), currency));
                terms.check(&milestones).err().map(fault)
            }
            None => Some("it is not the words of an option"),
        };
        if let Some(wrong) = wrong {
            let says = format!("option {at} of the menu contradicts itself: {wrong}");
            plan = plan.fact(Fact::new(false, says, "change it in the menu's file; yieldset example menu explains it"));
        }
    }
    Ok(plan)
}

/// All that an option says: whoever offers or takes one is bound by each of its clauses.
fn in_full(at: usize, (terms, milestones): (&Terms, &[Milestone]), currency: &Currency) -> Fact {
    let clauses = clauses(terms, milestones, currency).into_iter();
    let clauses: Vec<String> = clauses.map(|(name, says)| format!("{name} {says}")).collect();
    Fact::known(format!("option {at}: {}", clauses.join("; ")))
}

/// What the sender has offered already, on the same datasets: a second offer binds money a second time. Told, and no
/// reason to refuse: its terms may be others.
async fn open_offers(desk: &Desk, datasets: &[B256]) -> Result<Vec<Fact>, ActError> {
    let mut all = Vec::new();
    for id in desk.book.licences.values() {
        let Some(of) = Of::find(desk, *id).await? else { continue };
        let ours = of.parties.platform == desk.sender && of.parties.pool == desk.deployment.pool;
        if !ours || of.state.stage != 1 {
            continue;
        }
        let call = Licence::recordOfCall { licence: *id, record: b'D', which: B256::ZERO };
        let on = desk.read(of.contract, &call).await?;
        if on.iter().any(|dataset| datasets.contains(dataset)) {
            all.push(Fact::known(format!(
                "{0} is open already, on some of the same datasets, and binds its upfront: yieldset licence withdraw \
                 {0} takes it back",
                of.name(desk)
            )));
        }
    }
    Ok(all)
}

doing! {
    /// Takes a menu back; what was taken of it stands.
    WithdrawMenu = "licence withdraw-menu", by LICENSOR, calls [Licence::withdrawMenuCall] {
        /// Which menu.
        menu: LicenceName,
    }
    |it, desk| {
        let menu = desk.licence(&it.menu)?;
        Ok(Plan::of(Self::KIND, format!("Takes menu {menu} back."))
            .fact(licensor(desk, desk.deployment.pool).await?)
            .fact(is_menu(desk, menu).await?.0)
            .call(desk.deployment.licence, &Licence::withdrawMenuCall { menu }))
    }
}

/// The fact that there is such a menu and it is open, and the menu.
async fn is_menu(desk: &Desk, id: B256) -> Result<(Fact, Licence::Menu), ActError> {
    let (found, now) = (menu(desk, id).await?, desk.now().await?);
    let (name, until) = (named(desk, id), Date(found.expiresAt));
    let there = !found.pool.is_zero();
    let says = match there {
        true => format!("menu {name} is open until {until}"),
        false => format!("{name} is no menu"),
    };
    let remedy = match there {
        true => "its time is over: the licensor publishes another, yieldset licence publish",
        false => "yieldset licence list says which there are; an offer is accepted, yieldset licence accept",
    };
    Ok((Fact::new(there && found.expiresAt > now, says, remedy), found))
}

doing! {
    /// Takes an option of a menu with its upfront and its escrow: the sender is licensed at once.
    Take = "licence take", by Who::Anyone, calls [Licence::takeOptionCall, Pool::approveCall] {
        /// Which menu.
        menu: LicenceName,
        /// Which option, from 0.
        option: u8,
    }
    |it, desk| {
        let (contract, menu, option) = (desk.deployment.licence, desk.licence(&it.menu)?, it.option);
        let (fact, found) = is_menu(desk, menu).await?;
        if found.pool.is_zero() {
            return Ok(Plan::of(Self::KIND, format!("Takes option {option} of {}.", it.menu)).fact(fact));
        }
        let (terms, milestones) = option_of(desk, menu, option, found.options).await?;
        let most = terms
            .upfront
            .checked_add(terms.escrow)
            .ok_or_else(|| ActError::Unfit("upfront and escrow are more than 128 bits of money".into()))?;
        let currency = desk.currency().await?;
        let plan = Plan::of(
            Self::KIND,
            format!(
                "Takes option {option} of menu {menu}: {} upfront and {} of escrow, for {}.",
                currency.says(terms.upfront),
                currency.says(terms.escrow),
                count(terms.term_months.into(), "month")
            ),
        )
        .fact(fact)
        .fact(Fact::new(
            found.pool == desk.deployment.pool,
            format!("it is of the pool {}", desk.says(found.pool)),
            "take a menu of this pool, or name the other pool with --pool",
        ))
        .fact(in_full(option.into(), (&terms, &milestones), &currency));
        let call = Licence::takeOptionCall { menu, option, currency: currency.address, most: U256::from(most) };
        desk.with_money(plan, (&currency, most), contract, &call).await
    }
}

doing! {
    /// Takes an offer back that nobody accepted; its upfront is refundable.
    Withdraw = "licence withdraw", by PLATFORM, calls [Licence::withdrawCall] {
        /// Which licence.
        licence: LicenceName,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(Self::KIND, format!("Takes the offer {} back.", of.licence))
            .fact(of.platform(desk))
            .fact(of.in_stage(&[1, 8]))
            .fact(Fact::known(format!("then its upfront is paid back: yieldset licence refund {}", of.name(desk))))
            .call(of.contract, &Licence::withdrawCall { licence: of.licence }))
    }
}

doing! {
    /// Declines an offer.
    Decline = "licence decline", by LICENSOR, calls [Licence::declineCall] {
        /// Which licence.
        licence: LicenceName,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(Self::KIND, format!("Declines the offer {} of {}.", of.licence, desk.says(of.parties.platform)))
            .fact(licensor(desk, of.parties.pool).await?)
            .fact(of.in_stage(&[1]))
            .call(of.contract, &Licence::declineCall { licence: of.licence }))
    }
}

doing! {
    /// Accepts an option of an offer, and only then it binds: the pool has the upfront.
    Accept = "licence accept", by LICENSOR, calls [Licence::acceptCall] {
        /// Which licence.
        licence: LicenceName,
        /// Which option, from 0; the only one without.
        #[serde(default)]
        option: Option<u8>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let currency = of.currency(desk).await?;
        let (named, option) = (it.option.is_some() || of.state.options == 1, it.option.unwrap_or(0));
        let (terms, _) = option_of(desk, of.licence, option, of.state.options).await?;
        let sentence = format!(
            "Accepts option {option} that {} offers: {} upfront, {} of the revenue, {} guaranteed a year, for {}.",
            desk.says(of.parties.platform),
            currency.says(terms.upfront),
            Percent(terms.residual_bps),
            currency.says(terms.guarantee),
            count(terms.term_months.into(), "month")
        );
        let mut plan =
            Plan::of(Self::KIND, sentence).fact(licensor(desk, of.parties.pool).await?).fact(of.in_stage(&[1]));
        if !named {
            let all = options_of(desk, of.licence, of.state.options).await?;
            let all: Vec<_> =
                (0..).zip(&all).map(|(at, (terms, _))| format!("{at}: {}", in_short(terms, &currency))).collect();
            let name = of.name(desk);
            plan = plan.fact(Fact::new(
                false,
                format!("it has {}, and none is named: {}", count(all.len(), "option"), all.join("; ")),
                format!("name one: yieldset licence accept {name} 0; all of their terms: yieldset licence show {name}"),
            ));
        }
        Ok(plan.call(of.contract, &Licence::acceptCall { licence: of.licence, option }))
    }
}
