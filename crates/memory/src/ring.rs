//! A single-producer, single-consumer ring of messages between two processes.
//!
//! The memory is mapped before the fork; each side is claimed by the process that will use it,
//! and may be claimed again by a successor when that process has died. The positions live in
//! shared memory, so a successor goes on where the dead one stopped: what a producer had not
//! published never was, and what a consumer had not released comes again.
//!
//! Waking is the caller's (an eventfd, say): [`Producer::publish`] and [`Message::release`] say
//! when the other side must be woken, which is only when it said that it goes to sleep.

use std::marker::PhantomData;
use std::sync::atomic::AtomicU32 as PlainU32;

use crate::map::{MapError, Segment};
use crate::owner;
use crate::sync::{AtomicU32, AtomicU64, Ordering, fence};

/// Every message starts with its length and a tag, 4 bytes each, and is padded to 8.
const HEAD: usize = 8;
/// The length that says: nothing more here, go on at the start of the ring.
const WRAP: u32 = u32::MAX;

/// Why a message was not written, or a side not claimed, or nothing can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// No room until the consumer releases something (back-pressure).
    #[error("the ring is full")]
    Full,
    /// Longer than [`Ring::max_message`]: it never fits.
    #[error("the message does not fit in the ring")]
    TooLarge,
    /// A live process, or a thread of this one, has that side.
    #[error("that side of the ring is in use")]
    InUse,
    /// The bytes in shared memory are not a ring's.
    #[error("the ring is corrupt")]
    Corrupt,
}

/// The flag by which one side says that it sleeps, and the position it waits for.
///
/// Sleeper: set the flag, fence, look at the position once more, sleep. Waker: move the position,
/// fence, and wake if it was the one to clear the flag. One of the two sees the other.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Bell {
    sleeping: AtomicU32,
}

impl Bell {
    /// Nobody sleeps.
    pub fn new() -> Bell {
        Bell { sleeping: AtomicU32::new(0) }
    }

    /// Announces sleep. False, and no sleep, if `ready` says that there is something after all.
    #[inline]
    pub fn prepare(&self, ready: impl FnOnce() -> bool) -> bool {
        self.sleeping.store(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if ready() {
            self.sleeping.store(0, Ordering::Relaxed);
            return false;
        }
        true
    }

    /// After the position was moved: must the sleeper be woken?
    #[inline]
    pub fn ring(&self) -> bool {
        fence(Ordering::SeqCst);
        // The plain look first: a swap would take the cache line from the busy other side.
        self.sleeping.load(Ordering::Relaxed) == 1 && self.sleeping.swap(0, Ordering::Relaxed) == 1
    }

    /// Awake again, by whatever means.
    #[inline]
    pub fn awake(&self) {
        self.sleeping.store(0, Ordering::Relaxed);
    }
}

#[repr(C, align(64))]
struct Side {
    /// Bytes written (producer) or released (consumer) since the ring was made.
    position: AtomicU64,
    /// Token of the process that has this side.
    owner: PlainU32,
}

#[repr(C, align(64))]
struct Line<T>(T);

#[repr(C)]
struct Header {
    producer: Side,
    consumer: Side,
    /// The consumer waits for a message.
    data: Line<Bell>,
    /// The producer waits for room.
    room: Line<Bell>,
}

/// The shared memory of a ring. Both processes have one, inherited from their common parent.
#[derive(Debug)]
pub struct Ring {
    segment: Segment,
    capacity: usize,
}

impl Ring {
    /// A ring for `capacity` bytes of messages and their 8-byte heads, rounded up to a power of
    /// two of at least 4096.
    ///
    /// # Errors
    /// No shared memory.
    pub fn new(capacity: usize) -> Result<Ring, MapError> {
        owner::init()?;
        let capacity = capacity.max(4096).checked_next_power_of_two().unwrap_or(1 << 62);
        let segment = Segment::new(size_of::<Header>().saturating_add(capacity))?;
        Ok(Ring { segment, capacity })
    }

    /// The longest message in bytes. Half the ring, so that it fits wherever the positions are.
    pub fn max_message(&self) -> usize {
        (self.capacity / 2 - HEAD).min(WRAP as usize - 1)
    }

    /// Bytes published and not yet released, heads and padding included.
    pub fn backlog(&self) -> usize {
        let header = self.header();
        let head = header.consumer.position.load(Ordering::Acquire);
        let tail = header.producer.position.load(Ordering::Acquire);
        usize::try_from(tail.wrapping_sub(head)).unwrap_or(usize::MAX).min(self.capacity)
    }

    /// Claims the writing side.
    ///
    /// # Errors
    /// [`RingError::InUse`] unless it is free or its process is dead.
    pub fn producer(&self) -> Result<Producer<'_>, RingError> {
        let side = &self.header().producer;
        let token = side.claim()?;
        let tail = side.position.load(Ordering::Acquire);
        let head = self.header().consumer.position.load(Ordering::Acquire);
        Ok(Producer { ring: self, token, tail, head, _one_thread: PhantomData })
    }

    /// Claims the reading side. What a dead consumer had not released is read again.
    ///
    /// # Errors
    /// [`RingError::InUse`] unless it is free or its process is dead.
    pub fn consumer(&self) -> Result<Consumer<'_>, RingError> {
        let side = &self.header().consumer;
        let token = side.claim()?;
        let head = side.position.load(Ordering::Acquire);
        Ok(Consumer { ring: self, token, head, tail: head, _one_thread: PhantomData })
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY: the segment is page-aligned, longer than a Header, and zero-filled at first,
        // which is an empty ring.
        unsafe { &*self.segment.base().cast() }
    }

    #[inline]
    fn at(&self, position: u64) -> *mut u8 {
        let offset = position as usize & (self.capacity - 1);
        // SAFETY: the data area of `capacity` bytes follows the header, and the offset is below
        // the capacity.
        unsafe { self.segment.base().add(size_of::<Header>() + offset) }
    }

    #[inline]
    fn to_end(&self, position: u64) -> usize {
        self.capacity - (position as usize & (self.capacity - 1))
    }
}

impl Side {
    fn claim(&self) -> Result<u32, RingError> {
        let token = owner::current().raw();
        let held = self.owner.load(Ordering::Acquire);
        if held != 0 && owner::dead(held).is_none() {
            return Err(RingError::InUse);
        }
        match self.owner.compare_exchange(held, token, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => Ok(token),
            Err(_) => Err(RingError::InUse),
        }
    }

    /// A no-op in a forked child that inherited the handle: there the claim is its parent's.
    fn disclaim(&self, token: u32) {
        if owner::current().raw() == token {
            let _ = self.owner.compare_exchange(token, 0, Ordering::AcqRel, Ordering::Relaxed);
        }
    }
}

#[inline]
fn padded(len: usize) -> usize {
    HEAD + len.div_ceil(8) * 8
}

/// The writing side.
#[derive(Debug)]
pub struct Producer<'a> {
    ring: &'a Ring,
    token: u32,
    /// Written up to here; published when the shared position says so.
    tail: u64,
    /// The consumer's position when we last looked: its cache line is read only when the ring
    /// seems full.
    head: u64,
    _one_thread: PhantomData<std::cell::Cell<()>>,
}

impl Producer<'_> {
    /// Writes a message made of `parts`, which the consumer sees after [`Producer::publish`].
    ///
    /// # Errors
    /// [`RingError::Full`] now (what was written before should be published, and then
    /// [`Producer::prepare_wait`] waits for room), or [`RingError::TooLarge`] always.
    pub fn push(&mut self, tag: u32, parts: &[&[u8]]) -> Result<(), RingError> {
        let len = parts.iter().map(|p| p.len()).sum::<usize>();
        if len > self.ring.max_message() {
            return Err(RingError::TooLarge);
        }
        let need = padded(len);
        let to_end = self.ring.to_end(self.tail);
        let skip = if to_end < need { to_end } else { 0 };
        if !self.has_room(skip + need) {
            return Err(RingError::Full);
        }
        if skip != 0 {
            // SAFETY: positions are multiples of 8, so at least one head fits before the end, and
            // has_room says that the consumer is done with these bytes.
            unsafe { self.ring.at(self.tail).cast::<u32>().write(WRAP) };
            self.tail += skip as u64;
        }
        let at = self.ring.at(self.tail);
        // SAFETY: `need` bytes from here do not cross the end and are free; we are the one
        // producer.
        unsafe {
            at.cast::<u32>().write(len as u32);
            at.add(4).cast::<u32>().write(tag);
            let mut to = at.add(HEAD);
            for part in parts {
                std::ptr::copy_nonoverlapping(part.as_ptr(), to, part.len());
                to = to.add(part.len());
            }
        }
        self.tail += need as u64;
        Ok(())
    }

    #[inline]
    fn has_room(&mut self, need: usize) -> bool {
        let free = |head: u64| self.ring.capacity as u64 - self.tail.wrapping_sub(head).min(self.ring.capacity as u64);
        if free(self.head) >= need as u64 {
            return true;
        }
        self.head = self.ring.header().consumer.position.load(Ordering::Acquire);
        free(self.head) >= need as u64
    }

    /// Shows the consumer everything pushed so far. True if it must be woken.
    #[must_use = "a sleeping consumer must be woken"]
    #[inline]
    pub fn publish(&mut self) -> bool {
        let header = self.ring.header();
        if header.producer.position.load(Ordering::Relaxed) == self.tail {
            return false;
        }
        header.producer.position.store(self.tail, Ordering::Release);
        header.data.0.ring()
    }

    /// Before sleeping for want of room for `len` more bytes: false if there is room by now.
    /// The consumer says when to wake us ([`Message::release`]).
    pub fn prepare_wait(&mut self, len: usize) -> bool {
        // Worst case: the end of the ring must be skipped.
        let need = padded(len);
        let skip = if self.ring.to_end(self.tail) < need { self.ring.to_end(self.tail) } else { 0 };
        let ring = self.ring;
        ring.header().room.0.prepare(|| self.has_room(skip + need))
    }

    /// After a sleep that [`Producer::prepare_wait`] allowed.
    pub fn awake(&mut self) {
        self.ring.header().room.0.awake();
    }
}

impl Drop for Producer<'_> {
    fn drop(&mut self) {
        self.ring.header().producer.disclaim(self.token);
    }
}

/// The reading side.
#[derive(Debug)]
pub struct Consumer<'a> {
    ring: &'a Ring,
    token: u32,
    head: u64,
    /// The producer's position when we last looked.
    tail: u64,
    _one_thread: PhantomData<std::cell::Cell<()>>,
}

/// A message that is still in the ring.
#[derive(Debug)]
pub struct Message<'m, 'a> {
    consumer: &'m mut Consumer<'a>,
    tag: u32,
    len: usize,
}

impl<'a> Consumer<'a> {
    /// The next message, if there is one. Dropping it leaves it in place.
    ///
    /// # Errors
    /// [`RingError::Corrupt`]: somebody else wrote to the memory.
    pub fn peek(&mut self) -> Result<Option<Message<'_, 'a>>, RingError> {
        loop {
            if self.head == self.tail {
                self.tail = self.ring.header().producer.position.load(Ordering::Acquire);
                if self.head == self.tail {
                    return Ok(None);
                }
            }
            let left = self.tail.wrapping_sub(self.head);
            if left > self.ring.capacity as u64 || left < HEAD as u64 {
                return Err(RingError::Corrupt);
            }
            let at = self.ring.at(self.head);
            // SAFETY: positions are multiples of 8 below the published tail: a head is there.
            let (len, tag) = unsafe { (at.cast::<u32>().read(), at.add(4).cast::<u32>().read()) };
            if len == WRAP {
                let skip = self.ring.to_end(self.head) as u64;
                if skip > left {
                    return Err(RingError::Corrupt);
                }
                self.head += skip;
                continue;
            }
            let len = len as usize;
            if len > self.ring.max_message() || padded(len) as u64 > left || padded(len) > self.ring.to_end(self.head) {
                return Err(RingError::Corrupt);
            }
            return Ok(Some(Message { consumer: self, tag, len }));
        }
    }

    /// Before sleeping: false if a message is there after all.
    #[must_use = "when false, there is something to read"]
    pub fn prepare_sleep(&mut self) -> bool {
        let (ring, head) = (self.ring, self.head);
        ring.header().data.0.prepare(|| ring.header().producer.position.load(Ordering::Acquire) != head)
    }

    /// After a sleep that [`Consumer::prepare_sleep`] allowed.
    pub fn awake(&mut self) {
        self.ring.header().data.0.awake();
    }
}

impl Drop for Consumer<'_> {
    fn drop(&mut self) {
        self.ring.header().consumer.disclaim(self.token);
    }
}

impl Message<'_, '_> {
    /// What the producer marked it with.
    pub fn tag(&self) -> u32 {
        self.tag
    }

    /// The bytes, in place.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: peek checked that the message lies wholly in the published part before the end
        // of the ring; the producer does not write there before it is released.
        unsafe { std::slice::from_raw_parts(self.consumer.ring.at(self.consumer.head).add(HEAD), self.len) }
    }

    /// Done: gives the room back. True if the producer sleeps for it and must be woken.
    #[must_use = "a sleeping producer must be woken"]
    pub fn release(self) -> bool {
        let consumer = self.consumer;
        consumer.head += padded(self.len) as u64;
        let header = consumer.ring.header();
        header.consumer.position.store(consumer.head, Ordering::Release);
        header.room.0.ring()
    }
}
