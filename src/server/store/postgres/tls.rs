//! TLS to PostgreSQL: the server's certificate is checked against the authorities that this machine trusts, or those of
//! `SSL_CERT_FILE` and `SSL_CERT_DIR`, whatever `sslmode` says. `sslmode=disable` is without, `require` never without;
//! `prefer`, which counts where nothing is said, is without where the server has none.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) fn connector() -> MakeRustlsConnect {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::debug!(%error, "certificates of this machine could not be read");
    }
    let mut roots = RootCertStore::empty();
    // Some that a system trusts may be older than what is understood today: the others still count.
    roots.add_parsable_certificates(found.certs);
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the protocol's versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    MakeRustlsConnect::new(config)
}
