//! Delivery by a post that does what it is told.
#![expect(clippy::disallowed_methods, reason = "the test looks at the folder of the spool")]

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Map;
use zeroize::Zeroizing;

use super::*;
use crate::notice::Level;
use crate::post::SecretError;
use crate::settings::{SecretPlace, Settings};
use crate::spool::{Entry, Spool};

/// A post that fails so often for each recipient, and notes what it carried.
#[derive(Default)]
struct FakePost {
    failures: Mutex<HashMap<String, Vec<SendError>>>,
    carried: Mutex<Vec<String>>,
    hangs_for: Option<&'static str>,
}

impl Post for FakePost {
    fn carry(&self, recipient: &Recipient, notice: &Notice, _: &dyn World) -> Result<(), SendError> {
        if self.hangs_for.is_some_and(|name| name == recipient.name) {
            std::thread::sleep(Duration::from_secs(600));
        }
        match self.failures.lock().unwrap().get_mut(&recipient.name).and_then(Vec::pop) {
            Some(failure) => Err(failure),
            None => {
                self.carried.lock().unwrap().push(format!("{} {}", recipient.name, notice.title));
                Ok(())
            }
        }
    }
}

/// A world without secrets, in which no time passes but what is waited.
#[derive(Default)]
struct FakeWorld {
    paused: Mutex<Duration>,
}

impl World for FakeWorld {
    fn secret(&self, _: &SecretPlace) -> Result<Zeroizing<String>, SecretError> {
        Err(SecretError::NoCredential { name: "none".into() })
    }

    fn certificates(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn now_seconds(&self) -> u64 {
        5000
    }

    fn pause(&self, time: Duration) {
        *self.paused.lock().unwrap() += time;
    }
}

fn slow() -> SendError {
    SendError::Timeout { place: "p".into() }
}

fn recipients() -> Vec<Recipient> {
    let names = ["a", "b", "c"].map(|name| format!("[recipient.{name}]\ncommand = {{ argv = [\"x\"] }}\n"));
    Settings::parse(&names.concat()).unwrap().recipients
}

fn parcels(spool: &Spool, titles: &[&str]) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    for title in titles {
        for recipient in recipients() {
            let notice = Notice::new(NoticeId::of(&[title.as_bytes()]), Level::Alarm, title, "", Map::new());
            let held = spool.put(Entry::new(&recipient.name, notice.clone(), 1000)).unwrap();
            parcels.push(Parcel { recipient, notice, held });
        }
    }
    parcels
}

fn words(outcomes: &[Outcome]) -> Vec<String> {
    let word = |delivery: &Delivery| match delivery {
        Delivery::Sent => "sent",
        Delivery::Failed(_) => "failed",
        Delivery::Behind => "behind",
        Delivery::Late => "late",
    };
    outcomes.iter().map(|outcome| format!("{} {}", outcome.recipient, word(&outcome.delivery))).collect()
}

#[test]
fn who_took_it_is_not_told_again_and_the_rest_waits() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path()).unwrap();
    let refused = || SendError::LoginRefused { place: "p".into(), code: 535 };
    let failures = HashMap::from([("b".to_string(), vec![refused()]), ("c".to_string(), vec![slow(), slow()])]);
    let post = Arc::new(FakePost { failures: Mutex::new(failures), ..FakePost::default() });
    let world = Arc::new(FakeWorld::default());
    let (as_post, as_world): (Arc<dyn Post>, Arc<dyn World>) = (post.clone(), world.clone());
    let outcomes = deliver(&as_post, &as_world, parcels(&spool, &["one", "two"]), Duration::from_secs(60));
    assert_eq!(words(&outcomes), ["a sent", "b failed", "c sent", "a sent", "b behind", "c sent"]);
    assert_eq!(*world.paused.lock().unwrap(), Duration::from_secs(4), "what may succeed is tried again");
    let waiting = spool.hold_all().unwrap();
    let left: Vec<_> = waiting.iter().map(|held| (held.entry.recipient.as_str(), held.entry.attempts)).collect();
    assert_eq!((left.len(), left.iter().map(|(_, attempts)| attempts).sum::<u32>()), (2, 1));
    assert!(left.iter().all(|(recipient, _)| *recipient == "b"));
    // The next time b takes both, and nobody else hears of it.
    let again = waiting.into_iter().map(|held| Parcel {
        recipient: recipients().remove(1),
        notice: held.entry.notice.clone(),
        held: Some(held),
    });
    let outcomes = deliver(&as_post, &as_world, again.collect(), Duration::from_secs(60));
    assert_eq!(words(&outcomes), ["b sent", "b sent"]);
    assert!(spool.hold_all().unwrap().is_empty());
    assert_eq!(post.carried.lock().unwrap().len(), 6);
}

#[test]
fn whoever_never_answers_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path()).unwrap();
    let post: Arc<dyn Post> = Arc::new(FakePost { hangs_for: Some("b"), ..FakePost::default() });
    let world: Arc<dyn World> = Arc::new(FakeWorld::default());
    let outcomes = deliver(&post, &world, parcels(&spool, &["one"]), Duration::from_millis(500));
    assert_eq!(words(&outcomes), ["a sent", "b late", "c sent"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "it waits on the disk");
}

#[test]
fn what_keeps_failing_is_given_up_after_four_attempts() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path()).unwrap();
    let failures = HashMap::from([("a".to_string(), (0..9).map(|_| slow()).collect())]);
    let post = Arc::new(FakePost { failures: Mutex::new(failures), ..FakePost::default() });
    let (as_post, as_world): (Arc<dyn Post>, Arc<dyn World>) = (post.clone(), Arc::new(FakeWorld::default()));
    let outcomes = deliver(&as_post, &as_world, parcels(&spool, &["one"]), Duration::from_secs(60));
    assert_eq!(words(&outcomes), ["a failed", "b sent", "c sent"]);
    assert_eq!(post.failures.lock().unwrap()["a"].len(), 5);
}
