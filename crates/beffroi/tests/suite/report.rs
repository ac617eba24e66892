//! The report of damage in a real browser: nothing that a reader with a handicap could not use, in French and English, light
//! and dark, printed or on a telephone; and nothing runs in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::rig::{Rig, mode, noise};

/// Two backups with an attack between them, and a file of which nothing can be said.
fn attacked() -> Rig {
    let rig = Rig::new();
    for folder in ["mairie/urbanisme", "mairie/paie", "école", "état civil"] {
        for number in 0..8 {
            let lines: String =
                (0..120).map(|line| format!("Ligne {line} du dossier {folder}, pièce {number}.\n")).collect();
            rig.write(&format!("{folder}/pièce {number}.txt"), lines);
        }
    }
    rig.write("mairie/plan.dat", noise(1, 20_000));
    rig.backup();
    for number in 0..6 {
        rig.write(&format!("mairie/urbanisme/pièce {number}.txt"), noise(number, 5000));
    }
    fs::remove_file(rig.path("source/école/pièce 3.txt")).unwrap();
    fs::remove_file(rig.path("source/mairie/paie/pièce 1.txt")).unwrap();
    rig.write("mairie/paie/pièce 1.txt.<b>\u{202e}lkd", noise(40, 5200));
    rig.write("mairie/plan.dat", noise(2, 21_000));
    rig.run(["backup", "source"]).ends(4);
    rig
}

/// Where `cargo xtask ci` puts axe-core.
fn axe() -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let script = target.join("axe/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&script).unwrap_or_else(|error| {
        let prefix = target.join("axe");
        panic!("{}: {error}; type: npm install --prefix {} axe-core@4.14.1", script.display(), prefix.display())
    })
}

/// Opens a page, lets its scripts end, and returns what became of it.
fn browse(rig: &Rig, page: &Path, flags: &[&str]) -> String {
    let profile = format!("--user-data-dir={}", rig.path("profile").display());
    let mut browser = Command::new("chromium");
    browser.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=60000",
        "--dump-dom",
        &profile,
    ]);
    let ran = browser.args(flags).arg(format!("file://{}", page.display())).output();
    let ran = ran.expect("chromium is there: apt-get install chromium");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

/// Makes a copy of a report in which a script of the test's may run; all else of its policy stays.
fn with_script(rig: &Rig, report: &str, script: &str) -> PathBuf {
    let policy = "content=\"default-src &#39;none&#39;; ";
    assert_eq!(report.matches(policy).count(), 1);
    let opened = report.replace(policy, &format!("{policy}script-src &#39;unsafe-inline&#39;; "));
    let page = rig.path("with script.html");
    fs::write(&page, opened.replace("</html>", &format!("<script>{script}</script></html>"))).unwrap();
    page
}

/// Reads what a script left on the page in base64.
fn left_by_script(dom: &str) -> Value {
    let left = dom.split_once("data-left=\"").expect("the script ran to its end").1.split_once('"').unwrap().0;
    serde_json::from_slice(&data_encoding::BASE64.decode(left.as_bytes()).unwrap()).unwrap()
}

const LEAVE: &str = "function leave(what) { document.documentElement.dataset.left =
    btoa(unescape(encodeURIComponent(JSON.stringify(what)))); }";

/// Runs axe-core over a report, and demands that it finds nothing.
pub fn find_nothing(rig: &Rig, report: &str, is_dark: bool) {
    let script = format!(
        "{LEAVE} {}; axe.run().then(found => leave({{
            violations: found.violations.map(rule => [rule.id, rule.nodes.map(node => node.html)]),
            passes: found.passes.length,
            contrast: found.passes.some(rule => rule.id === 'color-contrast'),
            dark: matchMedia('(prefers-color-scheme: dark)').matches,
            styled: getComputedStyle(document.body).maxWidth !== 'none',
        }}), error => leave({{ error: String(error) }}));",
        axe().replace("</script", "<\\/script")
    );
    let scheme =
        if is_dark { "--blink-settings=preferredColorScheme=0" } else { "--blink-settings=preferredColorScheme=1" };
    let left = left_by_script(&browse(rig, &with_script(rig, report, &script), &[scheme]));
    assert_eq!((&left["error"], &left["dark"], &left["styled"]), (&Value::Null, &is_dark.into(), &true.into()));
    assert!(left["passes"].as_u64() > Some(15) && left["contrast"] == true, "the rules were tried: {left}");
    assert_eq!(left["violations"], serde_json::json!([]));
}

#[test]
fn a_browser_finds_the_report_accessible_in_both_languages_light_and_dark() {
    let rig = attacked();
    for language in ["fr", "en"] {
        let name = format!("rapport {language}.html");
        let ran = rig.run(["--lang", language, "damage", "--html", &name]).done();
        assert!(ran.err.contains(&name), "{}", ran.err);
        assert_eq!(mode(&rig.path(&name)), 0o600);
        let report = fs::read_to_string(rig.path(&name)).unwrap();
        assert!(report.contains(&format!("<html lang=\"{language}\">")));
        find_nothing(&rig, &report, false);
        find_nothing(&rig, &report, true);
    }
}

#[test]
fn an_exercise_is_told_on_a_page() {
    let rig = Rig::empty();
    for number in 0..40 {
        rig.write(&format!("mairie/lettre {number}.txt"), "Le conseil a délibéré.\n".repeat(100 + number));
    }
    rig.run(["--lang", "fr", "exercise", "source", "--html", "exercice.html"]).done();
    let page = fs::read_to_string(rig.path("exercice.html")).unwrap();
    assert!(
        page.contains("<html lang=\"fr\">") && page.contains("Réussi") && page.contains("comme avant l&#39;attaque")
    );
    find_nothing(&rig, &page, false);
    find_nothing(&rig, &page, true);
}

#[test]
fn nothing_runs_in_a_report_and_it_fits_a_narrow_screen() {
    let rig = attacked();
    rig.run(["--lang", "fr", "damage", "--html", "rapport.html"]).done();
    let report = fs::read_to_string(rig.path("rapport.html")).unwrap();
    assert!(report.contains("&lt;b&gt;\\u{202e}lkd") && !report.contains('\u{202e}'));
    // Without leave of the policy, a script that got in after all does nothing.
    let hostile = rig.path("hostile.html");
    fs::write(&hostile, report.replace("</html>", &format!("<script>{LEAVE} leave(1)</script></html>"))).unwrap();
    assert!(!browse(&rig, &hostile, &[]).contains("data-left="));
    // WCAG 2.1, 1.4.10: at 320 pixels the page itself is not moved sideways.
    let narrow = rig.path("narrow.html");
    let quoted = report.replace('&', "&amp;").replace('"', "&quot;");
    let measure = "const page = document.querySelector('iframe').contentDocument.documentElement;
        leave([page.scrollWidth, page.querySelectorAll('table').length])";
    let frame = format!("<!doctype html><iframe width=320 height=900 srcdoc=\"{quoted}\"></iframe>");
    fs::write(&narrow, format!("{frame}<script>{LEAVE} onload = () => {{ {measure} }}</script>")).unwrap();
    let left = left_by_script(&browse(&rig, &narrow, &[]));
    assert!(left[0].as_u64() <= Some(320) && left[1].as_u64() >= Some(5), "{left}");
}

#[test]
fn a_report_replaces_only_a_report_and_says_so_at_once() {
    let rig = attacked();
    rig.run(["damage", "--html", "rapport.html"]).done();
    rig.run(["damage", "--html", "rapport.html"]).done();
    fs::write(rig.path("lettre.html"), "<!doctype html>Une lettre.").unwrap();
    let ran = rig.run(["damage", "--html", "lettre.html"]).ends(2).says("is no report of Beffroi");
    assert!(ran.out.is_empty(), "before anything is compared: {}", ran.out);
    assert_eq!(fs::read_to_string(rig.path("lettre.html")).unwrap(), "<!doctype html>Une lettre.");
    rig.run(["damage", "--html", "nowhere/rapport.html"]).ends(1);
    let ran = rig.run(["--json", "damage", "--html", "rapport.html"]).done();
    assert_eq!(ran.events("report")[0]["path"], "rapport.html");
    assert_eq!(ran.events("summary").len(), 1);
}

#[test]
fn a_source_of_one_folder_is_called_by_it() {
    let rig = Rig::new();
    for number in 0..4 {
        rig.write(&format!("mairie/bureau/lettre {number}.txt"), "Une lettre du conseil municipal.\n".repeat(100));
    }
    rig.backup();
    rig.write("mairie/bureau/lettre 1.txt", noise(1, 3000));
    rig.backup();
    rig.run(["--lang", "fr", "damage", "--html", "rapport.html"]).done();
    let page = fs::read_to_string(rig.path("rapport.html")).unwrap();
    assert!(page.contains("mairie/bureau/</") && !page.contains("hors dossier"), "{page}");
}
