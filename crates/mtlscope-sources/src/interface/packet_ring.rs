//! A packet socket (`AF_PACKET`) and the ring of blocks (`TPACKET_V3`) through which the kernel hands over packets without a call
//! for each. The only file of live capture with `unsafe`: every block says why it is sound.
//!
//! ```text
//! ring:   block | block | block | ..       mapped into our memory, filled by the kernel in turn
//! block:  header | packet | packet | ..    the kernel's until its status says "user", then ours until we say "kernel"
//! ```
//!
//! <https://www.kernel.org/doc/html/latest/networking/packet_mmap.html>

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint, c_void};
use std::io;
use std::mem::{offset_of, size_of};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::packet_filter::Instruction;

/// A block holds many small packets, or some of 64 KiB as receive offload makes them; larger ones too (BIG TCP).
const BLOCK: usize = 1 << 20;
/// What TPACKET_V3 wants to know of frames though it has none of a fixed size; divides a block.
const FRAME: usize = 1 << 11;
/// After so long the kernel hands over a block that is not full.
pub(super) const BLOCK_PATIENCE: Duration = Duration::from_millis(40);
/// Bytes left free before each packet, for what is put back there: a VLAN tag, a cooked header.
pub(super) const HEADROOM: usize = 32;

/// What of each packet is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// All of it, from the link layer's header on.
    Raw,
    /// From the network layer's header on: the kernel takes off the link layer, of whatever kind it is.
    Cooked,
}

/// An open packet socket with its ring.
#[derive(Debug)]
pub(super) struct PacketRing {
    socket: OwnedFd,
    map: NonNull<u8>,
    blocks: usize,
    /// The block that is lent to us, or is next.
    current: usize,
    /// Whether it is lent to us.
    is_lent: bool,
}

// SAFETY: the mapping belongs to this value alone, as a Box would; it is not bound to a thread.
unsafe impl Send for PacketRing {}

/// What the kernel counted since it was last asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Counted {
    /// Packets that passed the filter, those that were dropped among them.
    pub(super) packets: u64,
    /// Packets for which the ring had no room.
    pub(super) dropped: u64,
}

impl PacketRing {
    /// Opens a socket that receives nothing yet, with a ring of about `size` bytes. Needs `CAP_NET_RAW`.
    pub(super) fn open(kind: Kind, size: usize, filter: &[Instruction]) -> io::Result<Self> {
        let kind = match kind {
            Kind::Raw => libc::SOCK_RAW,
            Kind::Cooked => libc::SOCK_DGRAM,
        };
        // Protocol 0: nothing comes before it is bound.
        // SAFETY: takes numbers only.
        let socket = check(unsafe { libc::socket(libc::AF_PACKET, kind | libc::SOCK_CLOEXEC, 0) })?;
        // SAFETY: the kernel has just given this descriptor to us, and nobody else knows it.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        attach(socket.as_fd(), filter)?;
        set(socket.as_fd(), libc::PACKET_VERSION, &(libc::tpacket_versions::TPACKET_V3 as c_int))?;
        set(socket.as_fd(), libc::PACKET_RESERVE, &(HEADROOM as c_uint))?;
        let blocks = (size / BLOCK).max(2);
        let request = libc::tpacket_req3 {
            tp_block_size: BLOCK as c_uint,
            tp_block_nr: blocks as c_uint,
            tp_frame_size: FRAME as c_uint,
            tp_frame_nr: (blocks * (BLOCK / FRAME)) as c_uint,
            tp_retire_blk_tov: BLOCK_PATIENCE.as_millis() as c_uint,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        set(socket.as_fd(), libc::PACKET_RX_RING, &request)?;
        // SAFETY: a new mapping at a place of the kernel's choice, of the length that the ring was just made with.
        let map = unsafe {
            libc::mmap(
                ptr::null_mut(),
                blocks * BLOCK,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                socket.as_raw_fd(),
                0,
            )
        };
        if map == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let map = NonNull::new(map.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { socket, map, blocks, current: 0, is_lent: false })
    }

    /// From here on packets of this interface come; 0 stands for all of them.
    pub(super) fn bind(&self, interface: u32) -> io::Result<()> {
        // SAFETY: a structure of numbers, for which all zeros is a value.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = interface.cast_signed();
        let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        // SAFETY: the pointer is to a whole address of that length, which is only read.
        check(unsafe { libc::bind(self.socket.as_raw_fd(), (&raw const address).cast(), length) })?;
        Ok(())
    }

    /// Has the interface take packets that are for others.
    pub(super) fn be_promiscuous(&self, interface: u32) -> io::Result<()> {
        let membership = libc::packet_mreq {
            mr_ifindex: interface.cast_signed(),
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        set(self.socket.as_fd(), libc::PACKET_ADD_MEMBERSHIP, &membership)
    }

    /// The interface that the socket is bound to now; `None` once it is gone, and for all of them.
    pub(super) fn interface(&self) -> Option<u32> {
        // SAFETY: a structure of numbers, for which all zeros is a value.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        let mut length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes to a place that has them.
        let result =
            unsafe { libc::getsockname(self.socket.as_raw_fd(), (&raw mut address).cast(), &raw mut length) };
        check(result).ok()?;
        u32::try_from(address.sll_ifindex).ok().filter(|&index| index != 0)
    }

    /// What was counted since this was last asked.
    pub(super) fn counted(&self) -> io::Result<Counted> {
        let mut counted = libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
        let mut length = size_of::<libc::tpacket_stats_v3>() as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes to a place that has them.
        check(unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut counted).cast::<c_void>(),
                &raw mut length,
            )
        })?;
        Ok(Counted { packets: counted.tp_packets.into(), dropped: counted.tp_drops.into() })
    }

    /// Whether a block is there to be looked at.
    pub(super) fn has_block(&self) -> bool {
        self.is_lent || self.status().load(Ordering::Acquire) & libc::TP_STATUS_USER != 0
    }

    /// The block that the kernel has filled, if it has one: ours to read and to change until [`Self::give_back`].
    #[inline]
    pub(super) fn block(&mut self) -> Option<&mut [u8]> {
        if !self.is_lent {
            if !self.has_block() {
                return None;
            }
            self.is_lent = true;
        }
        let start = self.start();
        // SAFETY: within the mapping, which lives as long as `self`. The kernel writes nothing to a block whose status says
        // "user" (read with Acquire), and no other reference to it can be while this one borrows `self` mutably.
        Some(unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), BLOCK) })
    }

    /// Lets the kernel have the block again.
    pub(super) fn give_back(&mut self) {
        if std::mem::take(&mut self.is_lent) {
            // All that was read of the block was read before: Release.
            self.status().store(libc::TP_STATUS_KERNEL, Ordering::Release);
            self.current = (self.current + 1) % self.blocks;
        }
    }

    fn start(&self) -> NonNull<u8> {
        // SAFETY: `current` is below `blocks`, and the mapping has `blocks * BLOCK` bytes.
        unsafe { self.map.add(self.current * BLOCK) }
    }

    fn status(&self) -> &AtomicU32 {
        const PLACE: usize =
            offset_of!(libc::tpacket_block_desc, hdr) + offset_of!(libc::tpacket_hdr_v1, block_status);
        // SAFETY: within the block and aligned, since blocks begin at pages; the kernel changes it as one word too, which an
        // atomic allows for. No `&mut` to the block is alive: it would borrow `self`.
        unsafe { AtomicU32::from_ptr(self.start().add(PLACE).cast().as_ptr()) }
    }
}

impl AsFd for PacketRing {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for PacketRing {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `open`, with its length; nothing borrows it any more.
        unsafe { libc::munmap(self.map.as_ptr().cast(), self.blocks * BLOCK) };
    }
}

/// Has the kernel drop at once what the program does not want.
fn attach(socket: BorrowedFd<'_>, filter: &[Instruction]) -> io::Result<()> {
    let mut filter: Vec<libc::sock_filter> = filter
        .iter()
        .map(|one| libc::sock_filter { code: one.code, jt: one.if_true, jf: one.if_false, k: one.operand })
        .collect();
    let length = u16::try_from(filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog { len: length, filter: filter.as_mut_ptr() };
    set_at(socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
}

fn set<T>(socket: BorrowedFd<'_>, option: c_int, value: &T) -> io::Result<()> {
    set_at(socket, libc::SOL_PACKET, option, value)
}

fn set_at<T>(socket: BorrowedFd<'_>, level: c_int, option: c_int, value: &T) -> io::Result<()> {
    let length = size_of::<T>() as libc::socklen_t;
    // SAFETY: the kernel reads `length` bytes from a value that has them, and what a `sock_fprog` points to lives until then.
    check(unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, option, ptr::from_ref(value).cast::<c_void>(), length)
    })?;
    Ok(())
}

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
