//! Who may see more than everybody: tokens with roles, from a file that only its owner reads.
//!
//! A line is `role:token`, or `role:sha256:DIGEST` with the token's SHA-256 in hexadecimal digits, so that the file
//! need not hold what opens the door. `#` begins a comment.

use std::{fmt, path::Path, sync::Arc};

use sha2::{Digest, Sha256};
use yieldset_service::files::{self, FileError};

/// Whoever has it may see KYC records: level, country, sanctions and their history.
pub const COMPLIANCE: &str = "compliance";
/// Shorter ones can be guessed.
const SHORTEST: usize = 20;
/// More lines than any office needs.
const MOST: usize = 1_000;

/// Tokens with their roles. Cheap to clone; none are shown.
#[derive(Clone, Default)]
pub struct Tokens(Arc<[(String, [u8; 32])]>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}

impl Tokens {
    /// Those of a file.
    ///
    /// # Errors
    /// [`FileError`] where it cannot be read, others may read it, or a line is not one.
    pub fn load(file: &Path) -> Result<Self, FileError> {
        let text = files::read_private(file)?;
        let text = String::from_utf8(text).map_err(|_| FileError::content(file, "it is not UTF-8 text"))?;
        Self::parse(&text).map_err(|reason| FileError::content(file, reason))
    }

    /// Those of a text.
    ///
    /// # Errors
    /// Which line is wrong, and how to write it; never what it says.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate().map(|(at, line)| (at.saturating_add(1), line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let tokens = lines
            .map(|(at, line)| {
                entry(line).ok_or_else(|| {
                    format!(
                        "line {at} is no token; write role:token, with {SHORTEST} characters or more after the colon, \
                         or role:sha256:DIGEST"
                    )
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        match tokens.len() {
            0 => Err("it holds no token; write role:token, such as compliance:…".to_owned()),
            many if many > MOST => Err(format!("it holds more than {MOST} tokens; take old ones out")),
            _ => Ok(Self(tokens.into())),
        }
    }

    /// The role of whoever has this token. Every one is compared, and every byte of it, so that the time it takes says
    /// nothing.
    pub fn role(&self, token: &str) -> Option<&str> {
        let digest = digest(token);
        self.0.iter().fold(None, |found, (role, known)| {
            let difference = known.iter().zip(&digest).fold(0, |sum, (a, b)| sum | (a ^ b));
            if difference == 0 { Some(role.as_str()) } else { found }
        })
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn entry(line: &str) -> Option<(String, [u8; 32])> {
    let (role, rest) = line.split_once(':')?;
    let named = !role.is_empty() && role.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let known = match rest.strip_prefix("sha256:") {
        Some(hexadecimal) => hex::decode(hexadecimal).ok()?.try_into().ok()?,
        None if rest.len() >= SHORTEST && rest.bytes().all(|byte| byte.is_ascii_graphic()) => digest(rest),
        None => return None,
    };
    named.then(|| (role.to_owned(), known))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token opens its role, as itself or by its digest, and nothing else does.
    #[test]
    fn a_token_has_its_role() {
        // sha256 of twenty-four letters a, by sha256sum.
        let text = "# ours\ncompliance:bbbbbbbbbbbbbbbbbbbbbbbb\n\n\
                    audit:sha256:09f61f8d9cd65e6a0c258087c485b6293541364e42bd97b2d7936580c8aa3c54\n";
        let tokens = Tokens::parse(text).expect("good");
        assert_eq!(tokens.role(&"b".repeat(24)), Some(COMPLIANCE));
        assert_eq!(tokens.role(&"a".repeat(24)), Some("audit"));
        for wrong in ["", "b", "compliance", &"b".repeat(23), &"b".repeat(25)] {
            assert_eq!(tokens.role(wrong), None, "{wrong}");
        }
        assert_eq!(Tokens::default().role(""), None);
        assert_eq!(format!("{tokens:?}"), "Tokens(2)");
    }

    /// What is no token is refused by its line's number, and not repeated: it may be one with a slip of the pen.
    #[test]
    fn a_wrong_line_is_named_and_not_shown() {
        for wrong in [
            "secret-without-any-role-at-all",
            "compliance:short",
            ":bbbbbbbbbbbbbbbbbbbbbbbb",
            "a:sha256:12",
            "A:bbbbbbbbbbbbbbbbbbbbbbbb",
        ] {
            let error = Tokens::parse(&format!("# first\n{wrong}\n")).expect_err(wrong);
            assert!(error.starts_with("line 2 ") && !error.contains(wrong), "{error}");
        }
        assert!(Tokens::parse("# none\n").expect_err("none").contains("no token"));
    }
}
