//! What is asked of a descriptor, and what the kernel answered.

use std::ops::{BitOr, BitOrAssign};

/// One half of a descriptor; each half has at most one coroutine waiting on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Read,
    Write,
}

macro_rules! bitset {
    ($(#[$doc:meta])* $name:ident { $($(#[$flag_doc:meta])* $flag:ident = $value:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name(u8);

        impl $name {
            pub const EMPTY: Self = Self(0);
            $($(#[$flag_doc])* pub const $flag: Self = Self($value);)*

            pub const fn bits(self) -> u8 {
                self.0
            }

            /// Bits that name no flag are dropped.
            pub const fn from_bits(bits: u8) -> Self {
                Self(bits & (0 $(| $value)*))
            }

            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Every flag of `other` is set here.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// At least one flag of `other` is set here.
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl BitOr for $name {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl BitOrAssign for $name {
            fn bitor_assign(&mut self, other: Self) {
                *self = self.union(other);
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut set = f.debug_set();
                $(if self.contains(Self::$flag) { set.entry(&format_args!(stringify!($flag))); })*
                set.finish()
            }
        }
    };
}

bitset! {
    /// The events asked for. Errors and hang-ups are reported whatever is asked (epoll_ctl(2)).
    Interest {
        READ = 1,
        WRITE = 2,
        /// Out-of-band data (`EPOLLPRI`); shares the read half.
        PRIORITY = 4,
        /// The peer shut down its writing half (`EPOLLRDHUP`); shares the read half.
        READ_HANGUP = 8,
    }
}

bitset! {
    /// The events that happened.
    Readiness {
        READ = 1,
        WRITE = 2,
        PRIORITY = 4,
        READ_HANGUP = 8,
        ERROR = 16,
        HANGUP = 32,
    }
}

/// The flags that belong to the read half.
const READ_HALF: u8 = Interest::READ.0 | Interest::PRIORITY.0 | Interest::READ_HANGUP.0;

impl Interest {
    pub const BOTH: Self = Self(Self::READ.0 | Self::WRITE.0);

    pub(crate) fn read_half(self) -> Self {
        Self(self.0 & READ_HALF)
    }

    pub(crate) fn to_epoll(self) -> u32 {
        let mut events = 0;
        for (flag, event) in [
            (Self::READ, libc::EPOLLIN),
            (Self::WRITE, libc::EPOLLOUT),
            (Self::PRIORITY, libc::EPOLLPRI),
            (Self::READ_HANGUP, libc::EPOLLRDHUP),
        ] {
            if self.contains(flag) {
                events |= event as u32;
            }
        }
        events
    }
}

impl From<Direction> for Interest {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Read => Self::READ,
            Direction::Write => Self::WRITE,
        }
    }
}

impl Readiness {
    /// A read would not block: data, end of stream, an error.
    pub const fn is_readable(self) -> bool {
        self.intersects(Self(Self::READ.0 | Self::READ_HANGUP.0 | Self::ERROR.0 | Self::HANGUP.0))
    }

    /// A write would not block: room, or an error.
    pub const fn is_writable(self) -> bool {
        self.intersects(Self(Self::WRITE.0 | Self::ERROR.0 | Self::HANGUP.0))
    }

    pub(crate) fn from_epoll(events: u32) -> Self {
        let mut bits = 0;
        for (event, flag) in [
            (libc::EPOLLIN, Self::READ),
            (libc::EPOLLOUT, Self::WRITE),
            (libc::EPOLLPRI, Self::PRIORITY),
            (libc::EPOLLRDHUP, Self::READ_HANGUP),
            (libc::EPOLLERR, Self::ERROR),
            (libc::EPOLLHUP, Self::HANGUP),
        ] {
            if events & event as u32 != 0 {
                bits |= flag.0;
            }
        }
        Self(bits)
    }

    pub(crate) fn is_fault(self) -> bool {
        self.intersects(Self(Self::ERROR.0 | Self::HANGUP.0))
    }

    /// Whether this answers a waiter that asked `interest` (errors answer everyone).
    pub(crate) fn answers(self, interest: Interest) -> bool {
        self.is_fault() || self.0 & interest.bits() != 0
    }

    /// The part that is news for one who asked `interest`.
    pub(crate) fn restricted(self, interest: Interest) -> Self {
        Self(self.0 & (interest.bits() | Self::ERROR.0 | Self::HANGUP.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interest_is_answered_by_the_readiness_of_the_same_name() {
        for bit in [1u8, 2, 4, 8] {
            let interest = Interest::from_bits(bit);
            let ready = Readiness::from_epoll(interest.to_epoll());
            assert_eq!(ready.bits(), bit);
            assert!(ready.answers(interest));
            assert!(!ready.answers(Interest::from_bits(!bit)));
        }
    }

    #[test]
    fn faults_answer_everyone() {
        let hangup = Readiness::from_epoll(libc::EPOLLHUP as u32);
        assert!(hangup.answers(Interest::EMPTY) && hangup.answers(Interest::WRITE));
        assert!(hangup.is_readable() && hangup.is_writable());
        assert_eq!(format!("{hangup:?}"), "{HANGUP}");
    }
}
