//! docs/exercise.md says what there is.
use std::path::Path;

use exercise::attack::{
    Extension, Form, Mechanics, Notes, Order, Profile, ProfileKind, Renaming, Times, Way, profiles,
};
use exercise::benign::{Job, jobs};

#[test]
fn the_document_tells_every_profile_and_job_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/exercise.md");
    let document = std::fs::read_to_string(path).unwrap();
    let rows: Vec<String> = profiles().iter().map(profile_row).chain(jobs().iter().map(job_row)).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !document.lines().any(|line| line == row.as_str())).collect();
    let told = document.lines().filter(|line| line.starts_with("| `")).count();
    assert!(
        missing.is_empty(),
        "docs/exercise.md lacks these lines:\n{}",
        missing.into_iter().fold(String::new(), |all, row| all + row + "\n")
    );
    assert_eq!(told, rows.len(), "docs/exercise.md tells of what is not there");
}

fn profile_row(profile: &Profile) -> String {
    let Profile { name, resembles, source, pattern, form, mechanics, kind } = profile;
    let form = match form {
        Form::Stream => String::new(),
        Form::Masked { mask } => format!("; bits {mask:08b} only"),
        Form::Base64 { lines: false } => "; as base64".into(),
        Form::Base64 { lines: true } => "; as base64 in lines".into(),
        Form::Hex => "; as hexadecimal".into(),
        Form::Ascii85 => "; as ASCII85".into(),
        Form::Shared { fillers } => format!("; {fillers} fillers after each byte"),
        Form::Fixed { byte } => format!("; bytes {byte:#04x}"),
        Form::Noise => "; noise".into(),
        Form::Zeros => "; zeros".into(),
    };
    format!("| `{name}` | {resembles} | {pattern}{form} | {} | {source} |", mechanics_words(mechanics, *kind))
}

fn mechanics_words(mechanics: &Mechanics, kind: ProfileKind) -> String {
    let mut words = vec![way_words(mechanics)];
    words.extend(name_words(mechanics));
    if mechanics.footer_bytes > 0 {
        words.push(format!("footer of {}", mechanics.footer_bytes));
    }
    if mechanics.times == Times::Restored {
        words.push("times restored".into());
    }
    let order = match mechanics.order {
        Order::Names => None,
        Order::Reverse => Some("from the end"),
        Order::Breadth => Some("the top first"),
        Order::Largest => Some("the largest first"),
        Order::Newest => Some("the newest first"),
        Order::Random => Some("by chance"),
        Order::OneFolder => Some("one folder"),
    };
    words.extend(order.map(String::from));
    words.extend(selection_words(mechanics));
    let notes = match mechanics.notes {
        Notes::None => None,
        Notes::First => Some("a note first"),
        Notes::Last => Some("a note last"),
        Notes::EachFolder if kind == ProfileKind::Family => None,
        Notes::EachFolder => Some("a note in each folder"),
        Notes::EachFile => Some("a note beside each file"),
    };
    words.extend(notes.map(String::from));
    words.join(", ")
}

fn way_words(mechanics: &Mechanics) -> String {
    match mechanics.way {
        Way::InPlace => "in place".into(),
        Way::TruncateAndRewrite => "cut and written anew".into(),
        Way::CopyAndDelete => "a copy, the old one deleted".into(),
        Way::NewOver => "a new file over the old".into(),
        Way::NewFolder => "into a new folder".into(),
        Way::Punch => "holes punched".into(),
        Way::Cut { bytes } => format!("cut to {bytes}"),
        Way::Delete => "deleted".into(),
        Way::Recreate => "deleted and made again".into(),
    }
}

fn name_words(mechanics: &Mechanics) -> Option<String> {
    let words = match mechanics.extension {
        Extension::None => return None,
        Extension::Word => "+ a word".into(),
        Extension::Victim { letters } => format!("+ {letters} letters"),
        Extension::EachFile { letters } => format!("+ {letters} letters of each file"),
        Extension::WholeName => "a whole new name".into(),
    };
    Some(if mechanics.renaming == Renaming::Before { words + " before" } else { words })
}

fn selection_words(mechanics: &Mechanics) -> Vec<String> {
    let selection = &mechanics.selection;
    let mut words = Vec::new();
    if selection.percent < 100 {
        words.push(format!("{} % of the files", selection.percent));
    }
    if selection.files_max < usize::MAX {
        words.push(format!("at most {}", selection.files_max));
    }
    if selection.files_per_strike < usize::MAX {
        words.push(format!("{} at a time", selection.files_per_strike));
    }
    if !selection.spared.is_empty() {
        words.push(format!("not {}", selection.spared.join(" ")));
    }
    words
}

fn job_row(job: &Job) -> String {
    let packages: Vec<_> = job.packages.iter().map(|package| package.name).collect();
    format!("| `{}` | {} | {} |", job.name, job.does, packages.join(", "))
}
