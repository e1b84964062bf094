//! TLS to PostgreSQL, as an operator sets it up: the doctor says whether the program would connect.

use chatter_services::ports::free_port;
use chatter_services::postgres::Postgres;

use crate::support::process::command;

/// What the doctor finds about this database, trusting this certificate alone.
fn database(url: &str, trusted: &str) -> String {
    let data = tempfile::tempdir().unwrap();
    let mut doctor = command(data.path());
    doctor.arg("doctor").env("CHATTER_DATABASE", url).env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR");
    let said = String::from_utf8(doctor.output().unwrap().stdout).unwrap();
    said.lines().find(|line| line.contains("database:")).unwrap().to_owned()
}

#[test]
fn the_servers_certificate_is_checked() {
    let port = free_port().unwrap().to_string();
    let with_port = ["fsync=off", "listen_addresses=127.0.0.1", &format!("port={port}")];
    let with_tls = [&with_port[..], &["ssl=on", "ssl_cert_file=server.crt", "ssl_key_file=server.key"]].concat();
    let mut server = Postgres::prepare(&with_tls).unwrap();
    let make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
        -keyout data/server.key -out data/server.crt";
    server.make("/usr/bin/openssl", &make.split_whitespace().collect::<Vec<_>>()).unwrap();
    server.start_again().unwrap();
    let certificate = server.folder().join("trusted.crt");
    std::fs::copy(server.folder().join("data/server.crt"), &certificate).unwrap();
    let certificate = certificate.to_str().unwrap();
    let url = |host: &str, mode: &str| format!("postgres://postgres@{host}:{port}/postgres?sslmode={mode}");

    // (address, what is trusted, what is found)
    let cases = [
        (url("localhost", "require"), certificate, "ok "),
        (url("localhost", "prefer"), certificate, "ok "),
        (url("localhost", "require"), "/dev/null", "certificate"),
        (url("localhost", "prefer"), "/dev/null", "certificate"),
        (url("127.0.0.1", "require"), certificate, "certificate"),
        (url("127.0.0.1", "disable"), "/dev/null", "ok "),
    ];
    for (url, trusted, found) in &cases {
        let said = database(url, trusted);
        assert!(said.contains(found), "{url} with {trusted}: {said}");
    }

    drop(server);
    let plain = Postgres::start(&with_port).unwrap();
    let refused = database(&url("localhost", "require"), certificate);
    assert!(refused.starts_with("problem") && refused.contains("TLS"), "{refused}");
    assert!(database(&url("localhost", "prefer"), certificate).starts_with("ok "));
    drop(plain);
}
