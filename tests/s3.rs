//! S3, by a server that answers as S3 does: as a source, as the lake, and with two writers at once. Where it is and how
//! to log in come from the usual `AWS_*` variables, which `tests/servers/run` sets.

use std::process::{Command, Stdio};

use crate::support::{Outcome, Shop, server};

/// An empty bucket.
struct Bucket {
    url: String,
    name: &'static str,
}

impl Bucket {
    fn new(name: &'static str) -> Option<Self> {
        let bucket = Self { url: server("ONEFOLD_TEST_S3")?, name };
        bucket.put("", "");
        Some(bucket)
    }

    /// Writes an object, or makes the bucket.
    fn put(&self, path: &str, text: &str) {
        let url = format!("{}/{}/{path}", self.url, self.name);
        let args = [
            "--silent",
            "--fail",
            "--noproxy",
            "*",
            "-X",
            "PUT",
            "-H",
            "Content-Type: text/csv",
            "--data-binary",
            text,
            &url,
        ];
        assert!(Command::new("curl").args(args).stdout(Stdio::null()).status().unwrap().success(), "{url}");
    }

    /// A project that has its lake and its sources `a` and `b` in the bucket.
    fn shop(&self) -> Shop {
        let bucket = self.name;
        Shop::new(&format!(
            "name = 'shop'\nlake = 's3://{bucket}/lake'\n[params]\nas_of = 2026-06-30\n\
            [sources.a]\npath = 's3://{bucket}/a/*.csv'\n[sources.b]\npath = 's3://{bucket}/b/*.csv'\n"
        ))
    }
}

#[test]
fn a_lake_and_its_sources_are_in_buckets() {
    let Some(bucket) = Bucket::new("whole") else { return };
    bucket.put("a/1.csv", "id,name\n1,Ana\n2,Ánh\n");
    bucket.put("b/1.csv", "id\n1\n");
    let shop = bucket.shop().write(
        "sql/clean/contacts.a.sql",
        "-- Contacts.\n-- key: record_id\nSELECT concat('a:', id) AS record_id, 'a' AS source, name AS full_name FROM raw.a\n",
    );
    let said = shop.run(&["refresh"]).ok().stderr;
    assert!(said.contains("committed run 1"), "{said}");
    assert_eq!(shop.value("SELECT count(*) FROM profile.customers"), "2");
    assert_eq!(shop.rows("SELECT _file, _line FROM raw.a ORDER BY id")[0], "s3://whole/a/1.csv,2");
    let said = shop.run(&["refresh"]).ok().stderr;
    assert!(said.contains("nothing has changed"), "{said}");
    bucket.put("a/2.csv", "id,name\n3,王小明\n");
    let report = shop.run(&["refresh", "--json"]).ok().stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert!(report["published"].as_array().unwrap().contains(&"profile.customers".into()), "{report}");
    assert_eq!(shop.value("SELECT count(*) FROM profile.customers"), "3");
    let first = shop.run(&["sql", "--run", "1", "-c", "SELECT count(*) FROM raw.a", "--format", "csv"]).ok().stdout;
    assert_eq!(first.lines().nth(1), Some("2"));
    bucket
        .shop()
        .write("onefold.toml", "name = 'shop'\n[sources.c]\npath = 's3://whole/none/*.csv'\n")
        .run(&["land"])
        .fails(1, &["no file matches"]);
}

/// Two processes that start from one run: one commits; the other says `Conflict`, and what it did is not to be seen.
#[test]
fn of_two_writers_one_commits() {
    let Some(bucket) = Bucket::new("race") else { return };
    let shop = bucket.shop();
    let (mut runs, mut conflicts) = (0, 0);
    for round in 1..=20 {
        bucket.put(&format!("a/{round}.csv"), &format!("id\n{round}\n"));
        bucket.put(&format!("b/{round}.csv"), &format!("id\n{round}\n"));
        let start = |source| {
            let mut command = shop.command(&["land", source]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let outcomes = [start("a"), start("b")].map(|child| Outcome::from(child.wait_with_output().unwrap()));
        let won = outcomes.iter().filter(|outcome| outcome.code == 0).count();
        runs += won;
        assert!(won > 0, "{}{}", outcomes[0].stderr, outcomes[1].stderr);
        let heads = shop.run(&["history", "--json"]).ok().stdout;
        let heads: Vec<serde_json::Value> = serde_json::from_str(&heads).unwrap();
        assert_eq!(heads.len(), runs, "{heads:?}");
        for (source, outcome) in ["a", "b"].into_iter().zip(outcomes) {
            if outcome.code != 0 {
                conflicts += 1;
                outcome.fails(3, &["another process committed run"]);
                let seen = format!("SELECT count(*) FROM raw.{source} WHERE id = '{round}'");
                if round > 1 {
                    assert_eq!(shop.value(&seen), "0");
                }
                shop.run(&["land", source]).ok();
                runs += 1;
                assert_eq!(shop.value(&seen), "1");
            }
        }
        if conflicts >= 3 {
            return;
        }
    }
    panic!("{conflicts} conflicts in 20 rounds");
}
