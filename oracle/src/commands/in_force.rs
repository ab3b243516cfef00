//! Whether a report can be of a licence: of one of this pool, which was in force in the report's quarter. An offer
//! that nobody accepted has an id, too, and so have a licence that ended before and one of another pool; and any stream
//! can be reported on, for a model's own has no licence at all. So whoever is told a licence looks at it here.

use yieldset_chain::{
    Address, B256, ChainClient, ChainError, Deployment, SolValue,
    abi::Licence,
    acts::doings::licence::STAGES,
    units::{Date, Period},
};
use yieldset_oracle::{hex0x, licensed::Records, models::Models, settlement::Settlement};
use yieldset_rules::{licence::Stage, period::quarter_at};

use super::Failure;

/// Why there is nothing to report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotInForce {
    /// No such licence.
    #[error(
        "the pool's licence contract knows no licence {0}; look at its id (`yieldset licence show {0}`), and at \
         --deployment and --node-url"
    )]
    Unknown(B256),
    /// Another pool's.
    #[error("licence {licence} is of the pool {of}, and the deployment is of {expected}; give that pool's deployment")]
    OtherPool {
        /// Which licence.
        licence: B256,
        /// Its pool.
        of: Address,
        /// The deployment's.
        expected: Address,
    },
    /// It never came into force.
    #[error("licence {licence} is {stage} and was never in force, so nobody is owed anything by it; {remedy}")]
    NeverInForce {
        /// Which licence.
        licence: B256,
        /// In which stage it is, in a word.
        stage: &'static str,
        /// What would have to be done.
        remedy: String,
    },
    /// Another quarter.
    #[error(
        "licence {licence} is {stage}: in force from {from} to {until}, reported on for the quarters {first} to {last}, and \
         {period} is none of them; give one of them, or another licence"
    )]
    OutsideTerm {
        /// Which licence.
        licence: B256,
        /// In which stage it is, in a word.
        stage: &'static str,
        /// When it came into force.
        from: Date,
        /// When it ends or ended.
        until: Date,
        /// Its first quarter.
        first: Period,
        /// The last one in which something of it can be reported.
        last: Period,
        /// The report's.
        period: Period,
    },
    /// A settlement of something else.
    #[error(
        "the settlement is of the stream {settled}, and {asked}; give the settlement that was made for it, by \
         `attribute` and `settle`"
    )]
    OtherStream {
        /// The settlement's.
        settled: String,
        /// What was asked for, in words.
        asked: String,
    },
}

/// A licence as far as this needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    pool: Address,
    stage: u8,
    /// Unix seconds; zero for never.
    activated_at: u64,
    ends_at: u64,
    /// Until when something of it can be reported; 2^64 − 1 while that is not known.
    stream_end: u64,
}

/// Whether a settlement is of the stream that was asked for: a licence's, or else the one model's.
///
/// # Errors
/// [`NotInForce::OtherStream`].
pub fn check_stream(settlement: &Settlement, models: &Models, licence: Option<[u8; 32]>) -> Result<(), NotInForce> {
    // Tests post the demo's settlement under ids that no licence has.
    fail::fail_point!("any-stream", |_| Ok(()));
    // Several models without a licence have no stream, which others tell.
    let Some(expected) = models.stream(licence).filter(|expected| *expected != settlement.stream) else {
        return Ok(());
    };
    let expected = hex0x(&expected);
    let asked = match licence {
        Some(_) => format!("--licence is {expected}"),
        None => format!("without --licence the stream is {models}'s own, {expected}"),
    };
    Err(NotInForce::OtherStream { settled: hex0x(&settlement.stream), asked })
}

/// Whether a licence of the deployment's pool was in force in a period, as the last finalised block has it.
///
/// # Errors
/// [`NotInForce`]; [`ChainError`] where the node does not answer.
pub async fn check(
    client: &ChainClient,
    deployment: &Deployment,
    (licence, period): ([u8; 32], u32),
) -> Result<(), Failure> {
    fail::fail_point!("any-stream", |_| Ok(()));
    let licence = B256::from(licence);
    let found = find(client, deployment, licence).await?;
    Ok(judge(found, (licence, period), deployment.pool)?)
}

/// A licence of the contract that the pool asks now, or of the one that it was deployed with: what was licensed there
/// goes on when the holders have adopted another.
async fn find(client: &ChainClient, deployment: &Deployment, licence: B256) -> Result<Option<Found>, ChainError> {
    let at = client.finalised_block().await?.hash;
    let now = deployment.current_at(client, at).await?.licence;
    let before = Some(deployment.licence).filter(|before| *before != now);
    for contract in [now].into_iter().chain(before) {
        let Some(records) = Records::of(client, contract, licence.0, at).await? else { continue };
        let parties = records.own(b'P', Licence::Parties::abi_decode).await?;
        let state = records.own(b'S', Licence::State::abi_decode).await?;
        let times = records.own(b'T', Licence::Times::abi_decode).await?;
        return Ok(Some(Found {
            pool: parties.pool,
            stage: state.stage,
            activated_at: times.activatedAt,
            ends_at: times.endsAt,
            stream_end: records.stream_end,
        }));
    }
    Ok(None)
}

fn judge(found: Option<Found>, (licence, period): (B256, u32), pool: Address) -> Result<(), NotInForce> {
    let Some(Found { pool: of, stage, activated_at, ends_at, stream_end }) = found else {
        return Err(NotInForce::Unknown(licence));
    };
    if of != pool {
        return Err(NotInForce::OtherPool { licence, of, expected: pool });
    }
    let word = STAGES.get(usize::from(stage)).copied().unwrap_or("in a stage that this program does not know");
    if activated_at == 0 {
        let remedy = if stage == Stage::Offered as u8 {
            format!(
                "the pool's licensor accepts it first: `yieldset licence accept {licence}`, where the co-op is the \
                 licensor with --by-vote WHY"
            )
        } else if stage == Stage::Accepted as u8 {
            format!("its platform funds the escrow first: `yieldset escrow fund {licence} AMOUNT`")
        } else {
            "the platform makes another offer: `yieldset licence offer`".to_owned()
        };
        return Err(NotInForce::NeverInForce { licence, stage: word, remedy });
    }
    // As the contract counts: one that ended in the second in which it began was in force in that second. Once it has
    // ended, what came late is reported until its stream ends, and money that waits for a report goes with that.
    let reported = if stream_end == u64::MAX { ends_at } else { stream_end.max(ends_at) };
    let (first, last) = (quarter_at(activated_at), quarter_at(reported.max(activated_at.saturating_add(1)) - 1));
    match (first..=last).contains(&period) {
        true => Ok(()),
        false => Err(NotInForce::OutsideTerm {
            licence,
            stage: word,
            from: Date(activated_at),
            until: Date(ends_at),
            first: Period(first),
            last: Period(last),
            period: Period(period),
        }),
    }
}

/// What was not looked at, where no node was asked, of a stream that is a licence's.
pub fn unchecked(stream: [u8; 32], models: &Models) -> Option<String> {
    (models.stream(None) != Some(stream)).then(|| {
        format!(
            "whether licence {} is in force, since no node was asked; `sign` and `post` ask one, and refuse where it is \
             not",
            hex0x(&stream)
        )
    })
}

#[cfg(test)]
mod tests {
    use yieldset_oracle::slug_id;

    use super::*;

    /// 2026-10-01, when 2026Q4 begins.
    const BEGINS: u64 = 1_790_812_800;
    const DAY: u64 = 86_400;
    const Q4: u32 = 8_107;

    fn judged(stage: Stage, activated_at: u64, ends_at: u64, period: u32) -> Result<(), NotInForce> {
        judged_until(u64::MAX, (stage, activated_at, ends_at), period)
    }

    fn judged_until(
        stream_end: u64,
        (stage, activated_at, ends_at): (Stage, u64, u64),
        period: u32,
    ) -> Result<(), NotInForce> {
        let pool = Address::repeat_byte(1);
        let found = Found { pool, stage: stage as u8, activated_at, ends_at, stream_end };
        judge(Some(found), (B256::repeat_byte(2), period), pool)
    }

    /// A report is of a licence that came into force, in a quarter in which it was: not of an offer, not of what was
    /// declined or lapsed, not before and not after. Before, all of these were worked out, signed and posted.
    #[test]
    fn a_licence_in_force_is_reported_and_nothing_else() {
        for stage in [Stage::Offered, Stage::Withdrawn, Stage::Declined, Stage::Accepted, Stage::Lapsed, Stage::Expired]
        {
            let error = judged(stage, 0, 0, Q4).expect_err("never in force");
            assert!(matches!(error, NotInForce::NeverInForce { .. }), "{stage:?}: {error}");
        }
        let offered = judged(Stage::Offered, 0, 0, Q4).expect_err("offered").to_string();
        assert!(
            offered.contains("is offered and was never in force") && offered.contains("yieldset licence accept 0x")
        );
        let accepted = judged(Stage::Accepted, 0, 0, Q4).expect_err("not funded").to_string();
        assert!(accepted.contains("yieldset escrow fund"), "{accepted}");
        // In force for a year from the quarter's middle on: its quarters are 2026Q4 to 2027Q4.
        let (from, until) = (BEGINS + 45 * DAY, BEGINS + 410 * DAY);
        for (period, good) in [(Q4 - 1, false), (Q4, true), (Q4 + 1, true), (Q4 + 4, true), (Q4 + 5, false)] {
            for stage in [Stage::Active, Stage::UnderNotice, Stage::Ended, Stage::Terminated] {
                assert_eq!(judged(stage, from, until, period).is_ok(), good, "{stage:?} in {period}");
            }
        }
        // Terminated in the first quarter: that one is reported, and none after it. To the second.
        let ends = BEGINS + 92 * DAY;
        assert_eq!(judged(Stage::Terminated, from, ends, Q4), Ok(()));
        let error = judged(Stage::Terminated, from, ends, Q4 + 1).expect_err("after it").to_string();
        assert!(
            error.contains("is terminated: in force from 2026-11-15") && error.contains("2027Q1 is none"),
            "{error}"
        );
        assert_eq!(judged(Stage::Terminated, from, ends + 1, Q4 + 1), Ok(()));
        assert_eq!(judged(Stage::Terminated, from, from, Q4), Ok(()), "ended as it began");
        // Its last deadline is in the next quarter: what came late, and money that waits, can be reported in that.
        let ended = (Stage::Terminated, from, ends);
        assert_eq!(judged_until(ends + 45 * DAY, ended, Q4 + 1), Ok(()));
        assert!(judged_until(ends + 45 * DAY, ended, Q4 + 2).is_err());
    }

    /// Another pool's licence, and one that nobody knows, are none of this pool's.
    #[test]
    fn a_licence_is_of_this_pool() {
        let (pool, licence) = (Address::repeat_byte(1), B256::repeat_byte(2));
        assert_eq!(judge(None, (licence, Q4), pool), Err(NotInForce::Unknown(licence)));
        let other = Found {
            pool: Address::repeat_byte(9),
            stage: Stage::Active as u8,
            activated_at: BEGINS,
            ends_at: BEGINS + DAY,
            stream_end: u64::MAX,
        };
        assert!(matches!(judge(Some(other), (licence, Q4), pool), Err(NotInForce::OtherPool { .. })));
    }

    /// Without a node that is said of a licence, and there is nothing to say of a model's own stream.
    #[test]
    fn what_was_not_looked_at_is_said() {
        let model = Models::one("lumen/lumen-1");
        assert_eq!(unchecked(slug_id("lumen/lumen-1"), &model), None);
        assert!(unchecked([9; 32], &model).is_some_and(|text| text.contains("whether licence 0x0909")));
    }
}
