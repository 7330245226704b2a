//! `init`: a new project, with comments that say what to change.

use std::path::Path;

use clap::Args as ClapArgs;

use super::Global;
use super::output::{print, say};
use crate::error::{Error, Kind, Result};
use crate::project::{CONFIG_FILE, Config};

/// The files of a new project.
const FILES: [(&str, &str); 4] = [
    (CONFIG_FILE, include_str!("init/onefold.toml")),
    ("sql/clean/contacts.example.sql", include_str!("init/contacts.example.sql")),
    ("sql/clean/orders.example.sql", include_str!("init/orders.example.sql")),
    ("sql/segment/regulars.sql", include_str!("init/regulars.sql")),
];

/// Begin a new project: onefold.toml and first stages, with comments.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  onefold init my-shop\n  onefold init --schema > onefold.schema.json")]
pub(super) struct Args {
    /// The folder. Default: the one that `--project` names, or here.
    #[arg(value_name = "DIR")]
    dir: Option<std::path::PathBuf>,
    /// Print the JSON schema of onefold.toml for editors, and make nothing.
    #[arg(long)]
    schema: bool,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    if args.schema {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Config))
            .map_err(|error| Error::new(Kind::Internal, "the schema cannot be written").source(error))?;
        return print(&format!("{schema}\n"));
    }
    let dir = args.dir.as_deref().unwrap_or(&global.project);
    if let Some((path, _)) = FILES.iter().find(|(path, _)| dir.join(path).exists()) {
        return Err(Error::new(Kind::Usage, format!("`{path}` exists already"))
            .with("folder", dir.display())
            .hint("`init` replaces nothing; name another folder"));
    }
    let name = project_name(dir);
    for (path, text) in FILES {
        write(&dir.join(path), &text.replace("{{name}}", &name))?;
    }
    if !global.quiet {
        say(&format!("made a project in {}", dir.display()));
        say("next: name your sources in onefold.toml, map them in sql/clean/, then `onefold refresh`");
    }
    Ok(())
}

/// A name for the project from its folder's.
fn project_name(dir: &Path) -> String {
    let folder = dir.canonicalize().ok().or_else(|| Some(dir.to_owned()));
    let name = folder
        .as_deref()
        .and_then(Path::file_name)
        .map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
    let name: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "my-shop".to_owned() } else { name }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text)).map_err(|error| {
        Error::new(Kind::of_io(&error), "cannot write a file of the project").with("file", path.display()).source(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_comments_of_a_new_project_offer_is_valid() {
        let is_toml = |line: &&str| line.starts_with('[') || line.split(' ').nth(1) == Some("=");
        let text = FILES[0].1.lines().map(|line| line.trim_start_matches("# ")).filter(is_toml).collect::<Vec<_>>();
        let config: Config = toml::from_str(&text.join("\n")).expect("valid");
        let names: Vec<&String> = config.sources.keys().collect();
        assert_eq!(names, ["crm", "customers", "shop_orders", "stock", "tickets"]);
        assert_eq!(config.sources["tickets"].newest_by, ["parse_date(\"Changed On\", '%d.%m.%Y')"]);
    }
}
