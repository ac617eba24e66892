//! Mail as it lies on a server.

use restore::TreePath;

use super::workshop::{Job, JobError, Workshop, nothing_to_prepare};

pub(super) fn jobs() -> Vec<Job> {
    let job = |name, does, prepare, work| Job { name, does, packages: &[], prepare, work };
    vec![
        job("mbox-grows", "messages arrive at the end of a mailbox", found_mbox, grow_mbox),
        job("mbox-compacted", "every fourth message leaves a mailbox, which is written anew", found_mbox, compact_mbox),
        job("maildir-delivery", "messages arrive as files, and some are read", nothing_to_prepare, deliver),
    ]
}

const MBOX: &str = "courrier/archives.mbox";

fn found_mbox(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let path = TreePath::new(MBOX);
    if !shop.ground.is_free(&path)? {
        return Ok(0);
    }
    let mailbox: String = (0..200).map(|number| format!("{FROM}{}\n", message(number, shop.seed))).collect();
    shop.write_new(&path, mailbox.as_bytes())?;
    Ok(1)
}

fn grow_mbox(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let new: String = (200..230).map(|number| format!("{FROM}{}\n", message(number, shop.seed))).collect();
    shop.append(&TreePath::new(MBOX), new.as_bytes())?;
    Ok(1)
}

fn compact_mbox(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let path = TreePath::new(MBOX);
    let mailbox = shop.read(&path)?;
    let text = String::from_utf8_lossy(&mailbox);
    let messages = text.split(FROM).skip(1).enumerate().filter(|(number, _)| number % 4 != 0);
    let kept: String = messages.map(|(_, message)| format!("{FROM}{message}")).collect();
    shop.save_over(&path, b".archives.mbox.compact", kept.as_bytes())?;
    Ok(1)
}

fn deliver(shop: &Workshop<'_>) -> Result<u64, JobError> {
    const ARRIVED: u64 = 20;
    let folder = TreePath::new(format!("courrier/Maildir {}", shop.seed));
    for part in [b"tmp", b"new", b"cur"] {
        shop.make_folders(&folder.join(part))?;
    }
    for number in 0..ARRIVED {
        let name = format!("179000{number:04}.M{number}P1.mairie");
        let [arriving, new] = [b"tmp", b"new"].map(|part| folder.join(part).join(name.as_bytes()));
        shop.write_new(&arriving, message(number, shop.seed).as_bytes())?;
        shop.ground.rename(&arriving, &new)?;
        if number % 3 == 0 {
            shop.ground.rename(&new, &folder.join(b"cur").join(format!("{name}:2,S").as_bytes()))?;
        }
    }
    Ok(ARRIVED)
}

const FROM: &str = "From mairie@example.org Sun Nov 22 08:00:00 2026\n";

/// Writes a message (RFC 5322), with an attachment now and then.
fn message(number: u64, seed: u64) -> String {
    let head = format!(
        "From: habitant {number} <habitant{number}@example.org>\nTo: mairie@example.org\nSubject: Demande {seed}-{number}\n\
         Message-ID: <{seed}.{number}@example.org>\nMIME-Version: 1.0\n"
    );
    let text = format!("Bonjour,\n\nje vous prie de bien vouloir traiter ma demande numéro {number}.\n");
    if !number.is_multiple_of(5) {
        return format!("{head}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}");
    }
    let attached = data_encoding::BASE64.encode(text.repeat(20).as_bytes());
    let lines: String = attached.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\n").collect();
    format!(
        "{head}Content-Type: multipart/mixed; boundary=\"limite\"\n\n--limite\nContent-Type: text/plain; charset=utf-8\n\n\
         {text}\n--limite\nContent-Type: application/octet-stream; name=\"piece.bin\"\n\
         Content-Transfer-Encoding: base64\n\n{lines}--limite--\n"
    )
}
