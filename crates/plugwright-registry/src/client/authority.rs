//! Reads certificate authorities.

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};

use crate::error::RegistryError;

/// Reads the certificates in `text`, of which there must be at least one. The HTTP client would ignore other text, and
/// find a bad certificate only when it connects.
pub(super) fn certificates(text: &[u8]) -> Result<Vec<Certificate>, RegistryError> {
    let invalid = |why: String| RegistryError::Authority { why };
    let mut roots = RootCertStore::empty();
    let mut certificates = Vec::new();
    for (number, certificate) in (1..).zip(CertificateDer::pem_slice_iter(text)) {
        let certificate = certificate.map_err(|error| match error {
            pem::Error::MissingSectionEnd { .. } => {
                invalid(format!("certificate {number} has no line `-----END CERTIFICATE-----`"))
            }
            pem::Error::IllegalSectionStart { .. } => {
                invalid(format!("the first line of certificate {number} is incomplete"))
            }
            error => invalid(format!("certificate {number} is not in PEM: {error}")),
        })?;
        let unreadable = || invalid(format!("certificate {number} cannot be read"));
        certificates.push(Certificate::from_der(&certificate).map_err(|_| unreadable())?);
        roots.add(certificate).map_err(|_| unreadable())?;
    }
    if certificates.is_empty() {
        return Err(invalid("there is no line `-----BEGIN CERTIFICATE-----`".to_owned()));
    }
    Ok(certificates)
}
