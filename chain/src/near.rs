//! Names that were mistyped: which known one is meant.

use strsim::levenshtein;

/// The known name that is written most like this one, where one is: at most so many letters are to be put in, taken out
/// or changed.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>, most: usize) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (levenshtein(wanted, name), name))
        .filter(|(far, _)| *far > 0 && *far <= most)
        .min()
        .map(|(_, name)| name)
}

/// How many letters of a long name may be mistyped: two, and not half of it.
pub fn most_of(wanted: &str) -> usize {
    (wanted.chars().count() / 3).clamp(1, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_near_to_the_right_one() {
        let known = ["ada/letters", "bob/songs", "spring"];
        for (wanted, found) in [
            ("ada/leters", Some("ada/letters")),
            ("ada/lettres", Some("ada/letters")),
            ("sprong", Some("spring")),
            ("ada/letters", None),
            ("autumn", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, known, most_of(wanted)), found, "{wanted:?}");
        }
    }
}
