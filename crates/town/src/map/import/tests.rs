use jiff::tz::TimeZone;

use super::super::read::read;
use super::*;

const MAP: &str = "[town]\nname = \"V\"\ninhabitants = 1\n[[entity]]\nid = \"mairie\"\n[[person]]\nid = \"rh\"\nrole = \"Directrice RH\"\n\
    [[host]]\nid = \"sql\"\nname = \"Serveur SQL\"\n[[source]]\nname = \"base\"\n[[service]]\nid = \"annuaire\"\nname = \"Annuaire\"\n";

fn read_map(text: &str) -> Map {
    let reading = read(text, &|_| Some(TimeZone::UTC));
    reading.map.unwrap_or_else(|| panic!("{:#?}\n{text}", reading.findings))
}

/// Adds a table to the map, and reads the whole.
fn added(table: &str) -> (Map, Vec<Slip>) {
    let imported = import(&decode(table.as_bytes()), Some(&read_map(MAP)));
    let text: String = imported.services.iter().map(|service| service.text.as_str()).collect();
    (read_map(&format!("{MAP}{text}")), imported.slips)
}

#[test]
fn a_table_becomes_services_whatever_its_signs_and_tongue() {
    let french = "Nom;Vague;Besoins;Responsable;DMIA;PDMA;Public;Données personnelles;Personnes;Sources\n\
        Paie & RH;3;\"Serveur SQL, annuaire\";directrice rh;3 jours;12 h;\"Rien; attendre\";\"RIB, santé\";4 100;base\n\n\
        Cantine;2;paie-rh;;18;24;;;;\n";
    let (map, slips) = added(french);
    assert_eq!(slips, []);
    let service = map.service(&"paie-rh".into()).unwrap();
    assert_eq!((&*service.name.fr, service.wave.number(), service.outage_hours_max), ("Paie & RH", 3, 72));
    assert_eq!((service.loss_hours_max, service.persons), (12, Some(4100)));
    assert_eq!(service.needs, ["sql".into(), "annuaire".into()]);
    assert_eq!((service.owner.clone(), &*service.meanwhile_public.fr), (Some("rh".into()), "Rien; attendre"));
    assert_eq!(service.personal_data, ["RIB", "santé"]);
    assert_eq!(map.services[2].needs, ["paie-rh".into()], "a service of the same table");

    let english = "id,name,name_en,needs\npay,Paie,Payroll,sql\n".replace(',', "\t");
    let (map, slips) = added(&english);
    assert_eq!(slips, []);
    assert_eq!(map.services[1].name.en, "Payroll");
}

#[test]
fn old_spreadsheets_are_understood() {
    let table = decode(b"Nom;Responsable\n\xc9tat civil \x96 c\x9cur;rh\n");
    let imported = import(&table, Some(&read_map(MAP)));
    assert_eq!(imported.services[0].id, "etat-civil-coeur");
    assert!(imported.services[0].text.contains("name = \"État civil – cœur\""));
    assert_eq!(decode("\u{feff}é".as_bytes()), "é");
}

#[test]
fn what_is_not_understood_is_told_line_by_line_and_kept_as_a_comment() {
    let table =
        "Nom;Vague;Besoin;Besoins;DMIA;Couleur\nAnnuaire;1;;;;\nPaie;9;;sqll;bientôt;rouge\n;3;;;;\nPaie;3;;;;\n";
    let imported = import(table, Some(&read_map(MAP)));
    let cell = |field, value: &str, nearest: Option<&str>| SlipKind::Cell {
        field,
        value: value.to_string(),
        nearest: nearest.map(str::to_string),
    };
    let wanted = [
        (1, SlipKind::Column { head: "Besoin".into(), nearest: Some("besoins".into()) }),
        (1, SlipKind::Column { head: "Couleur".into(), nearest: None }),
        (2, SlipKind::Known { id: "annuaire".into() }),
        (4, SlipKind::NoName),
        (5, SlipKind::Known { id: "paie".into() }),
        (3, cell("wave", "9", None)),
        (3, cell("needs", "sqll", Some("sql"))),
        (3, cell("outage_hours_max", "bientôt", None)),
    ];
    let slips: Vec<_> = imported.slips.into_iter().map(|slip| (slip.line, slip.what)).collect();
    assert_eq!(slips, wanted);
    let [service] = &imported.services[..] else { panic!() };
    assert!(service.text.contains("# needs = \"sqll\"\n"), "{}", service.text);
    read_map(&format!("{MAP}{}", service.text));
}

#[test]
fn cells_cannot_write_lines_of_the_map() {
    let table = "nom,public,besoins\n\"x\"\"\n[[host]]\nid = \"\"y\",\"a\\\"\"\nwave = 3\",\"sql\n]\"\n";
    let (map, slips) = added(table);
    assert_eq!((map.services.len(), map.hosts.len()), (2, 1));
    assert_eq!(map.services[1].meanwhile_public.fr, "a\\\"\nwave = 3");
    assert_eq!(slips.len(), 1, "the bracket is the name of nothing: {slips:?}");
}

#[test]
fn tables_without_names_or_ends_are_refused() {
    let of = |text: &str| import(text, None).slips.pop().map(|slip| slip.what);
    assert_eq!(of(""), Some(SlipKind::NoNames));
    assert_eq!(of("vague;dmia\n1;2\n"), Some(SlipKind::NoNames));
    assert_eq!(of(&"n".repeat(BYTES_MAX + 1)), Some(SlipKind::TooLong));
}
