//! What is printed is read again as the same, and what would be rounded is refused.

use proptest::prelude::*;

use super::*;

proptest! {
    /// Proves NET-1: amounts are exact whatever the number of digits.
    #[test]
    fn amounts_survive_being_written(amount: u128, decimals in 0u8..40) {
        let coin = Coin { symbol: "USDC".into(), decimals };
        let printed = coin.print(amount);
        if decimals <= 38 {
            prop_assert_eq!(coin.parse(&printed), Ok(amount), "{}", printed);
        }
        let quantity: Quantity = printed.parse().expect("an amount");
        prop_assert_eq!(quantity.to_string().parse::<Quantity>().expect("again"), quantity);
    }

    #[test]
    fn shares_survive_being_written(amount: u128) {
        prop_assert_eq!(Coin::shares().parse(&Coin::shares().print(amount)), Ok(amount));
    }

    #[test]
    fn parts_and_scores_survive_being_written(points in 0..=Percent::ALL, parts in 0..=Score::ONE) {
        prop_assert_eq!(Percent(points).to_string().parse(), Ok(Percent(points)));
        prop_assert_eq!(Score(parts).to_string().parse(), Ok(Score(parts)));
    }

    #[test]
    fn times_survive_being_written(seconds in 0u64..253_402_300_800, span: u64, period in 7_880u32..40_000) {
        prop_assert_eq!(Date(seconds).to_string().parse(), Ok(Date(seconds)));
        prop_assert_eq!(Span(span).to_string().parse(), Ok(Span(span)));
        prop_assert_eq!(Period(period).to_string().parse(), Ok(Period(period)));
    }

    /// Proves NET-1: what the chain cannot move is refused, and the amounts named instead it can move, one below and
    /// one above.
    #[test]
    fn odd_wei_name_their_neighbours(wei in 0..u128::MAX / 2, ratio in 1u32..=100_000_000) {
        let native = Native { coin: Coin::wei("DOT"), ratio };
        match native.units(wei) {
            Ok(units) => prop_assert_eq!(native.wei(units), wei),
            Err(UnitError::NotRepresentable { below, above, .. }) => {
                let (below, above) = (native.parse(&below).expect("below"), native.parse(&above).expect("above"));
                prop_assert!(below < wei && wei < above && above - below == u128::from(ratio));
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    /// Nothing that is written ends the program.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _ = (text.parse::<Quantity>().map(|q| q.in_units_of(&Coin::shares())), text.parse::<Percent>());
        let _ = (text.parse::<Score>(), text.parse::<Period>(), text.parse::<Date>(), text.parse::<Span>());
    }
}

#[test]
fn amounts_are_read_as_people_write_them() {
    let usdc = Coin { symbol: "USDC".into(), decimals: 6 };
    for text in ["12.5 USDC", "12.5usdc", "12.5", " 12.500000 USDC ", "12.50000000000000000000"] {
        assert_eq!(usdc.parse(text), Ok(12_500_000), "{text}");
    }
    assert_eq!(usdc.parse("1,000,000.25 USDC"), Ok(1_000_000_250_000));
    assert_eq!(Coin::shares().parse("1 share"), Ok(1_000_000_000_000_000_000));
    assert_eq!(Coin::shares().print(1_000_000_000_000_000_000), "1 share");
    assert_eq!(usdc.parse("1,234,567"), usdc.parse("1_234_567"));
    assert_eq!(usdc.parse("1,500.0"), Ok(1_500_000_000));
    // A comma that may be a decimal one is a thousandfold.
    let commas = ["0,500", ",500", "0,050", "1,500", "1,5", "1,0000", "0,500,000", "1_000,000", "_5", "1_", "1__000"];
    for wrong in ["", "USDC", "-1", "1.", ".5", "1.2.3", "1 US DC"].into_iter().chain(commas) {
        assert!(matches!(usdc.parse(wrong), Err(UnitError::Unreadable { .. })), "{wrong:?}");
    }
    for other in ["1 DOT", "1e6", "0x10"] {
        assert!(matches!(usdc.parse(other), Err(UnitError::OtherUnit { .. })), "{other:?}");
    }
    assert!(matches!(usdc.parse(&"9".repeat(40)), Err(UnitError::TooLarge { .. })));
    let fine = usdc.parse("0.1234567 USDC").expect_err("seven digits").to_string();
    assert!(fine.contains("0.123456 USDC") && fine.contains("0.123457 USDC"), "{fine}");
}

#[test]
fn parts_scores_periods_and_times_are_read_as_people_write_them() {
    assert_eq!(["5 %", "5%", "5"].map(|text| text.parse::<Percent>().expect(text)), [Percent(500); 3]);
    assert_eq!("0.25 %".parse(), Ok(Percent(25)));
    assert!(matches!("100.01 %".parse::<Percent>(), Err(UnitError::TooLarge { .. })));
    assert!(matches!("0.125 %".parse::<Percent>(), Err(UnitError::TooFine { .. })));
    assert_eq!("0.7".parse(), Ok(Score(700_000_000_000_000_000)));
    assert!(matches!("1.1".parse::<Score>(), Err(UnitError::TooLarge { .. })));
    assert_eq!(["2026Q4", "2026-q4"].map(|text| text.parse::<Period>().expect(text)), [Period(8_107); 2]);
    for wrong in ["2026", "2026Q5", "26Q4", "2026Q44", "Q4", "2026Q"] {
        assert!(wrong.parse::<Period>().is_err(), "{wrong}");
    }
    assert_eq!("2027-01-01".parse(), Ok(Date(1_798_761_600)));
    assert_eq!("2027-01-01T01:00:00+01:00".parse(), Ok(Date(1_798_761_600)));
    for wrong in ["1969-12-31", "2027-02-30", "tomorrow", "2027-01-01T00:00:00.5Z"] {
        assert!(wrong.parse::<Date>().is_err(), "{wrong}");
    }
    assert_eq!(["7 d", "7days", "1 week", "168h"].map(|text| text.parse::<Span>().expect(text)), [Span(604_800); 4]);
    assert_eq!("1 d 12 h".parse(), Ok(Span(129_600)));
    assert_eq!((Span(0).to_string(), Span(1_296_000).to_string()), ("0 s".to_owned(), "15 d".to_owned()));
    for wrong in ["", "7", "7 months", "d", "1.5 h", "99999999999999999999 s"] {
        assert!(wrong.parse::<Span>().is_err(), "{wrong}");
    }
}
