//! As much of the kernel's FUSE protocol (`linux/fuse.h`, version 7.31) as a tree that never changes needs.

/// What the kernel asks for.
pub mod operation {
    pub const LOOKUP: u32 = 1;
    pub const FORGET: u32 = 2;
    pub const GETATTR: u32 = 3;
    pub const READ: u32 = 15;
    pub const STATFS: u32 = 17;
    pub const INIT: u32 = 26;
    pub const READDIR: u32 = 28;
    pub const INTERRUPT: u32 = 36;
    pub const BATCH_FORGET: u32 = 42;
    pub const READDIRPLUS: u32 = 44;
}

const REQUEST_HEAD_BYTES: usize = 40;
const ANSWER_HEAD_BYTES: usize = 16;
/// What is told stays true.
const VALID_SECONDS: u64 = 86_400;
/// Attributes together with names; no opening of files and folders.
const FLAGS: u32 = 1 << 13 | 1 << 17 | 1 << 24;

/// A request.
pub struct Request<'b> {
    pub operation: u32,
    pub node: u64,
    unique: u64,
    body: &'b [u8],
}

/// What is known of a file or a folder.
pub struct Attributes {
    pub inode: u64,
    pub bytes: u64,
    pub seconds: u64,
    pub is_folder: bool,
}

/// An answer in the making.
pub struct Answer {
    error: i32,
    body: Vec<u8>,
}

impl<'b> Request<'b> {
    /// Reads what the kernel wrote.
    pub fn read(bytes: &'b [u8]) -> Self {
        let body = &bytes[REQUEST_HEAD_BYTES..];
        Self { operation: u32_at(bytes, 4), unique: u64_at(bytes, 8), node: u64_at(bytes, 16), body }
    }

    /// The name that is looked up.
    pub fn name(&self) -> &[u8] {
        self.body.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// Offset and number of bytes that are read.
    pub fn range(&self) -> (u64, usize) {
        (u64_at(self.body, 8), u32_at(self.body, 16) as usize)
    }
}

impl Answer {
    pub fn error(error: i32) -> Self {
        Self { error: -error, body: Vec::new() }
    }

    pub fn init(request: &Request<'_>) -> Self {
        let mut answer = Self::listing();
        let (readahead, offered) = (u32_at(request.body, 8), u32_at(request.body, 12));
        // Version; read-ahead; flags; requests in the background; the longest write; time in nanoseconds.
        answer.words(&[7, 31, readahead, offered & FLAGS, 12 | 9 << 16, 4096, 1]);
        answer.words(&[0; 9]);
        answer
    }

    pub fn statfs(files: u64) -> Self {
        let mut answer = Self::listing();
        answer.long_words(&[files, 0, 0, files, 0]);
        answer.words(&[4096, 255, 4096, 0, 0, 0, 0, 0, 0, 0]);
        answer
    }

    pub fn attributes(attributes: &Attributes) -> Self {
        let mut answer = Self::listing();
        answer.long_words(&[VALID_SECONDS, 0]);
        answer.put(attributes);
        answer
    }

    pub fn entry(attributes: &Attributes) -> Self {
        let mut answer = Self::listing();
        answer.put_entry(attributes);
        answer
    }

    pub fn content(content: &[u8], offset: u64, bytes: usize) -> Self {
        let from = content.len().min(offset as usize);
        Self { error: 0, body: content[from..content.len().min(from + bytes)].to_vec() }
    }

    /// An answer with nothing in it yet.
    pub fn listing() -> Self {
        Self { error: 0, body: Vec::new() }
    }

    /// Lists a name, if there is room for it.
    pub fn list(
        &mut self,
        next: u64,
        name: &[u8],
        attributes: &Attributes,
        with_attributes: bool,
        bytes_max: usize,
    ) -> bool {
        let bytes = (24 + name.len()).next_multiple_of(8) + if with_attributes { 128 } else { 0 };
        if self.body.len() + bytes > bytes_max {
            return false;
        }
        if with_attributes {
            self.put_entry(attributes);
        }
        self.long_words(&[attributes.inode, next]);
        self.words(&[name.len() as u32, if attributes.is_folder { 4 } else { 8 }]);
        self.body.extend(name);
        self.body.resize(self.body.len().next_multiple_of(8), 0);
        true
    }

    /// Returns the bytes for the kernel.
    pub fn finish(&self, request: &Request<'_>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ANSWER_HEAD_BYTES + self.body.len());
        bytes.extend(((ANSWER_HEAD_BYTES + self.body.len()) as u32).to_ne_bytes());
        bytes.extend(self.error.to_ne_bytes());
        bytes.extend(request.unique.to_ne_bytes());
        bytes.extend(&self.body);
        bytes
    }

    fn put_entry(&mut self, attributes: &Attributes) {
        self.long_words(&[attributes.inode, 0, VALID_SECONDS, VALID_SECONDS, 0]);
        self.put(attributes);
    }

    fn put(&mut self, attributes: &Attributes) {
        let Attributes { inode, bytes, seconds, is_folder } = *attributes;
        let (mode, links) = if is_folder { (0o40755, 2) } else { (0o100_644, 1) };
        self.long_words(&[inode, bytes, bytes.div_ceil(512), seconds, seconds, seconds]);
        // Nanoseconds three times; mode; links; owner and group; no device; block length; no flags.
        self.words(&[0, 0, 0, mode, links, 1000, 1000, 0, 4096, 0]);
    }

    fn words(&mut self, words: &[u32]) {
        words.iter().for_each(|word| self.body.extend(word.to_ne_bytes()));
    }

    fn long_words(&mut self, words: &[u64]) {
        words.iter().for_each(|word| self.body.extend(word.to_ne_bytes()));
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
