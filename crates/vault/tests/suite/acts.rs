//! Acts of the owners that are interrupted: done whole, or not at all.

use std::sync::Arc;

use vault::check::check;
use vault::envelope::{Identity, Recipient};
use vault::store::{Fault, FaultPlan, FaultyStore, Moment, Survivors};
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::damage::{Quiet, READ_ALL};
use crate::rig::{Rig, SystemEntropy};

const NOW: Timestamp = Timestamp(1_700_000_200_000_000_000);

/// What the owners may do, with a recipient that is there and one that is not.
type Deed = fn(&mut Vault, &Rig, &[Recipient; 2]) -> bool;

const DEEDS: [Deed; 4] = [
    |vault, rig, [_, new]| vault.add_recipient(&rig.kit, new.clone(), NOW).is_ok(),
    |vault, rig, [old, _]| vault.remove_recipient(&rig.kit, old, NOW).is_ok(),
    |vault, rig, _| vault.enrol(&rig.kit, "poste", NOW, &SystemEntropy).is_ok(),
    |vault, rig, _| vault.retire(&rig.kit, rig.keys.strand, "gone", NOW).is_ok(),
];

#[test]
fn an_act_that_is_interrupted_signs_nothing_that_is_lost() {
    let recipients = [(); 2].map(|()| Identity::generate().recipient().unwrap());
    let mut crashes = 0;
    for deed in DEEDS {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            for write in 1.. {
                let seeds = (0..4).map(|seed| (seed, Survivors::Scattered));
                let struck =
                    seeds.chain([(0, Survivors::Nothing), (0, Survivors::Everything)]).map(|(seed, survivors)| {
                        let faults = vec![(Moment::Write(write), fault)];
                        interrupt(deed, &recipients, FaultPlan { seed, faults, survivors, ..FaultPlan::default() })
                    });
                let struck: Vec<_> = struck.collect();
                if !struck.contains(&true) {
                    break;
                }
                crashes += struck.len();
            }
        }
    }
    assert!(crashes > 100, "{crashes}");
}

/// Does something under a plan, and looks at what is left. Returns whether the plan struck.
fn interrupt(deed: Deed, recipients: &[Recipient; 2], plan: FaultPlan) -> bool {
    let store = FaultyStore::new(FaultPlan::default());
    let mut rig = Rig::over(Arc::new(store.clone()));
    rig.vault().add_recipient(&rig.kit, recipients[0].clone(), NOW).unwrap();
    let troubled = store.reopen(plan);
    let done = deed(&mut Vault::open(Arc::new(troubled.clone())).unwrap(), &rig, recipients);
    let struck = troubled.struck() > 0;
    assert_ne!(done, struck);
    rig.store = Arc::new(troubled.reopen(FaultPlan::default()));
    let vault = rig.vault();
    let report = check(&vault, Some(&rig.kit), &READ_ALL, &rig.scratch(), &Quiet).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    // What is sealed to the strand from now on can be opened: all identities are there.
    let secrets = vault.secrets(&rig.kit, &rig.keys.strand).unwrap();
    let newest = secrets.identities.last().and_then(Identity::recipient);
    assert_eq!(newest, Some(vault.strand_recipient(&rig.keys.strand).unwrap()));
    struck
}
