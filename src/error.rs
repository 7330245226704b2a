//! The one error type. A new [`Kind`] exists only where a caller would act differently.
//!
//! Messages are lower case, without a full stop, with values in backticks; the hint says what to do. They never hold
//! personal values: rows are named by number, records by hash.

use std::fmt;

/// A result with Onefold's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who is at fault, and therefore what the caller can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The command line was wrong.
    Usage,
    /// `onefold.toml`, a stage file or the contract is wrong.
    Config,
    /// A source's file or table cannot be read.
    Source,
    /// A SQL statement is wrong or failed.
    Sql,
    /// A check or a contract did not hold: the data is not fit to be published.
    Check,
    /// Another writer committed first.
    Conflict,
    /// A stored file is not what the manifest says.
    Corrupt,
    /// Memory or disk ran out.
    Exhausted,
    /// A time limit ran out.
    Timeout,
    /// The request is not allowed here.
    Denied,
    /// The object store failed.
    Store,
    /// The user stopped it.
    Interrupted,
    /// A mistake of ours.
    Internal,
}

impl Kind {
    /// The one table of what a kind means outside: name, process exit code, HTTP status and SQLSTATE.
    fn meaning(self) -> (&'static str, u8, u16, &'static str) {
        match self {
            Self::Usage => ("usage", 2, 400, "22023"),
            Self::Config => ("config", 2, 500, "F0000"),
            Self::Source => ("source", 1, 500, "58030"),
            Self::Sql => ("sql", 1, 400, "42000"),
            Self::Check => ("check", 1, 422, "23000"),
            Self::Conflict => ("conflict", 3, 409, "40001"),
            Self::Corrupt => ("corrupt", 1, 500, "XX001"),
            Self::Exhausted => ("exhausted", 1, 507, "53000"),
            Self::Timeout => ("timeout", 3, 504, "57014"),
            Self::Denied => ("denied", 2, 403, "42501"),
            Self::Store => ("store", 3, 502, "58000"),
            Self::Interrupted => ("interrupted", 130, 499, "57014"),
            Self::Internal => ("internal", 1, 500, "XX000"),
        }
    }

    /// Who is at fault when the operating system refuses a local file: a place that does not exist or is not ours to write
    /// is a wrong place, and trying again does not help.
    pub fn of_io(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            kind if no_room(kind).is_some() => Self::Exhausted,
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
            | ErrorKind::ReadOnlyFilesystem => Self::Usage,
            _ => Self::Store,
        }
    }

    /// The name that messages and `--json` reports show.
    pub fn name(self) -> &'static str {
        self.meaning().0
    }

    /// The process exit code: 1 query or check failed, 2 wrong usage or configuration, 3 worth retrying, 130 interrupted.
    pub fn exit_code(self) -> u8 {
        self.meaning().1
    }

    /// The HTTP status.
    pub fn http_status(self) -> u16 {
        self.meaning().2
    }

    /// The SQLSTATE.
    pub fn sqlstate(self) -> &'static str {
        self.meaning().3
    }
}

/// What went wrong, where, why, and what to do about it.
#[derive(Debug)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
    context: Vec<(&'static str, String)>,
    detail: Option<String>,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    is_reported: bool,
    is_passing: bool,
}

impl Error {
    /// An error of `kind`; `message` is lower case and has no full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let inner = Inner {
            kind,
            message: message.into(),
            context: Vec::new(),
            detail: None,
            hint: None,
            source: None,
            is_reported: false,
            is_passing: false,
        };
        Self { inner: Box::new(inner) }
    }

    /// Adds where it happened, such as `("file", "crm.csv")`; shown in the order in which it was added.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.inner.context.push((key, value.to_string()));
        self
    }

    /// Adds a block that is shown as it is below the message: a source excerpt with a caret, the first rows of a check.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.inner.hint = Some(hint.into());
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// Marks that a report on stdout tells it already, so that `--json` prints one document.
    #[must_use]
    pub fn reported(mut self) -> Self {
        self.inner.is_reported = true;
        self
    }

    /// Whether a report on stdout tells it already.
    pub fn is_reported(&self) -> bool {
        self.inner.is_reported
    }

    /// Says that it may pass by itself, whatever its kind: a server that does not answer.
    #[must_use]
    pub fn passing(mut self) -> Self {
        self.inner.is_passing = true;
        self
    }

    /// The process exit code: its kind's, or 3 when it may pass.
    pub fn exit_code(&self) -> u8 {
        if self.inner.is_passing { Kind::Store.exit_code() } else { self.inner.kind.exit_code() }
    }

    /// Who is at fault.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The first line, without context.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// What [`Self::with`] has said of `key`, if anything.
    pub fn context(&self, key: &str) -> Option<&str> {
        self.inner.context.iter().find(|(of, _)| *of == key).map(|(_, value)| value.as_str())
    }

    /// What the user can do, if we know.
    pub fn hint_text(&self) -> Option<&str> {
        self.inner.hint.as_deref()
    }

    /// The block below the message, if any.
    pub fn detail_text(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }
}

/// The message with its context on one line, then the cause, the detail and the hint on lines of their own.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner.message)?;
        for (at, (key, value)) in self.inner.context.iter().enumerate() {
            write!(f, "{}{key} `{value}`", if at == 0 { " (" } else { ", " })?;
        }
        if !self.inner.context.is_empty() {
            write!(f, ")")?;
        }
        if let Some(source) = &self.inner.source {
            write!(f, "\n  cause: {source}")?;
        }
        if let Some(detail) = &self.inner.detail {
            write!(f, "\n{}", detail.trim_end())?;
        }
        if let Some(hint) = &self.inner.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

/// As `--json` reports show it.
impl serde::Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut error = serializer.serialize_struct("Error", 4)?;
        error.serialize_field("kind", self.kind().name())?;
        error.serialize_field("message", self.message())?;
        error.serialize_field("detail", &self.detail_text())?;
        error.serialize_field("hint", &self.hint_text())?;
        error.end()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

/// The first error behind `error`, or itself, that is a `T`.
pub fn cause<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// What the operating system said: the innermost reason, since those around it say only `Other`.
pub fn io_kind(error: &(dyn std::error::Error + 'static)) -> Option<std::io::ErrorKind> {
    causes(error).filter_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind).last()
}

/// What the operating system means by `kind`, if it is that there is no room for more.
pub fn no_room(kind: std::io::ErrorKind) -> Option<&'static str> {
    match kind {
        std::io::ErrorKind::StorageFull => Some("the disk is full"),
        std::io::ErrorKind::QuotaExceeded => Some("the disk quota is used up"),
        std::io::ErrorKind::FileTooLarge => Some("a file may not become so large"),
        _ => None,
    }
}

/// `error` and the errors behind it. What an [`std::io::Error`] wraps is not its source, and counts too.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        wrapped.map(|wrapped| wrapped as _).or_else(|| error.source())
    })
}

/// The name among `known` that `given` was probably meant to be: for "did you mean" hints. A slip is one letter, in long
/// names one in four; of two letters, none can be a slip.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&given.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| {
            let length = name.chars().count().max(given.chars().count());
            *distance <= (length / 4).max(1) && distance * 3 <= length
        })
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_where_why_and_what_to_do() {
        let error = Error::new(Kind::Source, "cannot read the file")
            .with("source", "crm")
            .with("file", "crm.csv")
            .source(std::io::Error::other("permission denied"))
            .hint("check who owns it");
        let text =
            "cannot read the file (source `crm`, file `crm.csv`)\n  cause: permission denied\nhint: check who owns it";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn the_operating_system_is_heard_through_every_wrapper() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let wrapped = std::io::Error::other(std::io::Error::other(Error::new(Kind::Store, "x").source(full())));
        assert_eq!(io_kind(&wrapped), Some(std::io::ErrorKind::StorageFull));
        assert_eq!(cause::<Error>(&wrapped).map(Error::kind), Some(Kind::Store));
        assert_eq!(io_kind(&Error::new(Kind::Store, "x")), None);
    }

    #[test]
    fn nearest_finds_slips_but_not_strangers() {
        let known = ["customers", "orders", "order_lines"];
        assert_eq!(nearest("custmers", known), Some("customers"));
        assert_eq!(nearest("order_line", known), Some("order_lines"));
        assert_eq!(nearest("products", known), None);
        assert_eq!(nearest("raw.unq", ["raw.huge"]), None);
        assert_eq!(nearest("ab", ["ac"]), None);
    }
}
