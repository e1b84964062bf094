//! Making the secrets once, and keeping them private.

use super::*;
use crate::server::config::Overrides;

fn config(data: &Path) -> Config {
    Config::load(&Overrides { data: Some(data.to_owned()), ..Overrides::default() }).unwrap()
}

#[test]
fn made_once_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder.path().join("data"));
    let made = Secrets::load_or_create(&config).unwrap();
    let read = Secrets::load_or_create(&config).unwrap();
    assert_eq!(made.nonce_key, read.nonce_key);
    assert_eq!(made.gateway.signing().key, read.gateway.signing().key);
    assert!(!open_to_others(&config.data).unwrap());
    assert!(!open_to_others(&config.secret_file).unwrap());
    assert_eq!(fs::read_dir(&config.data).unwrap().count(), 1, "no draft stays behind");
}

#[test]
fn nodes_of_a_cluster_make_none_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("CHATTER_DATABASE", "postgres://db.example/chatter"), ("CHATTER_BUS", "nats://nats.example")];
    let config = Config::load(&Overrides {
        data: Some(folder.path().join("data")),
        environment: environment.into(),
        ..Overrides::default()
    });
    let config = config.unwrap();
    let error = Secrets::load_or_create(&config).unwrap_err();
    assert!(matches!(&error, SecretsError::NotShared { .. }), "{error}");
    assert!(!config.secret_file.exists());
    Secrets::generate_into(&config.secret_file).unwrap();
    assert!(!open_to_others(&config.secret_file).unwrap());
    let made = Secrets::load_or_create(&config).unwrap();
    assert!(Secrets::generate_into(&config.secret_file).is_err(), "it takes the place of no other");
    assert_eq!(Secrets::load(&config.secret_file).unwrap().nonce_key, made.nonce_key);
}

#[test]
fn starting_at_once_ends_with_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let keys: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Secrets::load_or_create(&config).unwrap().nonce_key)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn a_damaged_file_is_refused_without_quoting_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    for text in ["", "nonce_key = \"SECRET", "nonce_key = \"SECRET\"\ngateway = []\n"] {
        fs::write(&config.secret_file, text).unwrap();
        let error = Secrets::load_or_create(&config).unwrap_err();
        assert!(matches!(error, SecretsError::Damaged { .. }), "{text}");
        assert!(!format!("{error} {error:?}").contains("SECRET"));
    }
}

#[test]
fn debug_shows_no_key() {
    let secrets =
        Secrets { gateway: GatewayKeys(vec![GatewayKey { kid: "k".into(), key: [77; 32] }]), nonce_key: [77; 32] };
    assert!(!format!("{secrets:?}").contains("77"));
}
