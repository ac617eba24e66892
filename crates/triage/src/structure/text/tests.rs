//! Texts as people and programs write them, and the same with other bytes in them.

use super::*;
use crate::content::Content;
use crate::examine::examine;
use crate::limits::Limits;

fn state_of(bytes: &[u8], name: &str) -> State {
    examine(bytes, name.as_bytes(), &Limits::default()).expect("memory can be read").state
}

fn letters_of(bytes: &[u8]) -> Letters {
    let notes = examine(bytes, b"a.txt", &Limits::default()).expect("memory can be read").notes;
    let letters =
        notes.into_iter().find_map(|note| if let Note::Letters(letters) = note { Some(letters) } else { None });
    letters.expect("the letters of a text are told")
}

const FRENCH: &str =
    "Le conseil municipal s'est réuni à la mairie, où l'élu a présenté la délibération n° 12 : « Voirie ».\r\n";

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("a letter of Latin-1")).collect()
}

/// Code page 850 of the letters that French has.
fn dos(text: &str) -> Vec<u8> {
    let letter = |letter: char| match letter {
        'é' => 0x82,
        'à' => 0x85,
        'è' => 0x8a,
        'ê' => 0x88,
        'ù' => 0x97,
        'ç' => 0x87,
        '°' => 0xf8,
        '«' => 0xae,
        '»' => 0xaf,
        plain => u8::try_from(u32::from(plain)).expect("a plain letter"),
    };
    text.chars().map(letter).collect()
}

#[test]
fn letters_of_code_pages_are_told() {
    let text = FRENCH.repeat(20);
    assert_eq!(letters_of(b"plain text, nothing else\n"), Letters::Ascii);
    assert_eq!(letters_of(text.as_bytes()), Letters::Utf8);
    assert_eq!(letters_of(&latin1(&text)), Letters::Western);
    assert_eq!(letters_of(&dos(&text)), Letters::Dos);
    let words: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(letters_of(&[b"\xff\xfe", &words[..]].concat()), Letters::Utf16);
    assert_eq!(letters_of(&words), Letters::Utf16);
}

#[test]
fn habits_of_programs_are_no_damage() {
    let escapes = "\x1b[31mERREUR\x1b[0m : disque plein\n".repeat(50);
    let struck = "N\x08NA\x08AM\x08ME\x08E\n".repeat(50);
    let fields = "Mairie\x1fVoirie\x1e12\x1d\n".repeat(50);
    let zeros = "chemin/fichier.txt\0".repeat(50);
    let pages = "page\x0c\n".repeat(50);
    for text in [escapes, struck, fields, zeros, pages, "fin de fichier\r\n\x1a".into()] {
        assert_eq!(state_of(text.as_bytes(), "journal.log"), State::Valid, "{text:.40?}");
    }
}

#[test]
fn some_letters_of_another_code_page_are_no_damage() {
    let mut text = "A log that is plain.\n".repeat(100).into_bytes();
    text.extend(latin1("auteur : Élodie Lefèvre-Gérard, né à Orléans, été 1984, « çà et là »\n"));
    text.extend(b"and plain again\n".repeat(50));
    assert_eq!(state_of(&text, "a.log"), State::Valid);
    // A word of Russian in Windows-1251 among plain letters.
    let russian =
        [b"name: \xc8\xe2\xe0\xed\xee\xe2 \xcf\xe5\xf2\xf0, Moscow\n".as_slice(), &b"plain\n".repeat(200)].concat();
    assert_eq!(state_of(&russian, "a.txt"), State::Valid);
    let unicode = [FRENCH.repeat(50).as_bytes(), &latin1("par Gérard Lefèvre\n")].concat();
    assert_eq!(state_of(&unicode, "a.txt"), State::Valid);
}

#[test]
fn lines_that_never_reached_the_disk_are_told() {
    let mut text = FRENCH.repeat(50).into_bytes();
    text[1000..1600].fill(0);
    let State::Corrupt { ranges } = state_of(&text, "a.txt") else { panic!("it is corrupt") };
    assert_eq!((ranges.len(), &ranges[0]), (1, &(1000..1600)));
}

#[test]
fn a_file_that_promises_nothing_may_hold_anything_behind_its_head() {
    let mut installer = "echo extracting\n".repeat(300).into_bytes();
    installer.extend((0..=255).cycle().take(100_000));
    assert!(matches!(state_of(&installer, "installer"), State::Unknown(Unknown::Mixed { .. })));
    assert!(matches!(state_of(&installer, "installer.txt"), State::Corrupt { .. }));
}

#[test]
fn markup_without_its_end_is_cut() {
    let xml = format!("<?xml version=\"1.0\"?>\n<actes>{}</actes>\n", "<acte n=\"1\">délibération</acte>".repeat(40));
    assert_eq!(state_of(xml.as_bytes(), "pes.xml"), State::Valid);
    let cut = &xml.as_bytes()[..700];
    assert_eq!(state_of(cut, "pes.xml"), State::Truncated { at: cut.bytes() });
}

#[test]
fn keys_and_tables_of_letters_are_not_encoded() {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\n".repeat(4);
    assert_eq!(state_of(alphabet.as_bytes(), "alphabet.txt"), State::Valid);
    let digits = "31415926535897932384626433832795\n".repeat(40);
    assert_eq!(state_of(digits.as_bytes(), "pi.txt"), State::Valid);
}

#[test]
fn noise_in_eighty_five_letters_is_told_at_any_length() {
    // The first of five letters never is one of the last two: in long files that shows.
    for bytes in [1000, 100_000, 2_000_000] {
        let mut noise = vec![0; bytes];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        let letters = noise.chunks_exact(4).flat_map(|four| {
            let number = u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
            (0..5).rev().map(move |place| b'!' + (number / 85_u32.pow(place) % 85) as u8)
        });
        let letters: Vec<u8> = letters.collect();
        assert_eq!(state_of(&letters, "a.txt"), State::Encoded(crate::state::Encoding::Base85), "{bytes} bytes");
        let few: Vec<u8> = letters.iter().map(|letter| if *letter > b'p' { b'a' } else { *letter }).collect();
        assert_eq!(state_of(&few, "a.txt"), State::Valid, "{bytes} bytes of fewer letters");
    }
}

#[test]
fn short_texts_of_the_east_of_europe_and_lists_of_letters_are_sound() {
    let polish = b"robi\xb9 to ze wzgl\xead\xf3w wychowawczych, aby wci\xb9\xbf nam wypomina\xe6 nasz\xb9 niesta\xb3o\x9c\xe6.\r\n";
    assert_eq!(state_of(polish, "a.txt"), State::Valid);
    let before = b"Language: Nederlands\nHash-Name: nederlands\nCasechars: A-Za-z\n".repeat(4);
    let text =
        |letters: &[u8]| state_of(&[&before[..], b"Otherchars: ", letters, b"\nFormatter: tex\n"].concat(), "a.txt");
    let ordered = b"\xe0\xe2\xe4\xe7\xe8\xe9\xea\xeb\xee\xef\xf1\xf6\xf3\xfb\xfc\xc0\xc2\xc4\xc7\xc8\xc9\xca";
    assert_eq!(text(ordered), State::Valid);
    let mut drawn = [0; 64];
    blake3::Hasher::new().finalize_xof().fill(&mut drawn);
    assert!(text(&drawn).is_unsound());
}

#[test]
fn a_number_behind_a_short_polish_text_makes_it_no_worse() {
    // ISO 8859-2: “Podejrzewam, że przedmioty robią to ze względów wychowawczych, aby wciąż nam wypominać naszą niestałość.”
    let text = b"Podejrzewam, \xbfe przedmioty robi\xb1 to ze wzgl\xead\xf3w wychowawczych, aby wci\xb1\xbf nam wypomina\xe6 nasz\xb1 niesta\xb3o\xb6\xe6.\n";
    for line in ["", "Ajout 1 en marge.\n", "1 en marge.\n", "(2026) ; %\n"] {
        let edited = [&text[..], line.as_bytes()].concat();
        let found = crate::examine(&edited, b"nota.txt", &crate::Limits::default()).unwrap();
        assert!(!found.state.is_unsound(), "{line:?}: {:?}", found.state);
    }
}
