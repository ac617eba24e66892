//! Whether a file holds, kind by kind.
//!
//! Each validator walks through the whole file, lets pass whatever real programs write, and stops at what none does. Where the
//! grammar leaves doubt it says so ([`Stop::Doubtful`]) instead of calling a file broken.

mod access;
mod bits;
mod bzip2;
mod dbase;
mod deflate;
mod disk;
mod drawn_page;
mod dwg;
pub(crate) mod email;
mod executable;
mod flac;
mod flat;
mod font;
mod gif;
mod gzip;
pub(crate) mod jpeg;
mod metafile;
mod mp3;
pub(crate) mod mp4;
mod ogg;
mod old_office;
mod ole2;
pub(crate) mod openpgp;
pub(crate) mod pdf;
mod png;
pub(crate) mod postgres;
mod pst;
mod rar;
mod seven_zip;
mod shapefile;
mod sqlite;
mod tar;
pub(crate) mod text;
mod tiff;
pub(crate) mod xz;
pub(crate) mod zip;
mod zstandard;

use crate::kind::Kind;
use crate::state::{Findings, State, Unknown};
use crate::window::{Stop, Walk, Window};

/// Checks a whole file of `kind`; `expected` is what its name promises. Most validators gather findings; some know the state.
pub(crate) fn check(
    window: &mut Window,
    findings: &mut Findings,
    kind: Kind,
    expected: Option<Kind>,
) -> Walk<Option<State>> {
    if kind.is_text() {
        return text(window, findings, kind, expected);
    }
    match kind {
        Kind::Zip | Kind::Ooxml | Kind::Odf | Kind::Epub | Kind::Jar => zip::check(window, findings),
        Kind::Png => png::check(window, findings),
        Kind::Jpeg => jpeg::check(window, findings),
        Kind::Pdf => pdf::check(window, findings),
        Kind::Gzip => gzip::check(window, findings),
        Kind::Xz => xz::check(window, findings),
        Kind::Lzma => xz::lzma::alone::check(window, findings),
        Kind::Bzip2 => bzip2::check(window, findings),
        Kind::Zstd => zstandard::check(window, findings),
        Kind::Ole2 => ole2::check(window, findings),
        Kind::Sqlite => sqlite::check(window, findings),
        Kind::Tiff => tiff::check(window, findings),
        Kind::Mp4 => mp4::check(window, findings),
        Kind::Dbase => dbase::check(window, findings),
        Kind::Shapefile => shapefile::check(window, findings),
        Kind::ShapeIndex => shapefile::check_index(window, findings),
        Kind::SevenZip => seven_zip::check(window, findings),
        Kind::Tar => tar::check(window, findings),
        Kind::Mp3 => mp3::check(window, findings),
        Kind::Gif => gif::check(window, findings),
        Kind::Bmp => flat::check_bitmap(window, findings),
        Kind::Wav | Kind::WebP | Kind::Avi => flat::check_chunks(window, findings),
        Kind::OpenPgp => openpgp::check(window, findings),
        Kind::Ogg => ogg::check(window, findings),
        Kind::Flac => flac::check(window, findings),
        Kind::Emf => metafile::check_enhanced(window, findings),
        Kind::Wmf => metafile::check_old(window, findings),
        Kind::Font => font::check(window, findings),
        Kind::Access => access::check(window, findings),
        Kind::Pst => pst::check(window, findings),
        Kind::Postgres => postgres::check(window, findings),
        Kind::Dwg => dwg::check(window, findings),
        Kind::Rar => rar::check(window, findings),
        Kind::OldWord => old_office::check(window, findings),
        Kind::DrawnPage => drawn_page::check(window, findings),
        Kind::Pe => executable::check_windows(window, findings),
        Kind::Elf => executable::check_linux(window, findings),
        Kind::Vhdx => disk::vhdx::check(window, findings),
        Kind::Qcow2 => disk::qcow2::check(window, findings),
        Kind::Vmdk => disk::vmdk::check(window, findings),
        _ => return Ok(Some(State::Unknown(Unknown::NoValidator))),
    }
    .map(|()| None)
}

fn text(window: &mut Window, findings: &mut Findings, kind: Kind, expected: Option<Kind>) -> Walk<Option<State>> {
    let is_marked = matches!(kind, Kind::Xml | Kind::Html | Kind::Email | Kind::Mbox | Kind::Rtf);
    let promise =
        text::Promise { is_text: is_marked || expected.is_some_and(Kind::is_text), is_something: expected.is_some() };
    let state = text::check(window, findings, kind, promise)?;
    if state.is_none() && matches!(kind, Kind::Email | Kind::Mbox) {
        match email::check(window, findings) {
            // The name says mail, and it is text of another form.
            Err(Stop::Doubtful { .. }) | Ok(()) => {}
            Err(stop) => return Err(stop),
        }
    }
    Ok(state)
}
