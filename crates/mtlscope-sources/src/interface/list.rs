//! The interfaces of this machine: for a list of them, and to find what was meant by a name.

use std::net::IpAddr;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{AddressFamily, SockaddrLike};

/// The name that stands for all interfaces at once.
pub const ANY: &str = "any";

/// One interface, as the system tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its number.
    pub index: u32,
    /// Whether it is switched on, and something is at the other end.
    pub is_running: bool,
    /// Whether all that is sent there comes back.
    pub is_loopback: bool,
    /// ARPHRD: what kind of link it is.
    pub hardware: u16,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

/// All interfaces, in the system's order.
///
/// # Errors
/// When the system does not tell.
pub fn interfaces() -> std::io::Result<Vec<Interface>> {
    let mut found: Vec<Interface> = Vec::new();
    for one in getifaddrs()? {
        // An address may have a label of its own (`eth0:1`).
        let name = one.interface_name.split(':').next().unwrap_or_default();
        let place = found.iter().position(|known| known.name == name).unwrap_or_else(|| {
            found.push(Interface {
                name: name.to_owned(),
                index: 0,
                is_running: one.flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING),
                is_loopback: one.flags.contains(InterfaceFlags::IFF_LOOPBACK),
                hardware: 0,
                addresses: Vec::new(),
            });
            found.len() - 1
        });
        let (Some(interface), Some(address)) = (found.get_mut(place), one.address) else { continue };
        match address.family() {
            Some(AddressFamily::Packet) => {
                if let Some(link) = address.as_link_addr() {
                    interface.index = u32::try_from(link.ifindex()).unwrap_or_default();
                    interface.hardware = link.hatype();
                }
            }
            Some(AddressFamily::Inet) => {
                interface.addresses.extend(address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip())));
            }
            Some(AddressFamily::Inet6) => {
                interface.addresses.extend(address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())));
            }
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_among_them() {
        let found = interfaces().unwrap();
        let loopback = found.iter().find(|interface| interface.is_loopback).unwrap();
        assert_eq!(loopback.name, "lo");
        assert!(loopback.index > 0);
        assert_eq!(loopback.hardware, 772);
    }
}
