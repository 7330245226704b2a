//! How a database's server proves who it is: by a certificate of an authority that the operating system, or the source's
//! own file, trusts.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::address::Address;
use crate::error::{Kind, Result};

/// The authorities that may sign the server's certificate.
///
/// # Errors
/// `Config` when there is none.
pub(super) fn authorities(address: &Address) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = |message: &str| {
        let error = address.error(Kind::Config, message);
        error.hint("set `tls_ca` to a PEM file with the authority that signed the server's certificate")
    };
    let mut authorities = match &address.ca {
        Some(path) => CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<_, _>>)
            .map_err(|error| wrong("`tls_ca` cannot be read").source(error))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    // Operating systems carry some that are too old to be read.
    authorities.retain(|authority| RootCertStore::empty().add(authority.clone()).is_ok());
    if authorities.is_empty() {
        return Err(wrong("no authority is trusted to sign the server's certificate"));
    }
    Ok(authorities)
}
