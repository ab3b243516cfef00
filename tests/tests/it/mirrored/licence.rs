//! Histories of a licence, in the chain's own money and in an ERC-20: model = chain = Postgres.

use std::cell::{Cell, RefCell};

use alloy_primitives::U256;
use proptest::prelude::*;
use sqlx::PgConnection;
use yieldset_chain::Deployment;
use yieldset_rules::{
    licence::{Command, Licence, Quarter, Stage, Year},
    period::quarter_at,
};
use yieldset_tests::{
    chain::START,
    licence::{LicenceAlone, LicenceModel, Who},
};

use super::{
    alone, cases_alone,
    columns::{Columns, each},
    database::{Database, Figures, nothing_deployed},
    record::{Dice, Record},
};
use crate::contracts::licence::histories::{option, run, step};

/// Quarters and licence years that histories reach.
const QUARTERS: usize = 7;
const YEARS: usize = 2;

/// What the rules' machine has, and the coins that the contract has.
#[derive(Debug, Clone, PartialEq)]
struct Books {
    licence: Licence,
    quarters: [Quarter; QUARTERS],
    years: [Year; YEARS],
    /// What was paid for audits and nobody withdrew.
    credited: u128,
    coins: U256,
}

impl Books {
    fn new(scene: &mut LicenceAlone, model: &LicenceModel) -> Self {
        let first = quarter_at(START);
        Self {
            licence: model.licence(),
            quarters: std::array::from_fn(|n| Quarter::of(&model.store, &model.id, first + n as u32)),
            years: std::array::from_fn(|n| Year::of(&model.store, &model.id, 1 + n as u32)),
            credited: model.credited(),
            coins: scene.own_balance(),
        }
    }
}

/// A licence's row. What it does not have stays: what is owed in all and to the platform's credit, the next quarter and
/// year, and how many defaults there ever were. Of a time that is not known yet it has none.
fn licence(row: &Columns<'_>, known: &Licence) -> Licence {
    let second = |name, otherwise| row.maybe(name).map_or(otherwise, |second| second.try_into().unwrap());
    Licence {
        platform: row.address("platform"),
        next_platform: row.address("next_platform"),
        pool: row.address("pool"),
        currency: row.address("currency"),
        licensor: row.address("licensor"),
        stage: match row.text("stage") {
            "offered" => Stage::Offered,
            "withdrawn" => Stage::Withdrawn,
            "declined" => Stage::Declined,
            "accepted" => Stage::Accepted,
            "lapsed" => Stage::Lapsed,
            "active" => Stage::Active,
            "terminated" => Stage::Terminated,
            other => panic!("the stage {other}"),
        },
        options: row.number("options"),
        datasets: row.number("datasets"),
        closed: row.is("closed"),
        expires_at: row.small("offer_expires"),
        fund_by: second("fund_by", 0),
        activated_at: row.second("active_since"),
        ends_at: second("ends_at", 0),
        deletion_due: second("deletion_due", known.deletion_due),
        deleted_at: row.second("deleted_at"),
        certificate: row.hash("deletion_certificate"),
        refill_to: row.amount("refill_to"),
        refill_by: row.small("refill_by"),
        escrow: row.amount("escrow"),
        refundable: row.amount("refundable"),
        held: row.amount("held"),
        money_in: row.amount("money_in"),
        to_pool: row.amount("to_pool"),
        refunded: row.amount("refunded"),
        paid_out: row.amount("paid_out"),
        open_defaults: row.number("open_defaults"),
        breaches: row.number("breaches"),
        violations: row.number("violations"),
        sublicences: row.number("sublicences"),
        audits: row.number("audits"),
        redactions: row.number("redactions"),
        milestones: row.number("milestones"),
        ..*known
    }
}

/// A quarter's row: the figures that were reported, and what follows from them. Interest that nobody paid yet, and what
/// is to be paid later than the rest, no event tells.
fn quarter(row: &Columns<'_>, known: &Quarter) -> Quarter {
    Quarter {
        gross: row.maybe("gross").unwrap_or_default(),
        infrastructure: row.maybe("infrastructure").unwrap_or_default(),
        taxes: row.maybe("taxes").unwrap_or_default(),
        evidence: row.hash("evidence"),
        tokens: row.maybe("tokens").unwrap_or_default(),
        calls: row.maybe("calls").unwrap_or_default().try_into().unwrap(),
        usage_report: row.hash("report"),
        due: row.maybe("due").unwrap_or_default(),
        paid: row.amount("paid"),
        interest_paid: row.amount("interest"),
        in_default: row.is("in_default"),
        ..*known
    }
}

impl Figures for Books {
    async fn told(&self, connection: &mut PgConnection) -> Self {
        // What neither has a row of is as nothing ever happened; what the rows do not have is the model's.
        let mut books = Self { licence: Licence::default(), credited: 0, coins: U256::ZERO, ..self.clone() };
        let none = |known: &Quarter| Quarter {
            gross: 0,
            infrastructure: 0,
            taxes: 0,
            evidence: [0; 32],
            tokens: 0,
            calls: 0,
            usage_report: [0; 32],
            due: 0,
            paid: 0,
            interest_paid: 0,
            in_default: false,
            ..*known
        };
        books.quarters = self.quarters.each_ref().map(none);
        books.years =
            self.years.map(|known| Year { earned: 0, guaranteed: 0, from_escrow: 0, owed: 0, trued_up_at: 0, ..known });
        let licences = "SELECT l.*,
                (SELECT count(*) FROM sublicences s WHERE s.licence = l.licence) AS sublicences,
                (SELECT count(*) FROM audits a WHERE a.licence = l.licence) AS audits,
                (SELECT count(*) FROM redactions r WHERE r.licence = l.licence) AS redactions,
                (SELECT coalesce(sum(1 << m.milestone), 0) FROM milestones m
                 WHERE m.licence = l.licence AND certified_at IS NOT NULL) AS milestones
            FROM licences l";
        each(connection, licences, |row| books.licence = licence(&row, &self.licence)).await;
        each(connection, "SELECT * FROM licence_quarters", |row| {
            let at = (row.number::<u32>("quarter") - quarter_at(START)) as usize;
            books.quarters[at] = quarter(&row, &self.quarters[at]);
        })
        .await;
        each(connection, "SELECT * FROM licence_years WHERE trued_up_at IS NOT NULL", |row| {
            let at = row.number::<usize>("year") - 1;
            books.years[at] = Year {
                earned: row.amount("earned"),
                guaranteed: row.amount("guaranteed"),
                from_escrow: row.amount("from_escrow"),
                owed: row.amount("owed"),
                trued_up_at: row.second("trued_up_at"),
                ..self.years[at]
            };
        })
        .await;
        let credited = "SELECT sum(CASE WHEN fee_paid AND NOT fee_withdrawn THEN fee ELSE 0 END
                                   + CASE WHEN expenses_paid AND NOT expenses_withdrawn THEN expenses ELSE 0 END) AS sum
                        FROM audits";
        each(connection, credited, |row| books.credited = row.maybe("sum").unwrap_or_default()).await;
        // The double entry has the licence's figures too, and nothing on its way between two messages.
        let sums = "SELECT account, abs(sum(debit - credit)) AS sum FROM ledger GROUP BY 1";
        each(connection, sums, |row| {
            let (account, sum) = (row.text("account"), row.amount("sum"));
            match account {
                "coins" => books.coins = U256::from(sum),
                "escrow" => assert_eq!(sum, books.licence.escrow, "{account}"),
                "refundable" => assert_eq!(sum, books.licence.refundable, "{account}"),
                "held" => assert_eq!(sum, books.licence.held, "{account}"),
                "in_transit" => assert_eq!(sum, 0, "{account}"),
                _ => assert_eq!(sum, books.credited, "{account}"),
            }
        })
        .await;
        books
    }
}

/// Proves MIR-3 for licences: model = chain = Postgres after any history of an offer, what is reported, owed and paid,
/// audits, breaches and an end, cut into any blocks.
#[test]
fn the_mirror_has_the_licences_figures() {
    let quarters = Cell::new(0);
    for erc20 in [false, true] {
        let contract = LicenceAlone::new(erc20).contract;
        let database = RefCell::new(Database::new(Deployment { licence: contract, ..nothing_deployed() }));
        let branch = Cell::new(0);
        let options = prop::collection::vec(option(), 1..3);
        let steps = prop::collection::vec(step(), 20..50);
        let mut runner = alone(cases_alone(12).div_ceil(2));
        let result = runner.run(&(options, steps, Dice::any()), |(options, mut steps, mut dice)| {
            branch.set(branch.get() + 1);
            // The stand-in pool knows no way of a period's money, which closing a quarter's usage asks for; and of the
            // ERC-20 the platform has enough.
            steps.retain(|(_, who, _, command)| match command {
                Command::CloseUsage(_) => false,
                Command::FundEscrow(_) | Command::Pay(..) | Command::PayShortfall(..) | Command::PayAudit(..) => {
                    *who == Who::Platform
                }
                _ => true,
            });
            // Most offers are accepted at once, so that there are quarters to owe something for.
            if dice.below(4) != 3 {
                let fund = Command::FundEscrow(options[0].0.escrow);
                steps.splice(..0, [(0, Who::Licensor, 0, Command::Accept(0)), (0, Who::Platform, 0, fund)]);
            }
            let mut record: Option<Record<Books>> = None;
            run(erc20, &options, &steps, &mut |scene, model| {
                let books = Books::new(scene, model);
                Record::watch(&mut record, &mut scene.chain, books, (branch.get(), &dice));
            });
            database.borrow_mut().check(&record.unwrap().blocks, &mut dice);
            quarters.set(quarters.get() + database.borrow().count("licence_quarters"));
            Ok(())
        });
        database.into_inner().finish();
        result.unwrap();
    }
    assert!(quarters.get() > 0, "no history came to a quarter");
}
