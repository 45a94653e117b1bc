//! libpq's connection strings (PostgreSQL's manual, 34.1.1): keywords and values, or a URI.

use protocol::percent;

#[derive(Debug, Default, Clone)]
pub struct ConnInfo {
    pub host: String,
    pub port: Option<u16>,
    pub user: String,
    pub password: String,
    pub database: String,
    /// `disable`, `prefer` …
    pub ssl_mode: String,
    /// What the server is told as it is: application_name, client_encoding, options.
    pub parameters: Vec<(String, String)>,
    /// Seconds.
    pub connect_timeout: Option<f64>,
}

impl ConnInfo {
    /// # Errors
    /// A sentence about what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut info = Self { ssl_mode: "prefer".to_owned(), ..Self::default() };
        match text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://")) {
            Some(rest) => info.uri(rest)?,
            None => info.pairs(text)?,
        }
        if info.host.is_empty() {
            info.host = "/run/postgresql".to_owned();
        }
        if info.user.is_empty() {
            info.user = std::env::var("PGUSER").or_else(|_| std::env::var("USER")).unwrap_or_default();
        }
        if info.database.is_empty() {
            info.database.clone_from(&info.user);
        }
        Ok(info)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            // An address spares looking the name up.
            "hostaddr" => self.host = value,
            "host" if self.host.is_empty() => self.host = value,
            "host" => {}
            "port" => self.port = Some(value.parse().map_err(|_| format!("invalid port number: \"{value}\""))?),
            "user" => self.user = value,
            "password" => self.password = value,
            "dbname" => self.database = value,
            "sslmode" => self.ssl_mode = value,
            "connect_timeout" => self.connect_timeout = value.parse().ok(),
            "application_name" | "client_encoding" | "options" => self.parameters.push((name.to_owned(), value)),
            "sslcert" | "sslkey" | "sslrootcert" | "gssencmode" | "channel_binding" | "target_session_attrs" | "keepalives" => {}
            _ => return Err(format!("invalid connection option \"{name}\"")),
        }
        Ok(())
    }

    fn pairs(&mut self, text: &str) -> Result<(), String> {
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let Some((name, after)) = rest.split_once('=') else {
                return Err(format!("missing \"=\" after \"{rest}\" in connection info string"));
            };
            let after = after.trim_start();
            let mut value = String::new();
            let mut chars = after.char_indices();
            let quoted = after.starts_with('\'');
            if quoted {
                chars.next();
            }
            let mut end = after.len();
            let mut closed = !quoted;
            while let Some((at, char)) = chars.next() {
                match char {
                    '\\' => value.extend(chars.next().map(|(_, char)| char)),
                    '\'' if quoted => {
                        (end, closed) = (at + 1, true);
                        break;
                    }
                    char if !quoted && char.is_ascii_whitespace() => {
                        end = at;
                        break;
                    }
                    char => value.push(char),
                }
            }
            if !closed {
                return Err("unterminated quoted string in connection info string".to_owned());
            }
            self.set(name.trim_end(), value)?;
            rest = after[end..].trim_start();
        }
        Ok(())
    }

    fn uri(&mut self, text: &str) -> Result<(), String> {
        let decode = |text: &str| {
            String::from_utf8(percent::raw_url_decode(text.as_bytes())).map_err(|_| "invalid percent-encoded token".to_owned())
        };
        let (text, query) = text.split_once('?').unwrap_or((text, ""));
        let (authority, database) = text.split_once('/').unwrap_or((text, ""));
        let (login, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = match place.strip_prefix('[').and_then(|place| place.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or_default()),
            None => place.split_once(':').unwrap_or((place, "")),
        };
        for (name, value) in [("user", user), ("password", password), ("host", host), ("port", port), ("dbname", database)] {
            if !value.is_empty() {
                self.set(name, decode(value)?)?;
            }
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("missing key/value separator \"=\" in URI query parameter: \"{pair}\""))?;
            self.set(&decode(name)?, decode(value)?)?;
        }
        Ok(())
    }

    /// What is connected to: a path, or a host and a port.
    pub fn place(&self) -> (String, i64) {
        let port = self.port.unwrap_or(5432);
        if self.is_local() { (format!("{}/.s.PGSQL.{port}", self.host), 0) } else { (self.host.clone(), i64::from(port)) }
    }

    pub fn is_local(&self) -> bool {
        self.host.starts_with('/')
    }
}
