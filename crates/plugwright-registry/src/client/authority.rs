//! Reads certificate authorities.

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::RegistryError;

/// Reads the certificates in `pem`, of which there must be at least one. The HTTP client would ignore other text, and
/// find a bad certificate only when it connects.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, RegistryError> {
    let invalid = |why: String| RegistryError::Authority { why };
    let mut roots = RootCertStore::empty();
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
        let read = Certificate::from_der(&certificate);
        certificates.push(read.map_err(|error| invalid(error.to_string()))?);
        roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
    }
    if certificates.is_empty() {
        return Err(invalid("it has no `BEGIN CERTIFICATE`".to_owned()));
    }
    Ok(certificates)
}
