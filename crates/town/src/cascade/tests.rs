use jiff::Timestamp;

use super::*;
use crate::sample::{empty, host, provider, service};
use crate::state::{Origin, Value};

fn town() -> Map {
    let mut map = empty();
    map.providers = vec![provider("fibre")];
    map.hosts = vec![host("srv", &[]), host("nas", &[])];
    map.services = vec![
        service("annuaire", Wave::TRUST, 4, &["srv"]),
        service("etat-civil", Wave::LIFE, 24, &["annuaire"]),
        service("paie", Wave::MONEY, 72, &["annuaire", "nas"]),
        service("site", Wave::CONTACT, 48, &["fibre"]),
    ];
    map
}

fn value(of: &str, is: Level) -> Value {
    let said = Timestamp::from_second(1).unwrap();
    Value { of: of.into(), is, how: None, why: None, since: None, next_news: None, origin: Origin::Human, said }
}

#[test]
fn what_hangs_on_something_falls_with_it_and_the_way_is_told() {
    let fall = fall(&town(), &"srv".into()).unwrap().unwrap();
    let told: Vec<(&str, String)> = fall
        .falls
        .iter()
        .map(|fallen| (fallen.node.as_str(), fallen.way.iter().map(NodeId::as_str).collect::<Vec<_>>().join(" < ")))
        .collect();
    let expected = [
        ("annuaire", "annuaire < srv"),
        ("etat-civil", "etat-civil < annuaire < srv"),
        ("paie", "paie < annuaire < srv"),
    ];
    assert_eq!(told, expected.map(|(node, way)| (node, way.to_string())));
    assert_eq!(fall.services_total, 4);
    assert!(super::fall(&town(), &"site".into()).unwrap().unwrap().falls.is_empty());
    assert_eq!(super::fall(&town(), &"serveur".into()).unwrap(), None);
}

#[test]
fn what_the_fallen_have_in_common_is_what_explains_most_and_has_least_against_it() {
    let check = |values: &[(&str, Level)], expected: &[(&str, usize, &[&str], &[&str])]| {
        let state = State::of(values.iter().map(|(of, is)| value(of, *is)));
        let suspects = common(&town(), &state, 2).unwrap();
        let strings = |ids: &[NodeId]| ids.iter().map(|id| id.0.clone()).collect::<Vec<_>>();
        let told: Vec<_> = suspects
            .iter()
            .map(|suspect| {
                (suspect.node.as_str(), suspect.explains, strings(&suspect.leaves), strings(&suspect.against))
            })
            .collect();
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let expected: Vec<_> = expected
            .iter()
            .map(|(node, explains, leaves, against)| (*node, *explains, names(leaves), names(against)))
            .collect();
        assert_eq!(told, expected, "{values:?}");
    };
    check(&[], &[]);
    check(&[("site", Level::Down)], &[]);
    // Both hang on the directory, and on its server: the directory says more.
    check(&[("etat-civil", Level::Down), ("paie", Level::Down)], &[("annuaire", 2, &[], &[]), ("srv", 2, &[], &[])]);
    // The directory works: that speaks against it and for nothing else.
    check(
        &[("etat-civil", Level::Down), ("paie", Level::Down), ("annuaire", Level::Up), ("site", Level::Down)],
        &[("annuaire", 2, &["site"], &["annuaire"]), ("srv", 2, &["site"], &["annuaire"])],
    );
    // Its server is said to be down itself.
    check(
        &[("etat-civil", Level::Down), ("paie", Level::Down), ("srv", Level::Down)],
        &[("srv", 3, &[], &[]), ("annuaire", 2, &["srv"], &[])],
    );
}
