//! What a file is: by its content first, by its name second.

mod magic;

use std::collections::HashMap;
use std::sync::LazyLock;

/// A kind of file. Kinds that share their outer form and their checks share a kind: `.doc` and `.msg` are [`Kind::Ole2`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum Kind {
    // Office documents and archives.
    Zip,
    Ooxml,
    Odf,
    Epub,
    Jar,
    Ole2,
    Pdf,
    Rtf,
    OldWord,
    DrawnPage,
    // Text.
    Text,
    Csv,
    Xml,
    Html,
    Json,
    Sql,
    Script,
    Dxf,
    Email,
    Mbox,
    // Images.
    Png,
    Jpeg,
    Tiff,
    Gif,
    Bmp,
    WebP,
    // Compressed.
    Gzip,
    Xz,
    Lzma,
    Zstd,
    Bzip2,
    SevenZip,
    Rar,
    Tar,
    // Databases and geography.
    Sqlite,
    Access,
    Pst,
    Postgres,
    Dbase,
    Shapefile,
    ShapeIndex,
    Dwg,
    // Sound and film.
    Mp4,
    Mp3,
    Wav,
    Ogg,
    Flac,
    Avi,
    // Drawings and letters of Windows.
    Emf,
    Wmf,
    Font,
    // Machines and programs.
    Vhdx,
    Qcow2,
    Vmdk,
    Elf,
    Pe,
    OpenPgp,
    // Neither content nor name tell.
    Unknown,
}

/// What kinds are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Text and tables that offices write.
    Office,
    /// Letters and lines.
    Text,
    /// Pictures.
    Image,
    /// Compressed files and archives.
    Archive,
    /// Databases, mail boxes and maps.
    Database,
    /// Sound and film.
    Media,
    /// Disks and programs.
    Machine,
    /// Not known.
    Unknown,
}

impl Kind {
    /// Tells the kind from the first bytes (64 KiB are enough) and the name. Content decides; the name decides what content
    /// leaves open.
    pub fn of(head: &[u8], name: &[u8]) -> Self {
        Self::seen(head, Self::expected(name)).0
    }

    /// Tells the kind from content alone; `None` for what is not known, and for kinds without a mark of their own.
    pub fn by_content(head: &[u8]) -> Option<Self> {
        magic::by_content(head, None)
    }

    /// Tells what the name promises, by its last extension.
    pub fn expected(name: &[u8]) -> Option<Self> {
        let base = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let dot = base.iter().rposition(|&byte| byte == b'.').filter(|&dot| dot > 0)?;
        let extension = &base[dot + 1..];
        let mut small = [0; EXTENSION_BYTES_MAX];
        let small = small.get_mut(..extension.len())?;
        small.copy_from_slice(extension);
        small.make_ascii_lowercase();
        PROMISES.get(&*small).copied()
    }

    /// Tells the kind, and whether content alone shows that it is known. `expected` is what the name promises.
    pub(crate) fn seen(head: &[u8], expected: Option<Self>) -> (Self, bool) {
        match magic::by_content(head, expected) {
            None => (expected.unwrap_or(Self::Unknown), false),
            // They have no mark of their own: the name had a part in it.
            Some(kind @ (Self::Dbase | Self::Mp3 | Self::Shapefile | Self::ShapeIndex)) => {
                (kind, Self::by_content(head).is_some())
            }
            Some(kind) => (kind, true),
        }
    }

    /// Returns what the kind is for.
    pub fn family(self) -> Family {
        match self {
            Self::Ooxml | Self::Odf | Self::Epub | Self::Ole2 | Self::Pdf | Self::Rtf => Family::Office,
            Self::OldWord | Self::DrawnPage => Family::Office,
            Self::Dxf | Self::Email | Self::Mbox => Family::Text,
            Self::Text | Self::Csv | Self::Xml | Self::Html | Self::Json | Self::Sql | Self::Script => Family::Text,
            Self::Png | Self::Jpeg | Self::Tiff | Self::Gif | Self::Bmp | Self::WebP => Family::Image,
            Self::Emf | Self::Wmf => Family::Image,
            Self::Zip | Self::Jar | Self::Gzip | Self::Xz | Self::Lzma | Self::Zstd | Self::Bzip2 => Family::Archive,
            Self::SevenZip | Self::Rar | Self::Tar | Self::OpenPgp => Family::Archive,
            Self::Sqlite | Self::Access | Self::Pst | Self::Postgres | Self::Dbase => Family::Database,
            Self::Shapefile | Self::ShapeIndex | Self::Dwg => Family::Database,
            Self::Mp4 | Self::Mp3 | Self::Wav | Self::Ogg | Self::Flac | Self::Avi => Family::Media,
            Self::Vhdx | Self::Qcow2 | Self::Vmdk | Self::Elf | Self::Pe | Self::Font => Family::Machine,
            Self::Unknown => Family::Unknown,
        }
    }

    /// Tells whether every byte of such a file is a letter, so that others have no place in it.
    pub fn is_text(self) -> bool {
        self.family() == Family::Text || self == Self::Rtf
    }
}

/// Longer ones promise nothing.
const EXTENSION_BYTES_MAX: usize = 16;

/// The kinds by their extensions: asked for several times a file, and backups see millions.
static PROMISES: LazyLock<HashMap<&'static [u8], Kind>> = LazyLock::new(|| {
    let each = |(kind, names): &(Kind, &'static str)| {
        names.split(' ').map(|name| (name.as_bytes(), *kind)).collect::<Vec<_>>()
    };
    EXTENSIONS.iter().flat_map(each).collect()
});

/// What names promise, in the words of town offices. Extensions that mean several things (`.dat`, `.bin`, `.key`, `.db`) are
/// not here: content must tell.
const EXTENSIONS: &[(Kind, &str)] = &[
    (Kind::Ooxml, "docx docm dotx dotm xlsx xlsm xltx xltm xlsb pptx pptm potx potm ppsx ppsm vsdx vsdm xps oxps"),
    (Kind::Odf, "odt ods odp odg odf odb ott ots otp otg odm odc odi sxw sxc sxi sxd"),
    (Kind::Epub, "epub"),
    (Kind::Jar, "jar war ear apk xpi"),
    (Kind::Zip, "zip kmz whl nupkg cbz"),
    (Kind::Ole2, "doc dot xls xlt ppt pps pot msg msi vsd mpp pub"),
    (Kind::Pdf, "pdf"),
    (Kind::Rtf, "rtf"),
    (Kind::DrawnPage, "ps eps"),
    (Kind::Csv, "csv tsv tab"),
    (Kind::Xml, "xml xsd xsl xslt svg kml gml gpx gfs qgs qml fodt fods fodp fodg wsdl plist xmp rdf atom rss xhtml"),
    (Kind::Html, "html htm mht mhtml"),
    (Kind::Json, "json geojson jsonl ndjson topojson ipynb har"),
    (Kind::Sql, "sql ldif"),
    (
        Kind::Script,
        "sh bash bat cmd ps1 psm1 vbs js mjs css scss py rb pl pm php c h cpp hpp cc java cs go rs lua r m4 mk cmake tcl",
    ),
    (
        Kind::Text,
        "txt text log md rst tex sty cls bib po ini cfg conf cnf inf yaml yml toml properties reg nfo srt ics vcf vcs prj cpg",
    ),
    (Kind::Dxf, "dxf"),
    (Kind::Email, "eml mail"),
    (Kind::Mbox, "mbox mbx"),
    (Kind::Png, "png"),
    (Kind::Jpeg, "jpg jpeg jpe jfif"),
    (Kind::Tiff, "tif tiff"),
    (Kind::Gif, "gif"),
    (Kind::Bmp, "bmp dib"),
    (Kind::WebP, "webp"),
    (Kind::Gzip, "gz tgz svgz"),
    (Kind::Xz, "xz txz"),
    (Kind::Lzma, "lzma tlz"),
    (Kind::Zstd, "zst tzst"),
    (Kind::Bzip2, "bz2 tbz2 tbz"),
    (Kind::SevenZip, "7z"),
    (Kind::Rar, "rar cbr"),
    (Kind::Tar, "tar"),
    (Kind::Sqlite, "sqlite sqlite3 gpkg mbtiles"),
    (Kind::Access, "mdb accdb"),
    (Kind::Pst, "pst ost"),
    (Kind::Dbase, "dbf"),
    (Kind::Shapefile, "shp"),
    (Kind::ShapeIndex, "shx"),
    (Kind::Dwg, "dwg"),
    (Kind::Mp4, "mp4 m4v m4a mov 3gp heic heif avif"),
    (Kind::Mp3, "mp3"),
    (Kind::Wav, "wav"),
    (Kind::Ogg, "ogg oga ogv opus"),
    (Kind::Flac, "flac"),
    (Kind::Avi, "avi"),
    (Kind::Emf, "emf"),
    (Kind::Wmf, "wmf"),
    (Kind::Font, "ttf otf"),
    (Kind::Vhdx, "vhdx"),
    (Kind::Qcow2, "qcow2"),
    (Kind::Vmdk, "vmdk"),
    (Kind::Pe, "exe dll"),
    (Kind::OpenPgp, "gpg pgp"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_kinds() {
        assert_eq!(Kind::expected(b"Budget 2026.XLSX"), Some(Kind::Ooxml));
        assert_eq!(Kind::expected(b"a.b/plan"), None);
        assert_eq!(Kind::expected(b".bashrc"), None);
        assert_eq!(Kind::expected(b"d\xe9lib.doc"), Some(Kind::Ole2));
        assert_eq!(Kind::expected(b"plan.docx.xyz"), None);
    }

    #[test]
    fn no_extension_is_promised_twice() {
        let mut all: Vec<_> = EXTENSIONS.iter().flat_map(|(_, names)| names.split(' ')).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn content_comes_before_the_name() {
        assert_eq!(Kind::of(b"{\\rtf1\\ansi Bonjour}", b"lettre.doc"), Kind::Rtf);
        assert_eq!(Kind::of(b"<html><table>", b"export.xls"), Kind::Html);
        assert_eq!(Kind::of(b"nom;ville\nA;B\n", b"export.xls"), Kind::Text);
        assert_eq!(Kind::of(b"\x8f\x02\x00\xff\xfe\x00\x90", b"lettre.doc"), Kind::Ole2);
        assert_eq!(Kind::of(b"\x8f\x02\x00\xff\xfe\x00\x90", b"lettre"), Kind::Unknown);
    }
}
