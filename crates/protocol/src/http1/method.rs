//! Methods, versions and upgrades.

macro_rules! methods {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// The methods that are understood; all others get 400.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        #[repr(u8)]
        pub enum Method { #[default] $($variant),* }

        impl Method {
            pub const ALL: &'static [Method] = &[$(Method::$variant),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Method::$variant => $name),* }
            }

            /// Methods are case-sensitive (RFC 9110 9.1).
            pub fn from_bytes(name: &[u8]) -> Option<Method> {
                $(if name == $name.as_bytes() { return Some(Method::$variant); })*
                None
            }
        }
    };
}

// The frequent ones first: from_bytes compares in this order.
methods! {
    Get = "GET", Post = "POST", Head = "HEAD", Put = "PUT", Delete = "DELETE", Patch = "PATCH",
    Options = "OPTIONS", Connect = "CONNECT", Trace = "TRACE", Copy = "COPY", Lock = "LOCK",
    Mkcol = "MKCOL", Move = "MOVE", Propfind = "PROPFIND", Proppatch = "PROPPATCH", Unlock = "UNLOCK",
    Report = "REPORT", Mkactivity = "MKACTIVITY", Checkout = "CHECKOUT", Merge = "MERGE",
    Msearch = "M-SEARCH", Notify = "NOTIFY", Subscribe = "SUBSCRIBE", Unsubscribe = "UNSUBSCRIBE",
    Purge = "PURGE", Search = "SEARCH", Query = "QUERY", Acl = "ACL", Link = "LINK", Unlink = "UNLINK",
    Bind = "BIND", Rebind = "REBIND", Unbind = "UNBIND", Mkcalendar = "MKCALENDAR", Source = "SOURCE",
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    Http10,
    #[default]
    Http11,
}

impl Version {
    pub const fn as_str(self) -> &'static str {
        match self {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
        }
    }
}

/// What `Upgrade` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Upgrade {
    #[default]
    None,
    WebSocket,
    Other,
}
