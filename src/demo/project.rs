//! The sample shop's project: `onefold.toml` and the SQL that maps its sources, as they lie in `data/shop/`.

/// Path below the project's folder, and text.
pub(super) const FILES: &[(&str, &str)] = &[];
