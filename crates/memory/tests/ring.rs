//! The ring: order, back-pressure, wrap-around, sleep and wake, and sides that died.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::VecDeque;
use std::time::Duration;

use memory::Atomic32;
use memory::ring::{Ring, RingError};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_queue(ops in prop::collection::vec((0u8..3, 0usize..2100), 1..300)) {
        let ring = Ring::new(4096).unwrap();
        let mut producer = ring.producer().unwrap();
        let mut consumer = ring.consumer().unwrap();
        let mut written: VecDeque<(u32, Vec<u8>)> = VecDeque::new();
        let mut visible = 0;
        for (i, (op, len)) in ops.into_iter().enumerate() {
            match op {
                0 => {
                    let body = vec![i as u8; len];
                    let (a, b) = body.split_at(len / 3);
                    match producer.push(i as u32, &[a, b]) {
                        Ok(()) => written.push_back((i as u32, body)),
                        Err(RingError::TooLarge) => prop_assert!(len > ring.max_message()),
                        // An empty ring takes whatever is not too large.
                        Err(error) => prop_assert!(error == RingError::Full && !written.is_empty()),
                    }
                }
                1 => {
                    let _ = producer.publish();
                    visible = written.len();
                }
                _ => match consumer.peek().unwrap() {
                    Some(message) => {
                        prop_assert!(visible > 0);
                        let (tag, body) = written.pop_front().unwrap();
                        prop_assert_eq!(message.tag(), tag);
                        prop_assert_eq!(message.bytes(), &body[..]);
                        let _ = message.release();
                        visible -= 1;
                    }
                    None => prop_assert_eq!(visible, 0),
                },
            }
        }
    }
}

#[test]
fn a_side_is_one_process_and_can_be_replaced() {
    let ring = Ring::new(1 << 16).unwrap();
    let ready = Atomic32::new(0).unwrap();
    // The first producer publishes two of three messages and is killed.
    let pid = common::spawn(|| {
        let mut producer = ring.producer().unwrap();
        producer.push(1, &[b"one"]).unwrap();
        producer.push(2, &[b"two"]).unwrap();
        let _ = producer.publish();
        producer.push(3, &[b"never published"]).unwrap();
        ready.wakeup(1);
        // SAFETY: sleeps until it is killed.
        unsafe { libc::pause() }
    });
    assert!(ready.wait(Some(Duration::from_secs(5))));
    assert_eq!(ring.producer().unwrap_err(), RingError::InUse);
    common::kill(pid);
    let mut producer = ring.producer().unwrap();
    producer.push(4, &[b"four"]).unwrap();
    let _ = producer.publish();

    // The first consumer releases one, takes the next, and is killed with it.
    let pid = common::spawn(|| {
        let mut consumer = ring.consumer().unwrap();
        let first = consumer.peek().unwrap().unwrap();
        assert_eq!((first.tag(), first.bytes()), (1, &b"one"[..]));
        let _ = first.release();
        assert_eq!(consumer.peek().unwrap().unwrap().tag(), 2);
        ready.wakeup(1);
        // SAFETY: sleeps until it is killed.
        unsafe { libc::pause() }
    });
    assert!(ready.wait(Some(Duration::from_secs(5))));
    common::kill(pid);
    let mut consumer = ring.consumer().unwrap();
    let mut tags = Vec::new();
    while let Some(message) = consumer.peek().unwrap() {
        tags.push(message.tag());
        let _ = message.release();
    }
    assert_eq!(tags, [2, 4]);
    assert_eq!(ring.backlog(), 0);

    drop(consumer);
    let again = std::cell::RefCell::new(Some(ring.consumer().unwrap()));
    assert_eq!(ring.consumer().unwrap_err(), RingError::InUse);
    // A child that inherits the handle and drops it does not free its parent's claim.
    let pid = common::spawn(|| {
        again.borrow_mut().take();
        i32::from(ring.consumer().is_ok())
    });
    assert_eq!(common::wait(pid), 0);
}

fn eventfd() -> i32 {
    // SAFETY: no pointers.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    assert!(fd >= 0);
    fd
}

fn signal(fd: i32) {
    static ONE: u64 = 1;
    // SAFETY: 8 bytes to an open eventfd.
    assert_eq!(unsafe { libc::write(fd, (&raw const ONE).cast(), 8) }, 8);
}

fn sleep_on(fd: i32) {
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd. A lost wake-up shows as a time-out.
    assert_eq!(unsafe { libc::poll(&mut poll, 1, 5000) }, 1, "a wake-up was lost");
    let mut n = 0u64;
    // SAFETY: 8 bytes from an open eventfd.
    unsafe { libc::read(fd, (&raw mut n).cast(), 8) };
}

#[test]
fn millions_through_a_small_ring_with_both_sides_sleeping() {
    const COUNT: u32 = 1_000_000;
    let ring = Ring::new(4096).unwrap();
    let (data, room) = (eventfd(), eventfd());
    let pid = common::spawn(|| {
        let mut producer = ring.producer().unwrap();
        let mut i = 0;
        while i < COUNT {
            let body = i.to_le_bytes().repeat(1 + i as usize % 40);
            match producer.push(i, &[&body]) {
                Ok(()) => i += 1,
                Err(RingError::Full) => {
                    if producer.publish() {
                        signal(data);
                    }
                    if producer.prepare_wait(body.len()) {
                        sleep_on(room);
                        producer.awake();
                    }
                    continue;
                }
                Err(error) => panic!("{error}"),
            }
            if i % 7 == 0 && producer.publish() {
                signal(data);
            }
        }
        if producer.publish() {
            signal(data);
        }
        0
    });
    let mut consumer = ring.consumer().unwrap();
    let mut expected = 0;
    while expected < COUNT {
        match consumer.peek().unwrap() {
            Some(message) => {
                assert_eq!(message.tag(), expected);
                let body = message.bytes();
                assert_eq!(body.len(), 4 * (1 + expected as usize % 40));
                assert!(body.chunks(4).all(|c| c == expected.to_le_bytes()));
                if message.release() {
                    signal(room);
                }
                expected += 1;
            }
            None => {
                if consumer.prepare_sleep() {
                    sleep_on(data);
                    consumer.awake();
                }
            }
        }
    }
    assert_eq!(common::wait(pid), 0);
}
