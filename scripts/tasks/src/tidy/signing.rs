//! Only `chain/src/submit.rs` and its folder sign transactions.

use super::{File, Offence};

/// How a transaction gets signed or sent with the chain client. Ed25519 signatures on reports and notes are something
/// else.
const MARKS: [&str; 5] = ["subxt_signer", "create_signable", "create_partial", "sign_and_submit", "submit_and_watch"];

/// Looks for the client's signing calls where they do not belong.
pub fn check(file: &File) -> Vec<Offence> {
    let allowed = file.path.starts_with("chain/src/submit")
        || file.path.ends_with("chain/src/submit.rs")
        // This list itself.
        || file.path.starts_with("scripts/tasks/src/tidy");
    if allowed {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .filter_map(|(i, line)| Some((i, MARKS.iter().find(|mark| line.contains(*mark))?)))
        .map(|(i, mark)| Offence {
            file: file.path.clone(),
            line: i + 1,
            text: format!("{mark}: only chain/src/submit.rs signs transactions; go through its Submitter"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    #[test]
    fn signing_elsewhere_is_found() {
        let text = "fn f() {\n    at.create_signable_offline(call, parameters);\n}";
        assert_eq!(check(&file("oracle/src/post.rs", text)).len(), 1);
        assert_eq!(check(&file("chain/src/client.rs", text)).len(), 1);
        assert!(check(&file("chain/src/submit.rs", text)).is_empty());
        assert!(check(&file("chain/src/submit/signer.rs", "use subxt_signer::sr25519;")).is_empty());
    }

    #[test]
    fn a_comment_or_another_signature_is_none_of_its_business() {
        let text = "// see create_signable\nlet signature = key.sign(&bytes);";
        assert!(check(&file("oracle/src/report.rs", text)).is_empty());
    }
}
