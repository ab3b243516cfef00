//! What figures look like.

use super::*;

#[test]
fn amounts_are_exact_and_say_when_they_are_rounded() {
    let wei = |text: &str| text.parse::<Amount>().expect("digits");
    let cases = [
        ("0", "0", "0"),
        ("1", "< 0.0001", "0.000000000000000001"),
        ("4499999999999999999", "≈\u{2009}4.5", "4.499999999999999999"),
        ("60000000000000000000", "60", "60"),
        ("3600000000000000000", "3.6", "3.6"),
        ("1234567000000000000000000", "1\u{202f}234\u{202f}567", "1234567"),
        ("1234500000000000000", "1.2345", "1.2345"),
        ("1234560000000000000", "≈\u{2009}1.2346", "1.23456"),
    ];
    for (digits, shown, exact) in cases {
        assert_eq!((wei(digits).shown(&18), wei(digits).exact(&18)), (shown.to_owned(), exact.to_owned()), "{digits}");
        assert_eq!(
            (wei(digits).shares(), wei(digits).exact_shares()),
            (shown.to_owned(), exact.to_owned()),
            "{digits}"
        );
    }
}

/// Proves MIR-1 for what is shown: an amount has the decimals of its own currency, whatever a contract says of them.
#[test]
fn amounts_have_their_currencys_decimals() {
    let amount = |text: &str| text.parse::<Amount>().expect("digits");
    for (digits, decimals, shown, exact) in [
        ("1500000", 6, "1.5", "1.5"),
        ("1", 6, "< 0.0001", "0.000001"),
        ("123456789", 6, "≈\u{2009}123.4568", "123.456789"),
        ("12345", 2, "123.45", "123.45"),
        ("12345", 0, "12\u{202f}345", "12345"),
        ("12345", -3, "12\u{202f}345", "12345"),
        ("7", 80, "< 0.0001", "0.00000000000000000000000000000000000000000000000000000000000000000000000000000007"),
    ] {
        let told = (amount(digits).shown(&decimals), amount(digits).exact(&decimals));
        assert_eq!(told, (shown.to_owned(), exact.to_owned()), "{digits} of {decimals} decimals");
    }
}

#[test]
fn small_parts_are_not_nothing() {
    let cases =
        [(0, "0%"), (1, "< 0.01%"), (100, "0.01%"), (123_400, "12.34%"), (125_000, "12.5%"), (1_000_000, "100%")];
    for (millionths, text) in cases {
        assert_eq!(percent(millionths), text);
    }
}

#[test]
fn periods_and_times_read_as_dates() {
    assert_eq!(quarter(8107), "2026 Q4");
    assert_eq!(quarter(7), "period 7");
    assert_eq!(moment(1_795_478_400), "24 Nov 2026, 00:00 UTC");
    assert_eq!(moment(i64::MAX), format!("Unix time {}", i64::MAX));
}
