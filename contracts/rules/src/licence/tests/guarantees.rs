//! The guarantee against plain spreadsheets and calendars that are not the rules'.

use super::*;
use alloc::string::String;

/// CASE-B's terms without its upfront.
fn case_b(months: u16) -> Terms {
    Terms { residual_bps: 800, guarantee: 100_000, escrow: 100_000, funding_days: 14, term_months: months, ..plain() }
}

/// Midnight of a date written as 2027-01-31, counted day by day from 1970.
fn midnight(date: &str) -> u64 {
    let mut parts = date.split('-').map(|part| part.parse::<u64>().unwrap());
    let mut next = || parts.next().unwrap();
    let (year, month, day) = (next(), next(), next());
    let days = |year: u64| if is_leap(year) { 366 } else { 365 };
    let before: u64 = (1970..year).map(days).sum();
    let months: u64 = (1..month).map(|month| month_days(year, month)).sum();
    (before + months + day - 1) * DAY
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

const fn month_days(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A licence that comes into force then.
fn from(start: u64, terms: Terms) -> Book {
    let mut book = Book::new();
    book.now = start;
    book.offer(vec![(terms, vec![])]).unwrap();
    book.run(LICENSOR, Command::Accept(0)).unwrap();
    book.run(PLATFORM, Command::FundEscrow(terms.escrow)).unwrap();
    book
}

/// Settles all quarters, pays what the escrow needs again, trues every year up as soon as that is possible.
fn run_to_the_end(book: &mut Book, nets: &[u128]) {
    let (first, last) = book.licence().quarters();
    assert_eq!(nets.len(), (last - first + 1) as usize);
    for (quarter, net) in (first..).zip(nets) {
        book.settle_quarter(quarter, *net);
        let year = book.licence().next_year;
        let _ = book.run(ANYONE, Command::TrueUp(year));
        let lacks = book.licence().refill_to.saturating_sub(book.licence().escrow);
        if lacks > 0 {
            book.run(PLATFORM, Command::FundEscrow(lacks)).unwrap();
        }
    }
    // The last quarter may end before the licence does, by hours.
    book.now = book.now.max(book.licence().ends_at);
    for year in book.licence().next_year..=book.licence().last_year() {
        book.run(ANYONE, Command::TrueUp(year)).unwrap();
    }
}

fn numbers(list: &str) -> Vec<u128> {
    list.split(';').map(|number| number.parse().unwrap()).collect()
}

/// Proves CASE-B2, SAFE-2, PAY-5: what a platform pays in all, to the unit, against a spreadsheet of quarters and years
/// (guarantee.csv) that knows nothing of these rules: each row says how its amounts were worked out by hand.
#[test]
fn years_pay_what_the_spreadsheet_says() {
    for row in include_str!("guarantee.csv").lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [name, start, months, nets, earned, guaranteed, from_escrow, total, _] = cells[..] else { panic!("{row}") };
        let mut book = from(midnight(start), case_b(months.parse().unwrap()));
        run_to_the_end(&mut book, &numbers(nets));
        let years: Vec<_> = (1..=book.licence().last_year()).map(|year| book.year(year)).collect();
        let of = |field: fn(&Year) -> u128| years.iter().map(field).collect::<Vec<_>>();
        assert_eq!(of(|year| year.earned), numbers(earned), "{name}");
        assert_eq!(of(|year| year.guaranteed), numbers(guaranteed), "{name}");
        assert_eq!(of(|year| year.from_escrow), numbers(from_escrow), "{name}");
        assert_eq!(book.got(POOL), numbers(total)[0], "{name}");
        // Nothing stays: what is left in escrow is the platform's.
        let _ = book.run(PLATFORM, Command::Refund(TREASURY));
        assert_eq!((book.balance, book.licence().owed, book.licence().open_defaults), (0, 0, 0), "{name}");
    }
}

/// A date `months` after a day, counted on a calendar of its own: the day of the month is cut where there is none.
fn later(year: u64, month: u64, day: u64, months: u64) -> u64 {
    let count = year * 12 + month - 1 + months;
    let (year, month) = (count / 12, count % 12 + 1);
    let day = day.min(month_days(year, month));
    midnight(&alloc::format!("{year}-{month}-{day}"))
}

/// Proves SAFE-2: started on any day of three years, of which one is leap, for 1 to 36 months: a licence ends on the
/// day that the calendar says, each quarter counts in one year, which is the one it ends in or the last, a year but
/// the last has three to five quarters, and years follow each other without a gap.
#[test]
fn every_start_has_the_calendars_years() {
    for year in 2027..=2029u64 {
        for (month, day) in (1..=12).flat_map(|month| (1..=month_days(year, month)).map(move |day| (month, day))) {
            let start = midnight(&alloc::format!("{year}-{month}-{day}"));
            for months in 1..=36u16 {
                // Also within the day.
                let time = u64::from(months) * 2_399 % DAY;
                let terms = Terms { guarantee: 1_200, ..case_b(months) };
                let mut licence = Licence::default();
                licence.activate(&terms, start + time);
                let case = alloc::format!("{year}-{month}-{day} {months}");
                assert_eq!(licence.ends_at, later(year, month, day, months.into()) + time, "{case}");
                let last_year = u32::from(months.div_ceil(12));
                assert_eq!(licence.last_year(), last_year, "{case}");
                let (first, last) = licence.quarters();
                let mut next = first;
                for number in 1..=last_year {
                    let (from, to) = licence.year_quarters(number);
                    assert_eq!(from, next, "{case}");
                    assert!((from..=to).all(|quarter| licence.year_of_quarter(quarter) == number), "{case}");
                    let (begin, end) = licence.year_span(number);
                    let anniversary = later(year, month, day, 12 * u64::from(number)) + time;
                    assert_eq!(end, anniversary.min(licence.ends_at), "{case}");
                    if number < last_year {
                        assert!(quarter_start(to + 1) <= anniversary && anniversary < quarter_start(to + 2), "{case}");
                        assert!((2..=4).contains(&(to - from)), "{case}");
                    }
                    assert!(begin < end, "{case}");
                    next = to + 1;
                }
                assert_eq!(next, last + 1, "{case}");
            }
        }
    }
}

/// Proves SAFE-2, PAY-5: what is paid late counts in the year in which it was earned; a year that was trued up
/// meanwhile does not pay twice.
#[test]
fn late_royalties_count_where_they_were_earned() {
    // 2027-01-01 for two years; the fourth quarter of 2027 is reported and paid half a year late.
    let mut book = from(midnight("2027-01-01"), case_b(24));
    let first = book.first_quarter();
    for quarter in first..first + 3 {
        book.settle_quarter(quarter, 250_000);
    }
    book.now = quarter_start(first + 4) + 40 * DAY;
    let until = book.now;
    assert_eq!(book.run(ANYONE, Command::TrueUp(1)), Err(Refusal::YearNotOver(1, until)));
    book.now += 1;
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    // 60,000 are earned so far.
    assert_eq!((book.year(1).from_escrow, book.got(POOL), book.licence().escrow), (40_000, 100_000, 60_000));
    book.now = midnight("2028-06-30");
    book.run(PLATFORM, Command::Report(first + 3, figures(250_000))).unwrap();
    // Its 20,000 are paid: by the shortfall. Of that 20,000 are left, which the year would owe without the quarter.
    let year = book.year(1);
    assert_eq!((year.earned, year.topped_up, book.quarter(first + 3).outstanding()), (80_000, 20_000, 0));
    assert_eq!((book.got(POOL), book.licence().owed), (100_000, 0));
    // Had it earned more than the guarantee, the rest would be due.
    let mut rich = book.clone();
    rich.now = quarter_start(first + 5);
    rich.run(PLATFORM, Command::Report(first + 4, figures(0))).unwrap();
    assert_eq!(rich.quarter(first + 4).outstanding(), 0);
    let mut other = from(midnight("2027-01-01"), case_b(12));
    for quarter in first..first + 3 {
        other.settle_quarter(quarter, 250_000);
    }
    other.now = until + 1;
    other.run(ANYONE, Command::TrueUp(1)).unwrap();
    other.run(PLATFORM, Command::Report(first + 3, figures(1_000_000))).unwrap();
    // 140,000 in all: 100,000 are paid.
    assert_eq!((other.year(1).topped_up, other.quarter(first + 3).outstanding()), (0, 40_000));
    other.run(PLATFORM, Command::Pay(first + 3, 40_000)).unwrap();
    assert_eq!((other.got(POOL), other.licence().owed), (140_000, 0));
}

/// Proves SAFE-2, PAY-5: a broken year owes a twelfth for each month begun; a leap year's February is a month like any
/// other.
#[test]
fn a_broken_year_owes_the_months_begun() {
    let terms = Terms { licensor_may_leave: true, notice_days: 0, cure_days: 0, ..case_b(12) };
    for (leaves, months) in [
        ("2028-01-01", 1),
        ("2028-01-31", 1),
        ("2028-02-01", 1),
        ("2028-02-29", 2),
        ("2028-03-01", 2),
        ("2028-03-02", 3),
        ("2028-11-30", 11),
        ("2028-12-31", 12),
    ] {
        let mut book = from(midnight("2028-01-01"), terms);
        book.now = midnight(leaves);
        book.run(LICENSOR, terminate(1, Side::Licensor)).unwrap();
        let (first, last) = book.licence().quarters();
        for quarter in first..=last {
            book.settle_quarter(quarter, 0);
        }
        book.run(ANYONE, Command::TrueUp(1)).unwrap();
        assert_eq!(book.year(1).guaranteed, 100_000 * months / 12, "{leaves}");
        assert_eq!(book.got(POOL), 100_000 * months / 12, "{leaves}");
    }
}

/// Proves SAFE-2, SAFE-10: an escrow that was drawn is due again for the next guaranteed year, within the days it had
/// at first; what is missing then is a default until it is there.
#[test]
fn an_escrow_once_drawn_is_due_again() {
    let mut book = from(midnight("2027-01-01"), case_b(18));
    let first = book.first_quarter();
    for quarter in first..first + 4 {
        book.settle_quarter(quarter, 250_000);
    }
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    // Six months are left, half of a year's guarantee: 80,000 cover that.
    assert_eq!((book.licence().escrow, book.licence().refill_by), (80_000, 0));
    assert_eq!(book.run(ANYONE, Command::RecordEmptyEscrow), Err(Refusal::NothingDue(0)));

    let mut book = from(midnight("2027-01-01"), case_b(24));
    for quarter in first..first + 4 {
        book.settle_quarter(quarter, 250_000);
    }
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    let by = book.now + 14 * DAY;
    assert_eq!((book.licence().refill_to, book.licence().refill_by), (100_000, by));
    book.now = by;
    assert_eq!(book.run(ANYONE, Command::RecordEmptyEscrow), Err(Refusal::NotYet(0, by)));
    book.now += 1;
    book.run(ANYONE, Command::RecordEmptyEscrow).unwrap();
    assert_eq!(book.run(ANYONE, Command::RecordEmptyEscrow), Err(Refusal::AlreadyRecorded(0)));
    assert_eq!(book.licence().open_defaults, 1);
    let ends = terminate_for(2, 0, 0, Side::Licensor);
    let mut ended = book.clone();
    assert_eq!(ended.run(LICENSOR, ends.clone()), Err(Refusal::CureOpen(by + 1 + 15 * DAY)));
    ended.now = by + 1 + 15 * DAY;
    ended.run(LICENSOR, ends.clone()).unwrap();
    // Anybody may fill it up.
    book.run(ANYONE, Command::FundEscrow(19_999)).unwrap();
    assert_eq!(book.licence().open_defaults, 1);
    book.run(ANYONE, Command::FundEscrow(1)).unwrap();
    assert_eq!((book.licence().open_defaults, book.licence().refill_by), (0, 0));
    book.now += 100 * DAY;
    assert_eq!(book.run(LICENSOR, ends), Err(Refusal::NoCause(2)));
}

/// Proves PAY-5, SAFE-1: what the platform owes at the end is paid from the escrow that is left, on anybody's word, and
/// only the rest comes back.
#[test]
fn the_escrow_pays_what_is_owed_at_the_end() {
    let mut book = from(midnight("2027-01-01"), Terms { escrow: 150_000, ..case_b(12) });
    let first = book.first_quarter();
    for quarter in first..first + 3 {
        book.settle_quarter(quarter, 500_000);
    }
    book.now = quarter_start(first + 4);
    // The last quarter is not reported: nothing comes back, and the whole guarantee is earned already.
    book.now += 40 * DAY + 1;
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    assert_eq!((book.year(1).from_escrow, book.licence().escrow), (0, 150_000));
    assert_eq!(book.run(PLATFORM, Command::Refund(TREASURY)), Err(Refusal::NothingToRefund(ID)));
    book.run(PLATFORM, Command::Report(first + 3, figures(500_000))).unwrap();
    assert_eq!(book.licence().owed, 40_000);
    let mut kept = book.clone();
    kept.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
    assert_eq!((kept.got(TREASURY), kept.licence().escrow), (110_000, 40_000));
    for mut book in [book, kept] {
        book.run(ANYONE, Command::RecordDefault(first + 3)).unwrap();
        assert_eq!((book.got(POOL), book.licence().owed, book.licence().open_defaults), (160_000, 0, 0));
        let _ = book.run(PLATFORM, Command::Refund(TREASURY));
        assert_eq!((book.got(TREASURY), book.balance), (110_000, 0));
    }
}

/// The cases of the spreadsheet that the requirements name are in it.
#[test]
fn the_spreadsheet_has_the_case_tables() {
    let rows: Vec<String> =
        include_str!("guarantee.csv").lines().filter(|row| row.starts_with("CASE-B2")).map(Into::into).collect();
    let totals: Vec<_> = rows.iter().map(|row| row.split(',').nth(7).unwrap()).collect();
    assert_eq!(totals, ["200000", "100000", "260000"]);
}
