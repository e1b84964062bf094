//! What the doctor sees, and what it says of it.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::server::config::Overrides;
use crate::server::secrets::Secrets;

/// Findings about a data folder, on a port that is free.
async fn doctor(data: &Path) -> Vec<(&'static str, Finding)> {
    examine(load(data, "127.0.0.1:0")).await
}

fn load(data: &Path, addr: &str) -> Result<Config, ConfigError> {
    let addr = Some(addr.parse().unwrap());
    Config::load(&Overrides { data: Some(data.to_owned()), addr, ..Overrides::default() })
}

fn problems(findings: &[(&'static str, Finding)]) -> Vec<&'static str> {
    findings.iter().filter(|(_, finding)| finding.is_err()).map(|(what, _)| *what).collect()
}

#[tokio::test]
async fn before_the_first_start_and_after_it_all_is_well() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert_eq!(problems(&doctor(&data).await), [""; 0]);
    assert!(!data.exists(), "it only looks");
    Secrets::load_or_create(&load(&data, "127.0.0.1:0").unwrap()).unwrap();
    assert_eq!(problems(&doctor(&data).await), [""; 0]);
}

#[tokio::test]
async fn each_problem_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    fs::set_permissions(data, Permissions::from_mode(0o700)).unwrap();
    let config = load(data, "127.0.0.1:0").unwrap();
    fs::write(config.sqlite_file(), "this is no database, and it is long enough to be read as one".repeat(100))
        .unwrap();
    assert_eq!(
        problems(&doctor(data).await),
        ["secrets", "database"],
        "a database without its secrets, and no database"
    );
    fs::remove_file(config.sqlite_file()).unwrap();

    Secrets::load_or_create(&config).unwrap();
    fs::set_permissions(&config.secret_file, Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(data, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(problems(&doctor(data).await), ["data folder", "secrets"]);
    fs::set_permissions(data, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(&config.secret_file, Permissions::from_mode(0o600)).unwrap();

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    std::thread::spawn(move || taken.incoming().for_each(drop));
    assert_eq!(problems(&examine(load(data, &addr)).await), ["address"]);
    assert_eq!(problems(&examine(load(data, "0.0.0.0:0")).await), ["settings"]);

    let proxied = async |proxies: &str| {
        let text = format!("[chatter]\npublic_url = \"https://chat.example\"\ntrusted_proxies = [{proxies}]\n");
        fs::write(data.join("Leptos.toml"), text).unwrap();
        problems(&doctor(data).await)
    };
    assert_eq!(proxied("").await, ["settings"], "HTTPS comes from a proxy");
    assert_eq!(proxied("\"127.0.0.1\"").await, [""; 0]);

    fs::write(data.join("Leptos.toml"), "[chatter]\ndate = 1").unwrap();
    assert_eq!(problems(&doctor(data).await), ["settings"]);
}
