//! What an attack leaves that can be seen by name: chosen by a seed, so that no rule can learn the exercise's own marks.

use super::chance::{AttackKey, Dice};
use super::mechanics::{Extension, Notes};

/// The words and marks of one attack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disguise {
    /// The word that extensions are made of. Without one no file gets a new name.
    pub extension: Option<String>,
    /// The first bytes of every footer, the same in all files; the others are each file's own.
    pub footer: Vec<u8>,
    /// The note. Its text is fixed but for the language and a number: it says that it is an exercise.
    pub note: Option<Note>,
}

/// A note of one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    name: String,
    text: String,
}

impl Disguise {
    /// No new names, no notes, no marks: only content changes.
    pub fn plain() -> Self {
        Self { extension: None, footer: Vec::new(), note: None }
    }

    /// Chooses by a seed.
    pub fn of_seed(seed: u64) -> Self {
        let mut dice = AttackKey::of_seed(seed).dice(b"", b"disguise");
        let extension = Some(dice.word(EXTENSION_LETTERS_MAX));
        let marked = dice.below(2) == 0;
        let footer = if marked { dice.bytes(FOOTER_MARK_BYTES) } else { Vec::new() };
        Self { extension, footer, note: Some(Note::of_dice(&mut dice)) }
    }

    /// Returns what a file is called after the attack, if it is not what it was called before.
    pub(super) fn new_name(&self, rule: &Extension, old: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
        let word = self.extension.as_ref()?;
        let of_word = |letters: &usize| word.chars().take(*letters).collect::<String>();
        let extension = match rule {
            Extension::None => return None,
            Extension::Word => word.clone(),
            Extension::Victim { letters } => of_word(letters),
            Extension::EachFile { letters } => dice.word(*letters),
            Extension::WholeName => return Some(dice.word(WHOLE_NAME_LETTERS).into_bytes()),
        };
        let name = [old, b".", extension.as_bytes()].concat();
        (name.len() <= NAME_BYTES_MAX).then_some(name)
    }

    /// Returns a footer of so many bytes.
    pub(super) fn footer(&self, bytes: usize, dice: &mut Dice) -> Vec<u8> {
        let mut footer = dice.bytes(bytes);
        let marked = self.footer.len().min(bytes);
        footer[..marked].copy_from_slice(&self.footer[..marked]);
        footer
    }
}

impl Note {
    /// Makes a note of a name and a seed: only its text cannot be chosen.
    pub fn named(name: &str, seed: u64) -> Self {
        Self { name: name.into(), ..Self::of_seed(seed) }
    }

    /// Makes a note of a seed.
    pub fn of_seed(seed: u64) -> Self {
        Self::of_dice(&mut AttackKey::of_seed(seed).dice(b"", b"note"))
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns what the note is called beside a file, or in a folder.
    pub(super) fn name(&self, notes: Notes, beside: &[u8]) -> Vec<u8> {
        if notes != Notes::EachFile {
            return self.name.clone().into_bytes();
        }
        [beside, b".", self.name.as_bytes()].concat()
    }

    fn of_dice(dice: &mut Dice) -> Self {
        let word = dice.word(NUMBER_LETTERS);
        let name = match dice.below(4) {
            0 => format!("{word}-README.txt"),
            1 => format!("HOW_TO_RESTORE_{word}.txt"),
            2 => format!("{word}_lisez-moi.html"),
            _ => "RECOVER-FILES.txt".to_string(),
        };
        let text = match dice.below(2) {
            0 => format!(
                "This is an exercise of Beffroi on a copy, number {word}: nothing is lost, nothing is asked for.\n"
            ),
            _ => format!(
                "Ceci est un exercice de Beffroi sur une copie, numéro {word} : rien n'est perdu, rien n'est demandé.\n"
            ),
        };
        Self { name, text }
    }
}

const EXTENSION_LETTERS_MAX: usize = 12;
const FOOTER_MARK_BYTES: usize = 8;
const WHOLE_NAME_LETTERS: usize = 16;
const NUMBER_LETTERS: usize = 8;
const NAME_BYTES_MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_share_no_mark() {
        let disguises: Vec<_> = (0..50).map(Disguise::of_seed).collect();
        for (at, one) in disguises.iter().enumerate() {
            for other in &disguises[..at] {
                assert_ne!(one.extension, other.extension);
                assert_ne!(one.note.as_ref().unwrap().text, other.note.as_ref().unwrap().text);
                assert!(one.footer.is_empty() || one.footer != other.footer);
            }
        }
    }

    #[test]
    fn every_note_says_what_it_is() {
        for seed in 0..50 {
            let note = Note::of_seed(seed);
            assert!(note.text().contains("Beffroi") && note.text().contains("exerci"), "{}", note.text());
            assert_eq!(note.text().lines().count(), 1);
        }
    }

    #[test]
    fn a_name_that_would_be_too_long_stays() {
        let mut dice = AttackKey::of_seed(1).dice(b"", b"");
        let rule = Extension::Victim { letters: 7 };
        let disguise = Disguise::of_seed(1);
        assert_eq!(disguise.new_name(&rule, &[b'x'; 250], &mut dice), None);
        assert_eq!(disguise.new_name(&rule, b"plan.docx", &mut dice).unwrap().len(), 17);
        assert_eq!(Disguise::plain().new_name(&rule, b"plan.docx", &mut dice), None);
    }
}
