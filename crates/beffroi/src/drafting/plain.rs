//! A draft as plain text.

use std::fmt::Write;

use town::drafts::{Content, Draft};

use super::{Speaker, heading_key};

/// Writes a draft; where people outside read it, without saying from where each line is known.
pub fn plain(speaker: &Speaker<'_>, draft: &Draft) -> String {
    let is_public = draft.what.is_public();
    let mut written = format!("{}\n", speaker.title(draft));
    if draft.is_exercise {
        let _ = writeln!(written, "{}", speaker.word("draft-exercise"));
    }
    let _ = writeln!(written, "{}", speaker.as_of(draft));
    let colon = speaker.word("draft-colon");
    for section in &draft.sections {
        let heading = speaker.word(heading_key(section.heading));
        let _ = writeln!(written, "\n{heading}\n{}", "-".repeat(heading.chars().count()));
        for field in &section.fields {
            let label = speaker.label(field.name, is_public);
            let Content::Filled(lines) = &field.content else {
                let _ = writeln!(written, "  {label}{colon}{}", speaker.unfilled(field, is_public));
                continue;
            };
            let said = |line| {
                let from = if is_public { None } else { speaker.provenance(line) };
                speaker.line(line) + &from.map(|from| format!(" [{from}]")).unwrap_or_default()
            };
            if let [line] = lines.as_slice() {
                let _ = writeln!(written, "  {label}{colon}{}", said(line));
                continue;
            }
            let _ = writeln!(written, "  {label}{}", colon.trim_end());
            for line in lines {
                let _ = writeln!(written, "    - {}", said(line));
            }
        }
    }
    if !is_public {
        let _ = writeln!(written, "\n{}", speaker.word("draft-foot"));
    }
    written
}
