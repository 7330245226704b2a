//! stub
use super::Global;
/// Ask.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: x")]
pub(super) struct Args {
    /// sql
    #[arg(short)]
    c: Option<String>,
}
pub(super) async fn run(_: &Global, _: Args) -> crate::error::Result<()> {
    Ok(())
}
