//! The table of TCP connections, keyed by addresses and ports.

use std::net::{IpAddr, SocketAddr};

use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The two ends of a connection, the lower first, so that both directions have the same key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct FlowKey {
    low: (u128, u16),
    high: (u128, u16),
}

impl FlowKey {
    /// The key of a packet, and which end sent it: 0 for the lower, 1 for the higher.
    #[inline]
    pub(crate) fn of(source: (IpAddr, u16), destination: (IpAddr, u16)) -> (Self, usize) {
        let source = (bits(source.0), source.1);
        let destination = (bits(destination.0), destination.1);
        if source <= destination {
            (Self { low: source, high: destination }, 0)
        } else {
            (Self { low: destination, high: source }, 1)
        }
    }

    /// The addresses of the two ends, the lower first.
    pub(crate) fn ends(&self) -> [SocketAddr; 2] {
        [self.low, self.high].map(|(address, port)| {
            let address = std::net::Ipv6Addr::from(address);
            let address = match address.to_ipv4_mapped() {
                Some(v4) => IpAddr::V4(v4),
                None => IpAddr::V6(address),
            };
            SocketAddr::new(address, port)
        })
    }
}

/// IPv4 as IPv4-mapped IPv6: one number for both.
#[inline]
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => 0xffff_0000_0000 | u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// A flow's place in the table. Places are used again, so a place alone does not name a flow for long: see
/// [`FlowTable::get_if`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    index: u32,
    generation: u32,
}

/// Flows of type `F` by key.
#[derive(Debug)]
pub(crate) struct FlowTable<F> {
    places: HashMap<FlowKey, u32, RandomState>,
    slots: Vec<Slot<F>>,
    free: Vec<u32>,
    /// Where the search for a flow to let go continues.
    hand: usize,
}

#[derive(Debug)]
struct Slot<F> {
    generation: u32,
    flow: Option<(FlowKey, F)>,
}

impl<F> Default for FlowTable<F> {
    fn default() -> Self {
        Self { places: HashMap::default(), slots: Vec::new(), free: Vec::new(), hand: 0 }
    }
}

impl<F> FlowTable<F> {
    /// How many flows there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The place of a key.
    #[inline]
    pub(crate) fn find(&self, key: &FlowKey) -> Option<Place> {
        let index = *self.places.get(key)?;
        Some(Place { index, generation: self.slots.get(index as usize)?.generation })
    }

    /// Adds a flow; the key must not be there.
    pub(crate) fn insert(&mut self, key: FlowKey, flow: F) -> Place {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.slots.push(Slot { generation: 0, flow: None });
                (self.slots.len() - 1) as u32
            }
        };
        let slot = &mut self.slots[index as usize];
        slot.flow = Some((key, flow));
        self.places.insert(key, index);
        Place { index, generation: slot.generation }
    }

    /// The flow at a place, unless it has left it.
    #[inline]
    pub(crate) fn get_if(&mut self, place: Place) -> Option<&mut F> {
        let slot = self.slots.get_mut(place.index as usize)?;
        if slot.generation != place.generation {
            return None;
        }
        slot.flow.as_mut().map(|(_, flow)| flow)
    }

    /// Takes a flow out.
    pub(crate) fn remove(&mut self, place: Place) -> Option<F> {
        let slot = self.slots.get_mut(place.index as usize)?;
        if slot.generation != place.generation {
            return None;
        }
        let (key, flow) = slot.flow.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.places.remove(&key);
        self.free.push(place.index);
        Some(flow)
    }

    /// Of the next few flows in turn, the one for which `age` is greatest: a cheap stand-in for the oldest of all.
    pub(crate) fn eldest_of_some(&mut self, age: impl Fn(&F) -> i64) -> Option<Place> {
        let mut eldest: Option<(i64, Place)> = None;
        let mut looked_at = 0;
        for _ in 0..self.slots.len() {
            self.hand = (self.hand + 1) % self.slots.len();
            let slot = &self.slots[self.hand];
            if let Some((_, flow)) = &slot.flow {
                let place = Place { index: self.hand as u32, generation: slot.generation };
                let age = age(flow);
                if eldest.is_none_or(|(greatest, _)| age > greatest) {
                    eldest = Some((age, place));
                }
                looked_at += 1;
                if looked_at == 32 {
                    break;
                }
            }
        }
        eldest.map(|(_, place)| place)
    }

    /// Every place that holds a flow.
    pub(crate) fn all(&self) -> Vec<Place> {
        let places = self.slots.iter().enumerate().filter(|(_, slot)| slot.flow.is_some());
        places.map(|(index, slot)| Place { index: index as u32, generation: slot.generation }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key() {
        let a = (IpAddr::from([10, 0, 0, 1]), 443);
        let b = (IpAddr::from([10, 0, 0, 2]), 40_000);
        assert_eq!(FlowKey::of(a, b), (FlowKey::of(b, a).0, 0));
        assert_eq!(FlowKey::of(b, a).1, 1);
        assert_eq!(FlowKey::of(b, a).0.ends(), [SocketAddr::from(a), SocketAddr::from(b)]);
    }

    #[test]
    fn a_place_names_its_flow_only_while_it_is_there() {
        let mut table = FlowTable::default();
        let (key, _) = FlowKey::of((IpAddr::from([1, 1, 1, 1]), 1), (IpAddr::from([1, 1, 1, 2]), 2));
        let place = table.insert(key, "first");
        assert_eq!(table.remove(place), Some("first"));
        let again = table.insert(key, "second");
        assert_eq!(table.get_if(place), None);
        assert_eq!(table.get_if(again), Some(&mut "second"));
        assert_eq!(table.len(), 1);
    }
}
