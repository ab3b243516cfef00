//! The body of `add-checkpoint`: `old` and the size, the proof's hashes, an empty line, the checkpoint.

use tlog_tiles::{Hash, TreeProof};

/// Most lines of a proof.
const MAX_PROOF: usize = 63;

/// A request for a cosignature.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    old: u64,
    proof: TreeProof,
    note: &'a [u8],
    origin: &'a str,
}

impl<'a> Request<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(body: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        let (head, note) = text.split_once("\n\n").ok_or("no empty line stands before the checkpoint")?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(size);
        let old = old.ok_or("it does not begin with a line such as old 0")?;
        let proof: Option<TreeProof> = lines.map(|line| Hash::parse_hash(line).ok()).collect();
        let proof = proof.ok_or("a line of its proof is no hash in base64")?;
        if proof.len() > MAX_PROOF {
            return Err(format!("its proof has {} lines, at most {MAX_PROOF} are possible", proof.len()));
        }
        let origin = note.split('\n').next().unwrap_or_default();
        Ok(Self { old, proof, note: note.as_bytes(), origin })
    }

    /// A body.
    pub fn body(old: u64, proof: &TreeProof, note: &[u8]) -> Vec<u8> {
        let mut body = format!("old {old}\n").into_bytes();
        for hash in proof {
            body.extend(format!("{hash}\n").into_bytes());
        }
        body.push(b'\n');
        body.extend(note);
        body
    }

    /// Leaves of the checkpoint that the proof begins at.
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The consistency proof.
    pub fn proof(&self) -> &TreeProof {
        &self.proof
    }

    /// The checkpoint, with its signatures.
    pub fn note(&self) -> &'a [u8] {
        self.note
    }

    /// The log that the checkpoint says it is of.
    pub fn origin(&self) -> &'a str {
        self.origin
    }
}

/// A size as it is written: decimal, without leading zeros.
pub fn size(text: &str) -> Option<u64> {
    let size: u64 = text.parse().ok()?;
    (size.to_string() == text).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's own example is read; what is not written as it says is not.
    #[test]
    fn the_specifications_example_is_read() {
        let proof = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n";
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— x AAAA\n";
        let body = format!("old 20852014\n{proof}\n{note}");
        let request = Request::parse(body.as_bytes()).expect("read");
        assert_eq!((request.old(), request.proof().len(), request.note()), (20_852_014, 2, note.as_bytes()));
        assert_eq!(request.origin(), "example.com/behind-the-sofa");
        assert_eq!(Request::body(20_852_014, request.proof(), note.as_bytes()), body.as_bytes());
        for wrong in [
            format!("old 020852014\n{proof}\n{note}"),
            format!("old +1\n{proof}\n{note}"),
            format!("old 1 \n{proof}\n{note}"),
            format!("Old 1\n{proof}\n{note}"),
            format!("{proof}\n{note}"),
            format!("old 1\nshort=\n\n{note}"),
            format!("old 1\r\n{proof}\n{note}"),
            format!("old 18446744073709551616\n\n{note}"),
            format!("old 1\n{}\n{note}", "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(64)),
            "old 1\n".into(),
            String::new(),
        ] {
            assert!(Request::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Request::parse(&[0xff, b'\n', b'\n']).is_err());
    }
}
