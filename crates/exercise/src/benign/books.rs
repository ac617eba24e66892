//! Databases and tables.

use restore::TreePath;

use super::Package;
use super::workshop::{Job, JobError, Workshop, argument, each, with_extension};
use crate::ground;

const SQLITE: Package = Package { name: "sqlite3", brings: "sqlite3" };

pub(super) fn jobs() -> Vec<Job> {
    let job = |name, does, work| Job { name, does, packages: &[SQLITE], prepare: found_register, work };
    vec![
        job("database-updates", "rows of the register change, in place", update),
        Job { prepare: strike_out, ..job("database-vacuum", "each SQLite database is rebuilt", vacuum) },
        job("database-dump", "each SQLite database is written as SQL beside it", dump),
        job("table-export", "a table of the register is written as CSV", export),
        Job { packages: &[], ..job("bookings", "lines are added to each CSV file, and one is corrected", book) },
    ]
}

const REGISTER: &str = "état civil.sqlite";

/// Makes a register, where there is none.
fn found_register(shop: &Workshop<'_>) -> Result<u64, JobError> {
    if !shop.ground.is_free(&TreePath::new(REGISTER))? {
        return Ok(0);
    }
    let script = format!(
        "create table person (id integer primary key, name text, street text, born text);
         create index by_name on person (name);
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000)
         insert into person select i, 'Nom ' || (i * 7919 + {}) % 10007, i % 90 || ' rue de la République', date('1940-01-01', i * 9 || ' days') from n;",
        shop.seed
    );
    sql(shop, &TreePath::new(REGISTER), &script)?;
    let rows: String =
        (0..400_u64).map(|n| format!("{n};{};dépense {n}\n", (n * 104_729 + shop.seed) % 100_000)).collect();
    shop.write_new(&TreePath::new("comptes/écritures.csv"), rows.as_bytes())?;
    Ok(2)
}

fn sql(shop: &Workshop<'_>, database: &TreePath, script: &str) -> Result<Vec<u8>, JobError> {
    shop.run("sqlite3", ["-batch".into(), argument(database), script.into()])
}

fn databases(shop: &Workshop<'_>) -> Result<Vec<TreePath>, JobError> {
    let mut databases = Vec::new();
    for path in shop.files(&["sqlite", "sqlite3", "db", "gpkg"])? {
        if shop.read(&path)?.starts_with(b"SQLite format 3\0") {
            databases.push(path);
        }
    }
    Ok(databases)
}

/// Leaves holes in the register, which only rebuilding closes.
fn strike_out(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let laid_down = found_register(shop)?;
    sql(shop, &TreePath::new(REGISTER), "delete from person where id % 3 = 0")?;
    Ok(laid_down + 1)
}

fn update(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let script = format!(
        "update person set street = 'Déménagé ' || id where id % 17 = {0} % 17;
         delete from person where id % 101 = {0} % 101;
         insert into person (name, street, born) values ('Nouveau né', '1 place de la Mairie', '2026-11-22');",
        shop.seed
    );
    sql(shop, &TreePath::new(REGISTER), &script)?;
    Ok(1)
}

fn vacuum(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&databases(shop)?, |database| sql(shop, database, "vacuum").map(drop))
}

fn dump(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&databases(shop)?, |database| {
        let dumped = sql(shop, database, ".dump")?;
        shop.write_new(&with_extension(database, "sql"), &dumped)
    })
}

fn export(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let words = ["-batch".into(), "-csv".into(), argument(&TreePath::new(REGISTER)), "select * from person".into()];
    let table = shop.run("sqlite3", words)?;
    shop.write_new(&TreePath::new("export/personnes.csv"), &table)?;
    Ok(1)
}

fn book(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let tables = shop.files(&["csv"])?;
    for table in &tables {
        let mut bytes = shop.read(table)?;
        if let Some(digit) = bytes.iter().rposition(u8::is_ascii_digit) {
            bytes[digit] = b'0' + (bytes[digit] - b'0' + 1) % 10;
        }
        bytes.extend_from_slice(format!("401;{};timbres\n", shop.seed).as_bytes());
        let passing = [b".", ground::split(table).1, b".tmp"].concat();
        shop.save_over(table, &passing, &bytes)?;
    }
    Ok(tables.len() as u64)
}
