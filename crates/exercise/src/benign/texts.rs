//! Text files: edits, line ends, code pages, logs.

use restore::TreePath;

use super::Package;
use super::workshop::{Job, JobError, Workshop, argument, arguments, each, with_suffix};
use crate::ground;

const DOS2UNIX: Package = Package { name: "dos2unix", brings: "unix2dos" };
const ICONV: Package = Package { name: "libc-bin", brings: "iconv" };
const GZIP: Package = Package { name: "gzip", brings: "gzip" };

pub(super) fn jobs() -> Vec<Job> {
    let job = |name, does, packages, work| Job { name, does, packages, prepare: write_texts, work };
    vec![
        job("texts-edited", "a line comes in the middle of each text, in place", &[], edit),
        job(
            "texts-saved-over",
            "each text is saved through another name, and keeps its old version as a backup",
            &[],
            save,
        ),
        job("line-ends", "each text gets the line ends of Windows", &[DOS2UNIX], line_ends),
        job("code-pages", "each Latin-1 text becomes UTF-8", &[ICONV], code_pages),
        job("logs-rotated", "each log is packed, and begins anew", &[GZIP], rotate),
        job("logs-cut", "each log is cut to nothing", &[], cut),
        job("logs-grow", "each log gets new lines", &[], grow),
    ]
}

/// Writes texts and logs, where the copy has none.
fn write_texts(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut written = 0;
    for number in 0..8 {
        let text: String = (0..50 + 40 * number)
            .map(|line| {
                format!("{number}.{line} Séance du {} : le maire expose l'état des travaux.\n", shop.seed % 28 + 1)
            })
            .collect();
        let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect();
        let log: String = (0..300)
            .map(|line| format!("2026-11-22T08:{:02}:{:02} svc{number} ok {line}\n", line / 60, line % 60))
            .collect();
        for (path, bytes) in [
            (format!("textes/note {number}.txt"), text.as_bytes()),
            (format!("textes/ancien {number}.latin1.txt"), &latin[..]),
            (format!("journaux/service{number}.log"), log.as_bytes()),
        ] {
            let path = TreePath::new(path);
            if shop.ground.is_free(&path)? {
                shop.write_new(&path, bytes)?;
                written += 1;
            }
        }
    }
    Ok(written)
}

fn texts(shop: &Workshop<'_>) -> Result<Vec<TreePath>, JobError> {
    shop.files(&["txt", "md"])
}

fn with_a_line_more(shop: &Workshop<'_>, path: &TreePath) -> Result<Vec<u8>, JobError> {
    let mut bytes = shop.read(path)?;
    let middle = bytes.len() / 2;
    let at = bytes[middle..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| middle + end + 1);
    bytes.splice(at..at, format!("Ajout {} en marge.\n", shop.seed).into_bytes());
    Ok(bytes)
}

fn edit(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&texts(shop)?, |path| shop.write_over(path, &with_a_line_more(shop, path)?))
}

fn save(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&texts(shop)?, |path| {
        let (old, new) = (shop.read(path)?, with_a_line_more(shop, path)?);
        shop.save_over(path, &[b".", ground::split(path).1, b".swp"].concat(), &new)?;
        let backup = with_suffix(path, "~");
        if shop.ground.is_free(&backup)? { shop.write_new(&backup, &old) } else { shop.write_over(&backup, &old) }
    })
}

fn line_ends(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&texts(shop)?, |path| {
        let mut words = arguments(["--quiet", "--force"]);
        words.push(argument(path));
        shop.run("unix2dos", words).map(drop)
    })
}

fn code_pages(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut latin = Vec::new();
    for path in texts(shop)? {
        if std::str::from_utf8(&shop.read(&path)?).is_err() {
            latin.push(path);
        }
    }
    each(&latin, |path| {
        let mut words = arguments(["--from-code", "ISO-8859-1", "--to-code", "UTF-8"]);
        words.push(argument(path));
        let text = shop.run("iconv", words)?;
        shop.write_over(path, &text)
    })
}

fn rotate(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&shop.files(&["log"])?, |path| {
        let packed = shop.run("gzip", ["--stdout".into(), argument(path)])?;
        shop.write_new(&with_suffix(path, ".1.gz"), &packed)?;
        shop.write_over(path, b"")
    })
}

fn cut(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&shop.files(&["log"])?, |path| shop.write_over(path, b""))
}

fn grow(shop: &Workshop<'_>) -> Result<u64, JobError> {
    each(&shop.files(&["log"])?, |path| shop.append(path, b"2026-11-22T18:00:00 svc ok, closing\n"))
}
