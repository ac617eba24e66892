//! The map of the town: models, checks, tables of other programs, pictures.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use crate::rig::{Rig, mode};

/// A place with a model in it.
fn with_model(size: &str) -> Rig {
    let rig = Rig::empty();
    rig.run_sealed(["town", "init", "--size", size]).done();
    rig
}

fn change(rig: &Rig, from: &str, to: &str) -> u64 {
    let text = fs::read_to_string(rig.path("town.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(rig.path("town.toml"), text.replacen(from, to, 1)).unwrap();
    let before = text.split(from).next().unwrap();
    1 + before.matches('\n').count() as u64
}

#[test]
fn every_model_is_sound_and_says_how_many_services_it_has() {
    for (size, services) in [("village", 8), ("town", 20), ("city", 120)] {
        let rig = Rig::empty();
        let made = rig.run_sealed(["--json", "town", "init", "--size", size]).done();
        assert_eq!(made.events("summary")[0]["services"], services);
        assert_eq!(mode(&rig.path("town.toml")), 0o600, "numbers of people stand in it");
        let checked = rig.run_sealed(["--json", "town", "check"]).done();
        assert_eq!(checked.events("summary")[0]["errors"], 0);
        let doubts = checked.events("finding");
        assert!((1..=6).contains(&doubts.len()), "{doubts:#?}");
        assert!(doubts.iter().all(|doubt| doubt["severity"] == "warning" && doubt["proposal"].is_string()));
    }
}

#[test]
fn a_map_that_is_there_is_never_overwritten() {
    let rig = with_model("village");
    let before = fs::read(rig.path("town.toml")).unwrap();
    rig.run_sealed(["town", "init", "--size", "city"]).ends(1).says("there is a file already");
    assert_eq!(fs::read(rig.path("town.toml")).unwrap(), before);
    rig.run_sealed(["town", "init", "--size", "hamlet"]).ends(2);
}

#[test]
fn check_tells_all_errors_at_once_with_line_and_mend() {
    let rig = with_model("town");
    let first = change(&rig, "needs = [\"hyperviseur\"]", "needs = [\"hyperviseurs\"]");
    let second = change(&rig, "outage_hours_max = 72", "outage_hours_max = \"3 jours\"");
    let third = change(&rig, "monthly = 25", "monthly = 41");
    let ran = rig.run_sealed(["--lang", "fr", "town", "check"]).ends(1).says("3 erreurs");
    let out = ran.out.replace('\u{a0}', " ");
    let wanted = [
        format!("town.toml:{first}: erreur : il n'y a pas de service, machine ou prestataire « hyperviseurs »"),
        "  → vouliez-vous dire « hyperviseur » ?".to_string(),
        format!("town.toml:{second}: erreur : « outage_hours_max » doit être un nombre entier"),
        "  → écrivez : outage_hours_max = 72".to_string(),
        format!("town.toml:{third}: erreur : « monthly » vaut 41 : il faut un nombre entier de 1 à 31"),
    ];
    for words in wanted {
        assert!(out.contains(&words), "no “{words}” in\n{out}");
    }
    let ran = rig.run_sealed(["--json", "town", "check"]).ends(1);
    let found = ran.events("finding");
    let lines: Vec<u64> = found.iter().map(|finding| finding["line"].as_u64().unwrap()).collect();
    let mut wanted = [first, second, third];
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
    assert_eq!(ran.events("summary")[0]["errors"], 3);
    // Whoever needs the map is told the same.
    rig.run_sealed(["town", "graph"]).ends(1).says("did you mean “hyperviseur”?");
}

#[test]
fn the_map_is_found_where_it_is_named_then_here_then_in_the_state() {
    let rig = Rig::empty();
    rig.run_sealed(["town", "check"]).ends(1).says("there is no map of the town");
    fs::create_dir(rig.path("state")).unwrap();
    let kept = rig.path("state/town.toml");
    let named = rig.path("named.toml");
    for (path, size) in [(&kept, "village"), (&rig.path("town.toml"), "town"), (&named, "city")] {
        rig.run_sealed(["town", "init", "--size", size, "--to", path.to_str().unwrap()]).done();
        let ran = match size {
            "city" => rig.run_sealed(["town", "check", "--town", named.to_str().unwrap()]),
            _ => rig.run_sealed(["town", "check"]),
        };
        let services = [("village", "8 services"), ("town", "20 services"), ("city", "120 services")];
        let wanted = services.iter().find(|(name, _)| *name == size).unwrap().1;
        assert!(ran.done().out.contains(wanted), "{size}");
    }
}

#[test]
fn files_that_are_no_maps_are_told() {
    let rig = Rig::empty();
    fs::write(rig.path("town.toml"), b"[town]\nname = \"\xc9tang\"\n").unwrap();
    rig.run_sealed(["town", "check"]).ends(1).says("line 2 is not UTF-8");
    fs::write(rig.path("town.toml"), "# ".repeat(4 << 20)).unwrap();
    let ran = rig.run_sealed(["town", "check"]).ends(1);
    assert!(ran.out.contains("no map is that long"), "{}", ran.out);
    rig.run_sealed(["town", "check", "source"]).ends(1).says("source");
    // What a map says cannot steer a terminal.
    fs::write(rig.path("town.toml"), "[town]\n\"\\u001b[31m\" = 1\n").unwrap();
    assert!(!rig.run_sealed(["town", "check"]).ends(1).out.contains('\u{1b}'));
}

#[test]
fn two_thousand_services_are_read_and_checked_in_time() {
    let rig = with_model("city");
    let mut text = fs::read_to_string(rig.path("town.toml")).unwrap();
    for number in 0..1880 {
        let need = if number % 10 == 0 { "annuaire".to_string() } else { format!("appli-{}", number - 1) };
        text.push_str(&format!(
            "\n[[service]]\nid = \"appli-{number}\"\nentity = \"ville\"\nowner = \"dsi\"\nsources = [\"metier-sql\"]\n\
             needs = [\"sql-metier\", \"applis-metier\", \"{need}\"]\n"
        ));
    }
    fs::write(rig.path("town.toml"), text).unwrap();
    let begin = Instant::now();
    let ran = rig.run_sealed(["town", "check"]).done();
    let took = begin.elapsed();
    assert!(ran.out.contains("2,000 services"), "{}", ran.out);
    // It takes a twentieth of that on a calm machine.
    assert!(took.as_secs() < 5, "{took:?}");
}

const TABLE: &str = "Nom;Vague;Besoins;Entité;Responsable;DMIA;Agents\n\
    Gestion des clés;4;annuaire, Serveur de fichiers;mairie;dgs;2 jours;Le tableau des clés\n\
    Paie et ressources humaines;3;;;;;\n\
    Parc auto;9;Serveur de fichier;mairie;;;\n";

#[test]
fn a_table_is_added_at_the_end_and_what_stands_there_stays() {
    let rig = with_model("town");
    // As a French spreadsheet writes it.
    let old: Vec<u8> = TABLE.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    fs::write(rig.path("services.csv"), old).unwrap();
    fs::set_permissions(rig.path("town.toml"), fs::Permissions::from_mode(0o640)).unwrap();
    let before = fs::read_to_string(rig.path("town.toml")).unwrap();
    let printed = rig.run_sealed(["town", "import", "services.csv"]).ends(3);
    assert!(printed.out.contains("id = \"gestion-des-cles\"\n"), "{}", printed.out);
    assert_eq!(fs::read_to_string(rig.path("town.toml")).unwrap(), before, "printed only");

    let ran = rig.run_sealed(["--lang", "fr", "town", "import", "services.csv", "--to", "town.toml"]).ends(3);
    let ran = ran.says("services.csv:4: attention : « 9 » ne peut pas être « wave »");
    let ran = ran.says("services.csv:3: attention : « paie » est déjà là");
    ran.says("vouliez-vous dire « fichiers-srv » ?").says("town.toml : 2 services ajoutés à la fin, 3 choses");
    let after = fs::read_to_string(rig.path("town.toml")).unwrap();
    assert!(after.starts_with(&before), "comments and all");
    assert_eq!(mode(&rig.path("town.toml")), 0o640);
    let checked = rig.run_sealed(["town", "check"]).done();
    assert!(checked.out.contains("22 services"), "{}", checked.out);
    fs::write(rig.path("one.csv"), "nom\nClés\n").unwrap();
    rig.run_sealed(["town", "import", "one.csv"]).ends(3).says("“mairie” was taken");
    // Again: all names are there.
    rig.run_sealed(["town", "import", "services.csv", "--to", "town.toml"]).ends(3).says("is there already");
    assert_eq!(fs::read_to_string(rig.path("town.toml")).unwrap(), after);
}

#[test]
fn a_table_that_would_break_the_map_adds_nothing() {
    let rig = with_model("town");
    let before = fs::read_to_string(rig.path("town.toml")).unwrap();
    fs::write(rig.path("round.csv"), "id,entity,needs\na,mairie,b\nb,mairie,a\n").unwrap();
    let ran = rig.run_sealed(["town", "import", "round.csv", "--to", "town.toml"]).ends(1).says("nothing was added");
    assert!(ran.out.contains("lead back to where they began: a → b → a"), "{}", ran.out);
    assert_eq!(fs::read_to_string(rig.path("town.toml")).unwrap(), before);
    rig.run_sealed(["town", "import", "none.csv"]).ends(1).says("none.csv");
}

#[test]
fn the_picture_is_whole_and_shows_what_falls() {
    let rig = with_model("town");
    change(&rig, "Ville de Courtelande", "Ville <script>alert(1)</script>");
    change(&rig, "fr = \"État civil\"", "fr = \"<b>État & civil</b>\"");
    let drawn = rig.run_sealed(["--lang", "fr", "town", "graph"]).done().out;
    assert!(drawn.starts_with("<!-- beffroi town graph 1 -->\n<svg xmlns="));
    assert!(drawn.ends_with("</svg>\n"));
    assert!(drawn.contains("&lt;b&gt;État &amp; civil"));
    assert!(!drawn.contains("<script") && !drawn.contains("<b>") && !drawn.contains("href"));
    assert_eq!(drawn.matches("class=\"box\"").count(), 33, "20 services, 8 hosts, 5 providers");
    assert!(drawn.contains("<desc id=\"summary\">20 services"));

    let ran = rig.run_sealed(["--json", "town", "graph", "--fallen", "sql", "--to", "fallen.svg"]).done();
    let fallen = ran.events("summary")[0]["fallen"].as_array().unwrap().len();
    let drawn = fs::read_to_string(rig.path("fallen.svg")).unwrap();
    assert_eq!(drawn.matches("node falls").count(), fallen);
    assert_eq!(drawn.matches("node first").count(), 1);
    // An older picture is replaced, nothing else is.
    rig.run_sealed(["town", "graph", "--to", "fallen.svg"]).done();
    let before = fs::read(rig.path("town.toml")).unwrap();
    rig.run_sealed(["town", "graph", "--to", "town.toml"]).ends(1).says("no picture of a map");
    assert_eq!(fs::read(rig.path("town.toml")).unwrap(), before);
    rig.run_sealed(["town", "graph", "--fallen", "sqll"]).ends(2).says("Did you mean “sql”?");
}
