//! A listening port: its socket, its settings, what its connections speak.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::os::fd::RawFd;
use std::rc::Rc;

use super::{Address, Framing, PortSettings, TlsContext};

/// What kind of socket a port has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortKind {
    Tcp4,
    Tcp6,
    Udp4,
    Udp6,
    UnixStream,
    UnixDgram,
}

impl PortKind {
    pub fn is_stream(self) -> bool {
        matches!(self, Self::Tcp4 | Self::Tcp6 | Self::UnixStream)
    }

    /// Whether a port of this kind has connections: DTLS makes them out of datagrams.
    pub fn has_connections(self, ssl: bool) -> bool {
        self.is_stream() || ssl
    }

    pub fn is_unix(self) -> bool {
        matches!(self, Self::UnixStream | Self::UnixDgram)
    }

    pub fn is_tcp(self) -> bool {
        matches!(self, Self::Tcp4 | Self::Tcp6)
    }

    pub fn is_v6(self) -> bool {
        matches!(self, Self::Tcp6 | Self::Udp6)
    }
}

/// One listening port of a server.
pub struct Port {
    /// 0 for the first, which `new Server` made.
    pub index: usize,
    pub kind: PortKind,
    pub host: String,
    /// The number asked for, or the one the kernel chose for 0.
    pub number: u16,
    pub ssl: bool,
    fd: Cell<RawFd>,
    /// Device and inode of a unix socket's file.
    file: Cell<Option<(u64, u64)>>,
    pub settings: RefCell<PortSettings>,
    /// Chosen from the settings when the server starts.
    framing: OnceCell<Framing>,
    pub tls: RefCell<Option<Rc<dyn TlsContext>>>,
    /// What [`Port::tls`] is made from, again at each reload.
    pub tls_settings: RefCell<Option<net::tls::Settings>>,
    pub tls_context: RefCell<Option<net::tls::Context>>,
    /// What the protocol of this port keeps for all its connections (its own parsed settings).
    data: OnceCell<Rc<dyn Any>>,
}

impl Port {
    pub fn new(index: usize, kind: PortKind, host: String, number: u16, ssl: bool, fd: RawFd) -> Self {
        Self {
            index,
            kind,
            host,
            number,
            ssl,
            fd: Cell::new(fd),
            file: Cell::new(None),
            settings: RefCell::default(),
            framing: OnceCell::new(),
            tls: RefCell::new(None),
            tls_settings: RefCell::new(None),
            tls_context: RefCell::new(None),
            data: OnceCell::new(),
        }
    }

    pub fn fd(&self) -> RawFd {
        self.fd.get()
    }

    pub fn set_fd(&self, fd: RawFd) {
        self.fd.set(fd);
    }

    pub fn framing(&self) -> &Framing {
        self.framing.get_or_init(|| self.settings.borrow().framing())
    }

    /// The slot for the protocol's per-port data; the first call makes it.
    pub fn data<T: 'static>(&self, make: impl FnOnce() -> T) -> Option<Rc<T>> {
        let any = self.data.get_or_init(|| Rc::new(make()));
        Rc::clone(any).downcast::<T>().ok()
    }

    /// The address that a stream listens on, as messages print it.
    pub fn describe(&self) -> String {
        format!("{}:{}", self.host, self.number)
    }

    /// Reads the certificates (again).
    ///
    /// # Errors
    /// OpenSSL's; the certificates from before stay in use.
    pub fn load_tls(&self) -> Result<(), net::tls::TlsError> {
        if let Some(settings) = self.tls_settings.borrow().as_ref() {
            let context = net::tls::Context::server(settings)?;
            *self.tls.borrow_mut() = Some(Rc::new(context.clone()));
            *self.tls_context.borrow_mut() = Some(context);
        }
        Ok(())
    }

    fn file_on_disk(&self) -> Option<(u64, u64)> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::symlink_metadata(&self.host).ok()?;
        Some((found.dev(), found.ino()))
    }

    /// Notes which file a unix socket has, so that no other is ever removed.
    pub fn note_file(&self) {
        if self.kind.is_unix() {
            self.file.set(self.file_on_disk());
        }
    }

    /// Removes a unix socket's file, unless another server has taken its name.
    pub fn remove_file(&self) {
        let file = self.file.take();
        if file.is_some() && self.file_on_disk() == file {
            let _ = std::fs::remove_file(&self.host);
        }
    }

    pub fn close(&self) {
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            super::socket::close(fd);
        }
    }

    /// The local address of the listening socket.
    pub fn local(&self) -> Address {
        Address::local_of(self.fd())
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.close();
    }
}
