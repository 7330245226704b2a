//! A source that cannot land: it stays as it was, and the others land all the same.

use serde::Serialize;

use crate::error::{Error, Kind};

/// A source that did not land, and why.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// The source's name.
    pub source: String,
    /// Why.
    pub error: Error,
}

/// Whether the source is at fault, or what was said about it, and not the lake, the machine or the user, who stop them all.
pub(super) fn is_its_own(error: &Error) -> bool {
    matches!(error.kind(), Kind::Config | Kind::Source | Kind::Check | Kind::Denied | Kind::Timeout)
}

/// The failures of a landing of `chosen` sources as one error, which may pass only if all of them may. One that is all
/// there was speaks for itself.
pub fn as_one(mut failures: Vec<Failure>, chosen: usize) -> Option<Error> {
    if (chosen, failures.len()) == (1, 1) {
        return failures.pop().map(|failure| failure.error);
    }
    let lasting = failures.iter().find(|failure| failure.error.exit_code() != Kind::Store.exit_code());
    let worst = lasting.or(failures.first())?;
    let (kind, passes) = (worst.error.kind(), lasting.is_none());
    let names: Vec<&str> = failures.iter().map(|failure| failure.source.as_str()).collect();
    let error = Error::new(kind, format!("{} of {chosen} sources did not land", failures.len()));
    let error = error.with(if names.len() == 1 { "source" } else { "sources" }, names.join(", "));
    let reasons =
        failures.iter().map(|failure| format!("{}: {}", failure.source, failure.error).replace('\n', "\n    "));
    let stays = if names.len() == 1 { "it stays as it was" } else { "they stay as they were" };
    let others = if names.len() < chosen { ", and the others have landed" } else { "" };
    let error = error.detail(format!("  {}", reasons.collect::<Vec<_>>().join("\n  ")));
    let error = error.hint(format!("{stays}{others}; `onefold land {}` tries again", names.join(" ")));
    Some(if passes { error.passing() } else { error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(source: &str, error: Error) -> Failure {
        Failure { source: source.to_owned(), error }
    }

    fn empty() -> Error {
        Error::new(Kind::Source, "the file is empty").with("file", "crm.csv").hint("delete it")
    }

    fn away() -> Error {
        Error::new(Kind::Source, "cannot connect to the database").passing()
    }

    #[test]
    fn one_of_several_is_named_with_its_reason_and_what_to_do() {
        let error = as_one(vec![failure("crm", empty())], 3).expect("fails");
        let text = "1 of 3 sources did not land (source `crm`)\n  crm: the file is empty (file `crm.csv`)\n    \
            hint: delete it\nhint: it stays as it was, and the others have landed; `onefold land crm` tries again";
        assert_eq!((error.to_string(), error.kind(), error.exit_code()), (text.to_owned(), Kind::Source, 1));
    }

    #[test]
    fn it_is_worth_retrying_if_every_one_of_them_is() {
        let code = |failures, chosen| as_one(failures, chosen).expect("fails").exit_code();
        assert_eq!(code(vec![failure("web", away()), failure("crm", empty())], 3), 1);
        assert_eq!(code(vec![failure("web", away()), failure("till", away())], 3), 3);
        assert!(as_one(Vec::new(), 3).is_none());
    }

    #[test]
    fn the_only_one_speaks_for_itself() {
        assert_eq!(as_one(vec![failure("crm", empty())], 1).expect("fails").message(), "the file is empty");
        let error = as_one(vec![failure("crm", empty()), failure("web", away())], 2).expect("fails");
        let hint = "they stay as they were; `onefold land crm web` tries again";
        assert_eq!((error.message(), error.hint_text()), ("2 of 2 sources did not land", Some(hint)));
    }
}
