//! `cat`: the bytes of one file.

use vault::blob::BlobKind;
use vault::tree::EntryKind;

use crate::arguments::CatArguments;
use crate::catalogue::{Catalogue, find_entry};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::selector::Selector;

/// Prints the content of a file as it is.
pub fn run(context: &Context, arguments: &CatArguments) -> Result<(), Failure> {
    let (selector, path) = Selector::parse_with_path(&arguments.file)?;
    if path.is_empty() {
        return Err(Failure::usage(text("err-cat-path")));
    }
    let catalogue = Catalogue::open(context)?;
    let reader = catalogue.reader(context, catalogue.select(&selector)?)?;
    let (_, entry) = find_entry(&reader, &path)?;
    if !matches!(entry.kind, EntryKind::File { .. }) {
        return Err(Failure::new(text("err-cat-not-a-file").with("path", Output::safe_bytes(&path))));
    }
    for chunk in reader.chunks(&entry) {
        let at = || text("err-at-path").with("path", Output::safe_bytes(&path));
        // Half a file that looks like a whole one is worse than none: the first missing piece ends it.
        let chunk = chunk.map_err(|lost| Failure::from(lost.fault).under(at()))?;
        if chunk.is_zeros() {
            write_zeros(context, chunk.bytes)?;
        } else {
            let plain = reader.blob(BlobKind::Chunk, &chunk.id).map_err(|fault| Failure::from(fault).under(at()))?;
            context.output.bytes(&plain)?;
        }
    }
    Ok(())
}

fn write_zeros(context: &Context, bytes: u64) -> Result<(), Failure> {
    let zeros = [0; 64 << 10];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(zeros.len() as u64);
        context.output.bytes(&zeros[..now as usize])?;
        left -= now;
    }
    Ok(())
}
