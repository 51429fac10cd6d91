//! The table of TCP connections, keyed by addresses and ports.

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// The two ends of a connection, the lower first, so that both directions have the same key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FlowKey {
    /// IPv4 as IPv4-mapped IPv6: one form for both. Each as its upper and its lower half: numbers, compared and hashed
    /// as they are, without being turned into bytes for every packet.
    addresses: [[u64; 2]; 2],
    ports: [u16; 2],
}

impl FlowKey {
    /// The key of a packet, and which end sent it: 0 for the lower, 1 for the higher.
    #[inline]
    pub(crate) fn of(source: (IpAddr, u16), destination: (IpAddr, u16)) -> (Self, usize) {
        let source = (bits(source.0), source.1);
        let destination = (bits(destination.0), destination.1);
        let (low, high, sender) =
            if source <= destination { (source, destination, 0) } else { (destination, source, 1) };
        (Self { addresses: [halves(low.0), halves(high.0)], ports: [low.1, high.1] }, sender)
    }

    /// The addresses of the two ends, the lower first.
    pub(crate) fn ends(&self) -> [SocketAddr; 2] {
        let end = |[upper, lower]: [u64; 2], port| {
            let address = std::net::Ipv6Addr::from(u128::from(upper) << 64 | u128::from(lower));
            let address = match address.to_ipv4_mapped() {
                Some(v4) => IpAddr::V4(v4),
                None => IpAddr::V6(address),
            };
            SocketAddr::new(address, port)
        };
        [end(self.addresses[0], self.ports[0]), end(self.addresses[1], self.ports[1])]
    }
}

impl FlowKey {
    /// A number by which connections are shared out among threads: the same in every run and for both directions.
    pub(crate) fn spread(&self) -> u32 {
        let [low, high] = self.addresses.map(|[upper, lower]| upper ^ lower);
        let ports = u64::from(self.ports[0]) << 16 | u64::from(self.ports[1]);
        // The golden ratio, as in any multiplicative hash; of the product the high bits depend on all of the number.
        ((low ^ high.rotate_left(23) ^ ports << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
    }
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for half in self.addresses.as_flattened() {
            state.write_u64(*half);
        }
        state.write_u32(u32::from(self.ports[0]) << 16 | u32::from(self.ports[1]));
    }
}

#[inline]
fn halves(address: u128) -> [u64; 2] {
    [(address >> 64) as u64, address as u64]
}

#[inline]
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => 0xffff_0000_0000 | u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// What knows its own key.
pub(crate) trait Keyed {
    /// The key.
    fn key(&self) -> &FlowKey;
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
    /// Indices of `slots`, found by the hash of the key that the slot holds: four bytes a flow.
    places: HashTable<u32>,
    hasher: RandomState,
    slots: Vec<Slot<F>>,
    free: Vec<u32>,
    /// The slot that was found last: the next packet is often of the same flow.
    recent: u32,
    /// Where the search for a flow to let go continues.
    hand: usize,
}

#[derive(Debug)]
struct Slot<F> {
    generation: u32,
    flow: Option<Box<F>>,
}

impl<F> Default for FlowTable<F> {
    fn default() -> Self {
        Self {
            places: HashTable::new(),
            hasher: RandomState::default(),
            slots: Vec::new(),
            free: Vec::new(),
            recent: 0,
            hand: 0,
        }
    }
}

impl<F: Keyed> FlowTable<F> {
    /// How many flows there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The place of a key.
    #[inline(always)] // Once a packet.
    pub(crate) fn find(&mut self, key: &FlowKey) -> Option<Place> {
        let index = match self.holds(self.recent, key) {
            true => self.recent,
            false => *self.places.find(self.hasher.hash_one(key), |index| self.holds(*index, key))?,
        };
        self.recent = index;
        Some(Place { index, generation: self.slots.get(index as usize)?.generation })
    }

    #[inline]
    fn holds(&self, index: u32, key: &FlowKey) -> bool {
        let held = self.slots.get(index as usize).and_then(|slot| slot.flow.as_ref());
        held.is_some_and(|flow| flow.key() == key)
    }

    /// Adds a flow; its key must not be there.
    pub(crate) fn insert(&mut self, flow: F) -> Place {
        let hash = self.hasher.hash_one(flow.key());
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.slots.push(Slot { generation: 0, flow: None });
                (self.slots.len() - 1) as u32
            }
        };
        let slot = &mut self.slots[index as usize];
        slot.flow = Some(Box::new(flow));
        let place = Place { index, generation: slot.generation };
        let (hasher, slots) = (&self.hasher, &self.slots);
        let hash_of = |index: &u32| match slots.get(*index as usize).and_then(|slot| slot.flow.as_ref()) {
            Some(flow) => hasher.hash_one(flow.key()),
            // No index is in the table whose slot is empty.
            None => 0,
        };
        self.places.insert_unique(hash, index, hash_of);
        place
    }

    /// The flow at a place, unless it has left it.
    #[inline]
    pub(crate) fn get_if(&mut self, place: Place) -> Option<&mut F> {
        let slot = self.slots.get_mut(place.index as usize)?;
        if slot.generation != place.generation {
            return None;
        }
        slot.flow.as_deref_mut()
    }

    /// Takes a flow out.
    pub(crate) fn remove(&mut self, place: Place) -> Option<Box<F>> {
        let slot = self.slots.get_mut(place.index as usize)?;
        if slot.generation != place.generation {
            return None;
        }
        let flow = slot.flow.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(place.index);
        let hash = self.hasher.hash_one(flow.key());
        if let Ok(entry) = self.places.find_entry(hash, |index| *index == place.index) {
            entry.remove();
        }
        Some(flow)
    }

    /// Of the next few flows in turn, the one for which `age` is greatest: a cheap stand-in for the oldest of all.
    pub(crate) fn eldest_of_some(&mut self, age: impl Fn(&F) -> i64) -> Option<Place> {
        let mut eldest: Option<(i64, Place)> = None;
        let mut looked_at = 0;
        for _ in 0..self.slots.len() {
            self.hand = (self.hand + 1) % self.slots.len();
            let slot = &self.slots[self.hand];
            if let Some(flow) = &slot.flow {
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

    /// Those of the next `count` places in turn whose flow fits.
    pub(crate) fn some_of_next(&mut self, count: usize, fits: impl Fn(&F) -> bool) -> Vec<Place> {
        let mut found = Vec::new();
        for _ in 0..count.min(self.slots.len()) {
            self.hand = (self.hand + 1) % self.slots.len();
            let slot = &self.slots[self.hand];
            if slot.flow.as_ref().is_some_and(|flow| fits(flow)) {
                found.push(Place { index: self.hand as u32, generation: slot.generation });
            }
        }
        found
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

    struct Named(FlowKey, &'static str);

    impl Keyed for Named {
        fn key(&self) -> &FlowKey {
            &self.0
        }
    }

    #[test]
    fn a_place_names_its_flow_only_while_it_is_there() {
        let mut table = FlowTable::default();
        let (key, _) = FlowKey::of((IpAddr::from([1, 1, 1, 1]), 1), (IpAddr::from([1, 1, 1, 2]), 2));
        let place = table.insert(Named(key, "first"));
        assert_eq!(table.find(&key), Some(place));
        assert_eq!(table.remove(place).map(|flow| flow.1), Some("first"));
        assert_eq!(table.find(&key), None);
        let again = table.insert(Named(key, "second"));
        assert!(table.get_if(place).is_none());
        assert_eq!(table.get_if(again).map(|flow| flow.1), Some("second"));
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn a_table_that_grew_still_finds_every_flow() {
        let mut table = FlowTable::default();
        let key =
            |port: u16| FlowKey::of((IpAddr::from([1, 1, 1, 1]), port), (IpAddr::from([1, 1, 1, 2]), 2)).0;
        let places: Vec<Place> = (0..5000).map(|port| table.insert(Named(key(port), "one"))).collect();
        for (port, place) in (0..5000).zip(&places) {
            assert_eq!(table.find(&key(port)), Some(*place));
        }
        for place in &places {
            assert!(table.remove(*place).is_some());
        }
        assert_eq!((table.len(), table.all().len()), (0, 0));
    }
}
