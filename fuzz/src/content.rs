//! Content of files, as an attacker may have left it, through what examines it.

use triage::facts::{Depth, Facts};
use triage::look::Looker;
use triage::{Kind, Limits, State, examine_after, glance};

/// Names that promise something else each; the first byte of an input chooses.
const NAMES: [&str; 32] = [
    "plan.docx",
    "budget.ods",
    "dossier.zip",
    "plan.pdf",
    "photo.jpg",
    "logo.png",
    "lettre.doc",
    "budget.xls",
    "diapos.ppt",
    "courrier.msg",
    "note.txt",
    "compte.csv",
    "flux.xml",
    "page.html",
    "carte.json",
    "courrier.eml",
    "archive.mbox",
    "journal.gz",
    "journal.xz",
    "journal.zst",
    "journal.bz2",
    "base.sqlite",
    "scan.tif",
    "film.mp4",
    "parcelles.dbf",
    "parcelles.shp",
    "parcelles.shx",
    "logo.gif",
    "plan.bmp",
    "brief.rtf",
    "archive.7z",
    "README",
];

/// Examines an input in full and at a glance, whole and in parts, and as what follows a text.
///
/// Nothing panics, places lie inside, no more is vouched for than is there, and parts make no difference.
pub fn examine(data: &[u8]) {
    let Some((choice, content)) = data.split_first() else { return };
    let name = NAMES[usize::from(*choice) % NAMES.len()].as_bytes();
    let was = [None, Some(Kind::Text)][usize::from(*choice >> 7)];
    let limits = Limits {
        work_bytes_max: 32 << 20,
        inflated_bytes_max: 16 << 20,
        memory_bytes_max: 8 << 20,
        ..Limits::default()
    };
    let found = examine_after(content, name, was, &limits).expect("memory can be read");
    let bytes = content.len() as u64;
    match &found.state {
        State::Corrupt { ranges } => {
            assert!(!ranges.is_empty());
            assert!(ranges.iter().all(|range| range.start < range.end && range.end <= bytes), "{ranges:?} of {bytes}");
        }
        State::Truncated { at } | State::Broken { offset: at } => assert!(*at <= bytes, "{at} of {bytes}"),
        _ => {}
    }
    assert!(found.coverage.summed_bytes + found.coverage.parsed_bytes <= bytes);
    let end = content.len().min(triage::GLANCE_BYTES);
    glance(&content[..end], &content[content.len() - end..], bytes, name);
    let whole = look(content, name, content.len().max(1));
    assert_eq!(look(content, name, 1000), whole);
    assert_eq!(Facts::from_bytes(&whole.to_bytes()), Some(whole));
}

fn look(content: &[u8], name: &[u8], part: usize) -> Facts {
    let mut looker = Looker::new(name, content.len() as u64, Depth::Full, [7; 32]);
    content.chunks(part).for_each(|part| looker.data(part));
    looker.finish()
}
