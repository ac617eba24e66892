//! What became of a file, told from two versions of it.
//!
//! Only the way from one to the other counts. Many files were never right: cut off by a full disk years ago, called `.doc` and
//! something else inside. They are no damage, now or ever. A file that was right and is not any more is.

use crate::delta::{Delta, Pattern};
use crate::facts::{Depth, Facts, Finding};
use crate::kind::Kind;

/// One version of a file, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version {
    /// What was seen; nothing if nobody looked.
    pub facts: Option<Facts>,
    /// Its length in bytes.
    pub bytes: u64,
}

/// What became of a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// The same bytes.
    Intact,
    /// Other bytes, and nothing is wrong with them that was not before.
    Edited,
    /// It was not there before.
    New,
    /// It is not there any more.
    Deleted,
    /// Encrypted, overwritten, cut off or emptied under its own name.
    Damaged,
    /// The same under another name.
    RenamedDamaged,
    /// A small new file that lies beside hurt ones in many folders.
    Note,
    /// It looks hurt, and may be work.
    Suspect,
    /// Nothing can be said.
    Unknown,
}

/// Why a file has its class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// It was of a kind that it is not any more.
    KindLost {
        /// Which.
        was: Kind,
    },
    /// It ends too early.
    Truncated,
    /// Its structure does not hold any more.
    Broken,
    /// Parts of it do not have their checksums, or do not follow the rules of the kind.
    Corrupt,
    /// One byte, over and over.
    Zeroed,
    /// No byte is more frequent than another.
    RandomLike,
    /// Letters that hide random bytes.
    Encoded,
    /// Parts were overwritten where they lay, as no program does that works with the file.
    Overwritten(Overwriting),
    /// It was structured and looks drawn by lot now; its kind is not known.
    TextureChanged,
    /// It has a password now.
    NewlyProtected,
    /// It is empty now.
    Emptied,
    /// It was not right before either.
    WrongBefore,
    /// Nothing is known of the version before.
    NoPast,
    /// It was renamed in the way of many that are hurt.
    RenamedAlike,
    /// A small file that changed while others were hurt, and has the length that it had.
    SameLength,
    /// Not all of it could be examined.
    NotExamined,
}

/// How parts of a file were overwritten.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Overwriting {
    /// All of it.
    Whole,
    /// The first bytes.
    Head,
    /// Parts of one length at one distance.
    Periodic,
    /// Parts here and there.
    Scattered,
}

/// A class with its reasons, the strongest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What became of it.
    pub class: Class,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Judges what became of a file whose bytes are others now. `delta` is there if both versions' bytes were compared.
///
/// The class of what is hurt is [`Class::Damaged`]; who paired two names makes [`Class::RenamedDamaged`] of it.
pub fn judge(before: &Version, after: &Version, delta: Option<&Delta>) -> Verdict {
    let overwriting = delta.filter(|delta| delta.is_overwriting()).map(overwriting);
    if after.bytes == 0 && before.bytes > 0 {
        return judge_emptied(before);
    }
    let (Some(was), Some(is)) = (&before.facts, &after.facts) else {
        return match overwriting {
            Some(reason) => verdict(Class::Damaged, [reason]),
            None => judge_alone(after),
        };
    };
    if let Some(reason) = loss(was, is) {
        return verdict(Class::Damaged, [Some(reason), overwriting].into_iter().flatten());
    }
    // Single bytes, too far apart to show in one version.
    let (was_sound, is_text) = (was.kind.is_text() && was.finding.is_sound(), is.kind.is_text());
    if was_sound && is_text && delta.is_some_and(Delta::has_strays) {
        return verdict(Class::Damaged, [Reason::Corrupt]);
    }
    match overwriting {
        Some(reason) if !is_vouched_for(is) && !is_newly_closed(was, is, delta) => verdict(Class::Damaged, [reason]),
        _ => judge_whole(was, is),
    }
}

/// Tells whether a file under a new name is another file than the one that is gone: it is sound, and what its own name promises, which
/// the old name does not. Somebody wrote it; who encrypts leaves nothing that anybody can open.
pub fn is_another_file(name_before: &[u8], name_after: &[u8], after: &Version) -> bool {
    let Some(promised) = Kind::expected(name_after).filter(|kind| Kind::expected(name_before) != Some(*kind)) else {
        return false;
    };
    let is_kept = |is: &Facts| is.kind == promised || (is.kind.is_text() && promised.is_text());
    after.facts.as_ref().is_some_and(|is| is.finding == Finding::Valid && is_kept(is))
}

/// Judges a file that was not right before by its heads: it had a mark, and is nothing that is known now, or plain text.
pub fn lost_mark(head_before: &[u8], head_after: &[u8]) -> Option<Verdict> {
    let was = Kind::by_content(head_before).filter(|kind| has_mark(*kind))?;
    let class = match Kind::by_content(head_after) {
        None => Class::Damaged,
        Some(is) if is_plain(is) => class_of_plain(was),
        Some(_) => return None,
    };
    Some(verdict(class, [Reason::KindLost { was }]))
}

/// Judges a file of whose past nothing is known.
pub fn judge_alone(after: &Version) -> Verdict {
    match &after.facts {
        Some(is) if is.finding.is_sound() => verdict(Class::New, []),
        Some(is) => verdict(Class::New, unsound_reason(is)),
        None => verdict(Class::Unknown, [Reason::NotExamined]),
    }
}

/// An empty file of a kind that may be empty says nothing by itself: logs are emptied every day.
fn judge_emptied(before: &Version) -> Verdict {
    match &before.facts {
        Some(was) if was.finding.is_sound() && !was.kind.is_text() && was.kind != Kind::Unknown => {
            verdict(Class::Damaged, [Reason::Emptied])
        }
        _ => verdict(Class::Suspect, [Reason::Emptied]),
    }
}

/// Tells what was lost on the way, if it is certain.
fn loss(was: &Facts, is: &Facts) -> Option<Reason> {
    let reason = unsound_reason(is);
    // It may have been so before, where nobody looked.
    if was.depth == Depth::Glance && is.depth == Depth::Full && is.finding.is_unsound() && !is.shows_at_ends {
        return None;
    }
    match (was.finding, is.finding) {
        (before, after) if before.is_sound() && after.is_unsound() => reason,
        // Broken once, encrypted now: what could still be read is gone.
        (before, after) if before.is_unsound() && !before.is_total() && after.is_total() => reason,
        (Finding::Unknown, Finding::RandomLike | Finding::Encoded | Finding::Zeroed) if was.is_uneven() => reason,
        (before, Finding::Unknown)
            if before.is_sound() && has_mark(was.kind) && is.is_even() && was.kind != is.kind =>
        {
            Some(Reason::KindLost { was: was.kind })
        }
        (before, Finding::Unknown) if before.is_sound() && was.kind.is_text() && is.is_even() => {
            Some(Reason::KindLost { was: was.kind })
        }
        _ => None,
    }
}

/// Judges where no loss is certain.
fn judge_whole(was: &Facts, is: &Facts) -> Verdict {
    if is.finding == Finding::Protected && was.finding != Finding::Protected {
        return verdict(Class::Edited, [Reason::NewlyProtected]);
    }
    if is.finding.is_sound() {
        return judge_sound(was, is);
    }
    if is.finding.is_unsound() {
        let class = if was.finding.is_unsound() { Class::Edited } else { Class::Suspect };
        let known = (class == Class::Edited).then_some(Reason::WrongBefore);
        return verdict(class, known.into_iter().chain(unsound_reason(is)));
    }
    if was.is_uneven() && is.is_even() {
        return verdict(Class::Suspect, [Reason::TextureChanged]);
    }
    if was.finding.is_sound() && was.kind != is.kind {
        return verdict(Class::Suspect, [Reason::KindLost { was: was.kind }]);
    }
    verdict(Class::Unknown, [Reason::NotExamined])
}

/// Judges what holds now. Pictures, archives, databases are never written anew as plain text: cipher text in letters is. Offices
/// do export tables as text under names of Excel, and pages without their previews.
fn judge_sound(was: &Facts, is: &Facts) -> Verdict {
    if !is_plain(is.kind) || !was.finding.is_sound() || !has_mark(was.kind) {
        return verdict(Class::Edited, []);
    }
    verdict(class_of_plain(was.kind), [Reason::KindLost { was: was.kind }])
}

fn is_plain(kind: Kind) -> bool {
    use Kind::{Csv, Json, Script, Sql, Text};
    matches!(kind, Text | Csv | Json | Sql | Script)
}

/// Returns what has become of a file of a kind that is plain text now.
fn class_of_plain(was: Kind) -> Class {
    let is_exported = matches!(was, Kind::Ole2 | Kind::OldWord | Kind::DrawnPage);
    if is_exported { Class::Suspect } else { Class::Damaged }
}

/// Tells whether an examination proves a file sound so well that no pattern of changes speaks against it: checksums do. Of text
/// it is not said, since a code page gives a meaning to nearly every byte.
fn is_vouched_for(facts: &Facts) -> bool {
    use Kind::{Bzip2, Dwg, Epub, Gzip, Jar, Lzma, Odf, Ooxml, Png, Pst, Xz, Zip, Zstd};
    let summed =
        matches!(facts.kind, Zip | Ooxml | Odf | Epub | Jar | Png | Gzip | Xz | Lzma | Zstd | Bzip2 | Pst | Dwg);
    facts.depth == Depth::Full && facts.finding.is_sound() && summed
}

/// Tells whether a file was closed as a whole: every byte is another one, as it must be, and its form tells of a password.
fn is_newly_closed(was: &Facts, is: &Facts, delta: Option<&Delta>) -> bool {
    let is_whole = delta.is_some_and(|delta| delta.pattern == Pattern::Whole);
    is_whole && is.finding == Finding::Protected && was.finding != Finding::Protected && was.kind != is.kind
}

/// Tells whether files of the kind begin with bytes that nothing else begins with.
fn has_mark(kind: Kind) -> bool {
    kind != Kind::Unknown && !kind.is_text()
}

fn unsound_reason(facts: &Facts) -> Option<Reason> {
    Some(match facts.finding {
        Finding::Valid | Finding::Protected => return None,
        Finding::Truncated => Reason::Truncated,
        Finding::Broken => Reason::Broken,
        Finding::Corrupt => Reason::Corrupt,
        Finding::Zeroed => Reason::Zeroed,
        Finding::RandomLike => Reason::RandomLike,
        Finding::Encoded => Reason::Encoded,
        Finding::Unknown => Reason::NotExamined,
    })
}

fn overwriting(delta: &Delta) -> Reason {
    Reason::Overwritten(match delta.pattern {
        Pattern::Whole | Pattern::Masked { .. } => Overwriting::Whole,
        Pattern::Head { .. } => Overwriting::Head,
        Pattern::Periodic { .. } => Overwriting::Periodic,
        Pattern::Scattered | Pattern::None => Overwriting::Scattered,
    })
}

fn verdict(class: Class, reasons: impl IntoIterator<Item = Reason>) -> Verdict {
    Verdict { class, reasons: reasons.into_iter().collect() }
}

impl Class {
    /// Tells whether something is lost.
    pub fn is_hurt(self) -> bool {
        matches!(self, Self::Damaged | Self::RenamedDamaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::Comparer;

    fn version(kind: Kind, finding: Finding, even_share: u8) -> Version {
        let depth = Depth::Full;
        let facts = Facts { kind, finding, depth, shows_at_ends: false, even_share, zero_share: 0, windows: 40 };
        Version { facts: Some(facts), bytes: 100_000 }
    }

    fn class(before: Version, after: Version) -> Class {
        judge(&before, &after, None).class
    }

    #[test]
    fn what_was_sound_and_is_not_is_damaged() {
        let sound = [version(Kind::Ooxml, Finding::Valid, 200), version(Kind::Ooxml, Finding::Protected, 200)];
        for before in sound {
            for finding in [
                Finding::Truncated,
                Finding::Broken,
                Finding::Corrupt,
                Finding::Zeroed,
                Finding::RandomLike,
                Finding::Encoded,
            ] {
                let found = judge(&before, &version(Kind::Ooxml, finding, 255), None);
                assert_eq!(found.class, Class::Damaged, "{finding:?}");
                assert_eq!(found.reasons.len(), 1);
            }
        }
    }

    #[test]
    fn what_only_a_full_examination_sees_is_doubtful_after_a_glance() {
        let glanced = |mut version: Version| {
            version.facts.as_mut().unwrap().depth = Depth::Glance;
            version
        };
        let (before, after) = (version(Kind::Ooxml, Finding::Valid, 9), version(Kind::Ooxml, Finding::Corrupt, 9));
        assert_eq!(class(before, after), Class::Damaged);
        assert_eq!(class(glanced(before), after), Class::Suspect);
        let mut shown = after;
        shown.facts.as_mut().unwrap().shows_at_ends = true;
        assert_eq!(class(glanced(before), shown), Class::Damaged);
        assert_eq!(class(glanced(before), glanced(shown)), Class::Damaged);
    }

    #[test]
    fn what_was_never_right_is_not_damaged_until_it_is_lost_whole() {
        let broken = version(Kind::Pdf, Finding::Broken, 100);
        assert_eq!(class(broken, version(Kind::Pdf, Finding::Corrupt, 100)), Class::Edited);
        assert_eq!(class(broken, version(Kind::Pdf, Finding::Broken, 120)), Class::Edited);
        assert_eq!(class(broken, version(Kind::Unknown, Finding::RandomLike, 255)), Class::Damaged);
        let lost = version(Kind::Unknown, Finding::RandomLike, 255);
        assert_eq!(class(lost, lost), Class::Edited);
    }

    #[test]
    fn a_password_and_another_kind_are_work() {
        let before = version(Kind::Ooxml, Finding::Valid, 200);
        let found = judge(&before, &version(Kind::Ole2, Finding::Protected, 250), None);
        assert_eq!((found.class, found.reasons), (Class::Edited, vec![Reason::NewlyProtected]));
        assert_eq!(class(before, version(Kind::Pdf, Finding::Valid, 200)), Class::Edited);
    }

    #[test]
    fn a_broken_file_that_loses_its_mark_is_hurt() {
        let (ole2, noise) = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1cut off", [0x9c, 0x01, 0xf7, 0x88, 0x13, 0xe5]);
        let class = |before: &[u8], after: &[u8]| lost_mark(before, after).map(|found| found.class);
        assert_eq!(class(ole2, &noise), Some(Class::Damaged));
        assert_eq!(class(ole2, b"exported;as;text\n"), Some(Class::Suspect));
        assert_eq!(class(b"GIF89a cut off", b"R0lGODlh, in letters"), Some(Class::Damaged));
        assert_eq!(class(ole2, b"GIF89a"), None);
        assert_eq!(class(b"no mark", &noise), None);
    }

    #[test]
    fn a_sound_file_with_a_name_of_its_own_is_another_file() {
        let sound = version(Kind::Text, Finding::Valid, 0);
        assert!(is_another_file(b"plan.pdf", b"plan.pdf, minutes.txt", &sound));
        assert!(is_another_file(b"plan.pdf", b"plan.csv", &sound));
        assert!(!is_another_file(b"plan.pdf", b"plan.pdf.k2x9", &sound));
        assert!(!is_another_file(b"plan.txt", b"[id] plan.txt", &sound));
        assert!(!is_another_file(b"plan.pdf", b"plan.pdf.png", &sound));
        assert!(!is_another_file(b"plan.pdf", b"plan.pdf.gpg", &version(Kind::OpenPgp, Finding::Protected, 255)));
        assert!(!is_another_file(b"plan.pdf", b"plan.pdf.txt", &version(Kind::Text, Finding::Encoded, 0)));
    }

    #[test]
    fn a_text_that_was_closed_by_a_password_is_work() {
        let text = "Le conseil a délibéré ; la séance est levée.\n".repeat(60);
        let mut strange = text.clone().into_bytes();
        strange.chunks_mut(100).for_each(|part| part[..8].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 0x0e]));
        let mut comparer = Comparer::of_text(text.len() as u64, strange.len() as u64);
        comparer.compare(text.as_bytes(), &strange);
        let delta = comparer.finish();
        assert!(delta.has_strays());
        let before = version(Kind::Text, Finding::Valid, 0);
        let found = judge(&before, &version(Kind::Text, Finding::Valid, 0), Some(&delta));
        assert_eq!((found.class, found.reasons), (Class::Damaged, vec![Reason::Corrupt]));
        let found = judge(&before, &version(Kind::OpenPgp, Finding::Protected, 255), Some(&delta));
        assert_eq!(found.reasons.first(), Some(&Reason::NewlyProtected), "{:?}", found.class);
    }

    #[test]
    fn what_turns_into_plain_text_is_lost() {
        let text = version(Kind::Text, Finding::Valid, 0);
        assert_eq!(class(version(Kind::Jpeg, Finding::Valid, 255), text), Class::Damaged);
        assert_eq!(class(version(Kind::Ooxml, Finding::Protected, 255), text), Class::Damaged);
        assert_eq!(class(version(Kind::Ole2, Finding::Valid, 60), text), Class::Suspect);
        assert_eq!(class(version(Kind::Jpeg, Finding::Broken, 255), text), Class::Edited);
        assert_eq!(class(version(Kind::Rtf, Finding::Valid, 0), text), Class::Edited);
        assert_eq!(
            class(version(Kind::Ole2, Finding::Valid, 60), version(Kind::Html, Finding::Valid, 0)),
            Class::Edited
        );
    }

    #[test]
    fn a_file_that_was_closed_as_a_whole_is_not_overwritten() {
        let (old, mut new) = (vec![b'a'; 100_000], vec![b'a'; 100_000]);
        blake3::Hasher::new().finalize_xof().fill(&mut new);
        let mut comparer = Comparer::new(100_000, 100_000);
        comparer.compare(&old, &new);
        let delta = comparer.finish();
        let before = version(Kind::Jpeg, Finding::Valid, 255);
        let judged = |finding, kind| judge(&before, &version(kind, finding, 255), Some(&delta)).class;
        assert_eq!(judged(Finding::Protected, Kind::OpenPgp), Class::Edited);
        assert_eq!(judged(Finding::Protected, Kind::Jpeg), Class::Damaged);
        assert_eq!(judged(Finding::Valid, Kind::Jpeg), Class::Damaged);
    }

    #[test]
    fn a_kind_that_is_lost_in_noise_is_damage_and_in_anything_else_doubt() {
        let before = version(Kind::Sqlite, Finding::Valid, 5);
        let noise = judge(&before, &version(Kind::Unknown, Finding::Unknown, 255), None);
        assert_eq!((noise.class, noise.reasons), (Class::Damaged, vec![Reason::KindLost { was: Kind::Sqlite }]));
        assert_eq!(class(before, version(Kind::Unknown, Finding::Unknown, 60)), Class::Suspect);
    }

    #[test]
    fn of_unknown_kinds_texture_raises_doubt_and_a_pattern_proves() {
        let (before, after) =
            (version(Kind::Unknown, Finding::Unknown, 3), version(Kind::Unknown, Finding::Unknown, 255));
        assert_eq!(class(before, after), Class::Suspect);
        assert_eq!(class(before, before), Class::Unknown);
        assert_eq!(class(after, after), Class::Unknown);
        let (old, mut new) = (vec![b'a'; 100_000], vec![b'a'; 100_000]);
        blake3::Hasher::new().finalize_xof().fill(&mut new[..50_000]);
        let mut comparer = Comparer::new(100_000, 100_000);
        comparer.compare(&old, &new);
        let found = judge(&before, &version(Kind::Unknown, Finding::Unknown, 120), Some(&comparer.finish()));
        assert_eq!((found.class, found.reasons), (Class::Damaged, vec![Reason::Overwritten(Overwriting::Head)]));
    }

    #[test]
    fn emptying_is_damage_where_an_empty_file_is_none() {
        let empty = Version { facts: None, bytes: 0 };
        assert_eq!(class(version(Kind::Odf, Finding::Valid, 9), empty), Class::Damaged);
        assert_eq!(class(version(Kind::Text, Finding::Valid, 9), empty), Class::Suspect);
    }

    #[test]
    fn without_a_past_nothing_is_damage() {
        let unknown = Version { facts: None, bytes: 10 };
        assert_eq!(class(unknown, version(Kind::Pdf, Finding::Broken, 200)), Class::New);
        assert_eq!(class(unknown, unknown), Class::Unknown);
    }
}
