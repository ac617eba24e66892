//! Work with photographs and scans.

use std::ffi::OsString;

use restore::TreePath;

use super::Package;
use super::workshop::{Job, JobError, Workshop, argument, arguments, each, nothing_to_prepare, with_suffix};
use crate::ground;

const MAGICK: Package = Package { name: "imagemagick", brings: "convert" };
const EXIFTOOL: Package = Package { name: "libimage-exiftool-perl", brings: "exiftool" };
const JPEGTRAN: Package = Package { name: "libjpeg-turbo-progs", brings: "jpegtran" };
const IMG2PDF: Package = Package { name: "img2pdf", brings: "img2pdf" };

pub(super) fn jobs() -> Vec<Job> {
    let job = |name, does, packages, work| Job { name, does, packages, prepare: take_photos, work };
    vec![
        job("photos-imported", "a new folder of photos, turned upright", &[MAGICK, EXIFTOOL, JPEGTRAN], import),
        job("photos-turned", "each photo is turned by a quarter without loss, in place", &[MAGICK, JPEGTRAN], turn),
        job("photos-tagged", "each photo gets an author", &[MAGICK, EXIFTOOL], tag),
        job("photos-made-smaller", "each photo has half its width, in place", &[MAGICK], make_smaller),
        job("thumbnails", "a folder of small pictures in each folder of photos", &[MAGICK], thumbnails),
        Job {
            prepare: nothing_to_prepare,
            ..job("scans", "a batch of scanned pages, as TIFF and as PDF", &[MAGICK, IMG2PDF], scan)
        },
    ]
}

const PHOTOS: &[&str] = &["jpg", "jpeg"];

/// Makes photos, where the copy has none.
fn take_photos(shop: &Workshop<'_>) -> Result<u64, JobError> {
    if !shop.files(PHOTOS)?.is_empty() {
        return Ok(0);
    }
    let folder = TreePath::new("photos");
    shop.make_folders(&folder)?;
    shoot(shop, &folder, 6)?;
    Ok(6)
}

/// Makes a new photo that looks like nothing, but has all that a photo has.
fn shoot(shop: &Workshop<'_>, folder: &TreePath, photos: u64) -> Result<(), JobError> {
    for number in 1..=photos {
        let path = folder.join(format!("DSC_{number:04}.jpg").as_bytes());
        let mut words = arguments(["-size", "640x480", "-seed"]);
        words.push((shop.seed + number).to_string().into());
        words.extend(arguments(["plasma:fractal", "-quality", "88"]));
        words.push(argument(&path));
        shop.run("convert", words)?;
    }
    Ok(())
}

fn import(shop: &Workshop<'_>) -> Result<u64, JobError> {
    const ARRIVED: u64 = 12;
    let folder = TreePath::new(format!("photos/import {}", shop.seed));
    shop.make_folders(&folder)?;
    shoot(shop, &folder, ARRIVED)?;
    for number in 1..=ARRIVED {
        let path = folder.join(format!("DSC_{number:04}.jpg").as_bytes());
        if number % 3 == 0 {
            let mut words = arguments(["-q", "-overwrite_original", "-n", "-Orientation=6", "-Model=Mairie 1"]);
            words.push(argument(&path));
            shop.run("exiftool", words)?;
            turn_one(shop, &path)?;
        }
    }
    Ok(ARRIVED)
}

fn turn(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&shop.files(PHOTOS)?, |path| turn_one(shop, path))
}

fn turn_one(shop: &Workshop<'_>, path: &TreePath) -> Result<(), JobError> {
    let mut words = arguments(["-copy", "all", "-rotate", "90", "-trim"]);
    words.push(argument(path));
    let turned = shop.run("jpegtran", words)?;
    shop.write_over(path, &turned)
}

fn tag(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&shop.files(PHOTOS)?, |path| {
        let mut words = arguments(["-q", "-overwrite_original", "-Artist=Service communication"]);
        words.push(argument(path));
        shop.run("exiftool", words).map(drop)
    })
}

fn make_smaller(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&shop.files(PHOTOS)?, |path| {
        let mut words = arguments(["-resize", "50%"]);
        words.push(argument(path));
        shop.run("mogrify", words).map(drop)
    })
}

fn thumbnails(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&shop.files(PHOTOS)?, |path| {
        let (folder, name) = ground::split(path);
        let folder = TreePath::new(folder).join(b".thumbs");
        shop.make_folders(&folder)?;
        let words = [argument(path), "-thumbnail".into(), "64x64".into(), argument(&folder.join(name))];
        shop.run("convert", words).map(drop)
    })
}

fn scan(shop: &Workshop<'_>) -> Result<u64, JobError> {
    const PAGES: u64 = 8;
    let folder = TreePath::new(format!("scans {}", shop.seed));
    shop.make_folders(&folder)?;
    let mut pages: Vec<OsString> = Vec::new();
    for number in 1..=PAGES {
        let page = folder.join(format!("page {number:03}").as_bytes());
        let mut words = arguments(["-size", "420x594", "-seed"]);
        words.push((shop.seed + number).to_string().into());
        words.extend(arguments(["plasma:white-gray", "-colorspace", "Gray", "-density", "100", "-compress", "lzw"]));
        words.push(argument(&with_suffix(&page, ".tif")));
        shop.run("convert", words)?;
        let jpeg = with_suffix(&page, ".jpg");
        shop.run("convert", [argument(&with_suffix(&page, ".tif")), "-quality".into(), "70".into(), argument(&jpeg)])?;
        pages.push(argument(&jpeg));
    }
    pages.extend([OsString::from("-o"), argument(&folder.join(b"scan.pdf"))]);
    shop.run("img2pdf", pages)?;
    Ok(2 * PAGES + 1)
}
