//! What holds of databases on servers.

use std::process::{Command, Stdio};

use super::{Server, landed, names, shop};
use crate::support::Shop;

/// A database of its own on a server, which goes with the server.
pub struct Remote {
    url: String,
    database: &'static str,
}

impl Remote {
    pub fn new(variable: &str, database: &'static str) -> Option<Self> {
        let remote = Self { url: crate::support::server(variable)?, database };
        let (first, create) =
            (if remote.is_postgres() { "postgres" } else { "mysql" }, format!("CREATE DATABASE {database}"));
        remote.execute_in(first, &create);
        Some(remote)
    }

    fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:")
    }

    /// A client of the database, which writes values only and takes SQL from `sql`, or from stdin without.
    fn client(&self, database: &str, sql: Option<&str>) -> Command {
        let port = self.url.rsplit(':').next().unwrap();
        let (program, options, execute) = match self.is_postgres() {
            true => ("psql", format!("-h 127.0.0.1 -p {port} -U onefold -v ON_ERROR_STOP=1 -tA -d {database}"), "-c"),
            false => {
                let options = "--no-defaults --default-character-set=utf8mb4 -NB -h 127.0.0.1 -u onefold";
                ("mariadb", format!("{options} -P {port} {database}"), "-e")
            }
        };
        let mut client = Command::new(program);
        client.args(options.split(' ')).args(sql.iter().flat_map(|sql| [execute, *sql]));
        client
    }

    fn execute_in(&self, database: &str, sql: &str) -> String {
        let output = self.client(database, Some(sql)).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Waits until the query says 1.
    #[track_caller]
    fn wait_for(&self, sql: &str) {
        let begun = std::time::Instant::now();
        while self.execute_in(self.database, sql) != "1" {
            assert!(begun.elapsed().as_secs() < 60, "{sql}");
        }
    }
}

impl Server for Remote {
    fn source(&self) -> String {
        format!("url = '{}/{}'\npassword_env = 'ONEFOLD_TEST_PASSWORD'", self.url, self.database)
    }

    fn execute(&self, sql: &str) {
        self.execute_in(self.database, sql);
    }
}

/// What a server adds: a login, a network, TLS.
pub fn logins_are_guarded(server: &Remote) {
    server.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40))");
    server.execute("INSERT INTO customers VALUES (1, 'Ana')");
    let url = format!("{}/{}", server.url, server.database);
    let land = |url: &str, rest: &str| {
        let shop = Shop::new(&format!("name = 'shop'\n[sources.crm]\ntable = 'customers'\nurl = '{url}'\n{rest}\n"));
        (shop.run(&["land"]), shop)
    };
    land(&url, "").0.fails(2, &["refuses the login", "ONEFOLD_PASSWORD_CRM"]);
    land(&url, "password_env = 'PATH'").0.fails(2, &["refuses the login", "`PATH`"]);
    let port = server.url.rsplit(':').next().unwrap();
    land(&url.replace(port, "1"), "").0.fails(3, &["cannot connect to the database"]);
    let other = url.replace(server.database, "nowhere");
    land(&other, "password_env = 'ONEFOLD_TEST_PASSWORD'").0.fails(2, &["the server has no such database"]);
    let encrypted = "password_env = 'ONEFOLD_TEST_PASSWORD'\ntls = 'verify'\n";
    land(&url, encrypted).0.fails(3, &["cannot connect", "certificate"]);
    let ca = std::env::var("ONEFOLD_TEST_CA").unwrap();
    let (outcome, shop) = land(&url, &format!("{encrypted}tls_ca = '{ca}'"));
    let said = outcome.ok();
    let manifest =
        std::fs::read_to_string(shop.path().join("lake/_onefold/manifest/00000000000000000001.json")).unwrap();
    assert!(manifest.contains(&format!("/{}/customers", server.database)), "{manifest}");
    for text in [said.stdout, said.stderr, manifest] {
        assert!(!text.contains("secret") && !text.contains("onefold@"), "{text}");
    }
}

/// Ids that no signed number holds, and no float can tell apart.
pub fn large_ids_are_a_watermark(server: &dyn Server, data_type: &str) {
    server.execute(&format!("CREATE TABLE customers (id {data_type}, name VARCHAR(40))"));
    let insert = |id: &str| server.execute(&format!("INSERT INTO customers VALUES ({id}, 'n')"));
    let shop = shop(server, "table = 'customers'\nwatermark = 'id'");
    insert("18446744073709551612");
    insert("18446744073709551613");
    landed(&shop, 2);
    landed(&shop, 0);
    insert("18446744073709551614");
    insert("18446744073709551615");
    insert("18446744073709551611");
    landed(&shop, 2);
    landed(&shop, 0);
    assert_eq!(shop.value("SELECT max(id) FROM raw.crm"), "18446744073709551615");
}

/// What is written while a landing reads is not in it, but in the next. The landing is held by a lock that its first
/// query waits for: how to take it, how to know that it is taken and waited for, and the condition that waits.
pub fn a_landing_is_of_one_moment(server: &Remote, [take, is_taken, is_awaited, condition]: [&str; 4]) {
    server.execute("CREATE TABLE customers (name VARCHAR(40), updated_at TIMESTAMP NULL)");
    server.execute("INSERT INTO customers VALUES ('n', NULL), ('a', '2026-01-01 10:00:00')");
    let query = format!("query = \"SELECT * FROM customers WHERE {condition}\"");
    let shop = shop(server, &format!("{query}\nwatermark = 'updated_at'"));
    let mut holder = server.client(server.database, None);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = holder.stdin.take().unwrap();
    std::io::Write::write_all(&mut lines, format!("{take};\n").as_bytes()).unwrap();
    server.wait_for(is_taken);
    let landing = shop.command(&["land"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.wait_for(is_awaited);
    server.execute("INSERT INTO customers VALUES ('m', NULL), ('b', '2026-01-02 10:00:00')");
    drop(lines);
    holder.wait().unwrap();
    crate::support::Outcome::from(landing.wait_with_output().unwrap()).ok();
    assert_eq!(names(&shop), "a n");
    landed(&shop, 3);
    assert_eq!(names(&shop), "a b m n");
}

/// A server that does not answer is given up, and not waited for.
pub fn silence_is_given_up(server: &dyn Server, query: &str) {
    let begun = std::time::Instant::now();
    let shop = shop(server, &format!("query = '{query}'\nmax_wait = '1s'"));
    shop.run(&["land"]).fails(3, &["the database has not answered for 1 s (source `crm`", "raise `max_wait`"]);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
