//! Ordinary work that changes many files: none of it may be taken for an attack.
//!
//! Each [`Job`] works on a sandbox's copy, with the programs that people use (Debian's). A program is started with a
//! list of arguments, never through a shell, with a home of its own beside the copy, and is ended when it takes too long.
//! It gets paths below the copy's top, of files that were regular when they were listed; what it does with them is its
//! own affair, so give this a copy of files that nobody else is changing.

mod archives;
mod books;
mod housekeeping;
mod mail;
mod office;
mod pictures;
mod texts;
mod workshop;

use crate::Sandbox;

pub use workshop::{Job, JobError};

use workshop::Workshop;

/// A Debian package, and a program or a file by which one sees that it is installed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Package {
    /// What it is called.
    pub name: &'static str,
    /// The name of a program, or the path of another file.
    pub brings: &'static str,
}

/// Returns all jobs.
pub fn jobs() -> Vec<Job> {
    [
        office::jobs(),
        pictures::jobs(),
        archives::jobs(),
        books::jobs(),
        mail::jobs(),
        texts::jobs(),
        housekeeping::jobs(),
    ]
    .concat()
}

/// Returns the line that installs what is not installed and some jobs need; `None` if nothing is absent.
pub fn absent(jobs: &[Job]) -> Option<String> {
    absent_packages(jobs.iter().flat_map(|job| job.packages))
}

impl Job {
    /// Lays down what the job works on, where the copy has nothing of the kind: before the first backup.
    pub fn prepare(&self, sandbox: &Sandbox, seed: u64) -> Result<u64, JobError> {
        self.start(sandbox, seed, self.prepare)
    }

    /// Does the job, and tells how many files it touched. The seed chooses where there is a choice.
    pub fn run(&self, sandbox: &Sandbox, seed: u64) -> Result<u64, JobError> {
        self.start(sandbox, seed, self.work)
    }

    fn start(
        &self,
        sandbox: &Sandbox,
        seed: u64,
        work: fn(&Workshop<'_>) -> Result<u64, JobError>,
    ) -> Result<u64, JobError> {
        match absent(std::slice::from_ref(self)) {
            Some(install) => Err(JobError::Absent { install }),
            None => work(&Workshop::open(sandbox, seed)?),
        }
    }
}

fn absent_packages<'p>(packages: impl Iterator<Item = &'p Package>) -> Option<String> {
    let absent: std::collections::BTreeSet<_> =
        packages.filter(|package| !workshop::is_there(package.brings)).map(|package| package.name).collect();
    if absent.is_empty() {
        return None;
    }
    let names: Vec<_> = absent.into_iter().collect();
    Some(format!("apt-get install -y --no-install-recommends {}", names.join(" ")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_enough_jobs_and_each_has_a_name_of_its_own() {
        let jobs = jobs();
        assert!(jobs.len() >= 25, "{}", jobs.len());
        let mut names = HashSet::new();
        for job in &jobs {
            assert!(names.insert(job.name), "{} twice", job.name);
            assert!(!job.does.is_empty());
        }
    }

    #[test]
    fn what_is_absent_is_told_once() {
        let package = |name, brings| Package { name, brings };
        let packages = [package("b", "/no/b"), package("a", "/no/a"), package("b", "/no/b"), package("c", "sh")];
        assert_eq!(absent_packages(packages.iter()).as_deref(), Some("apt-get install -y --no-install-recommends a b"));
        assert_eq!(absent_packages([package("c", "sh")].iter()), None);
    }
}
