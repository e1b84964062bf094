//! What the layers make of each other, and what is refused.

use super::*;

fn load(data: &std::path::Path, environment: Environment) -> Result<Config, ConfigError> {
    Config::load(&Overrides { data: Some(data.to_owned()), environment, ..Overrides::default() })
}

fn with_public_url(url: Option<&str>) -> Config {
    Config::load(&Overrides { public_url: url.map(str::to_owned), ..Overrides::default() }).unwrap()
}

#[test]
fn the_carried_file_is_complete() {
    let config = Config::load(&Overrides::default()).unwrap();
    assert_eq!(config.data, PathBuf::from("chatter-data"));
    assert_eq!(config.secret_file, PathBuf::from("chatter-data/secrets.toml"));
    assert_eq!(config.limits.posts_per_second.get(), 10);
    assert_eq!(config.limits.posts_burst.get(), 30);
    assert_eq!(config.sign_up, SignUp::Open);
    assert!(config.public_url.is_none());
    config.check_bind().unwrap();
}

#[test]
fn later_layers_win() {
    let data = tempfile::tempdir().unwrap();
    let file = "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:4000\"\n[chatter]\nsign_up = \"closed\"\n[chatter.limits]\nposts_burst = 7\n";
    std::fs::write(data.path().join("Leptos.toml"), file).unwrap();
    let config = load(data.path(), Environment::default()).unwrap();
    assert_eq!((config.bind.port(), config.sign_up, config.limits.posts_burst.get()), (4000, SignUp::Closed, 7));
    assert_eq!(config.limits.posts_per_second.get(), 10, "what the file does not name stays");

    let environment = Environment::from([
        ("LEPTOS_SITE_ADDR", "127.0.0.1:5000"),
        ("CHATTER_LIMITS_POSTS_BURST", "8"),
        ("CHATTER_TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.1"),
        ("CHATTER_DATABASE", "postgres://db.example/chatter"),
        ("CHATTER_DATABASE_REPLICAS", "postgres://one/chatter, postgres://two/chatter"),
        ("CHATTER_DRAIN_SECONDS", "5"),
    ]);
    let config = load(data.path(), environment.clone()).unwrap();
    assert_eq!((config.bind.port(), config.limits.posts_burst.get()), (5000, 8));
    assert_eq!(config.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "192.168.1.1/32".parse::<IpNet>().unwrap()]);

    let postgres = config.postgres.unwrap();
    let replicas: Vec<String> = postgres.replicas.iter().map(ToString::to_string).collect();
    assert_eq!(replicas, ["postgres://one/chatter", "postgres://two/chatter"]);
    assert_eq!(config.drain, Duration::from_secs(5));

    let addr = Some("127.0.0.1:6000".parse().unwrap());
    let flags = Overrides { data: Some(data.path().to_owned()), addr, environment, ..Overrides::default() };
    let config = Config::load(&flags).unwrap();
    assert_eq!((config.bind.port(), config.leptos.site_addr.port()), (6000, 6000));
}

#[test]
fn leptos_reads_what_the_layers_say() {
    let environment = Environment::from([
        ("LEPTOS_SITE_ROOT", "elsewhere"),
        ("LEPTOS_RELOAD_PORT", "4001"),
        ("LEPTOS_RELOAD_EXTERNAL_PORT", "4002"),
        ("LEPTOS_RELOAD_WS_PROTOCOL", "wss"),
        ("LEPTOS_ENV", "DEV"),
    ]);
    let leptos = Config::load(&Overrides { environment, ..Overrides::default() }).unwrap().leptos;
    assert_eq!((&*leptos.output_name, &*leptos.site_root, &*leptos.site_pkg_dir), ("chatter", "elsewhere", "pkg"));
    assert_eq!((leptos.reload_port, leptos.reload_external_port), (4001, Some(4002)));
    assert_eq!(leptos.reload_ws_protocol, leptos_config::ReloadWSProtocol::WSS);
    assert_eq!(leptos.env, leptos_config::Env::DEV);
    assert!(!leptos.hash_files, "Leptos's own scripts would look for a hash.txt beside the program");
}

#[test]
fn mistakes_name_their_place_and_key() {
    let cases: &[(&str, &[&str])] = &[
        ("[chatter]\npublic_ulr = \"x\"", &["Leptos.toml", "public_ulr", "public_url"]),
        ("[chatter.limits]\nposts_burst = 0", &["Leptos.toml", "posts_burst"]),
        ("[chatter]\nsign_up = \"maybe\"", &["sign_up", "`open`", "`closed`"]),
        ("[chatter]\npublic_url = \"chat.example\"", &["public_url", "https://chat.example"]),
        ("[chatter]\ntrusted_proxies = [\"ten\"]", &["trusted_proxies", "10.0.0.0/8"]),
        ("[package.metadata.leptos]\nhash-files = true", &["hash-files"]),
        ("[package.metadata.leptos]\nreload-ws-protocol = \"http\"", &["reload-ws-protocol", "wss"]),
        ("[package.metadata.leptos]\nsite-addr = \"3000\"", &["site-addr", "127.0.0.1:3000"]),
        ("[chatter", &["Leptos.toml", "line 1"]),
        ("[chatter]\ndatabase = \"mysql://db\"", &["database", "postgres://chatter"]),
        ("[chatter]\ndatabase_replicas = [\"postgres://db.example/chatter\"]", &["CHATTER_DATABASE"]),
        ("[chatter]\nbus = \"nats://nats.example\"", &["CHATTER_DATABASE"]),
        ("[chatter]\nbus = \"nats.example\"", &["bus", "nats://nats.example:4222"]),
        ("[chatter]\ndrain_seconds = -1", &["drain_seconds"]),
        ("[chatter]\ndata = \"elsewhere\"", &["chatter.data", "CHATTER_DATA"]),
    ];
    for (file, words) in cases {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("Leptos.toml"), file).unwrap();
        let error = load(data.path(), Environment::default()).unwrap_err().to_string();
        for word in *words {
            assert!(error.contains(word), "{file}: {error:?} lacks {word:?}");
        }
    }
    let environment = Environment::from([("CHATTER_LIMITS_POSTS_BURST", "many")]);
    let error = Config::load(&Overrides { environment, ..Overrides::default() }).unwrap_err().to_string();
    assert!(error.starts_with("CHATTER_LIMITS_POSTS_BURST: "), "{error}");
    let missing = Overrides { config: Some("no/such/file".into()), ..Overrides::default() };
    assert!(Config::load(&missing).unwrap_err().to_string().contains("no/such/file"));
}

#[test]
fn only_this_machine_without_a_public_url() {
    let everywhere = Environment::from([("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]);
    let config = Config::load(&Overrides { environment: everywhere.clone(), ..Overrides::default() }).unwrap();
    assert!(config.check_bind().unwrap_err().to_string().contains("CHATTER_PUBLIC_URL"));
    let public_url = Some("https://chat.example".to_owned());
    let config = Config::load(&Overrides { environment: everywhere, public_url, ..Overrides::default() }).unwrap();
    config.check_bind().unwrap();
    assert!(config.https());
    assert_eq!(config.session_cookie_name(), "__Host-session");
}

#[test]
fn origins() {
    let config = with_public_url(Some("https://chat.example"));
    let cases = [
        ("https://chat.example", true),
        ("http://chat.example", false),
        ("https://chat.example.evil", false),
        ("https://evil.chat.example", false),
        ("https://chat.example:8443", false),
        ("https://chat.example/", false),
        ("null", false),
        ("", false),
    ];
    for (origin, allowed) in cases {
        assert_eq!(config.origin_allowed(origin, Some("chat.example")), allowed, "{origin}");
        assert_eq!(config.origin_allowed(origin, None), allowed, "{origin}");
    }

    let config = with_public_url(None);
    let cases = [
        ("http://127.0.0.1:3000", Some("127.0.0.1:3000"), true),
        ("http://localhost:3000", Some("localhost:3000"), true),
        ("http://[::1]:3000", Some("[::1]:3000"), true),
        ("http://[::1]", Some("[::1]"), true),
        ("http://localhost:3001", Some("localhost:3000"), false),
        ("https://localhost:3000", Some("localhost:3000"), false),
        ("http://localhost:3000.evil", Some("localhost:3000"), false),
        ("http://evil.example:3000", Some("evil.example:3000"), false),
        ("http://localhost:3000", None, false),
        ("null", Some("null"), false),
        ("http://", Some(""), false),
    ];
    for (origin, host, allowed) in cases {
        assert_eq!(config.origin_allowed(origin, host), allowed, "{origin} {host:?}");
    }
}

#[test]
fn leptos_toml_agrees_with_cargo_toml() {
    let table = |text: &str| text.parse::<toml::Table>().unwrap();
    let cargo = table(include_str!("../../../Cargo.toml"))["workspace"]["metadata"]["leptos"][0].clone();
    let leptos = table(include_str!("../../../Leptos.toml"))["package"]["metadata"]["leptos"].clone();
    for key in ["output-name", "site-root", "site-pkg-dir", "site-addr", "reload-port"] {
        assert_eq!(cargo[key], leptos[key], "{key}");
    }
}
