//! Archives and locks: files that are packed, and files that only a password opens.

use std::ffi::OsString;

use restore::TreePath;

use super::Package;
use super::office;
use super::workshop::{Job, JobError, Work, Workshop, argument, arguments, each, nothing_to_prepare, with_suffix};
use crate::ground;

const ZIP: Package = Package { name: "zip", brings: "zip" };
const SEVEN_ZIP: Package = Package { name: "p7zip-full", brings: "7z" };
const XZ: Package = Package { name: "xz-utils", brings: "xz" };
const GPG: Package = Package { name: "gnupg", brings: "gpg" };
const QPDF: Package = Package { name: "qpdf", brings: "qpdf" };
const OFFICE_AND_QPDF: &[Package] = &[office::WRITER, office::CALC, QPDF];

pub(super) fn jobs() -> Vec<Job> {
    let job = |name, does, packages, work| Job { name, does, packages, prepare: nothing_to_prepare, work };
    let pdf = |name, does, work| Job { name, does, packages: OFFICE_AND_QPDF, prepare: office::write_pdfs, work };
    vec![
        job("zip", "a folder is packed into a ZIP archive beside it", &[ZIP], zip as Work),
        job("zip-with-password", "a folder goes into a ZIP archive with a password; the files go", &[ZIP], zip_locked),
        job(
            "7z-with-password",
            "a folder goes into a 7z archive, names hidden too; the files go",
            &[SEVEN_ZIP],
            seven_zip,
        ),
        job("tar-xz", "a folder is packed into a .tar.xz", &[XZ], tar),
        job("gpg", "each file of a folder is encrypted to a password; the plain one goes", &[GPG], gpg),
        pdf("pdf-with-password", "each PDF can only be opened with a password, in place", pdf_locked),
        pdf("pdf-linearized", "each PDF is ordered for the web, in place", pdf_linearized),
    ]
}

/// Returns a folder at the top with the files below it, chosen by the seed; the top itself, if it has no folder.
fn some_folder(shop: &Workshop<'_>) -> Result<(TreePath, Vec<TreePath>), JobError> {
    let files = shop.files(&[])?;
    let top = |path: &TreePath| path.as_bytes().split(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
    let mut folders: Vec<_> = files.iter().filter(|path| !ground::split(path).0.is_empty()).map(top).collect();
    folders.dedup();
    if folders.is_empty() {
        return Ok((TreePath::new(*b"top"), files));
    }
    let folder = folders.swap_remove(usize::try_from(shop.seed % folders.len() as u64).unwrap_or(0));
    let is_inside = |path: &TreePath| !ground::split(path).0.is_empty() && top(path) == folder;
    let inside = files.into_iter().filter(is_inside).collect();
    Ok((TreePath::new(folder), inside))
}

/// Packs some files by a program that takes them at the end of its arguments.
fn pack(shop: &Workshop<'_>, program: &str, words: &[&str], suffix: &str) -> Result<Vec<TreePath>, JobError> {
    let (folder, files) = some_folder(shop)?;
    let archive = with_suffix(&folder, suffix);
    for some in files.chunks(FILES_AT_ONCE) {
        let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
        arguments.push(argument(&archive));
        arguments.extend(some.iter().map(argument));
        shop.run(program, arguments)?;
    }
    Ok(files)
}

fn zip(shop: &Workshop<'_>) -> Result<u64, JobError> {
    pack(shop, "zip", &["-q"], ".zip")?;
    Ok(1)
}

fn zip_locked(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let packed = pack(shop, "zip", &["-q", "-P", "a word"], " (locked).zip")?;
    remove(shop, &packed)
}

fn seven_zip(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let packed = pack(shop, "7z", &["a", "-bd", "-pa word", "-mhe=on", "-mx=1"], ".7z")?;
    remove(shop, &packed)
}

fn remove(shop: &Workshop<'_>, packed: &[TreePath]) -> Result<u64, JobError> {
    for path in packed {
        shop.ground.remove(path)?;
    }
    Ok(packed.len() as u64 + 1)
}

fn tar(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let (folder, files) = some_folder(shop)?;
    let mut words = arguments(["--create", "--xz", "--no-recursion", "--file"]);
    words.push(argument(&with_suffix(&folder, ".tar.xz")));
    words.extend(files.iter().take(FILES_AT_ONCE).map(argument));
    shop.run("tar", words)?;
    Ok(1)
}

fn gpg(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let (_, files) = some_folder(shop)?;
    for path in &files {
        let mut words = arguments(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "a word"]);
        words.extend(arguments(["--symmetric", "--output"]));
        words.extend([argument(&with_suffix(path, ".gpg")), argument(path)]);
        shop.run("gpg", words)?;
        shop.ground.remove(path)?;
    }
    // gpg leaves a helper behind that would outlive its home.
    shop.run("gpgconf", arguments(["--kill", "all"]))?;
    Ok(files.len() as u64)
}

fn pdf_locked(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each_pdf(shop, &["--encrypt", "a word", "an owner's word", "256", "--", "--replace-input"])
}

fn pdf_linearized(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each_pdf(shop, &["--linearize", "--replace-input"])
}

fn each_pdf(shop: &Workshop<'_>, words: &[&str]) -> Result<u64, JobError> {
    each(&shop.files(&["pdf"])?, |path| {
        let words: Vec<OsString> = words.iter().map(OsString::from).chain([argument(path)]).collect();
        shop.run("qpdf", words).map(drop)
    })
}

const FILES_AT_ONCE: usize = 500;
