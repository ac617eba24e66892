//! Every kind of thing, with every attribute.

use super::*;

/// A tree with one of everything, made by the system's own tools.
const EVERYTHING: &str = r#"
mkdir tree; cd tree
printf small > small; : > empty; chmod 0000 empty
printf secret > secret; chmod 0640 secret; chown 1000:1001 secret
printf odd > odd; chmod 0604 odd
printf prog > prog; chown 1000:1001 prog; chmod 6755 prog
printf ping > ping; chmod 0755 ping; setcap cap_net_raw+ep ping
head -c 300000 /dev/urandom > large; chown 12:34 large; chmod 4711 large
truncate -s 5M sparse; printf end >> sparse; chmod 0440 sparse
printf x > attributes; chmod 0444 attributes
setfattr -n user.colour -v blue attributes; setfattr -n user.none attributes
setfattr -n trusted.mark -v 1 attributes
printf acl > acl; setfacl -m u:1000:rw,g:1001:r,m::rw acl
mkdir shared; chown 0:1001 shared; chmod 2770 shared
setfacl -m g:1001:rwx -m d:g:1001:rwx,d:u:1002:r,d:m::rwx shared
mkdir shared/below; printf in > shared/below/in; printf bare > shared/bare; setfacl -b shared/bare
mkdir shared/plain; setfacl -b -k shared/plain; chmod 0705 shared/plain; printf p > shared/plain/p
mkfifo shared/fifo; mknod shared/bare-device c 1 3; setfacl -b shared/bare-device
mkdir sticky; chmod 1777 sticky; setfattr -n user.on -v directory sticky
mkdir closed; printf in > closed/in; chmod 0000 closed
ln -s nowhere dangling; ln -s /etc/passwd absolute; chown -h 1000:1001 dangling
setfattr -h -n trusted.link -v 1 dangling
mkfifo fifo; chmod 0620 fifo; setfacl -m u:1000:r fifo
mknod char c 5 1; chmod 0666 char; mknod block b 259 1048575; chown 0:6 block
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'; chmod 2755 socket
ln small second; mkdir links; ln small links/third; ln dangling links/dangling; ln fifo links/fifo
touch -h -d '1969-12-31 23:59:58.5 UTC' dangling; touch -d '2038-01-20 00:00:00.000000001 UTC' small
touch -d '1901-12-14 UTC' fifo; touch -d '2000-01-01 UTC' char closed shared sticky links .
"#;

fn check(folder: &Path, open: impl FnOnce(&Path) -> Target) {
    shell(folder, EVERYTHING);
    let back = folder.join("back");
    assert_eq!(copy(&folder.join("tree"), &open(&back)), []);
    assert_same(&folder.join("tree"), &back);
    assert_eq!(temporaries(&back), 0);
}

#[test]
fn everything_comes_back() {
    for place in ["/tmp", "/dev/shm"] {
        let folder = tempfile::tempdir_in(place).unwrap();
        check(folder.path(), |back| Target::open(back, Overwrite::Never).unwrap());
    }
}

#[test]
fn everything_comes_back_without_openat2() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), |back| {
        let old = |_: &OwnedFd| Beneath::without_openat2();
        Target::open_through(back, Overwrite::Always, Owners::ByNumber, old).unwrap()
    });
}

#[test]
fn what_directories_inherit_is_taken_away_again() {
    let folder = tempfile::tempdir().unwrap();
    shell(folder.path(), "mkdir back; chgrp 1001 back; chmod 2775 back; setfacl -m d:u:1000:rwx,d:g:1001:rwx back");
    check(folder.path(), |back| Target::open(back, Overwrite::Always).unwrap());
}

#[test]
fn sparse_files_stay_sparse() {
    let (folder, target) = target(Overwrite::Never);
    let entry = file("disk.img");
    let image = target.create_file(DirectoryId::ROOT, &entry).unwrap().unwrap();
    image.set_size(1 << 40).unwrap();
    image.write_at(1 << 39, b"data").unwrap();
    written(image.finish(&entry));
    let stat = std::fs::metadata(folder.path().join("back/disk.img")).unwrap();
    assert_eq!(stat.len(), 1 << 40);
    assert!(stat.blocks() * 512 < 1 << 20, "{} blocks", stat.blocks());
}

struct TownNames;

impl OwnerNames for TownNames {
    fn uid(&self, user: &[u8]) -> Option<u32> {
        (user == b"mayor").then_some(4001)
    }

    fn gid(&self, group: &[u8]) -> Option<u32> {
        (group == b"registry").then_some(4002)
    }
}

#[test]
fn owners_are_set_by_name_by_number_or_not_at_all() {
    let named = |name: &str, user: &str, group: &str| Entry {
        uid: 1,
        gid: 2,
        user: Some(user.into()),
        group: Some(group.into()),
        mode: 0o6755,
        ..file(name)
    };
    let by_name = Owners::ByName(Arc::new(TownNames));
    for (owners, group, expected) in [
        (by_name.clone(), "registry", (4001, 4002, 0o6755)),
        (by_name, "strangers", (4001, 2, 0o6755)),
        (Owners::ByNumber, "registry", (1, 2, 0o6755)),
        (Owners::Keep, "registry", (0, 0, 0o755)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        let target = Target::open_with_owners(&path, Overwrite::Never, owners).unwrap();
        let entry = named("f", "mayor", group);
        let warnings = written(target.write_whole(DirectoryId::ROOT, &entry, b""));
        let stat = std::fs::metadata(path.join("f")).unwrap();
        assert_eq!((stat.uid(), stat.gid(), stat.mode() & 0o7777), expected);
        let dropped = (expected.2 == 0o755).then_some(Attribute::SpecialBits);
        let attributes: Vec<Attribute> = warnings.into_iter().map(|w| w.attribute).collect();
        assert_eq!(attributes, Vec::from_iter(dropped));
    }
}

#[test]
fn a_made_up_directory_is_left_as_it_is() {
    let (folder, target) = target(Overwrite::Never);
    let made_up = Entry { made_up: true, mode: 0o777, ..Entry::default() };
    let outcome = target.finish_directory(DirectoryId::ROOT, &made_up);
    assert_eq!(outcome.unwrap(), Outcome::Kept);
    let stat = std::fs::metadata(folder.path().join("back")).unwrap();
    assert_eq!(stat.mode() & 0o7777, 0o700);
}
