//! How a database's server proves who it is: by a certificate of an authority that the operating system, or the source's
//! own file, trusts.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::address::Address;
use crate::error::{Error, Kind, Result};

/// The settings of an encrypted connection.
///
/// # Errors
/// `Config` when there is no authority to trust.
pub(super) fn client(address: &Address) -> Result<ClientConfig> {
    let wrong = |message: &str| -> Error {
        let error = address.error(Kind::Config, message);
        error.hint("set `tls_ca` to a PEM file with the authority that signed the server's certificate")
    };
    let mut roots = RootCertStore::empty();
    match &address.ca {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let certificates = certificates.map_err(|error| wrong("`tls_ca` cannot be read").source(error))?;
            roots.add_parsable_certificates(certificates);
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(wrong("no authority is trusted to sign the server's certificate"));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| wrong("TLS cannot be used").source(error))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
