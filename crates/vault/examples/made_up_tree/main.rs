//! A folder of millions of files that are nowhere: their names and contents are made up when somebody asks.
//!
//! ```sh
//! cargo run --release -p beffroi-vault --example made_up_tree -- MOUNTPOINT FILES BYTES_MAX [CHANGED]
//! ```
//!
//! Speaks the kernel's FUSE protocol on `/dev/fuse`, so that a backup meets it as any file system, and no disk must hold ten
//! million files. Needs root; ends when the folder is unmounted. The same numbers make the same tree every time; of one
//! file in `CHANGED`, if that is given, times and content are others.
//!
//! The folders are those of a town hall: one of a tenth of all files, at most a million, one of a fiftieth, at most 200,000,
//! and else of 20 to 200 files, five hundred of them in each of some services.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that helps to measure")]

mod protocol;
mod tree;

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::process::Command;

use protocol::{Answer, Request};
use tree::{Node, Tree};

/// The kernel's `ENOENT`, `EIO` and `ENOSYS`.
const NOT_FOUND: i32 = 2;
const INPUT_OUTPUT: i32 = 5;
const NOT_MADE: i32 = 38;
/// `ENODEV`: the folder was unmounted.
const NO_DEVICE: i32 = 19;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let number = |place: usize| words.get(place).map(|word| word.parse().expect("a number"));
    let (Some(mountpoint), Some(files), Some(bytes_max)) = (words.get(1), number(2), number(3)) else {
        panic!("usage: made_up_tree MOUNTPOINT FILES BYTES_MAX [CHANGED]");
    };
    let tree = Tree::new(files, bytes_max, number(4));
    let device = mount(mountpoint);
    println!("{} files in {} folders", tree.files(), tree.folders());
    serve(&tree, device);
}

/// Mounts; the kernel asks through what is returned.
fn mount(mountpoint: &str) -> File {
    let device = OpenOptions::new().read(true).write(true).open("/dev/fuse").expect("/dev/fuse");
    // The program that mounts must get the open file.
    rustix::io::fcntl_setfd(&device, rustix::io::FdFlags::empty()).expect("a flag can be set");
    let options = format!("fd={},rootmode=40000,user_id=0,group_id=0,allow_other", device.as_raw_fd());
    let done = Command::new("mount").args(["-i", "-t", "fuse", "-o", &options, "made-up", mountpoint]).status();
    assert!(done.expect("mount").success(), "the folder can be mounted");
    device
}

fn serve(tree: &Tree, mut device: File) {
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = match device.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.raw_os_error() == Some(NO_DEVICE) => return,
            // The asker was interrupted.
            Err(error) if matches!(error.raw_os_error(), Some(4 | 2)) => continue,
            Err(error) => panic!("/dev/fuse: {error}"),
        };
        let request = Request::read(&buffer[..read]);
        if let Some(answer) = answer(tree, &request) {
            // Who asked may be gone.
            let _ = device.write(&answer.finish(&request));
        }
    }
}

/// Answers a request; some want no answer.
fn answer(tree: &Tree, request: &Request<'_>) -> Option<Answer> {
    use protocol::operation::{
        BATCH_FORGET, FORGET, GETATTR, INIT, INTERRUPT, LOOKUP, READ, READDIR, READDIRPLUS, STATFS,
    };
    let node = tree.node(request.node);
    Some(match request.operation {
        FORGET | BATCH_FORGET | INTERRUPT => return None,
        INIT => Answer::init(request),
        STATFS => Answer::statfs(tree.files()),
        GETATTR => match node {
            Some(node) => Answer::attributes(&tree.attributes(node)),
            None => Answer::error(NOT_FOUND),
        },
        LOOKUP => match node.and_then(|folder| tree.find(folder, request.name())) {
            Some(found) => Answer::entry(&tree.attributes(found)),
            None => Answer::error(NOT_FOUND),
        },
        READ => match node {
            Some(node @ Node::File(..)) => {
                let (offset, bytes) = request.range();
                Answer::content(&tree.content(node), offset, bytes)
            }
            _ => Answer::error(INPUT_OUTPUT),
        },
        READDIR | READDIRPLUS => match node {
            Some(folder) => list(tree, folder, request),
            None => Answer::error(NOT_FOUND),
        },
        // Opening and closing, attributes with names: the kernel remembers that there is nothing of it here.
        _ => Answer::error(NOT_MADE),
    })
}

fn list(tree: &Tree, folder: Node, request: &Request<'_>) -> Answer {
    let (offset, bytes_max) = request.range();
    let with_attributes = request.operation == protocol::operation::READDIRPLUS;
    let mut answer = Answer::listing();
    for place in offset.. {
        let Some(child) = tree.child(folder, place) else { break };
        let (name, attributes) = (tree.name(child), tree.attributes(child));
        if !answer.list(place + 1, name.as_bytes(), &attributes, with_attributes, bytes_max) {
            break;
        }
    }
    answer
}
