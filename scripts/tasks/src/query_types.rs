//! The types of the indexer's checked queries (`indexer/.sqlx`), written by the compiler from a database that has the
//! tables of the migrations and of the projections (`indexer/projection`) as they are in the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Url;
use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use tokio::process::Command;

use crate::demo::children::Children;

/// Names of the files and what is in them.
type Files = BTreeMap<String, Vec<u8>>;

/// Options of `query-types`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave indexer/.sqlx as it is, and say where it differs from what the sources need.
    #[arg(long)]
    check: bool,
    /// An empty database to use instead of a cluster of the indexer's: postgresql://user:password@host/name.
    #[arg(long, value_name = "URL")]
    database_url: Option<Url>,
}

/// Writes or compares, and removes the database again.
///
/// # Errors
/// No database, a query that does not fit the tables, or with `check` a difference. After an error the files are as
/// they were.
pub async fn run(root: &Path, args: &Args) -> Result<()> {
    let stop = yieldset_service::stop::on_signal().context("listening to signals")?;
    let folder = tempfile::Builder::new().prefix("yieldset-query-types-").tempdir().context("making a folder")?;
    // Postgres runs as another user where this one is root.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
    let mut children = Children::beside_this_program(folder.path())?;
    let types = root.join("indexer/.sqlx");
    let before = read(&types)?;
    let result = tokio::select! {
        result = generate(root, args, folder.path(), &mut children, &types) => result,
        () = stop => Err(anyhow::anyhow!("interrupted")),
    };
    children.stop().await;
    let result = result.and_then(|()| read(&types));
    if args.check || result.is_err() {
        replace(&types, &before)?;
    }
    let after = result?;
    if args.check {
        compare(&before, &after)?;
    }
    println!("{} queries, types as of the migrations: {}", after.len(), types.display());
    Ok(())
}

async fn generate(root: &Path, args: &Args, folder: &Path, children: &mut Children, types: &Path) -> Result<()> {
    let (url, passfile) = match &args.database_url {
        Some(url) => (url.clone(), None),
        None => cluster(folder, children).await?,
    };
    make_tables(root, &url, passfile.as_deref()).await?;
    replace(types, &Files::new())?;
    let mut cargo = Command::new("cargo");
    // Every checked query is in the library. Chosen as a program of the workspace, it finds its dependencies built.
    cargo.args(["build", "--locked", "--workspace", "--bin", "yieldset-indexer"]).current_dir(root);
    cargo.env("YIELDSET_SQLX_PREPARE", url.as_str()).kill_on_drop(true);
    if let Some(passfile) = passfile {
        cargo.env("PGPASSFILE", passfile);
    }
    ensure!(cargo.status().await.context("starting cargo")?.success(), "the indexer does not compile; see above");
    Ok(())
}

/// A cluster of the indexer's, run by the program as it was built last: it needs none of the tables to serve nothing.
async fn cluster(folder: &Path, children: &mut Children) -> Result<(Url, Option<PathBuf>)> {
    let data = folder.join("postgres");
    let data = data.to_str().context("the temporary folder's name is not UTF-8; set TMPDIR to another")?;
    let args = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0"];
    let ready = children.start("indexer", "yieldset-indexer", &args).await.context(
        "this needs a yieldset-indexer from before the change: build the last commit that compiles, or give --database-url",
    )?;
    let mut url = Url::parse(&ready.database_url.context("the indexer names no database")?)?;
    // sqlx does not know libpq's `passfile` in an address.
    let (passfile, rest): (Vec<_>, Vec<_>) = url.query_pairs().into_owned().partition(|(name, _)| name == "passfile");
    url.query_pairs_mut().clear().extend_pairs(rest);
    Ok((url, passfile.into_iter().next().map(|(_, file)| PathBuf::from(file))))
}

async fn make_tables(root: &Path, url: &Url, passfile: Option<&Path>) -> Result<()> {
    let mut options = PgConnectOptions::from_url(url).context("the database's address")?.disable_statement_logging();
    if let Some(file) = passfile {
        let line = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        let password = line.trim_end().rsplit(':').next().context("a password file without a password")?;
        options = options.password(password);
    }
    let mut connection = options.connect().await.context("connecting to the database")?;
    let migrations = Migrator::new(root.join("indexer/migrations")).await.context("reading indexer/migrations")?;
    migrations.run(&mut connection).await.context("making the tables; is the database empty?")?;
    // As the mirror makes its rows' schema; whoever connects from now on finds it first.
    let mut script = "CREATE SCHEMA mirror; SET search_path = mirror, public;\n".to_owned();
    for content in read(&root.join("indexer/projection"))?.into_values() {
        script += &String::from_utf8(content).context("a file of indexer/projection")?;
    }
    script += "\nALTER ROLE CURRENT_USER SET search_path = mirror, public;";
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&mut connection).await.context("making the mirror's tables")?;
    connection.close().await.context("leaving the database")
}

fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a file whose name is not UTF-8")?;
        let content = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        files.insert(name.to_owned(), content);
    }
    Ok(files)
}

/// Has the folder hold these files and no others.
fn replace(folder: &Path, files: &Files) -> Result<()> {
    for name in read(folder)?.keys().filter(|name| !files.contains_key(*name)) {
        std::fs::remove_file(folder.join(name)).with_context(|| format!("removing {name}"))?;
    }
    for (name, content) in files {
        std::fs::write(folder.join(name), content).with_context(|| format!("writing {name}"))?;
    }
    Ok(())
}

fn compare(checked_in: &Files, fresh: &Files) -> Result<()> {
    let names: BTreeSet<_> = checked_in.keys().chain(fresh.keys()).collect();
    let wrong: Vec<_> = names
        .into_iter()
        .filter(|name| checked_in.get(*name) != fresh.get(*name))
        .map(|name| match (checked_in.contains_key(name), fresh.contains_key(name)) {
            (true, true) => format!("{name} has other types"),
            (true, false) => format!("{name} belongs to no query"),
            _ => format!("{name} is missing"),
        })
        .collect();
    if !wrong.is_empty() {
        bail!("indexer/.sqlx is out of date; run yieldset-tasks query-types and commit it:\n{}", wrong.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_folder_holds_what_it_is_given_and_nothing_else() {
        let folder = tempfile::tempdir().expect("temporary folder");
        for content in [files(&[("a", "1"), ("b", "2")]), files(&[("b", "3")]), Files::new()] {
            replace(folder.path(), &content).expect("replaced");
            assert_eq!(read(folder.path()).expect("read"), content);
        }
    }

    #[test]
    fn each_difference_is_named() {
        let checked_in = files(&[("same", "1"), ("old", "1"), ("changed", "1")]);
        compare(&checked_in, &checked_in).expect("the same");
        let fresh = files(&[("same", "1"), ("new", "1"), ("changed", "2")]);
        let error = compare(&checked_in, &fresh).expect_err("different").to_string();
        for part in ["old belongs to no query", "new is missing", "changed has other types"] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("same "), "{error}");
    }
}
