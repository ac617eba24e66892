//! What the telephone says: short sentences, no longer than a minute, numbers as they are said.

use town::drafts::{Content, Draft, FieldName, ServiceLine, Value};
use town::state::Level;

use super::{Speaker, on_one_line};
use crate::messages::{Language, text};

/// So many words are said in a minute by somebody who speaks slowly.
const WORDS_A_MINUTE: usize = 130;

/// An announcement.
pub struct Speech {
    /// The sentences.
    pub sentences: Vec<String>,
    /// How many words there are.
    pub words: usize,
}

impl Speech {
    /// Returns how long it takes to say, in seconds.
    pub fn seconds(&self) -> u64 {
        (self.words * 60).div_ceil(WORDS_A_MINUTE) as u64
    }
}

/// Writes the announcement: of what to do instead, as much as a minute holds, the most urgent first.
pub fn speech(speaker: &Speaker<'_>, draft: &Draft) -> Speech {
    let services: Vec<&ServiceLine> = lines(draft, FieldName::ServicesClosed)
        .filter_map(|value| match value {
            Value::Service(service) => Some(service.as_ref()),
            _ => None,
        })
        .collect();
    let told = (0..=services.len()).rev().map(|told| announcement(speaker, draft, &services, told));
    let mut shortest = None;
    for speech in told {
        if speech.words <= WORDS_A_MINUTE {
            return speech;
        }
        shortest = Some(speech);
    }
    // Only a cause that fills a minute by itself comes to here; the length is told.
    shortest.unwrap_or(Speech { sentences: Vec::new(), words: 0 })
}

fn announcement(speaker: &Speaker<'_>, draft: &Draft, services: &[&ServiceLine], told: usize) -> Speech {
    let mut sentences = Vec::new();
    if draft.is_exercise {
        sentences.push(speaker.word("draft-exercise"));
    }
    sentences.push(speaker.say(&text("draft-speech-hello").with("who", speaker.who(draft))));
    sentences.push(match said(draft, FieldName::PublicCause) {
        Some(cause) => ended(&on_one_line(cause)),
        None => speaker.word("draft-speech-cause"),
    });
    let names = |level| {
        let of_level = services[..told].iter().filter(|service| service.level == level);
        of_level.map(|service| speaker.words(&service.name)).collect::<Vec<_>>().join(", ")
    };
    for (level, key) in [(Level::Down, "draft-speech-down"), (Level::Degraded, "draft-speech-degraded")] {
        let names = names(level);
        if !names.is_empty() {
            sentences.push(speaker.say(&text(key).with("services", names)));
        }
    }
    for service in &services[..told] {
        if let Some(instead) = &service.instead {
            let said = text("draft-speech-instead").with("service", speaker.words(&service.name));
            sentences.push(ended(&speaker.say(&said.with("words", speaker.words(instead)))));
        }
    }
    if told < services.len() {
        sentences.push(speaker.say(&text("draft-speech-others").with("count", (services.len() - told) as u64)));
    }
    if services.is_empty() {
        sentences.push(speaker.word("draft-speech-unknown"));
    }
    sentences.extend(closing(speaker, draft));
    let language = speaker.messages.language();
    let sentences: Vec<String> = sentences.into_iter().map(|sentence| plainly(&sentence, language)).collect();
    let words = sentences.iter().map(|sentence| count(sentence)).sum();
    Speech { sentences, words }
}

fn closing(speaker: &Speaker<'_>, draft: &Draft) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(page) = said(draft, FieldName::PublicPage) {
        let page = page.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
        let dot = speaker.word("draft-speech-dot");
        let page = on_one_line(page).replace('.', &format!(" {dot} "));
        sentences.push(speaker.say(&text("draft-speech-page").with("page", page)));
    }
    sentences.push(match lines(draft, FieldName::NextNews).next() {
        Some(Value::Moment(time)) => speaker.say(&text("draft-speech-news").with("time", hour(speaker, *time))),
        Some(Value::Said(words)) => ended(&speaker.say(&text("draft-speech-news").with("time", on_one_line(words)))),
        _ => speaker.word("draft-speech-no-news"),
    });
    sentences.push(speaker.word("draft-speech-bye"));
    sentences
}

/// Says a moment without its zone: whoever calls is in the town.
fn hour(speaker: &Speaker<'_>, time: jiff::Timestamp) -> String {
    let said = speaker.moment(time);
    said.split(" (").next().map(str::to_string).unwrap_or(said)
}

fn lines(draft: &Draft, name: FieldName) -> impl Iterator<Item = &Value> {
    let filled = match draft.field(name).map(|field| &field.content) {
        Some(Content::Filled(lines)) => lines.as_slice(),
        _ => &[],
    };
    filled.iter().map(|line| &line.value)
}

fn said(draft: &Draft, name: FieldName) -> Option<&str> {
    lines(draft, name).find_map(|value| match value {
        Value::Said(words) => Some(words.as_str()),
        _ => None,
    })
}

/// Ends a sentence that somebody wrote without a full stop.
fn ended(sentence: &str) -> String {
    let sentence = sentence.trim_end();
    if sentence.ends_with(['.', '!', '?']) { sentence.to_string() } else { format!("{sentence}.") }
}

fn count(sentence: &str) -> usize {
    sentence
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count()
}

/// Writes telephone numbers as they are said: in French by pairs, in English digit by digit.
fn plainly(sentence: &str, language: Language) -> String {
    let characters: Vec<char> = sentence.chars().collect();
    let (mut written, mut at) = (String::new(), 0);
    while at < characters.len() {
        match telephone_number(&characters[at..]) {
            Some((digits, length)) => {
                written.push_str(&spelt(&digits, language));
                at += length;
            }
            None => {
                // The rest of a number that is none must not be taken for one.
                let is_digit = characters[at].is_ascii_digit();
                written.push(characters[at]);
                at += 1;
                while is_digit && at < characters.len() && characters[at].is_ascii_digit() {
                    written.push(characters[at]);
                    at += 1;
                }
            }
        }
    }
    written
}

/// Ten digits that begin with a zero, with at most one sign between two of them, and no digit behind.
fn telephone_number(characters: &[char]) -> Option<(Vec<u8>, usize)> {
    const DIGITS: usize = 10;
    let (mut digits, mut at) = (Vec::new(), 0);
    if characters.first() != Some(&'0') {
        return None;
    }
    while digits.len() < DIGITS {
        match characters.get(at)?.to_digit(10) {
            Some(digit) => digits.push(u8::try_from(digit).ok()?),
            None if matches!(characters[at], ' ' | '.' | '-' | '\u{a0}' | '\u{202f}')
                && characters.get(at + 1).is_some_and(char::is_ascii_digit) => {}
            None => return None,
        }
        at += 1;
    }
    let goes_on = characters.get(at).is_some_and(char::is_ascii_digit);
    (!goes_on).then_some((digits, at))
}

fn spelt(digits: &[u8], language: Language) -> String {
    let said: Vec<String> = match language {
        Language::Fr => digits.chunks(2).map(|pair| french_pair(pair[0], pair[1])).collect(),
        Language::En => digits.iter().map(|digit| ENGLISH[usize::from(*digit)].to_string()).collect(),
    };
    said.join(", ")
}

const ENGLISH: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const FRENCH: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];
const FRENCH_TENS: [&str; 10] =
    ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"];

/// Says two digits as a number; a zero in front is said.
fn french_pair(tens: u8, ones: u8) -> String {
    let (ten, one) = (usize::from(tens), usize::from(ones));
    match (ten, one) {
        (0, _) => format!("zéro {}", FRENCH[one]),
        (1, _) => FRENCH[10 + one].to_string(),
        (8, 0) => "quatre-vingts".to_string(),
        (2..=6, 0) => FRENCH_TENS[ten].to_string(),
        (2..=6, 1) => format!("{} et un", FRENCH_TENS[ten]),
        (7, 1) => "soixante et onze".to_string(),
        (7 | 9, _) => format!("{}-{}", FRENCH_TENS[ten], FRENCH[10 + one]),
        _ => format!("{}-{}", FRENCH_TENS[ten], FRENCH[one]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_are_said_as_people_say_them() {
        let check = |sentence: &str, fr, en| {
            assert_eq!(plainly(sentence, Language::Fr), fr);
            assert_eq!(plainly(sentence, Language::En), en);
        };
        let fr = "Appelez le zéro cinq, soixante-cinq, douze, zéro zéro, quatre-vingt-onze.";
        let en = "Appelez le zero, five, six, five, one, two, zero, zero, nine, one.";
        for number in ["0565120091", "05 65 12 00 91", "05.65.12.00.91", "05\u{a0}65\u{a0}12\u{a0}00\u{a0}91"] {
            check(&format!("Appelez le {number}."), fr, en);
        }
        for none in ["le 22 novembre 2026", "05 65 12 00", "123456789012", "30565120091", "05  65 12 00 91"] {
            check(none, none, none);
        }
    }

    #[test]
    fn pairs_are_the_numbers_of_french() {
        let said = |number: u8| french_pair(number / 10, number % 10);
        let expected = [
            (0, "zéro zéro"),
            (7, "zéro sept"),
            (10, "dix"),
            (17, "dix-sept"),
            (21, "vingt et un"),
            (30, "trente"),
            (68, "soixante-huit"),
            (70, "soixante-dix"),
            (71, "soixante et onze"),
            (79, "soixante-dix-neuf"),
            (80, "quatre-vingts"),
            (81, "quatre-vingt-un"),
            (90, "quatre-vingt-dix"),
            (99, "quatre-vingt-dix-neuf"),
        ];
        for (number, words) in expected {
            assert_eq!(said(number), words);
        }
    }

    #[test]
    fn sentences_end_once() {
        assert_eq!((ended("Une panne"), ended("Une panne ! ")), ("Une panne.".to_string(), "Une panne !".to_string()));
        assert_eq!(count("Rendez-vous à 8 h 30 : c'est « tout »."), 8);
    }
}
