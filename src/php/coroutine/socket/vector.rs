//! Scatter and gather: readVector, readVectorAll, writeVector, writeVectorAll.

use std::io::{IoSlice, IoSliceMut};

use net::{Deadline, Errno, Fault, Socket};

use super::{after_wait, outcome, set_error, socket, until};
use crate::php::coroutine::require_coroutine;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt};

/// Most parts that one call takes (IOV_MAX).
const MOST: usize = 1024;

fn refuse(text: &str) -> Thrown {
    throw(ce::coroutine_socket_exception(), i64::from(libc::EINVAL), text)
}

/// Checks the count; None (and false returned) when there are too many.
fn parts(call: &mut Call, ret: &mut Zval) -> PhpResult<Option<(Array<'static>, f64)>> {
    let mut args = call.args(1, 2)?;
    let list = args.array()?;
    let wait = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    if list.len() > MOST {
        let this = call.this();
        super::set_error(this, libc::EINVAL);
        let text = format!("The maximum of iov count is {MOST}");
        this.slot_message(&text);
        ret.set_bool(false);
        return Ok(None);
    }
    Ok(Some((list, wait)))
}

trait Message {
    fn slot_message(&mut self, text: &str);
}

impl Message for crate::zend::ZendObject {
    fn slot_message(&mut self, text: &str) {
        use crate::zend::ObjectExt;
        self.slot(super::ERR_MSG).assign(Value::string(text.as_bytes()));
    }
}

fn write(call: &mut Call, ret: &mut Zval, all: bool) -> PhpResult {
    let Some((list, wait)) = parts(call, ret)? else { return Ok(()) };
    let mut slices: Vec<&[u8]> = Vec::with_capacity(list.len());
    let mut problem = None;
    list.each(|_, item| {
        let at = slices.len();
        match item.bytes() {
            None => problem = Some(format!("Item #[{at}] must be of type string, {} given", super::io::type_name(item))),
            Some([]) => problem = Some(format!("Item #[{at}] cannot be empty string")),
            // SAFETY: the array is an argument of this call and keeps its strings until we return.
            Some(bytes) => slices.push(unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }),
        }
        problem.is_none()
    });
    if let Some(problem) = problem {
        return Err(refuse(&problem));
    }
    let this = call.this();
    let socket = socket(this)?;
    let result = gather(&socket, &slices, all, until(wait, socket.timeouts.get().write));
    if let Some(n) = counted(this, ret, result, all)? {
        ret.set_long(n as i64);
    }
    Ok(())
}

fn gather(socket: &Socket, slices: &[&[u8]], all: bool, end: Deadline) -> Result<usize, (usize, Fault)> {
    let total: usize = slices.iter().map(|slice| slice.len()).sum();
    let mut done = 0;
    loop {
        let mut skip = done;
        let mut rest: Vec<IoSlice<'_>> = Vec::with_capacity(slices.len());
        for slice in slices {
            if skip >= slice.len() {
                skip -= slice.len();
            } else {
                rest.push(IoSlice::new(&slice[skip..]));
                skip = 0;
            }
        }
        match socket.write_vector(&rest, end) {
            Ok(n) => done += n,
            Err(fault) => return Err((done, fault)),
        }
        if !all || done >= total {
            return Ok(done);
        }
    }
}

pub fn write_vector(call: &mut Call, ret: &mut Zval) -> PhpResult {
    write(call, ret, false)
}

pub fn write_vector_all(call: &mut Call, ret: &mut Zval) -> PhpResult {
    write(call, ret, true)
}

fn read(call: &mut Call, ret: &mut Zval, all: bool) -> PhpResult {
    let Some((list, wait)) = parts(call, ret)? else { return Ok(()) };
    let mut lengths = Vec::with_capacity(list.len());
    let mut problem = None;
    list.each(|_, item| {
        let at = lengths.len();
        match item.long() {
            None => problem = Some(format!("Item #[{at}] must be of type int, {} given", super::io::type_name(item))),
            Some(n) if n < 0 => problem = Some(format!("Item #[{at}] must be greater than 0")),
            Some(n) => lengths.push(n as usize),
        }
        problem.is_none()
    });
    if let Some(problem) = problem {
        return Err(refuse(&problem));
    }
    let this = call.this();
    let socket = socket(this)?;
    let mut bytes = vec![0u8; lengths.iter().sum()];
    let result = scatter(&socket, &mut bytes, &lengths, all, until(wait, socket.timeouts.get().read));
    let Some(n) = counted(this, ret, result, all)? else { return Ok(()) };
    let mut rest = &bytes[..n];
    let mut list = Value::array(lengths.len() as u32);
    let mut array = list.array_mut();
    for length in lengths {
        if rest.is_empty() {
            break;
        }
        let (part, tail) = rest.split_at(length.min(rest.len()));
        array.push(Value::string(part));
        rest = tail;
    }
    list.give(ret);
    Ok(())
}

/// With `partly`, what was moved before an error counts, be it nothing, and `errCode` tells why it was not all.
fn counted(
    this: &mut ZendObject,
    ret: &mut Zval,
    result: Result<usize, (usize, Fault)>,
    partly: bool,
) -> PhpResult<Option<usize>> {
    match result {
        Err((n, Fault::Errno(Errno(code)))) if partly => {
            set_error(this, code);
            after_wait()?;
            Ok(Some(n))
        }
        other => outcome(this, ret, other.map_err(|(_, fault)| fault)),
    }
}

fn scatter(socket: &Socket, bytes: &mut [u8], lengths: &[usize], all: bool, end: Deadline) -> Result<usize, (usize, Fault)> {
    if all {
        return socket.recv_all(bytes, end);
    }
    let mut rest = bytes;
    let mut slices = Vec::with_capacity(lengths.len());
    for length in lengths {
        let (part, tail) = rest.split_at_mut(*length);
        slices.push(IoSliceMut::new(part));
        rest = tail;
    }
    socket.read_vector(&mut slices, end).map_err(|fault| (0, fault))
}

pub fn read_vector(call: &mut Call, ret: &mut Zval) -> PhpResult {
    read(call, ret, false)
}

pub fn read_vector_all(call: &mut Call, ret: &mut Zval) -> PhpResult {
    read(call, ret, true)
}
