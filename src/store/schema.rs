//! The tables, how they came to be, and whether those in a file are they.

use rusqlite::{Connection, TransactionBehavior};

use super::trouble::Trouble;

/// Tells synk's databases from others (the header's `application_id`): "synk" in ASCII.
pub(super) const APPLICATION_ID: i32 = 0x7379_6e6b;

/// What makes each version of the tables out of the one before: the first makes version 1 out of nothing. One that was
/// released never changes. A version is the header's `user_version`.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema-1.sql")];

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// There is nothing in the file yet.
    Empty,
    /// Tables of synk's, of a version that this build knows.
    Known(usize),
}

/// Reads the header.
///
/// # Errors
/// [`Trouble::Refused`] for another program's file and for a newer synk's.
pub(super) fn header(db: &Connection) -> Result<Header, Trouble> {
    let number = |name: &str| db.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let (id, version) = (number("application_id")?, number("user_version")?);
    let objects: u64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if (id, version, objects) == (0, 0, 0) {
        return Ok(Header::Empty);
    }
    if id != APPLICATION_ID {
        return Err(Trouble::Refused("it is another program's database".into()));
    }
    match usize::try_from(version) {
        Ok(version) if version > MIGRATIONS.len() => Err(Trouble::Refused(format!(
            "a newer synk made it (its tables are of version {version}, this one knows {})",
            MIGRATIONS.len()
        ))),
        Ok(version) if version > 0 => Ok(Header::Known(version)),
        _ => Err(Trouble::Broken(format!("its tables are of version {version}"))),
    }
}

/// Looks through the whole file.
///
/// # Errors
/// [`Trouble::Broken`] when it is damaged, or when something is in it that the migrations up to this version do not
/// make: a trigger or a view could be run by what is asked later.
pub(super) fn check(db: &Connection, version: usize) -> Result<(), Trouble> {
    let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(Trouble::Broken(found));
    }
    let mut pure = Connection::open_in_memory()?;
    migrate(&mut pure, 0, &MIGRATIONS[..version])?;
    if objects(db)? != objects(&pure)? {
        return Err(Trouble::Broken(format!("its tables are not those of version {version}")));
    }
    Ok(())
}

/// Everything that is defined in a database: kind, name, table and definition. The engine's own tables are left out:
/// their names begin with `sqlite_`, which it gives to nothing else.
fn objects(db: &Connection) -> Result<Vec<[Option<String>; 4]>, Trouble> {
    let mut all = db.prepare(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1, 2",
    )?;
    let rows = all.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes tables of this version into those of the last of these migrations, each in a transaction of its own.
///
/// # Errors
/// Where a step fails, the version is that of the step before.
pub(super) fn migrate(db: &mut Connection, from: usize, migrations: &[&str]) -> Result<(), Trouble> {
    for (step, sql) in migrations.iter().enumerate().skip(from) {
        let step = db.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|change| {
            change.execute_batch(sql)?;
            change.pragma_update(None, "application_id", APPLICATION_ID)?;
            change.pragma_update(None, "user_version", i64::try_from(step + 1).unwrap_or(i64::MAX))?;
            change.commit()
        });
        step?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
