//! Any bytes as MQTT: the packets tile the stream, and the length agrees with the framer's.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::framing::{Framer, Step};
use protocol::mqtt::packet_length;

fuzz_target!(|data: &[u8]| {
    let mut framer = Framer::mqtt(1 << 16);
    let mut at = 0;
    while let Ok(Step::Frame(range)) = framer.next(&data[at..]) {
        assert_eq!(packet_length(&data[at..]), Ok(Some(range.end)));
        assert!(range.start == 0 && range.end >= 2);
        at += range.end;
    }
    assert!(at <= data.len());
});
