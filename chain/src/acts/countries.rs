//! Countries by ISO 3166-1: contracts know their numbers, people their codes of two letters.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::arguments::ArgumentError;

/// Codes of two letters, each with its number, as ISO 3166-1 has them.
const CODES: &str = "\
     AD020 AE784 AF004 AG028 AI660 AL008 AM051 AO024 AQ010 AR032 AS016 AT040 AU036 AW533 AX248 AZ031 BA070 BB052 \
     BD050 BE056 BF854 BG100 BH048 BI108 BJ204 BL652 BM060 BN096 BO068 BQ535 BR076 BS044 BT064 BV074 BW072 BY112 \
     BZ084 CA124 CC166 CD180 CF140 CG178 CH756 CI384 CK184 CL152 CM120 CN156 CO170 CR188 CU192 CV132 CW531 CX162 \
     CY196 CZ203 DE276 DJ262 DK208 DM212 DO214 DZ012 EC218 EE233 EG818 EH732 ER232 ES724 ET231 FI246 FJ242 FK238 \
     FM583 FO234 FR250 GA266 GB826 GD308 GE268 GF254 GG831 GH288 GI292 GL304 GM270 GN324 GP312 GQ226 GR300 GS239 \
     GT320 GU316 GW624 GY328 HK344 HM334 HN340 HR191 HT332 HU348 ID360 IE372 IL376 IM833 IN356 IO086 IQ368 IR364 \
     IS352 IT380 JE832 JM388 JO400 JP392 KE404 KG417 KH116 KI296 KM174 KN659 KP408 KR410 KW414 KY136 KZ398 LA418 \
     LB422 LC662 LI438 LK144 LR430 LS426 LT440 LU442 LV428 LY434 MA504 MC492 MD498 ME499 MF663 MG450 MH584 MK807 \
     ML466 MM104 MN496 MO446 MP580 MQ474 MR478 MS500 MT470 MU480 MV462 MW454 MX484 MY458 MZ508 NA516 NC540 NE562 \
     NF574 NG566 NI558 NL528 NO578 NP524 NR520 NU570 NZ554 OM512 PA591 PE604 PF258 PG598 PH608 PK586 PL616 PM666 \
     PN612 PR630 PS275 PT620 PW585 PY600 QA634 RE638 RO642 RS688 RU643 RW646 SA682 SB090 SC690 SD729 SE752 SG702 \
     SH654 SI705 SJ744 SK703 SL694 SM674 SN686 SO706 SR740 SS728 ST678 SV222 SX534 SY760 SZ748 TC796 TD148 TF260 \
     TG768 TH764 TJ762 TK772 TL626 TM795 TN788 TO776 TR792 TT780 TV798 TW158 TZ834 UA804 UG800 UM581 US840 UY858 \
     UZ860 VA336 VC670 VE862 VG092 VI850 VN704 VU548 WF876 WS882 YE887 YT175 ZA710 ZM894 ZW716";

/// A country by its ISO 3166-1 number. Written and read as the number or the code: `840`, `US`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Country(pub u16);

impl Country {
    /// Its code of two letters, where ISO 3166-1 has one.
    pub fn code(self) -> Option<&'static str> {
        pairs().find(|(_, number)| *number == self.0).map(|(code, _)| code)
    }

    /// For people: `US (840)`.
    pub fn says(self) -> String {
        self.code().map_or_else(|| self.0.to_string(), |code| format!("{code} ({})", self.0))
    }
}

fn pairs() -> impl Iterator<Item = (&'static str, u16)> {
    CODES.split(' ').filter_map(|pair| {
        let (code, number) = pair.split_at_checked(2)?;
        Some((code, number.parse().ok()?))
    })
}

impl FromStr for Country {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let (written, unreadable) = (text.trim(), || ArgumentError::Unreadable {
            what: "country",
            text: text.to_owned(),
            wanted: "its ISO 3166-1 code or number: US or 840 for the United States, FI or 246 for Finland",
        });
        // Numbers of which ISO has no code stay possible: a registry may use those for its own.
        let number = || written.parse().ok().filter(|number| (1..=999).contains(number));
        let known = pairs().find(|(code, _)| code.eq_ignore_ascii_case(written)).map(|(_, number)| number);
        known.or_else(number).map(Self).ok_or_else(unreadable)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.0)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u16),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code and number are the same country, on the command line and in JSON; what is neither says what is wanted.
    #[test]
    fn a_country_is_its_code_or_its_number() {
        for (text, number) in [("US", 840), ("us", 840), ("840", 840), ("FI", 246), ("004", 4), ("ZW", 716)] {
            assert_eq!(text.parse::<Country>().expect(text), Country(number), "{text}");
        }
        assert_eq!(serde_json::from_str::<Vec<Country>>(r#"[840, "FI"]"#).expect("read"), [Country(840), Country(246)]);
        assert_eq!((Country(840).says(), Country(999).says()), ("US (840)".to_owned(), "999".to_owned()));
        for text in ["USA", "0", "1000", "", "-1"] {
            let error = text.parse::<Country>().expect_err(text).to_string();
            assert!(error.contains("US or 840"), "{error}");
        }
    }

    /// The list is whole, and no code or number is in it twice.
    #[test]
    fn the_list_is_the_standards() {
        let all: Vec<_> = pairs().collect();
        assert_eq!(all.len(), 249);
        let codes: std::collections::BTreeSet<_> = all.iter().map(|(code, _)| code).collect();
        let numbers: std::collections::BTreeSet<_> = all.iter().map(|(_, number)| number).collect();
        assert_eq!((codes.len(), numbers.len()), (all.len(), all.len()));
    }
}
