//! A small town's files, made up: registers, pay, children, letters, permits, mail, a web site. Nobody in them is real.
//!
//! Each source comes with a question that only whole and right files answer: act numbers follow each other, the sum of the pay is the sum.
#![expect(clippy::disallowed_methods, reason = "the exercise makes the files that it then copies")]

mod papers;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::attack::Dice;
use papers::{docx, pdf};

/// What a source of the village holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Holding {
    /// Births, marriages, deaths: a register a year, and the acts as pages.
    Registers,
    /// Pay: a table a month, and its sum.
    Pay,
    /// Children at school and at the canteen, with what they must not eat.
    Children,
    /// Letters, minutes, decisions.
    Letters,
    /// Requests to build, with their plans.
    Permits,
    /// Mailboxes.
    Mail,
    /// The web site.
    Site,
    /// Bills, orders, the budget.
    Accounts,
    /// The electoral roll.
    Roll,
}

/// The sources of the village, as its map names them, with the folders in each.
pub const SOURCES: [(&str, &[(&str, Holding)]); 2] = [
    (
        "nas-mairie",
        &[
            ("courrier", Holding::Letters),
            ("cantine", Holding::Children),
            ("urbanisme", Holding::Permits),
            ("messages", Holding::Mail),
            ("site", Holding::Site),
        ],
    ),
    (
        "export-editeur",
        &[
            ("etat-civil", Holding::Registers),
            ("elections", Holding::Roll),
            ("paie", Holding::Pay),
            ("comptes", Holding::Accounts),
        ],
    ),
];

/// The services of the village, as its map names them, that have a question of their own, with the source and the folder that answers.
pub const QUESTIONS: [(&str, &str, &str, Holding); 6] = [
    ("poste-mairie", "nas-mairie", "messages", Holding::Mail),
    ("etat-civil", "export-editeur", "etat-civil", Holding::Registers),
    ("elections", "export-editeur", "elections", Holding::Roll),
    ("cantine", "nas-mairie", "cantine", Holding::Children),
    ("paie-comptabilite", "export-editeur", "paie", Holding::Pay),
    ("fichiers", "nas-mairie", "courrier", Holding::Letters),
];

/// Writes all sources of the village, each into a folder of its name.
pub fn lay_out(folder: &Path, seed: u64) -> io::Result<()> {
    for (source, holdings) in SOURCES {
        for (name, holding) in holdings {
            holding.lay_out(&folder.join(source).join(name), seed)?;
        }
    }
    Ok(())
}

/// Counts files that are in only one of two folders, or have other bytes in the other; and all files of the first.
pub fn differences(one: &Path, other: &Path) -> io::Result<(u64, u64)> {
    let (mut differences, mut files) = (0, 0);
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        let names = |side: &Path| -> io::Result<BTreeSet<OsString>> {
            match fs::read_dir(side.join(&folder)) {
                Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
                Err(error) => Err(error),
            }
        };
        let (ours, theirs) = (names(one)?, names(other)?);
        differences += theirs.difference(&ours).count() as u64;
        for name in ours {
            let path = folder.join(name);
            if one.join(&path).is_dir() {
                open.push(path);
                continue;
            }
            files += 1;
            let theirs = fs::read(other.join(&path)).ok();
            differences += u64::from(theirs != Some(fs::read(one.join(&path))?));
        }
    }
    Ok((differences, files))
}

impl Holding {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Registers,
        Self::Pay,
        Self::Children,
        Self::Letters,
        Self::Permits,
        Self::Mail,
        Self::Site,
        Self::Accounts,
        Self::Roll,
    ];

    /// Writes the files of a source into a folder that is not there yet; the same seed writes the same.
    pub fn lay_out(self, folder: &Path, seed: u64) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut clerk = Clerk { folder, dice: Dice::of_seed(seed ^ (self as u64) << 32) };
        match self {
            Self::Registers => clerk.registers(),
            Self::Pay => clerk.pay(),
            Self::Children => clerk.children(),
            Self::Letters => clerk.letters(),
            Self::Permits => clerk.permits(),
            Self::Mail => clerk.mail(),
            Self::Site => clerk.site(),
            Self::Accounts => clerk.accounts(),
            Self::Roll => clerk.roll(),
        }
    }

    /// Returns a command that tells whether a folder with these files is whole and right: a program and its arguments, of those that every
    /// Debian has.
    pub fn question(self, folder: &str) -> Vec<String> {
        let awk =
            |program: &str, file: &str| vec!["awk".into(), "-F;".into(), program.into(), format!("{folder}/{file}")];
        match self {
            // Act numbers follow each other, and there are as many as the last line says.
            Self::Registers => {
                awk("$1==\"fin\"{n=$2;next} $1!=++k{bad=1} END{exit !(n==k && k>0 && !bad)}", "2026/registre.csv")
            }
            // The sum of the pay is the sum.
            Self::Pay => awk("$1==\"total\"{t=$3;next} {s+=$3} END{exit !(s==t && t>0)}", "2026-11/paie.csv"),
            // Of every child it is known what it must not eat.
            Self::Children => awk("$4==\"\"{bad=1} END{exit !(NR>0 && !bad)}", "cantine.csv"),
            Self::Permits => awk("$1==\"fin\"{n=$2;next} {k++} END{exit !(n==k && k>0)}", "dossiers.csv"),
            Self::Accounts => awk("$1==\"total\"{t=$3;next} {s+=$3} END{exit !(s==t && t>0)}", "budget-2026.csv"),
            Self::Roll => {
                awk("$1==\"fin\"{n=$2;next} {k++} $3==\"\"{bad=1} END{exit !(n==k && k>0 && !bad)}", "liste.csv")
            }
            Self::Letters => {
                vec!["grep".into(), "-q".into(), "^fin du registre".into(), format!("{folder}/courrier.txt")]
            }
            Self::Mail => vec!["grep".into(), "-rq".into(), "^Subject: ".into(), folder.into()],
            Self::Site => vec!["grep".into(), "-q".into(), "</html>".into(), format!("{folder}/index.html")],
        }
    }
}

/// Writes files, one after the other.
struct Clerk<'f> {
    folder: &'f Path,
    dice: Dice,
}

const FIRST_NAMES: [&str; 16] = [
    "Adèle",
    "Basile",
    "Clémence",
    "Donatien",
    "Eulalie",
    "Firmin",
    "Gisèle",
    "Honoré",
    "Irène",
    "Justin",
    "Léonie",
    "Marcel",
    "Noémie",
    "Octave",
    "Perrine",
    "Rémi",
];
/// Of nobody: made of words.
const LAST_NAMES: [&str; 16] = [
    "Valfroid",
    "Montclerc",
    "Desbruyes",
    "Pontavel",
    "Rochebel",
    "Tournevin",
    "Lavallière",
    "Boisdurand",
    "Clairfont",
    "Grandpré",
    "Sautreuil",
    "Malegarde",
    "Prévallon",
    "Courtebois",
    "Haubrac",
    "Villefranque",
];
const WORDS: [&str; 40] = [
    "la",
    "commune",
    "décide",
    "de",
    "confier",
    "les",
    "travaux",
    "du",
    "chemin",
    "rural",
    "à",
    "une",
    "entreprise",
    "locale",
    "pour",
    "un",
    "montant",
    "voté",
    "par",
    "le",
    "conseil",
    "municipal",
    "réuni",
    "en",
    "séance",
    "ordinaire",
    "sous",
    "présidence",
    "madame",
    "maire",
    "après",
    "avoir",
    "entendu",
    "rapport",
    "commission",
    "école",
    "cantine",
    "budget",
    "eau",
    "voirie",
];

impl Clerk<'_> {
    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let path = self.folder.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)
    }

    fn pick<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.dice.below(words.len())]
    }

    fn name(&mut self) -> String {
        format!("{} {}", self.pick(&FIRST_NAMES), self.pick(&LAST_NAMES))
    }

    fn sentence(&mut self) -> String {
        let count = 8 + self.dice.below(14);
        let words: Vec<&str> = (0..count).map(|_| self.pick(&WORDS)).collect();
        format!("{}.", words.join(" "))
    }

    fn text(&mut self, sentences: usize) -> String {
        (0..sentences).map(|_| self.sentence()).collect::<Vec<_>>().join("\n")
    }

    fn registers(&mut self) -> io::Result<()> {
        for year in 2019..=2026 {
            let acts = 25 + self.dice.below(20);
            let mut table = String::new();
            for act in 1..=acts {
                let (kind, name) = (self.pick(&["naissance", "mariage", "décès", "reconnaissance"]), self.name());
                let day = format!("{year}-{:02}-{:02}", 1 + act * 11 / acts, 1 + self.dice.below(28));
                table += &format!("{act};{kind};{name};{day}\n");
                let words = self.text(12);
                self.write(&format!("{year}/actes/acte-{act:03}.pdf"), pdf(&format!("{kind} {name} {day}"), &words))?;
            }
            table += &format!("fin;{acts};;\n");
            self.write(&format!("{year}/registre.csv"), table)?;
        }
        Ok(())
    }

    fn pay(&mut self) -> io::Result<()> {
        let staff: Vec<String> = (0..14).map(|_| self.name()).collect();
        for month in 1..=11 {
            let mut table = String::new();
            let mut total = 0;
            for name in &staff {
                let cents = 140_000 + self.dice.below(160_000);
                total += cents;
                table += &format!("agent;{name};{cents}\n");
                let slip = self.text(6);
                let slip = pdf(&format!("Bulletin {name} 2026-{month:02} {cents}"), &slip);
                self.write(&format!("2026-{month:02}/{}.pdf", name.replace(' ', "-")), slip)?;
            }
            self.write(&format!("2026-{month:02}/paie.csv"), format!("{table}total;;{total}\n"))?;
        }
        let settings = "[rubriques]\ntaux_maladie = 0.13\ntaux_retraite = 0.1107\n".repeat(40);
        self.write("parametres.ini", settings)
    }

    fn children(&mut self) -> io::Result<()> {
        let mut table = String::new();
        for at in 0..96 {
            let (name, class) = (self.name(), self.pick(&["petite section", "CP", "CE1", "CM2"]));
            let not = self.pick(&["aucune", "aucune", "arachide", "gluten", "lait"]);
            table += &format!("{at};{name};{class};{not};00 00 00 00 {at:02}\n");
            let sheet = self.text(10);
            self.write(&format!("fiches/enfant-{at:03}.docx"), docx(&format!("{name}\n{class}\n{not}\n{sheet}"))?)?;
        }
        self.write("cantine.csv", table)?;
        for week in 40..=47 {
            let menu = self.text(5);
            self.write(&format!("menus/semaine-{week}.txt"), menu)?;
        }
        Ok(())
    }

    fn letters(&mut self) -> io::Result<()> {
        let mut index = String::new();
        for at in 1..=160 {
            let subject = self.sentence();
            index += &format!("{at:04} {subject}\n");
            let words = self.text(20 + at % 30);
            let folder = self.pick(&["maire", "voirie", "associations", "conseil", "ecole"]);
            self.write(&format!("{folder}/lettre-{at:04}.docx"), docx(&format!("{subject}\n{words}"))?)?;
        }
        for session in 1..=24 {
            let words = self.text(60);
            self.write(&format!("conseil/deliberations/seance-{session:02}.pdf"), pdf("Délibérations", &words))?;
        }
        self.write("courrier.txt", format!("{index}fin du registre\n"))
    }

    fn permits(&mut self) -> io::Result<()> {
        let mut table = String::new();
        for at in 1..=45 {
            let name = self.name();
            table +=
                &format!("PC-2026-{at:03};{name};{}\n", self.pick(&["instruction", "accordé", "pièces manquantes"]));
            let words = self.text(15);
            self.write(&format!("PC-2026-{at:03}/demande.pdf"), pdf(&name, &words))?;
            let lines: String =
                (0..400).map(|_| format!("L {} {}\n", self.dice.below(2000), self.dice.below(2000))).collect();
            self.write(&format!("PC-2026-{at:03}/plan.svg"), papers::svg(&lines))?;
        }
        self.write("dossiers.csv", format!("{table}fin;45;\n"))
    }

    fn mail(&mut self) -> io::Result<()> {
        for mailbox in ["accueil", "maire", "secretariat", "ecole"] {
            for at in 0..60 {
                let (from, subject) = (self.name(), self.sentence());
                let (count, day) = (6 + at % 20, 1 + at % 28);
                let words = self.text(count);
                let letter = format!(
                    "From: {from} <habitant{at}@exemple.invalid>\r\nTo: {mailbox}@village.invalid\r\nSubject: {subject}\r\n\
                     Date: {day} Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
                    words.replace('\n', "\r\n")
                );
                self.write(&format!("{mailbox}/cur/17{at:08}.M{at}P1.mairie:2,S"), letter)?;
            }
        }
        Ok(())
    }

    fn site(&mut self) -> io::Result<()> {
        for page in ["index", "services", "ecole", "urbanisme", "contact", "conseil", "associations", "agenda"] {
            let words = self.text(25).replace('\n', "</p>\n<p>");
            let html = format!(
                "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>{page}</title></head>\n<body><h1>{page}</h1>\n<p>{words}</p></body></html>\n"
            );
            self.write(&format!("{page}.html"), html)?;
        }
        let rows: String =
            (0..600).map(|at| format!("INSERT INTO agenda VALUES ({at}, '{}');\n", self.sentence())).collect();
        self.write("base.sql", format!("CREATE TABLE agenda (id int, titre text);\n{rows}-- fin\n"))
    }

    fn roll(&mut self) -> io::Result<()> {
        let voters: String = (1..=950).map(|at| format!("{at};{};bureau {}\n", self.name(), 1 + at % 2)).collect();
        self.write("liste.csv", format!("{voters}fin;950;-\n"))?;
        for at in 1..=40 {
            let (name, words) = (self.name(), self.text(5));
            self.write(&format!("procurations/procuration-{at:02}.pdf"), pdf(&name, &words))?;
        }
        Ok(())
    }

    fn accounts(&mut self) -> io::Result<()> {
        let (mut table, mut total) = (String::new(), 0);
        for at in 1..=120 {
            let cents = 1_000 + self.dice.below(900_000);
            total += cents;
            table += &format!("{at};{};{cents}\n", self.sentence());
            let words = self.text(8);
            self.write(&format!("factures/facture-{at:04}.pdf"), pdf(&format!("Facture {at} {cents}"), &words))?;
        }
        self.write("budget-2026.csv", format!("{table}total;;{total}\n"))?;
        let minutes = self.text(40);
        self.write("rapport.docx", docx(&minutes)?)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use triage::{Limits, State, examine};

    use super::*;

    fn answers(holding: Holding, folder: &Path) -> bool {
        let words = holding.question(folder.to_str().unwrap());
        let output = Command::new(&words[0]).args(&words[1..]).output().unwrap();
        output.status.success()
    }

    fn files(folder: &Path) -> Vec<std::path::PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_path_buf()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { open.push(path) } else { found.push(path) }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn whole_files_answer_and_hurt_ones_do_not() {
        let place = tempfile::tempdir().unwrap();
        for holding in Holding::ALL {
            let folder = place.path().join(format!("{holding:?}"));
            holding.lay_out(&folder, 7).unwrap();
            assert!(answers(holding, &folder), "{holding:?}");
            for path in files(&folder) {
                fs::write(&path, vec![0xa5; 700]).unwrap();
            }
            assert!(!answers(holding, &folder), "{holding:?} says that noise is right");
        }
    }

    #[test]
    fn every_difference_between_two_villages_is_counted() {
        let place = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| place.path().join(name));
        lay_out(&one, 1).unwrap();
        lay_out(&other, 1).unwrap();
        let (none, files) = differences(&one, &other).unwrap();
        assert_eq!((none, files as usize), (0, super::tests::files(&one).len()));
        fs::write(other.join("nas-mairie/README.txt"), "pay").unwrap();
        fs::write(other.join("nas-mairie/cantine/cantine.csv"), "x").unwrap();
        let gone = super::tests::files(&one.join("export-editeur/paie/2026-01")).len() as u64;
        fs::remove_dir_all(other.join("export-editeur/paie/2026-01")).unwrap();
        assert_eq!(differences(&one, &other).unwrap().0, 1 + 1 + gone);
        for (_, source, folder, holding) in QUESTIONS {
            assert!(answers(holding, &one.join(source).join(folder)), "{holding:?}");
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_village_and_its_papers_are_sound() {
        let place = tempfile::tempdir().unwrap();
        let (mut kinds, mut papers) = (std::collections::BTreeSet::new(), 0);
        for holding in Holding::ALL {
            let [one, other] = ["one", "other"].map(|name| place.path().join(name).join(format!("{holding:?}")));
            holding.lay_out(&one, 3).unwrap();
            holding.lay_out(&other, 3).unwrap();
            for path in files(&one) {
                let name = path.strip_prefix(&one).unwrap();
                let bytes = fs::read(&path).unwrap();
                assert_eq!(bytes, fs::read(other.join(name)).unwrap(), "{}", name.display());
                let found = examine(&bytes[..], name.as_os_str().as_encoded_bytes(), &Limits::default()).unwrap();
                assert_eq!(found.state, State::Valid, "{}: {found:?}", name.display());
                papers += 1;
                kinds.insert(format!("{:?}", found.kind));
            }
        }
        assert!(papers > 900, "{papers}");
        assert!(kinds.len() >= 5, "{kinds:?}");
    }
}
