//! Decides where the checked queries get their types from: the files in `.sqlx` (always, unless they are being written
//! anew).
//!
//! Without this, a `DATABASE_URL` meant for the running program would be taken as a database to compile against.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=.sqlx");
    println!("cargo::rerun-if-env-changed=YIELDSET_SQLX_PREPARE");
    match std::env::var("YIELDSET_SQLX_PREPARE") {
        Ok(url) if !url.is_empty() => {
            let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
            println!("cargo::rustc-env=SQLX_OFFLINE=false");
            println!("cargo::rustc-env=DATABASE_URL={url}");
            println!("cargo::rustc-env=SQLX_OFFLINE_DIR={folder}/.sqlx");
        }
        _ => println!("cargo::rustc-env=SQLX_OFFLINE=true"),
    }
}
