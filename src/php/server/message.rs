//! Messages from other processes of the server: PipeMessage, Task, Finish.

use std::fmt::Write;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::dispatch::{self, long, run};
use super::events::ServerEvent;
use super::send::complain;
use super::{Server, life, pack, started, task, tasks};
use crate::log;
use crate::php::code::{Code, set_last};
use crate::php::report;
use crate::server::{Head, Kind, Role, microtime, worker};
use crate::zend::error::E_WARNING;
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Zval, ZvalExt, new_object};

/// Whether callbacks of this process run in coroutines.
pub fn in_coroutine(server: &Server) -> bool {
    let settings = server.settings.borrow();
    match worker().map(|worker| worker.role()) {
        Some(Role::Task) => settings.task_enable_coroutine,
        _ => settings.enable_coroutine,
    }
}

/// Deals with a message that is not about a connection.
pub fn deliver(server: &Rc<Server>, head: &Head, payload: &[u8]) {
    match head.kind {
        Kind::Pipe => pipe(server, head, payload),
        Kind::Task => on_task(server, head, payload),
        Kind::Finish => tasks::finished(server, head, payload),
        Kind::Stop => life::stop_worker(),
        Kind::Command => super::command::request(server, head, payload),
        Kind::CommandReply => super::command::reply(server, head, payload),
        Kind::Leaving => super::manager::leaving(server, head),
        Kind::Renew => super::master::renew(server),
        Kind::Send | Kind::SendFile | Kind::Close | Kind::Pause | Kind::Resume => {}
    }
}

fn pipe(server: &Rc<Server>, head: &Head, payload: &[u8]) {
    let Some(callable) = server.own_callback(ServerEvent::PipeMessage) else { return };
    let Some(data) = pack::unpack(head.flags, payload) else { return };
    let object = server.object().into_zval();
    let from = i64::from(head.from);
    if server.settings.borrow().event_object {
        let message = new_object(ce::server_pipe_message());
        if let Some(this) = message.as_zval().obj() {
            this.slot(0).set_long(from);
            this.slot(1).set_long(from);
            this.slot(2).set_double(head.time);
            this.slot(3).assign(data);
        }
        run(&callable, &mut [object, message.into_zval()], in_coroutine(server));
    } else {
        run(&callable, &mut [object, long(from), data.into_zval()], in_coroutine(server));
    }
}

fn on_task(server: &Rc<Server>, head: &Head, payload: &[u8]) {
    let (Some(worker), Some(shared)) = (worker(), server.shared()) else { return };
    // What came by the queue from elsewhere, or from before a restart, was not counted.
    let queue = server.task_queue.get();
    if queue.is_none_or(|queue| queue.run() == head.extra) {
        shared.head().tasking.fetch_sub(1, Ordering::Relaxed);
    }
    let stats = worker.stats();
    stats.status.store(1, Ordering::Relaxed);
    worker.count_request();
    let (by_object, coroutine) = {
        let settings = server.settings.borrow();
        (settings.task_object || settings.task_enable_coroutine, settings.task_enable_coroutine)
    };
    if let Some(callable) = server.own_callback(ServerEvent::Task)
        && let Some(data) = pack::unpack(head.flags, payload)
    {
        server.tasks.current.set(Some(*head));
        let object = server.object().into_zval();
        let mut args = if by_object {
            vec![object, task::make(head, data).into_zval()]
        } else {
            vec![object, long(head.id), long(i64::from(head.from)), data.into_zval()]
        };
        if coroutine {
            run(&callable, &mut args, true);
        } else if let Some(value) = dispatch::call(&callable, &mut args)
            && !value.as_zval().is_null()
            && !value.is_undef()
        {
            tasks::reply(server, head, value.as_zval());
        }
    }
    if queue.is_none() {
        stats.tasks.fetch_sub(1, Ordering::Relaxed);
    }
    stats.status.store(2, Ordering::Relaxed);
}

/// A result for nobody who waits: its own callback, or the Finish event.
pub fn finish(server: &Rc<Server>, head: &Head, payload: &[u8]) {
    let own = if head.flags & tasks::CALLBACK != 0 { server.tasks.take_callback(head.id) } else { None };
    let Some(callable) = own.or_else(|| server.own_callback(ServerEvent::Finish)) else {
        report::fatal(E_WARNING, "require 'onFinish' callback");
        return;
    };
    let Some(data) = pack::unpack(head.flags, payload) else { return };
    let object = server.object().into_zval();
    let coroutine = server.settings.borrow().enable_coroutine;
    if server.settings.borrow().event_object {
        let result = new_object(ce::server_task_result());
        if let Some(this) = result.as_zval().obj() {
            this.slot(0).set_long(head.id);
            this.slot(1).set_long(i64::from(head.from));
            this.slot(2).set_double(head.time);
            this.slot(3).assign(data);
        }
        run(&callable, &mut [object, result.into_zval()], coroutine);
    } else {
        run(&callable, &mut [object, long(head.id), data.into_zval()], coroutine);
    }
}

/// `Server::sendMessage(mixed $message, int $dst_worker_id): bool`
pub fn send_message(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    ret.set_bool(false);
    let has_callback = server.own_callback(ServerEvent::PipeMessage).is_some();
    let count = {
        let settings = server.settings.borrow();
        settings.worker_num + settings.task_worker_num
    };
    if !has_callback {
        drop(server);
        report::fatal(E_WARNING, "onPipeMessage is null, can't use sendMessage");
        return Ok(());
    }
    let mut args = call.args(2, 2)?;
    let message = args.value()?;
    let to = args.long()?;
    let own = worker().filter(|worker| worker.role() != Role::User).map(|worker| worker.id() as i64);
    if own == Some(to) {
        drop(server);
        report::fatal(E_WARNING, "can't send messages to self");
        return Ok(());
    }
    if to < 0 || to >= count as i64 {
        drop(server);
        complain!("worker_id[{to}] is invalid");
        return Ok(());
    }
    if let (Some(packed), Some(bus)) = (pack::pack(message), server.bus.get()) {
        let from = worker().map_or(usize::from(u16::MAX), |worker| worker.id());
        let head = Head { flags: packed.tag(), time: microtime(), ..Head::new(Kind::Pipe, from) };
        match bus.send(to as usize, &head, packed.bytes()) {
            Ok(()) => ret.set_bool(true),
            Err(error) => {
                set_last(Code::SERVER_PIPE_BUFFER_FULL);
                log::warning("Server::send_pipe_message", Some(Code::SERVER_PIPE_BUFFER_FULL.0), &error.to_string());
            }
        }
    }
    dispatch::check()
}
