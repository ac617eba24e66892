//! Work with LibreOffice: conversions, saving, passwords.

use std::ffi::OsString;

use restore::TreePath;

use super::Package;
use super::workshop::{
    Job, JobError, Workshop, arguments, by_folder, is_text, name_argument, read_from_home, with_extension,
};
use crate::ground;

pub(super) const WRITER: Package =
    Package { name: "libreoffice-writer-nogui", brings: "/usr/lib/libreoffice/program/libswlo.so" };
pub(super) const CALC: Package =
    Package { name: "libreoffice-calc-nogui", brings: "/usr/lib/libreoffice/program/libsclo.so" };
const UNO: Package = Package { name: "python3-uno", brings: "/usr/lib/python3/dist-packages/uno.py" };
const OFFICE: &[Package] = &[WRITER, CALC];
const OFFICE_AND_UNO: &[Package] = &[WRITER, CALC, UNO];

pub(super) fn jobs() -> Vec<Job> {
    let job = |name, does, work| Job { name, does, packages: OFFICE, prepare: write_documents, work };
    vec![
        job("documents-to-pdf", "a PDF appears beside every document", documents_to_pdf),
        job("old-documents-to-new", "each .doc and .xls becomes a .docx and .xlsx; the old one goes", old_to_new),
        job("documents-saved-again", "each document is opened and saved, in place", save_in_place),
        job("save-cycle", "each document is saved through another name, with a lock beside it", save_cycle),
        Job {
            packages: OFFICE_AND_UNO,
            ..job("documents-get-passwords", "each document can only be opened with a password", set_passwords)
        },
    ]
}

/// Writes documents and their PDFs, where the copy has no PDF.
pub(super) fn write_pdfs(shop: &Workshop<'_>) -> Result<u64, JobError> {
    if !shop.files(&["pdf"])?.is_empty() {
        return Ok(0);
    }
    Ok(write_documents(shop)? + documents_to_pdf(shop)?)
}

const NEW_DOCUMENTS: &[&str] = &["odt", "docx", "ods", "xlsx"];
const DOCUMENTS: &[&str] = &["odt", "docx", "doc", "rtf", "ods", "xlsx", "xls"];

/// Writes documents of each sort, where the copy has none.
fn write_documents(shop: &Workshop<'_>) -> Result<u64, JobError> {
    if !shop.files(&["odt", "docx", "doc", "ods", "xlsx", "xls"])?.is_empty() {
        return Ok(0);
    }
    let text: String =
        (0..200).map(|n| format!("Article {n} : le conseil approuve la dépense {}.\n", n * shop.seed)).collect();
    let rows: String = (0..300_u64).map(|n| format!("{n},dépense {n},{}\n", (n * 7919 + shop.seed) % 10_000)).collect();
    let folder = TreePath::new("délibérations");
    let mut written = 0;
    for (stem, from, content, to) in [
        ("compte rendu", "txt", &text, "odt"),
        ("convocation", "txt", &text, "docx"),
        ("ancien règlement", "txt", &text, "doc"),
        ("courrier", "txt", &text, "rtf"),
        ("budget", "csv", &rows, "ods"),
        ("subventions", "csv", &rows, "xlsx"),
        ("ancien budget", "csv", &rows, "xls"),
    ] {
        let source = folder.join(format!("{stem}.{from}").as_bytes());
        shop.write_new(&source, content.as_bytes())?;
        written += convert(shop, to, vec![source])?.len() as u64;
    }
    Ok(written)
}

fn documents_to_pdf(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let documents = shop.files(DOCUMENTS)?;
    Ok(convert(shop, "pdf", documents)?.len() as u64)
}

fn old_to_new(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut touched = 0;
    for (old, new) in [("doc", "docx"), ("xls", "xlsx")] {
        // A new document of that name is somebody else's.
        let mut free = Vec::new();
        for document in shop.files(&[old])? {
            if shop.ground.is_free(&with_extension(&document, new))? {
                free.push(document);
            }
        }
        for document in convert(shop, new, free)? {
            shop.ground.remove(&document)?;
            touched += 1;
        }
    }
    Ok(touched)
}

fn save_in_place(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut touched = 0;
    for (document, saved) in saved_again(shop)? {
        shop.write_over(&document, &saved)?;
        touched += 1;
    }
    Ok(touched)
}

/// Saves as Word does: a lock `~$…` lies beside while the document is open; the last one stays open.
fn save_cycle(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let documents = saved_again(shop)?;
    let last = documents.last().map(|(document, _)| document.clone());
    for (number, (document, saved)) in documents.iter().enumerate() {
        let lock = ground::sibling(document, &[b"~$", tail(ground::split(document).1)].concat());
        let mut owner = vec![0; LOCK_BYTES];
        owner[..7].copy_from_slice(b"\x06mairie");
        if shop.ground.is_free(&lock)? {
            shop.write_new(&lock, &owner)?;
            shop.save_over(document, format!("~WRL{number:04}.tmp").as_bytes(), saved)?;
            if Some(document) != last.as_ref() {
                shop.ground.remove(&lock)?;
            }
        }
    }
    Ok(documents.len() as u64)
}

/// Stores each document with a password, through LibreOffice's own interface.
fn set_passwords(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut touched = 0;
    for (folder, documents) in by_folder(shop.files(NEW_DOCUMENTS)?) {
        let documents: Vec<_> = documents.into_iter().filter(is_text).collect();
        let mut words = arguments(["-c", PASSWORD_SCRIPT]);
        words.extend([shop.home().as_os_str().to_owned(), format!("word-{}", shop.seed).into()]);
        words.extend(documents.iter().map(name_argument));
        if !documents.is_empty() {
            // The interface is one of Debian's own Python.
            shop.run_in(&folder, "/usr/bin/python3", words)?;
            touched += documents.len() as u64;
        }
    }
    Ok(touched)
}

/// Converts documents to beside themselves, and returns those that were.
fn convert(shop: &Workshop<'_>, to: &str, documents: Vec<TreePath>) -> Result<Vec<TreePath>, JobError> {
    let mut converted = Vec::new();
    for (folder, documents) in by_folder(documents) {
        let documents: Vec<_> = documents.into_iter().filter(is_text).collect();
        for some in documents.chunks(DOCUMENTS_AT_ONCE) {
            office(shop, &folder, to, ".".into(), some)?;
        }
        for document in documents {
            if !shop.ground.is_free(&with_extension(&document, to))? {
                converted.push(document);
            }
        }
    }
    Ok(converted)
}

/// Returns what each document is when it was opened and saved.
fn saved_again(shop: &Workshop<'_>) -> Result<Vec<(TreePath, Vec<u8>)>, JobError> {
    let mut saved = Vec::new();
    for to in NEW_DOCUMENTS {
        for (number, (folder, documents)) in by_folder(shop.files(&[to])?).into_iter().enumerate() {
            let documents: Vec<_> = documents.into_iter().filter(is_text).collect();
            let out = shop.home().join(format!("{to}-{number}"));
            for some in documents.chunks(DOCUMENTS_AT_ONCE) {
                office(shop, &folder, to, out.clone().into(), some)?;
            }
            for document in documents {
                let name = String::from_utf8_lossy(ground::split(&document).1).into_owned();
                if let Some(bytes) = read_from_home(&out.join(name)) {
                    saved.push((document, bytes));
                }
            }
        }
    }
    Ok(saved)
}

fn office(
    shop: &Workshop<'_>,
    folder: &TreePath,
    to: &str,
    out: OsString,
    documents: &[TreePath],
) -> Result<(), JobError> {
    let mut profile = OsString::from("-env:UserInstallation=file://");
    profile.push(shop.home().join("office"));
    let mut words = vec![profile];
    words.extend(arguments(["--headless", "--norestore", "--convert-to", to, "--outdir"]));
    words.push(out);
    words.extend(documents.iter().map(name_argument));
    match shop.run_in(folder, "soffice", words) {
        // It says so when it cannot open one of many; which ones it could is seen by what it wrote.
        Ok(_) | Err(JobError::Failed { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Word leaves two letters of a long name out.
fn tail(name: &[u8]) -> &[u8] {
    if name.len() > 12 { &name[2..] } else { name }
}

const DOCUMENTS_AT_ONCE: usize = 50;
const LOCK_BYTES: usize = 162;

/// Starts LibreOffice with a pipe and stores each document over itself: home, password, documents.
const PASSWORD_SCRIPT: &str = r#"
import os, subprocess, sys, time, uno
from com.sun.star.beans import NamedValue, PropertyValue
from com.sun.star.connection import NoConnectException

home, word, documents = sys.argv[1], sys.argv[2], sys.argv[3:]
filters = {".odt": "writer8", ".ods": "calc8", ".docx": "MS Word 2007 XML", ".xlsx": "Calc MS Excel 2007 XML"}
pipe = "beffroi%d" % os.getpid()
office = subprocess.Popen(["soffice", "-env:UserInstallation=file://" + home + "/office", "--headless", "--norestore",
                           "--accept=pipe,name=" + pipe + ";urp;"])
resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
for _ in range(600):
    try:
        context = resolver.resolve("uno:pipe,name=" + pipe + ";urp;StarOffice.ComponentContext")
        break
    except NoConnectException:
        time.sleep(0.1)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
def option(name, value):
    return PropertyValue(Name=name, Value=value)
for name in documents:
    path = os.path.abspath(name)
    url = uno.systemPathToFileUrl(path)
    document = desktop.loadComponentFromURL(url, "_blank", 0, (option("Hidden", True),))
    if document is None:
        continue
    kind = filters[os.path.splitext(path)[1].lower()]
    if path.lower().endswith("x"):
        lock = (NamedValue("CryptoType", "Standard"), NamedValue("OOXPassword", word))
        lock = option("EncryptionData", uno.Any("[]com.sun.star.beans.NamedValue", lock))
    else:
        lock = option("Password", word)
    document.storeToURL(url + ".new", (option("FilterName", kind), lock))
    document.close(True)
    os.replace(path + ".new", path)
try:
    desktop.terminate()
except Exception:
    pass
office.wait(60)
"#;
