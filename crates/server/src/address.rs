//! Which addresses of the network a stranger's URL may lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A range of addresses, written `10.0.0.0/8` or as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    base: IpAddr,
    bits: u8,
}

/// Not a range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a range of addresses is written like 10.0.0.0/8 or ::1")]
pub struct NoRange;

impl FromStr for Range {
    type Err = NoRange;

    fn from_str(text: &str) -> Result<Range, NoRange> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| NoRange)?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most),
            None => Some(most),
        };
        Ok(Range {
            base,
            bits: bits.ok_or(NoRange)?,
        })
    }
}

impl Range {
    /// Whether this address lies in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.bits);
                (u64::from(base.to_bits()) >> shift) == (u64::from(address.to_bits()) >> shift)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.bits);
                base.to_bits().checked_shr(shift).unwrap_or(0)
                    == address.to_bits().checked_shr(shift).unwrap_or(0)
            }
            _ => false,
        }
    }
}

/// Whether an address may be connected to: it is public, or the operator allows it.
pub fn allowed(address: IpAddr, ranges: &[Range]) -> bool {
    // What a mapped address means is what it is judged by.
    let address = address.to_canonical();
    is_public(address) || ranges.iter().any(|range| range.contains(address))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By the special-purpose registry of IANA: what is not globally reachable is not public.
fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [(Ipv4Addr, u8); 17] = [
        (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
        (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
        (Ipv4Addr::new(100, 64, 0, 0), 10),    // shared by carriers
        (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
        (Ipv4Addr::new(168, 63, 129, 16), 32), // metadata of a large cloud, on a public address
        (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, metadata of most clouds
        (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
        (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
        (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
        (Ipv4Addr::new(192, 31, 196, 0), 24),  // AS112
        (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4 relays
        (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
        (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
        (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
        (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
        (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
        (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, broadcast
    ];
    !SPECIAL.iter().any(|&(base, bits)| {
        let base = IpAddr::V4(base);
        Range { base, bits }.contains(IpAddr::V4(address))
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only what is assigned for general use; so loopback, local, multicast and the translated
    // ranges (64:ff9b::/96, mapped, compatible) are out without being named.
    if segments[0] & 0xe000 != 0x2000 {
        return false;
    }
    let special = matches!(
        segments,
        [0x2001, 0..=0x01ff, ..]          // protocol assignments, Teredo
            | [0x2001, 0x0db8, ..]        // documentation
            | [0x2002, ..]                // 6to4: an IPv4 address in disguise
            | [0x3fff, 0..=0x0fff, ..] // documentation
    );
    !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_allowed() {
        for text in [
            "127.0.0.1",
            "127.8.9.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
            "3fff::1",
            "100::1",
        ] {
            assert!(!allowed(text.parse().unwrap(), &[]), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(allowed(text.parse().unwrap(), &[]), "{text}");
        }
    }

    #[test]
    fn the_operator_may_allow_more() {
        let ranges = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap());
        for (text, expected) in [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("127.0.0.2", false),
            ("10.1.2.3", true),
            ("11.1.2.3", true),
            ("192.168.0.1", false),
            ("fd12::1", true),
            ("fe80::1", false),
        ] {
            assert_eq!(allowed(text.parse().unwrap(), &ranges), expected, "{text}");
        }
        let all: [Range; 2] = ["0.0.0.0/0", "::/0"].map(|text| text.parse().unwrap());
        assert!(allowed("127.0.0.1".parse().unwrap(), &all));
        assert!(allowed("::1".parse().unwrap(), &all));
        for text in ["", "10.0.0.0/33", "::/129", "localhost", "10.0.0.0/x"] {
            assert_eq!(text.parse::<Range>(), Err(NoRange), "{text}");
        }
    }
}
