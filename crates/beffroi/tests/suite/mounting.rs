//! `mount`: what is kept, as a folder.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, XattrFlags, lgetxattr, llistxattr, lsetxattr, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::mending::attacked;
use crate::rig::{Rig, noise, same};

/// A vault that is mounted for a test.
pub(crate) struct Shown {
    pub(crate) program: Child,
    out: BufReader<std::process::ChildStdout>,
    pub(crate) at: PathBuf,
}

impl Shown {
    pub(crate) fn new(rig: &Rig, arguments: &[&str]) -> Self {
        assert!(Path::new("/dev/fuse").exists(), "apt-get install fuse3, and modprobe fuse");
        let at = rig.path("shown");
        fs::create_dir_all(&at).unwrap();
        let mut command = rig.command();
        command.args(["--json", "mount", "shown"]).args(arguments);
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(program.stdout.take().unwrap());
        // From here on the program ends with the test, whatever happens.
        let mut shown = Self { program, out, at };
        loop {
            let mut line = String::new();
            assert!(shown.out.read_line(&mut line).unwrap() > 0, "it ended before it was mounted");
            let told: Value = serde_json::from_str(&line).unwrap();
            if told["event"] == "mounted" {
                return shown;
            }
            assert_eq!(told["event"], "fault", "{line}");
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.at.join(name)
    }

    /// The most memory that the program ever had, in bytes.
    pub(crate) fn peak_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.program.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB");
        peak.parse::<u64>().unwrap() * 1024
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.program.id().try_into().unwrap()).unwrap(), signal).unwrap();
    }

    /// Waits for the program's end; returns what it told.
    fn ended(&mut self) -> (ExitStatus, Vec<Value>) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.program.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let mut told = String::new();
        self.out.read_to_string(&mut told).unwrap();
        (status, told.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    pub(crate) fn finish(mut self) -> (ExitStatus, Vec<Value>) {
        self.signal(Signal::TERM);
        self.ended()
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
        let _ = Command::new("umount").arg("-l").arg(&self.at).stderr(Stdio::null()).status();
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Vec<u8> {
    let ran = Command::new(program).args(arguments).current_dir(folder).env("LC_ALL", "C").output().unwrap();
    assert!(ran.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

/// All that can be seen of names and attributes, in order. Hard links are not told as such.
fn about(folder: &Path) -> Vec<Vec<u8>> {
    let files = ["(", "!", "-type", "d", "-printf", "%P %y %m %U %G %s %T@ %l\\0", ")"];
    let folders = ["-o", "-printf", "%P %y %m %U %G %T@\\0"];
    let printed = run("find", &[&["."], &files[..], &folders[..]].concat(), folder);
    let mut lines: Vec<Vec<u8>> = printed.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    lines.sort();
    lines
}

fn attributes(path: &Path) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut names, mut value) = (vec![0; 4096], vec![0; 4096]);
    let bytes = llistxattr(path, &mut names).unwrap();
    let named = names[..bytes].split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let mut all: Vec<_> = named
        .map(|name| {
            let bytes = lgetxattr(path, std::ffi::OsStr::from_bytes(name), &mut value).unwrap();
            (name.to_vec(), value[..bytes].to_vec())
        })
        .collect();
    all.sort();
    all
}

/// A source with all that a file system can have.
fn varied(rig: &Rig) {
    rig.write("a/petit.txt", "bonjour\n");
    rig.write("a/vide", "");
    rig.write("a/b/c/d/e/f/profond.txt", "au fond, un mot caché\n");
    rig.write("gros.bin", noise(1, 9_000_000));
    rig.write("zéros puis rien.img", vec![0; 3 << 20]);
    let root = rig.path("source");
    fs::write(root.join(std::ffi::OsStr::from_bytes(b"a/nom \xff\xfe\nlaid")), "x").unwrap();
    symlink("petit.txt", root.join("a/lien")).unwrap();
    symlink("/nulle/part", root.join("a/b/perdu")).unwrap();
    fs::set_permissions(root.join("a/petit.txt"), fs::Permissions::from_mode(0o4751)).unwrap();
    fs::set_permissions(root.join("a/b"), fs::Permissions::from_mode(0o1770)).unwrap();
    chown(root.join("a/vide"), Some(1234), Some(4321)).unwrap();
    mknodat(CWD, root.join("tuyau"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let device = rustix::fs::makedev(259, 300);
    mknodat(CWD, root.join("disque"), FileType::BlockDevice, Mode::from_raw_mode(0o640), device).unwrap();
    for (name, value) in [("user.note", &b"important"[..]), ("user.vide", b""), ("trusted.mairie", b"\0\xff")] {
        lsetxattr(root.join("a/petit.txt"), name, value, XattrFlags::empty()).unwrap();
        lsetxattr(root.join("a/b"), name, value, XattrFlags::empty()).unwrap();
    }
    let mut sparse = File::create(root.join("trous.img")).unwrap();
    sparse.set_len(200 << 20).unwrap();
    sparse.seek(SeekFrom::Start(100 << 20)).unwrap();
    sparse.write_all(&noise(2, 2 << 20)).unwrap();
    let old = ["-h", "-d", "1969-12-31T23:59:58.25Z", "a/vide"];
    run("touch", &old, &root);
    for at in 0..2500 {
        rig.write(&format!("beaucoup/{at:05}"), format!("{at}"));
    }
}

#[test]
fn the_folder_shows_what_was_kept() {
    let rig = Rig::new();
    varied(&rig);
    rig.backup();
    let shown = Shown::new(&rig, &[]);
    let (source, latest) = (rig.path("source"), shown.path("source/latest"));
    assert_eq!(about(&latest.canonicalize().unwrap()), about(&source));
    for name in ["a", "beaucoup"] {
        let folders = [source.join(name), latest.join(name)];
        run("diff", &["-r", "--no-dereference", folders[0].to_str().unwrap(), folders[1].to_str().unwrap()], &source);
    }
    for name in ["gros.bin", "trous.img", "zéros puis rien.img"] {
        run("cmp", &[source.join(name).to_str().unwrap(), latest.join(name).to_str().unwrap()], &source);
    }
    for name in ["a/petit.txt", "a/b", "a/vide", "a/lien"] {
        assert_eq!(attributes(&latest.join(name)), attributes(&source.join(name)), "{name}");
    }
    assert_eq!(attributes(&latest.join("a/petit.txt")).len(), 3);
    let device = |folder: &Path| rustix::fs::stat(folder.join("disque")).unwrap().st_rdev;
    assert_eq!(device(&latest), device(&source));
    let listed = run("ls", &["-lR"], &latest);
    let entries = listed.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"-")).count();
    assert!(entries > 2500, "{entries}");
    let found = run("grep", &["-r", "-l", "-D", "skip", "un mot caché", "."], &latest);
    assert_eq!(String::from_utf8_lossy(&found), "./a/b/c/d/e/f/profond.txt\n");

    run("cp", &["-a", latest.canonicalize().unwrap().to_str().unwrap(), "copie"], &rig.path("."));
    assert_eq!(about(&rig.path("copie")), about(&source));
    assert_eq!(attributes(&rig.path("copie/a/petit.txt")), attributes(&source.join("a/petit.txt")));
    run("diff", &["-r", "--no-dereference", "source/a", "copie/a"], &rig.path("."));
    let taken = rustix::fs::stat(rig.path("copie/trous.img")).unwrap().st_blocks * 512;
    assert!(taken < 8 << 20, "the holes stay holes: {taken} bytes");
    assert_eq!(shown.finish().0.code(), Some(0));
}

#[test]
fn snapshots_have_their_dates_and_the_newest_is_latest() {
    let rig = Rig::new();
    rig.write("note.txt", "hier\n");
    rig.backup();
    rig.write("note.txt", "aujourd'hui\n");
    rig.backup();
    let mut shown = Shown::new(&rig, &[]);
    let names: Vec<String> = fs::read_dir(shown.path("source"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.len() == 3 && names[2] == "latest" && names[0].len() >= 18 && names[0].ends_with('Z'), "{names:?}");
    assert_eq!(fs::read_link(shown.path("source/latest")).unwrap().to_str(), Some(names[1].as_str()));
    let read = |name: &str| fs::read_to_string(shown.path("source").join(name).join("note.txt")).unwrap();
    assert_eq!((read(&names[0]), read("latest")), ("hier\n".into(), "aujourd'hui\n".into()));
    assert_eq!(fs::read_dir(&shown.at).unwrap().count(), 1);
    // Whoever is told to stop from outside stops too.
    assert!(Command::new("umount").arg(&shown.at).status().unwrap().success());
    assert_eq!(shown.ended().0.code(), Some(0));
    assert_eq!(fs::read_dir(&shown.at).unwrap().count(), 0);
}

#[test]
fn any_place_can_be_read_and_many_read_at_once() {
    let rig = Rig::new();
    // More than an entry holds itself: the chunks are in a list.
    let content = noise(7, 48_000_000);
    rig.write("video.mp4", &content);
    rig.backup();
    let shown = Shown::new(&rig, &[]);
    let path = shown.path("source/latest/video.mp4");
    let check = |seed: u64, reads: usize| {
        let file = File::open(&path).unwrap();
        let places = noise(seed + 1, reads * 8);
        for place in places.chunks_exact(8) {
            let random = u64::from_le_bytes(place.try_into().unwrap());
            let offset = random as usize % content.len();
            let bytes = (random >> 40) as usize % 300_000 + 1;
            let mut read = vec![0; bytes.min(content.len() - offset)];
            file.read_exact_at(&mut read, offset as u64).unwrap();
            assert!(read == content[offset..offset + read.len()], "{seed}: {bytes} bytes at {offset}");
        }
        let mut past = [0; 10];
        assert_eq!(file.read_at(&mut past, content.len() as u64 + 5).unwrap(), 0);
    };
    check(0, 100);
    std::thread::scope(|scope| {
        for seed in 1..=64 {
            let check = &check;
            scope.spawn(move || check(seed, 10));
        }
    });
    assert!(fs::read(&path).unwrap() == content);
    assert_eq!(shown.finish().0.code(), Some(0));
}

#[test]
fn nothing_can_be_written() {
    let rig = Rig::new();
    rig.write("note.txt", "x\n");
    rig.backup();
    let before: Vec<_> = about(&rig.path("vault"));
    let shown = Shown::new(&rig, &[]);
    let (folder, file) = (shown.path("source/latest"), shown.path("source/latest/note.txt"));
    let is_refused = |done: std::io::Result<()>| assert_eq!(done.unwrap_err().raw_os_error(), Some(30));
    is_refused(fs::write(folder.join("new"), "x"));
    is_refused(fs::OpenOptions::new().append(true).open(&file).map(drop));
    is_refused(fs::OpenOptions::new().read(true).custom_flags(0o1000).write(true).open(&file).map(drop));
    is_refused(fs::remove_file(&file));
    is_refused(fs::rename(&file, folder.join("other")));
    is_refused(fs::create_dir(folder.join("new")));
    is_refused(fs::hard_link(&file, folder.join("other")));
    is_refused(symlink("x", folder.join("other")));
    is_refused(fs::set_permissions(&file, fs::Permissions::from_mode(0o600)));
    is_refused(lsetxattr(&file, "user.x", b"x", XattrFlags::empty()).map_err(Into::into));
    is_refused(fs::remove_dir(shown.path("source")));
    assert_eq!(fs::read_to_string(&file).unwrap(), "x\n");
    assert_eq!(shown.finish().0.code(), Some(0));
    assert_eq!(about(&rig.path("vault")), before, "nothing is written anywhere");
}

#[test]
fn a_damaged_pack_costs_its_files_and_nothing_else() {
    let rig = Rig::new();
    for at in 0..4 {
        rig.write(&format!("sain/{at}"), noise(at + 1, 300_000));
    }
    rig.backup();
    let before = rig.packs();
    rig.write("touché.bin", noise(50, 2_000_000));
    rig.backup();
    let mut packs = rig.packs();
    packs.retain(|pack| !before.contains(pack));
    let hurt = packs.iter().max_by_key(|pack| fs::metadata(pack).unwrap().len()).unwrap();
    fs::set_permissions(hurt, fs::Permissions::from_mode(0o600)).unwrap();
    let file = fs::OpenOptions::new().read(true).write(true).open(hurt).unwrap();
    let middle = file.metadata().unwrap().len() / 2;
    let mut byte = [0];
    file.read_exact_at(&mut byte, middle).unwrap();
    file.write_all_at(&[byte[0] ^ 1], middle).unwrap();

    let shown = Shown::new(&rig, &[]);
    for _ in 0..3 {
        let error = fs::read(shown.path("source/latest/touché.bin")).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(5));
    }
    assert!(same(&rig.path("source/sain"), &shown.path("source/latest/sain")));
    let (status, told) = shown.finish();
    let faults: Vec<_> = told.iter().filter(|event| event["event"] == "fault").collect();
    assert_eq!((faults.len(), status.code()), (1, Some(5)), "{told:?}");
    let path = faults[0]["path"].as_str().unwrap();
    assert!(path.starts_with("source/2") && path.ends_with("/touché.bin"), "{path}");

    // Now the newest snapshot has not even its folders any more.
    packs.iter().for_each(|pack| fs::remove_file(pack).unwrap());
    let shown = Shown::new(&rig, &[]);
    let listed = fs::read_dir(shown.path("source/latest")).and_then(|mut entries| entries.next().unwrap());
    assert_eq!(listed.unwrap_err().raw_os_error(), Some(5));
    assert_eq!(fs::metadata(shown.path("source/latest/sain")).unwrap_err().raw_os_error(), Some(5));
    let before = fs::read_dir(shown.path("source")).unwrap().next().unwrap().unwrap();
    assert!(same(&rig.path("source/sain"), &before.path().join("sain")));
    assert_eq!(shown.finish().0.code(), Some(5));
}

#[test]
fn it_goes_at_once_and_whoever_reads_reads_to_the_end() {
    let rig = Rig::new();
    let content = noise(3, 12_000_000);
    rig.write("gros.bin", &content);
    rig.backup();
    let mut shown = Shown::new(&rig, &[]);
    let mut file = File::open(shown.path("source/latest/gros.bin")).unwrap();
    let mut read = vec![0; 100_000];
    file.read_exact(&mut read).unwrap();
    shown.signal(Signal::TERM);
    let begun = Instant::now();
    while fs::read_dir(&shown.at).unwrap().count() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5));
        std::thread::sleep(Duration::from_millis(5));
    }
    file.read_to_end(&mut read).unwrap();
    assert!(read == content);
    assert!(shown.program.try_wait().unwrap().is_none());
    drop(file);
    assert_eq!(shown.ended().0.code(), Some(0));

    // The second signal does not wait for anybody.
    let mut shown = Shown::new(&rig, &[]);
    let file = File::open(shown.path("source/latest/gros.bin")).unwrap();
    shown.signal(Signal::INT);
    while fs::read_dir(&shown.at).unwrap().count() > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    shown.signal(Signal::INT);
    assert_eq!(shown.ended().0.code(), Some(1));
    assert!(file.read_at(&mut read, 9_000_000).is_err());
}

#[test]
fn what_a_dead_program_leaves_is_named_and_can_be_unmounted() {
    let rig = Rig::new();
    rig.write("note.txt", "x\n");
    rig.backup();
    let mut shown = Shown::new(&rig, &[]);
    shown.program.kill().unwrap();
    shown.program.wait().unwrap();
    rig.run(["mount", "shown"]).ends(1).says("a program that died").says("umount shown");
    assert!(Command::new("umount").arg(&shown.at).status().unwrap().success());
    rig.run(["mount", "source"]).ends(2).says("is not empty");
    rig.run(["mount", "nowhere"]).ends(1).says("cannot be used");
    rig.run(["mount", "shown", "--plan", "nowhere"]).ends(1);
}

#[test]
fn a_plan_is_shown_as_the_clean_tree_that_it_means() {
    let rig = Rig::new();
    let should = attacked(&rig);
    let plan = rig.path("plan");
    rig.run(["clean", "--plan", plan.to_str().unwrap()]).done();
    rig.run(["restore", "--plan", plan.to_str().unwrap(), "--to", "fresh"]).done();
    let shown = Shown::new(&rig, &["--plan", plan.to_str().unwrap()]);
    let clean = shown.path("source/clean");
    assert!(same(&clean, &should));
    assert_eq!(about(&clean), about(&rig.path("fresh")));
    // By name too, without a list before it.
    let shown_again = fs::read(clean.join("ecole/lettre 0.txt")).unwrap();
    assert_eq!(shown_again, fs::read(should.join("ecole/lettre 0.txt")).unwrap());
    for gone in ["ecole/lettre 0.txt.q7x", "ecole/lettre 0.txt.done", "mairie/LISEZ-MOI.txt"] {
        assert!(!clean.join(gone).exists() && !should.join(gone).exists(), "{gone}");
    }
    assert_eq!(shown.finish().0.code(), Some(0));
}

#[test]
fn twenty_thousand_files_need_no_more_memory_than_a_few() {
    let rig = Rig::new();
    for folder in 0..20 {
        fs::create_dir_all(rig.path(&format!("source/{folder}"))).unwrap();
        for at in 0..1000 {
            fs::write(rig.path(&format!("source/{folder}/{at}")), "").unwrap();
        }
    }
    rig.backup();
    let shown = Shown::new(&rig, &[]);
    let listed = run("ls", &["-lR", "source/latest/"], &shown.at);
    assert!(listed.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"-")).count() == 20_000);
    let peak_bytes = shown.peak_bytes();
    assert!(peak_bytes <= 100 << 20, "{peak_bytes}");
    assert_eq!(shown.finish().0.code(), Some(0));
}
