//! Shared memory that survives forks and killed owners: table, atomic, lock, ring.
