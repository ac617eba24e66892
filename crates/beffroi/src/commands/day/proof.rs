//! The proof sheet of a restore test, signed with the key of the vault's owner; of the exercise's own vault, or of the real one, if its kit
//! was given. It is verified like an attestation (docs/attestation.md).

use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use super::stage::Stage;
use super::{Day, Told};
use crate::failure::Failure;
use crate::formats;
use crate::kit_file::read_kit;
use crate::messages::text;
use crate::report::TimeRow;
use crate::world::SystemClock;
use vault::world::Clock;

/// Version of the sheet's form.
const VERSION: u32 = 1;

/// Writes the sheet.
pub fn write(stage: &Stage<'_>, day: &Day<'_>, told: &Told, rows: &[TimeRow], path: &Path) -> Result<(), Failure> {
    let given = day.context.global.identity.as_deref();
    let kit = read_kit(given.unwrap_or(stage.kit()))?;
    let owner = kit.owner.as_ref().ok_or_else(|| Failure::new(text("err-day-no-owner")))?;
    let statement = statement(day, told, rows, given.is_some()).to_string();
    let signature = BASE64.encode(&owner.sign_statement(statement.as_bytes()));
    let sheet = json!({ "statement": statement, "owner": HEXLOWER.encode(&owner.public()), "signature": signature });
    crate::secret_file::write_new(path, format!("{sheet:#}\n").as_bytes())
        .map_err(|error| Failure::from(error).under(text("err-at-path").show("path", path.display())))
}

fn statement(day: &Day<'_>, told: &Told, rows: &[TimeRow], is_of_owner: bool) -> Value {
    let facts = &day.facts;
    let times = rows.iter().map(
        |row| json!({ "what": row.what, "measured": row.measured, "objective": row.objective, "met": row.is_met }),
    );
    let services = told
        .services
        .iter()
        .map(|row| json!({ "service": row.name, "measured": row.measured, "bears": row.objective, "met": row.is_met }));
    json!({
        "beffroi_proof": VERSION, "test": "exercise on a village that is made up",
        "began": formats::rfc3339(day.began), "ended": formats::rfc3339(SystemClock.now()),
        "machine": crate::commands::init::host_name(), "program": format!("beffroi {}", env!("CARGO_PKG_VERSION")),
        "seed": day.arguments.seed, "signed_by": if is_of_owner { "owner" } else { "owner of the exercise's vault" },
        "files": facts.files, "harmed": facts.harmed, "told_hurt": facts.hurt, "rang": facts.rang,
        "files_that_differ_after_the_return": facts.differences, "attested_identical": facts.attested,
        "services_back": facts.back, "services_and_machines": facts.total,
        "times": times.collect::<Vec<_>>(), "services": services.collect::<Vec<_>>(),
    })
}
