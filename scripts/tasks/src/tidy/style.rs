//! What rustfmt does not look at: comments no wider than the code, and modules in one style.

use super::{File, Offence};

/// As `max_width` in rustfmt.toml, in characters.
const COLUMNS: usize = 120;

/// Looks at the lines of a source or manifest, and at a source's name.
pub fn check(file: &File) -> Vec<Offence> {
    let source = file.path.extension().is_some_and(|extension| extension == "rs");
    let mark = if source { "//" } else { "#" };
    let mut offences: Vec<_> = file
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| has_comment(line, mark) && line.chars().count() > COLUMNS)
        .map(|(i, line)| Offence {
            file: file.path.clone(),
            line: i + 1,
            text: format!("a comment up to column {}, at most {COLUMNS}: wrap it", line.chars().count()),
        })
        .collect();
    if file.path.ends_with("mod.rs") {
        let text = "modules are x.rs beside x/, so that a file is found by its name".to_owned();
        offences.push(Offence { file: file.path.clone(), line: 0, text });
    }
    offences
}

/// A comment alone on its line, or behind code. What is in a text (an address, say) has no space before its slashes.
fn has_comment(line: &str, mark: &str) -> bool {
    line.trim_start().starts_with(mark) || line.contains(&format!(" {mark} "))
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&file(path, text)).iter().map(|offence| offence.line).collect()
    }

    #[test]
    fn a_wide_comment_is_found_alone_and_behind_code() {
        let wide = "x".repeat(118);
        assert_eq!(lines("a.rs", &format!("//{wide}\n///{wide}\nlet a = 1; // {wide}\n#{wide}")), [2, 3]);
        assert_eq!(lines("Cargo.toml", &format!("#{wide}\n# {wide} \n")), [2]);
    }

    #[test]
    fn width_is_counted_in_characters_and_only_of_comments() {
        assert!(lines("a.rs", &format!("//{}", "ß".repeat(118))).is_empty());
        assert!(lines("a.rs", &format!("let a = \"http://{}\";", "x".repeat(200))).is_empty());
    }

    #[test]
    fn a_module_is_a_file_with_its_own_name() {
        assert_eq!(lines("oracle/src/usage_log/mod.rs", "//! Log."), [0]);
        assert!(lines("oracle/src/usage_log.rs", "//! Log.").is_empty());
    }
}
