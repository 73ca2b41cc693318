//! The shared secrets of the two processes of a run: a certificate authority made for the run, and a cookie.

use std::io::{BufRead, Write};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ED25519,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::system::Failure;

/// The name in both certificates: the host name, which is all that Erlang's nodes check.
pub(crate) const NAME: &str = "localhost";

/// The secrets of one of the two processes.
pub(crate) struct Secrets {
    authority: Vec<u8>,
    certificate: Vec<u8>,
    key: Vec<u8>,
    /// 64 hexadecimal digits.
    pub(crate) cookie: String,
}

impl Secrets {
    /// Returns the secrets of the near and the far process.
    pub(crate) fn pair() -> Result<(Self, Self), Failure> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = called("bench authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        let authority = params.self_signed(&key)?.der().to_vec();
        // The key is discarded, so the cookie is unpredictable.
        let cookie = hex(KeyPair::generate_for(&PKCS_ED25519)?.public_key_raw());
        let issuer = Issuer::new(params, key);
        let near = Self::leaf(&authority, &issuer, &cookie)?;
        let far = Self::leaf(&authority, &issuer, &cookie)?;
        Ok((near, far))
    }

    fn leaf(authority: &[u8], issuer: &Issuer<'_, KeyPair>, cookie: &str) -> Result<Self, Failure> {
        let mut params = CertificateParams::new([NAME.to_owned()])?;
        params.distinguished_name = called(NAME);
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        Ok(Self {
            authority: authority.to_vec(),
            certificate: params.signed_by(&key, issuer)?.der().to_vec(),
            key: key.serialize_der(),
            cookie: cookie.to_owned(),
        })
    }

    pub(crate) fn authority(&self) -> CertificateDer<'static> {
        CertificateDer::from(self.authority.clone())
    }

    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from(self.certificate.clone())]
    }

    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()))
    }

    /// Writes the secrets to another process.
    pub(crate) fn write(&self, to: &mut impl Write) -> Result<(), Failure> {
        for bytes in [&self.authority, &self.certificate, &self.key] {
            writeln!(to, "{}", hex(bytes))?;
        }
        writeln!(to, "{}", self.cookie)?;
        Ok(to.flush()?)
    }

    /// Reads the secrets from the process that started this one.
    pub(crate) fn read(from: &mut impl BufRead) -> Result<Self, Failure> {
        let mut line = || -> Result<String, Failure> {
            let mut line = String::new();
            from.read_line(&mut line)?;
            Ok(line.trim().to_owned())
        };
        Ok(Self {
            authority: unhex(&line()?)?,
            certificate: unhex(&line()?)?,
            key: unhex(&line()?)?,
            cookie: line()?,
        })
    }
}

/// Returns a distinguished name. Erlang treats a certificate with the same subject and issuer as self-signed.
fn called(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, Failure> {
    let pair = |index: usize| {
        let pair = text.get(index..index + 2).ok_or("half a byte")?;
        Ok(u8::from_str_radix(pair, 16)?)
    };
    (0..text.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_secrets_are_read_back() {
        let (_, far) = Secrets::pair().unwrap();
        let mut written = Vec::new();
        far.write(&mut written).unwrap();
        let taken = Secrets::read(&mut written.as_slice()).unwrap();
        assert_eq!(taken.chain(), far.chain());
        assert_eq!(taken.authority(), far.authority());
        assert_eq!(taken.key, far.key);
        assert_eq!(taken.cookie, far.cookie);
        assert_eq!(taken.cookie.len(), 64);
    }

    #[test]
    fn nothing_is_no_secret() {
        assert!(Secrets::read(&mut "xy\n".as_bytes()).is_err());
        assert!(Secrets::read(&mut "abc\n".as_bytes()).is_err());
    }
}
