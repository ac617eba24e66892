//! Probe.
use crate::town::Town;
#[test]
fn probe_all_attacks() {
    for attack in std::env::var("ATTACKS").unwrap().split(' ') {
        let town = Town::new();
        let begun = std::time::Instant::now();
        town.suffer(attack);
        eprintln!("==== {attack} made in {:?}", begun.elapsed());
        let cut = |said: &crate::town::Said| { let mut l: Vec<String> = said.0.iter().map(|l| l.chars().take(200).collect()).collect(); let n=l.len(); if n>14 { l.drain(12..n-2); } l.join("\n  ") };
        for verb in ["list", "check", "verify"] {
            let begun = std::time::Instant::now();
            let r = std::panic::catch_unwind(|| town.probe(&[verb]));
            match r { Ok(s) => eprintln!("-- {verb} {:?}\n  {}", begun.elapsed(), cut(&s)), Err(_) => eprintln!("-- {verb} DIED") }
        }
        for hash in std::panic::catch_unwind(|| town.forged()).unwrap_or_default() {
            let to = tempfile::tempdir_in(town.path("desk")).unwrap();
            let begun = std::time::Instant::now();
            let r = std::panic::catch_unwind(|| town.probe(&["restore", &hash, to.path().to_str().unwrap()]));
            match r { Ok(s) => eprintln!("-- restore {:?}\n  {}", begun.elapsed(), cut(&s)), Err(_) => eprintln!("-- restore DIED") }
            std::process::Command::new("rm").arg("-rf").arg(to.path()).status().unwrap();
        }
        let mut town = std::panic::AssertUnwindSafe(town);
        let r = std::panic::catch_unwind(move || { town.write(0, "attendu.bin", &crate::awaited::awaited()); let o = town.keep(0); (format!("{:?}", o.map(|o| (o.seq, o.adopted_packs))), std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| town.stands())).is_ok()) });
        eprintln!("-- backup {r:?}");
    }
}
