//! Where a database is and how to log in to it. The password is in memory only: never in a message, a log or the lake.

use std::path::{Path, PathBuf};

use url::{Host, Url};

use crate::error::{Error, Kind, Result};
use crate::project::{Source, Tls};

/// The kinds of databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
    MySql,
}

/// A database, as `onefold.toml` and the environment name it.
pub(super) struct Address {
    /// The source's name.
    pub(super) source: String,
    pub(super) engine: Engine,
    /// The URL as it was written; it holds no password.
    pub(super) url: String,
    /// What people, and the column `_file`, see of it: neither user nor password.
    pub(super) shown: String,
    /// The file, if the database is one.
    pub(super) path: PathBuf,
    /// The environment variable that may hold the password.
    pub(super) password_env: String,
    /// Whether the connection is encrypted and the server's certificate checked.
    pub(super) is_encrypted: bool,
    /// The file with the authorities to trust, instead of the operating system's.
    pub(super) ca: Option<PathBuf>,
}

impl Address {
    /// The database of `source`, which is called `name`. Paths start from `root`.
    ///
    /// # Errors
    /// `Config` when the URL is not one of a known database, or holds more than it should.
    pub(super) fn new(name: &str, source: &Source, root: &Path) -> Result<Self> {
        let url = source.url.clone().unwrap_or_default();
        let mut address = Self {
            source: name.to_owned(),
            engine: Engine::Sqlite,
            shown: url.clone(),
            path: PathBuf::new(),
            password_env: source.password_env.clone().unwrap_or_else(|| default_password_env(name)),
            is_encrypted: source.tls == Some(Tls::Verify),
            ca: source.tls_ca.as_ref().map(|ca| root.join(ca)),
            url,
        };
        if let Some(file) = address.url.strip_prefix("sqlite:") {
            address.path = root.join(file.strip_prefix("//").unwrap_or(file));
            return Ok(address);
        }
        let wrong = |message: &str| {
            Error::new(Kind::Config, message).with("source", name).with("key", format!("sources.{name}.url"))
        };
        let known = "use `sqlite:FILE`, `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`";
        let url = Url::parse(&address.url).map_err(|error| wrong("the URL is not one").source(error).hint(known))?;
        if url.password().is_some() {
            let hint = format!("take it out, and put it into the environment variable `{}`", address.password_env);
            return Err(wrong("the URL holds a password").hint(hint));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("the URL has parameters").hint("only a user, a host, a port and a database may be in it"));
        }
        address.engine = match url.scheme() {
            "postgres" | "postgresql" => Engine::Postgres,
            "mysql" | "mariadb" => Engine::MySql,
            _ => return Err(wrong("the URL is not one of a known database").hint(known)),
        };
        let (Some(host), true) = (url.host(), url.path().len() > 1) else {
            return Err(wrong("the URL lacks a host or a database").hint(known));
        };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        address.shown = format!("{}://{host}{port}{}", url.scheme(), url.path());
        address.is_encrypted = source.tls.map_or(!is_this_machine(&host), |tls| tls == Tls::Verify);
        Ok(address)
    }

    /// The password, if the environment has one.
    pub(super) fn password(&self) -> Option<String> {
        std::env::var(&self.password_env).ok()
    }

    /// An error about this database.
    pub(super) fn error(&self, kind: Kind, message: impl Into<String>) -> Error {
        Error::new(kind, message).with("source", &self.source).with("database", &self.shown)
    }

    /// The error that the server cannot be reached, which may pass.
    pub(super) fn unreachable(&self) -> Error {
        let error = self.error(Kind::Source, "cannot connect to the database").passing();
        error.hint(format!("check that it runs, and `url` and `tls` under `[sources.{}]`", self.source))
    }

    /// The error that the server does not let this user in.
    pub(super) fn refused(&self) -> Error {
        let hint = format!("check the user in `url`, and the password in the variable `{}`", self.password_env);
        self.error(Kind::Denied, "the database refuses the login").hint(hint)
    }
}

fn default_password_env(source: &str) -> String {
    format!("ONEFOLD_PASSWORD_{}", source.to_ascii_uppercase())
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        // Behind an unknown scheme, a URL's host is text even if it is an address.
        Host::Domain(name) => *name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(toml: &str) -> Result<Address> {
        let source: Source = toml::from_str(toml).expect("valid TOML");
        Address::new("crm", &source, Path::new("/shop"))
    }

    #[test]
    fn urls_name_databases() {
        let check = |url: &str, engine, shown: &str, is_encrypted| {
            let address = address(&format!("url = '{url}'")).expect("valid");
            assert_eq!((address.engine, address.shown.as_str(), address.is_encrypted), (engine, shown, is_encrypted));
            address
        };
        assert_eq!(check("sqlite:in/a.db", Engine::Sqlite, "sqlite:in/a.db", false).path, Path::new("/shop/in/a.db"));
        assert_eq!(check("sqlite:///a.db", Engine::Sqlite, "sqlite:///a.db", false).path, Path::new("/a.db"));
        let far = check(
            "postgres://reader@db.example.com:5433/shop",
            Engine::Postgres,
            "postgres://db.example.com:5433/shop",
            true,
        );
        assert_eq!(far.password_env, "ONEFOLD_PASSWORD_CRM");
        check("postgresql://127.0.0.1/shop", Engine::Postgres, "postgresql://127.0.0.1/shop", false);
        check("mariadb://me@localhost/shop", Engine::MySql, "mariadb://localhost/shop", false);
        check("mysql://me@[::1]/shop", Engine::MySql, "mysql://[::1]/shop", false);
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        let error = address("url = 'postgres://reader:hunter2@db/shop'").err().expect("refused");
        let text = error.to_string();
        assert_eq!(error.kind(), Kind::Config);
        assert!(text.contains("ONEFOLD_PASSWORD_CRM") && !text.contains("hunter2"), "{text}");
        let error = address("url = 'postgres://db/shop?password=hunter2'").err().expect("refused");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn other_urls_are_refused() {
        let check = |url: &str, message: &str| {
            assert_eq!(address(&format!("url = '{url}'")).err().expect("refused").message(), message);
        };
        check("oracle://db/shop", "the URL is not one of a known database");
        check("postgres://db", "the URL lacks a host or a database");
        check("shop.db", "the URL is not one");
    }
}
