//! A database's address, as it is given and as it may be shown.

use std::{path::Path, str::FromStr};

use sqlx::postgres::PgConnectOptions;
use url::Url;

/// A database's address that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the database's address cannot be used: {0}; it should look like postgresql://user@host/name?passfile=/file")]
pub struct DatabaseUrlError(String);

/// The address as connection options.
///
/// Beside sqlx's own parameters the address may carry libpq's `passfile`, so that the password stays in a file.
///
/// # Errors
/// [`DatabaseUrlError`].
pub fn options(database_url: &str) -> Result<PgConnectOptions, DatabaseUrlError> {
    let mut url = Url::parse(database_url).map_err(|error| DatabaseUrlError(error.to_string()))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(DatabaseUrlError(format!("the scheme {} is not postgresql", url.scheme())));
    }
    let (files, rest): (Vec<_>, Vec<_>) = url.query_pairs().into_owned().partition(|(key, _)| key == "passfile");
    url.set_query(None);
    if !rest.is_empty() {
        url.query_pairs_mut().extend_pairs(rest);
    }
    // What the driver says of it may repeat it, with its password.
    let unusable = |_| DatabaseUrlError("the driver does not take one of its parameters".to_owned());
    let options = PgConnectOptions::from_str(url.as_str()).map_err(unusable)?;
    match files.first() {
        None => Ok(options),
        Some((_, file)) => {
            let password = password(Path::new(file)).map_err(DatabaseUrlError)?;
            Ok(options.password(&password))
        }
    }
}

/// The address as it may be shown: scheme, host and port, without user, password and parameters.
pub fn shown(database_url: &str) -> String {
    let Ok(url) = Url::parse(database_url) else { return "an address that cannot be read".to_owned() };
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| format!("{}://{host}", url.scheme()), |port| format!("{}://{host}:{port}", url.scheme()))
}

/// The password of a file in libpq's format, `host:port:database:user:password`: the first line counts.
fn password(file: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let line = text.lines().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let password = line.splitn(5, ':').nth(4).filter(|password| !password.is_empty());
    password.map(str::to_owned).ok_or_else(|| format!("{} holds no host:port:database:user:password", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_comes_from_its_file_and_never_from_the_address() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("pass file");
        std::fs::write(&file, "# ours\n*:*:*:yieldset:se:cret\n").expect("written");
        let mut url = Url::parse("postgresql://yieldset@localhost/yieldset?host=/run/x").expect("an address");
        url.query_pairs_mut().append_pair("passfile", file.to_str().expect("UTF-8"));
        let options = options(url.as_str()).expect("usable");
        assert_eq!((options.get_username(), options.get_database()), ("yieldset", Some("yieldset")));
        assert_eq!(options.get_socket().map(|socket| socket.as_path()), Some(Path::new("/run/x")));
        assert_eq!(password(&file).as_deref(), Ok("se:cret"));
    }

    /// Proves MIR-4 for addresses: what is wrong is said, and neither that nor what is shown has the password.
    #[test]
    fn an_unusable_address_is_named_without_its_password() {
        for url in [
            "",
            "nonsense",
            "mysql://a:s3cret@b/c",
            "postgresql://a:s3cret@b/c?passfile=/nowhere/at/all",
            "postgresql://a:s3cret@b:5432/c?sslmode=s3cret",
        ] {
            let error = options(url).expect_err(url).to_string();
            assert!(error.contains("it should look like") && !error.contains("s3cret"), "{error}");
            assert!(!shown(url).contains("s3cret"), "{url}");
        }
        assert_eq!(shown("postgresql://a:s3cret@db.example:5433/c?x=y"), "postgresql://db.example:5433");
    }
}
