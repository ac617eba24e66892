//! What the tests need of the machine: root, and a few programs of Debian.

use std::path::Path;

use crate::run::{program, succeed, succeeds};

/// Programs that the tests call, each with the package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("7z", "p7zip-full"),
    ("age", "age"),
    ("chromium", "chromium"),
    ("convert", "imagemagick"),
    ("exiftool", "libimage-exiftool-perl"),
    ("faketime", "faketime"),
    ("flock", "util-linux"),
    ("getfacl", "acl"),
    ("git", "git"),
    ("gpg", "gnupg"),
    ("img2pdf", "img2pdf"),
    ("jpegtran", "libjpeg-turbo-progs"),
    ("jq", "jq"),
    ("mkfs.ext4", "e2fsprogs"),
    ("mount", "mount"),
    ("npm", "npm"),
    ("openssl", "openssl"),
    ("python3", "python3"),
    ("qpdf", "qpdf"),
    ("rsync", "rsync"),
    ("setcap", "libcap2-bin"),
    ("setfacl", "acl"),
    ("setfattr", "attr"),
    ("setpriv", "util-linux"),
    ("sqlite3", "sqlite3"),
    ("unix2dos", "dos2unix"),
    ("xxd", "xxd"),
    ("xz", "xz-utils"),
    ("zip", "zip"),
];

/// Files that the tests need, each with the package that brings it.
const FILES: &[(&str, &str)] = &[
    ("/usr/lib/libreoffice/program/libswlo.so", "libreoffice-writer-nogui"),
    ("/usr/lib/libreoffice/program/libsclo.so", "libreoffice-calc-nogui"),
    ("/usr/lib/python3/dist-packages/aiosmtpd/__init__.py", "python3-aiosmtpd"),
    ("/usr/lib/python3/dist-packages/uno.py", "python3-uno"),
];

/// Fails unless the tests can do all they do: mount, make devices, change owners.
pub fn require_root() -> Result<(), String> {
    if is_root() {
        return Ok(());
    }
    Err("the tests mount small disks, make devices and change owners: run them as root, in a container or a virtual \
         machine if you like (sudo --preserve-env=PATH,HOME cargo xtask ci)"
        .into())
}

/// Installs the packages that the tests need, as root; otherwise says which.
pub fn require_packages() -> Result<(), String> {
    let missing = missing_packages();
    if missing.is_empty() {
        return Ok(());
    }
    let install = ["install", "-y", "--no-install-recommends"];
    let by_hand = format!("apt-get {} {}", install.join(" "), missing.join(" "));
    if !is_root() || !succeeds(program("apt-get").arg("--version")) {
        return Err(format!("the tests need these packages, type: {by_hand}"));
    }
    let apt = || {
        let mut apt = program("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    succeed(apt().arg("update"))?;
    succeed(apt().args(install).args(&missing))?;
    match missing_packages().as_slice() {
        [] => Ok(()),
        still => Err(format!("after {by_hand} these are missing still: {}", still.join(" "))),
    }
}

/// Fails if the toolchain lacks a part that a check needs.
pub fn require_toolchain() -> Result<(), String> {
    for part in ["fmt", "clippy"] {
        if !succeeds(crate::run::cargo().args([part, "--version"])) {
            return Err("the toolchain lacks a part, type: rustup component add rustfmt clippy".into());
        }
    }
    Ok(())
}

fn missing_packages() -> Vec<&'static str> {
    let absent = |name: &&(&str, &str)| !succeeds(program("sh").args(["-c", "command -v \"$1\"", "sh", name.0]));
    let mut packages: Vec<_> = PROGRAMS.iter().filter(absent).map(|(_, package)| *package).collect();
    packages.extend(FILES.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, package)| *package));
    // The module venv is always there; what it needs to make one comes in a package of its own.
    if !succeeds(program("python3").args(["-c", "import ensurepip, venv"])) {
        packages.push("python3-venv");
    }
    packages.sort_unstable();
    packages.dedup();
    packages
}

fn is_root() -> bool {
    program("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}
