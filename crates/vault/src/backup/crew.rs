//! The threads that read, cut, compress and seal.

use std::sync::Arc;

use crossbeam_channel::{Receiver, select};

use super::BackupError;
use super::cut::{Bytes, ChunkQueue, CutError, Cutter, Kept, Shape};
use super::packer::Prospect;
use super::run::Run;
use super::slot::{Promise, Slot};
use crate::source::{Attributes, DirectoryHandle, Extent, FileReader, SourceError, Stat};

/// A file to read.
pub(super) struct FileTask {
    pub directory: Arc<DirectoryHandle>,
    pub name: Vec<u8>,
    pub stat: Stat,
    /// It is cut at fixed sizes.
    pub fixed: bool,
    /// A witness looks at it, if there is one.
    pub look: bool,
    pub prospect: Prospect,
    pub done: Promise<FileResult>,
}

/// What became of a file.
pub(super) type FileResult = Result<FileDone, FileFault>;

/// A file that was read.
pub(super) struct FileDone {
    pub kept: Kept,
    pub stat: Stat,
    pub attributes: Result<Attributes, Arc<SourceError>>,
    pub torn: bool,
}

/// Why a file was not read.
pub(super) enum FileFault {
    /// It could not be read.
    Source(Arc<SourceError>),
    /// The backup ends.
    Aborted,
}

/// Makes a slot for a file's result.
pub(super) fn file_slot() -> (Arc<Slot<FileResult>>, Promise<FileResult>) {
    Slot::new(|| Err(FileFault::Aborted))
}

/// Works on files, and on chunks of others' large files, until there are no more files.
pub(super) fn work(run: &Run<'_>, files: &Receiver<FileTask>, chunks: ChunkQueue) {
    let queue = chunks.take.clone();
    let mut cutter = Cutter::new(run, chunks);
    loop {
        // Chunks first: a large file waits for them.
        if let Ok(task) = queue.try_recv() {
            cutter.help(task);
            continue;
        }
        select! {
            recv(queue) -> task => match task {
                Ok(task) => cutter.help(task),
                Err(_) => return,
            },
            recv(files) -> task => match task {
                Ok(task) => read_file(run, &mut cutter, task),
                Err(_) => return,
            },
        }
    }
}

/// Keeps the output of a command, or any other stream.
pub(super) fn keep_stream(
    run: &Run<'_>,
    chunks: ChunkQueue,
    name: &[u8],
    stream: &mut (dyn std::io::Read + Send),
) -> Result<Kept, BackupError> {
    let mut cutter = Cutter::new(run, chunks);
    let shape = Shape { size_hint: u64::MAX, fixed: false, prospect: Prospect::Lasting };
    let mut bytes = StreamBytes { stream, failure: None };
    match cutter.keep(Some(name), &mut bytes, shape) {
        Ok(kept) => match bytes.failure {
            Some(_) if run.monitor.stopping() => Err(BackupError::Stopped),
            Some(error) => Err(BackupError::Stream(error)),
            None => Ok(kept),
        },
        Err(CutError::Run(error)) => Err(error),
        Err(CutError::Source(error)) => Err(BackupError::Source(error)),
    }
}

fn read_file(run: &Run<'_>, cutter: &mut Cutter<'_>, task: FileTask) {
    if run.ending.is_over() {
        return;
    }
    let FileTask { directory, name, stat, fixed, look, prospect, done } = task;
    let mut keep = || keep_file(cutter, (&directory, &name), &stat, (fixed, look, prospect));
    let read = keep().and_then(|first| {
        // Changed while it was read: once more, and then as it is.
        if first.torn { keep() } else { Ok(first) }
    });
    match read {
        Ok(file) => done.keep(Ok(file)),
        Err(CutError::Source(error)) => done.keep(Err(FileFault::Source(Arc::new(error)))),
        Err(CutError::Run(error)) => {
            run.ending.fail(error);
            drop(done);
        }
    }
}

fn keep_file(
    cutter: &mut Cutter<'_>,
    (directory, name): (&DirectoryHandle, &[u8]),
    listed: &Stat,
    (fixed, look, prospect): (bool, bool, Prospect),
) -> Result<FileDone, CutError> {
    let mut reader = FileBytes(FileReader::open_in(directory, name, listed)?);
    let stat = *reader.0.stat();
    let attributes = reader.0.attributes().map_err(Arc::new);
    let kept = cutter.keep(look.then_some(name), &mut reader, Shape { size_hint: stat.size, fixed, prospect })?;
    let outcome = reader.0.finish()?;
    Ok(FileDone { kept, stat, attributes, torn: outcome.torn })
}

struct FileBytes(FileReader);

impl Bytes for FileBytes {
    fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Extent<'b>>, SourceError> {
        self.0.next(buffer)
    }
}

struct StreamBytes<'s> {
    stream: &'s mut (dyn std::io::Read + Send),
    failure: Option<std::io::Error>,
}

impl Bytes for StreamBytes<'_> {
    fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Extent<'b>>, SourceError> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Ok(None),
                Ok(read) => return Ok(Some(Extent::Data(&buffer[..read]))),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // Told after the cutting: a stream that breaks makes no snapshot.
                    self.failure = Some(error);
                    return Ok(None);
                }
            }
        }
    }
}
