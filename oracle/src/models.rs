//! The models of a stream: one, whose slug it has its id of, or several of a licence, which one report is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::slug_id;

/// Slugs of models, sorted, each once, one at least. In files it is one slug where there is one, so that settlements of
/// one model keep their digests, else a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Models(Vec<String>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    One(String),
    Several(Vec<String>),
}

/// Not a list of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("models are one slug, or a sorted list of several without an empty one and with each once")]
pub struct NotModels;

impl TryFrom<Written> for Models {
    type Error = NotModels;

    fn try_from(written: Written) -> Result<Self, NotModels> {
        let (slugs, least) = match written {
            Written::One(slug) => (vec![slug], 1),
            // One way to write them, so that a file that was changed is another one.
            Written::Several(slugs) => (slugs, 2),
        };
        match slugs.len() >= least && !slugs[0].is_empty() && slugs.windows(2).all(|pair| pair[0] < pair[1]) {
            true => Ok(Self(slugs)),
            false => Err(NotModels),
        }
    }
}

impl From<Models> for Written {
    fn from(Models(mut slugs): Models) -> Self {
        match slugs.len() {
            1 => Self::One(slugs.remove(0)),
            _ => Self::Several(slugs),
        }
    }
}

impl Models {
    /// One alone.
    pub fn one(slug: impl Into<String>) -> Self {
        Self(vec![slug.into()])
    }

    /// Of slugs in whatever order.
    ///
    /// # Errors
    /// [`NotModels`]: there is none, or an empty one.
    pub fn of(slugs: impl IntoIterator<Item = String>) -> Result<Self, NotModels> {
        let mut slugs: Vec<String> = slugs.into_iter().collect();
        slugs.sort_unstable();
        slugs.dedup();
        match slugs.first().is_some_and(|slug| !slug.is_empty()) {
            true => Ok(Self(slugs)),
            false => Err(NotModels),
        }
    }

    /// Their slugs, sorted.
    pub fn slugs(&self) -> &[String] {
        &self.0
    }

    /// Whether this is one of them.
    pub fn contains(&self, slug: &str) -> bool {
        self.0.iter().any(|one| one == slug)
    }

    /// The one model, where it is one.
    pub fn only(&self) -> Option<&str> {
        match &self.0[..] {
            [slug] => Some(slug),
            _ => None,
        }
    }

    /// Their stream: the licence's id, else the one model's own. Several without a licence have none.
    pub fn stream(&self, licence: Option<[u8; 32]>) -> Option<[u8; 32]> {
        licence.or_else(|| self.own_stream())
    }

    /// The stream of one model without a licence.
    pub fn own_stream(&self) -> Option<[u8; 32]> {
        self.only().map(slug_id)
    }
}

impl fmt::Display for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One model is written as it was before there could be several, and there is one way to write several.
    #[test]
    fn models_are_written_in_one_way() {
        let [one, two] = [vec!["a"], vec!["b", "a", "b"]].map(|slugs| slugs.into_iter().map(str::to_owned));
        let (one, two) = (Models::of(one).expect("one"), Models::of(two).expect("two"));
        let json = |models: &Models| serde_json::to_string(models).expect("written");
        assert_eq!([json(&one), json(&two)], [r#""a""#, r#"["a","b"]"#]);
        for models in [&one, &two] {
            assert_eq!(serde_json::from_str::<Models>(&json(models)).expect("read"), *models);
        }
        for wrong in [r#"["a"]"#, r#"[]"#, r#""""#, r#"["b","a"]"#, r#"["a","a"]"#, r#"["","a"]"#] {
            assert!(serde_json::from_str::<Models>(wrong).is_err(), "{wrong}");
        }
        assert_eq!((Models::of([]), Models::of([String::new()])), (Err(NotModels), Err(NotModels)));
        assert_eq!((one.stream(None), two.stream(None)), (Some(slug_id("a")), None));
        assert_eq!((two.stream(Some([9; 32])), two.own_stream()), (Some([9; 32]), None));
    }
}
