//! A name in an extension: a host, an address, a mailbox, a URI, a distinguished name. RFC 5280 section 4.2.1.6.
//!
//! ```text
//! GeneralName ::= CHOICE {
//!      otherName                 [0]  OtherName,
//!      rfc822Name                [1]  IA5String,
//!      dNSName                   [2]  IA5String,
//!      x400Address               [3]  ORAddress,
//!      directoryName             [4]  Name,
//!      ediPartyName              [5]  EDIPartyName,
//!      uniformResourceIdentifier [6]  IA5String,
//!      iPAddress                 [7]  OCTET STRING,
//!      registeredID              [8]  OBJECT IDENTIFIER }
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::extensions as parsed;

use super::{Name, Oid};
use crate::printable::write_safely;
use crate::reader::hex;

/// A name. Texts are as the peer chose them; `Display` makes them safe to print.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum GeneralName {
    /// A host name, maybe with a wildcard.
    Dns(String),
    /// A mailbox.
    Email(String),
    /// A URI.
    Uri(String),
    /// An address.
    Ip(IpAddr),
    /// An address with its mask, as name constraints have it.
    IpRange {
        /// The address.
        address: IpAddr,
        /// The mask.
        mask: IpAddr,
    },
    /// A distinguished name.
    DirectoryName(Name),
    /// A name of a kind that an object identifier says, such as a Windows user principal name.
    OtherName {
        /// The kind.
        kind: Oid,
        /// The DER of the value, with its explicit tag.
        value: Box<[u8]>,
    },
    /// An object identifier.
    RegisteredId(Oid),
    /// One of the other choices, or bytes that are not what their tag says.
    Other {
        /// The number of the choice.
        tag: u32,
        /// Its content.
        content: Box<[u8]>,
    },
}

impl GeneralName {
    pub(super) fn from_parsed(name: &parsed::GeneralName<'_>) -> Self {
        match name {
            parsed::GeneralName::DNSName(text) => Self::Dns((*text).to_owned()),
            parsed::GeneralName::RFC822Name(text) => Self::Email((*text).to_owned()),
            parsed::GeneralName::URI(text) => Self::Uri((*text).to_owned()),
            parsed::GeneralName::IPAddress(bytes) => Self::from_address(bytes),
            parsed::GeneralName::DirectoryName(name) => Self::DirectoryName(Name::from_read(name.as_raw())),
            parsed::GeneralName::OtherName(kind, value) => {
                Self::OtherName { kind: Oid::from_content(kind.as_bytes()), value: (*value).into() }
            }
            parsed::GeneralName::RegisteredID(oid) => Self::RegisteredId(Oid::from_content(oid.as_bytes())),
            parsed::GeneralName::X400Address(any) | parsed::GeneralName::EDIPartyName(any) => {
                Self::Other { tag: any.tag().0, content: any.data.into() }
            }
            parsed::GeneralName::Invalid(tag, content) => {
                Self::Other { tag: tag.0, content: (*content).into() }
            }
        }
    }

    fn from_address(bytes: &[u8]) -> Self {
        fn v4(bytes: &[u8]) -> Option<IpAddr> {
            Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into())
        }
        fn v6(bytes: &[u8]) -> Option<IpAddr> {
            Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into())
        }
        let halves = |one: fn(&[u8]) -> Option<IpAddr>| {
            let (address, mask) = bytes.split_at_checked(bytes.len() / 2)?;
            Some(Self::IpRange { address: one(address)?, mask: one(mask)? })
        };
        let read = match bytes.len() {
            4 => v4(bytes).map(Self::Ip),
            16 => v6(bytes).map(Self::Ip),
            8 => halves(v4),
            32 => halves(v6),
            _ => None,
        };
        read.unwrap_or_else(|| Self::Other { tag: 7, content: bytes.into() })
    }
}

/// With its kind in front, as OpenSSL writes it: `DNS:localhost`. Safe to print.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(text) => {
                f.write_str("DNS:")?;
                write_safely(f, text)
            }
            Self::Email(text) => {
                f.write_str("email:")?;
                write_safely(f, text)
            }
            Self::Uri(text) => {
                f.write_str("URI:")?;
                write_safely(f, text)
            }
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::IpRange { address, mask } => write!(f, "IP:{address}/{mask}"),
            Self::DirectoryName(name) => write!(f, "DirName:{name}"),
            Self::OtherName { kind, value } => write!(f, "otherName:{kind}={}", hex(value)),
            Self::RegisteredId(oid) => write!(f, "RID:{oid}"),
            Self::Other { tag, content } => write!(f, "[{tag}]:{}", hex(content)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_by_their_length() {
        assert_eq!(GeneralName::from_address(&[10, 77, 0, 1]).to_string(), "IP:10.77.0.1");
        assert_eq!(
            GeneralName::from_address(&[10, 0, 0, 0, 255, 0, 0, 0]).to_string(),
            "IP:10.0.0.0/255.0.0.0"
        );
        let mut v6 = [0; 16];
        v6[15] = 1;
        assert_eq!(GeneralName::from_address(&v6).to_string(), "IP:::1");
        assert_eq!(GeneralName::from_address(&[1, 2, 3]).to_string(), "[7]:010203");
    }

    #[test]
    fn prints_hosts_safely() {
        assert_eq!(GeneralName::Dns("a\u{1b}[m".into()).to_string(), r"DNS:a\1B[m");
    }
}
