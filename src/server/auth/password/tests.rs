//! Hashing, and refusing to hash.

use super::*;

fn cheap() -> Passwords {
    Passwords::with_cost(8, 1)
}

#[tokio::test]
async fn a_password_verifies_and_another_does_not() {
    let passwords = cheap();
    let phc = passwords.hash("correct horse".into()).await.unwrap();
    assert!(passwords.verify("correct horse".into(), Some(phc.clone())).await.unwrap());
    assert!(!passwords.verify("correct hors".into(), Some(phc)).await.unwrap());
}

#[tokio::test]
async fn nothing_costs_what_something_costs_and_never_verifies() {
    let passwords = cheap();
    assert!(!passwords.verify("anything".into(), None).await.unwrap());
    assert_eq!(passwords.computations(), 1);
}

#[tokio::test]
async fn the_real_cost_is_in_the_hash_and_in_the_dummy() {
    let passwords = Passwords::new();
    let phc = passwords.hash("correct horse".into()).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    assert!(passwords.dummy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn a_hash_of_another_cost_or_kind_of_argon2_verifies() {
    let passwords = cheap();
    for algorithm in [Algorithm::Argon2id, Algorithm::Argon2i] {
        let params = Params::new(16, 3, 2, None).unwrap();
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let phc = Argon2::new(algorithm, Version::V0x13, params).hash_password(b"imported", &salt).unwrap().to_string();
        check_imported(&phc).unwrap();
        assert!(passwords.verify("imported".into(), Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify("imposter".into(), Some(phc)).await.unwrap());
    }
}

#[test]
fn imports() {
    let salt_and_hash = "c2FsdHNhbHRzYWx0$kPkeK8jPCPcjBe3n6qKOEEKkXPbIJ8Z4Rh5gNFIB2FU";
    let good = format!("$argon2id$v=19$m=65536,t=3,p=4${salt_and_hash}");
    assert_eq!(check_imported(&good), Ok(()));
    let bad = [
        "hunter2".to_owned(),
        "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW".to_owned(),
        format!("$scrypt$ln=16,r=8,p=1${salt_and_hash}"),
        format!("$argon2id$v=19$m=4194304,t=3,p=4${salt_and_hash}"),
        format!("$argon2id$v=19$m=65536,t=300,p=4${salt_and_hash}"),
        "$argon2id$v=19$m=65536,t=3,p=4".to_owned(),
    ];
    for phc in bad {
        assert!(check_imported(&phc).is_err(), "{phc}");
    }
}

#[test]
fn lengths() {
    assert!(check("1234567").is_err());
    assert!(check("12345678").is_ok());
    assert!(check(&"é".repeat(256)).is_ok());
    assert!(check(&"é".repeat(257)).is_err());
}

#[tokio::test]
async fn a_crowd_is_asked_to_come_back() {
    let passwords = cheap();
    let _running = passwords.running.acquire_many(2).await.unwrap();
    let waiting: Vec<_> = (0..ADMITTED).map(|_| Box::pin(passwords.hash("correct horse".into()))).collect();
    let mut waiting = futures_util::future::join_all(waiting);
    assert!(futures_util::poll!(&mut waiting).is_pending());
    let refused = passwords.hash("correct horse".into()).await;
    assert!(matches!(refused, Err(ServerError::Refused(ErrorCode::RateLimited, _))));
    drop(waiting);
    assert_eq!(passwords.admitted.available_permits(), ADMITTED, "those who went away made room");
}
