use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::*;
use crate::map::{Service, When};
use crate::sample::{empty, event, host, provider, service};
use crate::state::{Origin, Value};

fn at(date: Date) -> OrderOptions {
    OrderOptions { now: moment(date), hands: 1 }
}

fn moment(date: Date) -> Timestamp {
    date.at(8, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
}

fn value(of: &str, is: Level, since: Option<Date>) -> Value {
    let said = moment(date(2026, 1, 1));
    let since = since.map(moment);
    Value { of: of.into(), is, how: None, why: None, since, next_news: None, origin: Origin::Human, said }
}

fn names(order: &Order) -> Vec<&str> {
    order.positions.iter().map(|position| position.node.as_str()).collect()
}

/// A town with a machine, a directory, and a service of each kind.
fn town() -> Map {
    let mut map = empty();
    map.providers = vec![provider("fibre")];
    map.hosts = vec![host("srv", &["fibre"])];
    map.services = vec![
        service("standard", Wave::SPEAK, 4, &["fibre"]),
        service("annuaire", Wave::TRUST, 8, &["srv"]),
        service("etat-civil", Wave::LIFE, 24, &["annuaire"]),
        service("cantine", Wave::LIFE, 12, &["annuaire"]),
        service("paie", Wave::MONEY, 72, &["annuaire"]),
        service("biblio", Wave::REST, 700, &[]),
    ];
    map.events = vec![event("jour-de-paie", date(2026, 11, 25), 10, &["paie"])];
    map
}

#[test]
fn needs_then_waves_then_what_bears_least() {
    let order = order(&town(), &State::default(), at(date(2026, 11, 1))).unwrap();
    assert_eq!(names(&order), ["standard", "srv", "annuaire", "cantine", "etat-civil", "paie", "biblio"]);
    assert_eq!(order.up, ["fibre".into()]);
    let deciders: Vec<_> = order.positions.iter().map(|position| position.reason.before_next).collect();
    let (wave, need) = (Some(Decider::Wave), Some(Decider::Need));
    assert_eq!(deciders, [wave, need, need, Some(Decider::TimeLeft), wave, wave, None]);
    let server = &order.positions[1];
    assert_eq!((server.reason.needed_by.clone(), server.wave), (Some("annuaire".into()), Wave::TRUST));
    assert_eq!(order.positions[2].after, ["srv".into()]);
    let back: Vec<_> = order.positions.iter().map(|position| position.back_minutes).collect();
    assert_eq!(back, [10, 70, 80, 90, 100, 110, 120]);
}

#[test]
fn a_day_that_comes_close_raises_and_one_that_was_missed_stays() {
    let place = |day: Date, since: Option<Date>| {
        let state = State::of(town().services.iter().map(|service| value(service.id.as_str(), Level::Down, since)));
        let order = order(&town(), &state, at(day)).unwrap();
        let at = order.positions.iter().position(|position| position.node.as_str() == "paie").unwrap();
        (at, order.positions[at].wave, order.positions[at].reason.pull.as_ref().map(|pull| pull.days))
    };
    // The host is unknown, and stands before the directory: the pay comes after both, the civil registry and the canteen.
    assert_eq!(place(date(2026, 11, 14), None), (5, Wave::MONEY, None));
    assert_eq!(place(date(2026, 11, 16), None), (5, Wave::MONEY, Some(9)));
    assert_eq!(place(date(2026, 11, 21), None), (5, Wave::LIFE, Some(4)));
    assert_eq!(place(date(2026, 11, 25), None), (3, Wave::LIFE, Some(0)), "before what bears half a day");
    assert_eq!(
        place(date(2026, 11, 27), Some(date(2026, 11, 24))),
        (3, Wave::LIFE, Some(-2)),
        "its day is over: before what fell with it"
    );
    assert_eq!(place(date(2026, 11, 27), Some(date(2026, 11, 26))).1, Wave::MONEY, "it fell after the day");
}

#[test]
fn what_works_is_left_out_and_what_works_in_part_waits() {
    let values =
        [("annuaire", Level::Up), ("srv", Level::Up), ("cantine", Level::Degraded), ("etat-civil", Level::Down)];
    let state = State::of(values.map(|(of, is)| value(of, is, None)));
    let order = order(&town(), &state, at(date(2026, 11, 1))).unwrap();
    assert_eq!(names(&order), ["standard", "etat-civil", "cantine", "paie", "biblio"]);
    assert_eq!(order.positions[1].reason.before_next, Some(Decider::Degraded));
    assert_eq!(order.positions[0].level, Level::Unknown);
}

#[test]
fn a_need_that_fell_takes_with_it_what_nobody_spoke_of() {
    let state = State::of([value("srv", Level::Down, None), value("cantine", Level::Up, None)]);
    let order = order(&town(), &state, at(date(2026, 11, 1))).unwrap();
    let of = |name: &str| order.positions.iter().find(|position| position.node.as_str() == name).unwrap();
    assert_eq!((of("annuaire").level, of("annuaire").reason.fell_with.clone()), (Level::Down, Some("srv".into())));
    assert_eq!((of("paie").level, of("paie").reason.fell_with.clone()), (Level::Down, Some("annuaire".into())));
    assert_eq!(of("biblio").level, Level::Unknown);
    assert_eq!(order.up, ["cantine".into(), "fibre".into()]);
}

#[test]
fn a_map_that_was_not_checked_is_an_error_and_no_endless_walk() {
    let mut map = town();
    map.hosts[0].needs.push("paie".into());
    let error = order(&map, &State::default(), at(date(2026, 11, 1))).unwrap_err();
    let GraphError::Cycle(cycle) = error else { panic!("{error}") };
    assert_eq!(cycle.len(), 3, "{cycle:?}");
    map.hosts[0].needs = vec!["rien".into()];
    let error = order(&map, &State::default(), at(date(2026, 11, 1))).unwrap_err();
    assert_eq!(error, GraphError::Unknown { by: "srv".into(), needs: "rien".into() });
}

/// Any town without cycles: a node needs only those before it. Each service may have an event of its own.
fn any_town() -> impl Strategy<Value = (Map, Vec<Value>)> {
    let node =
        (0..7_u64, 1..200_u32, 0..90_u32, proptest::collection::vec(any::<prop::sample::Index>(), 0..3), 0..10_u8);
    let fate = (0..5_u8, 0..40_i64);
    let raised = proptest::option::of((0..40_i64, 0..30_u32, 0..7_u64));
    proptest::collection::vec((node, fate, raised), 1..24).prop_map(|nodes| {
        let mut map = empty();
        let mut values = Vec::new();
        for (at, ((wave, outage, minutes, needs, kind), (fate, since), raised)) in nodes.into_iter().enumerate() {
            let id = format!("n{:02}", (at * 7) % 24);
            let named: Vec<String> = needs
                .iter()
                .filter(|_| at > 0)
                .map(|need| need.index(at))
                .map(|at| format!("n{:02}", (at * 7) % 24))
                .collect();
            let needs: Vec<&str> = named.iter().map(String::as_str).collect();
            if kind == 0 {
                map.hosts.push(host(&id, &needs));
            } else {
                let wave = Wave::of_number(wave).unwrap();
                map.services.push(Service { return_minutes: minutes, ..service(&id, wave, outage, &needs) });
            }
            let level = [Level::Up, Level::Degraded, Level::Down, Level::Down, Level::Unknown][usize::from(fate)];
            values.push(value(&id, level, (since < 30).then(|| TODAY - since.days())));
            if let Some((days, lead, wave)) = raised.filter(|_| kind != 0) {
                let wave = Wave::of_number(wave).unwrap();
                map.events.push(Event { wave, ..event(&format!("e{at}"), TODAY + days.days(), lead, &[&id]) });
            }
        }
        (map, values)
    })
}

const TODAY: Date = date(2026, 11, 22);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn needs_come_first((map, values) in any_town()) {
        let order = order(&map, &State::of(values), at(TODAY)).unwrap();
        let graph = Graph::of(&map).unwrap();
        let place: HashMap<_, _> = order.positions.iter().enumerate().map(|(at, position)| (&position.node, at)).collect();
        prop_assert_eq!(place.len() + order.up.len(), graph.nodes.len());
        for position in &order.positions {
            for need in graph.nodes[graph.place(&position.node).unwrap()].needs() {
                match place.get(need) {
                    Some(at) => prop_assert!(at < &place[&position.node], "{} before {}", position.node, need),
                    None => prop_assert!(order.up.contains(need)),
                }
            }
        }
    }

    #[test]
    fn a_nearer_day_never_lowers_its_service((map, values) in any_town(), which in any::<prop::sample::Index>(), nearer in 1..40_i64) {
        prop_assume!(!map.events.is_empty());
        let state = State::of(values);
        let which = which.index(map.events.len());
        let When::Dates(days) = &map.events[which].when else { panic!("events are on a day") };
        let day = days[0];
        let moved = (day - nearer.days()).max(TODAY);
        let mut sooner = map.clone();
        sooner.events[which].when = When::Dates(vec![moved]);
        let service = &map.events[which].services[0];
        let place = |map: &Map| {
            let order = order(map, &state, at(TODAY)).unwrap();
            order.positions.iter().position(|position| position.node == *service)
        };
        prop_assert!(place(&sooner) <= place(&map), "{} from {} to {}: {:?} {:?}", service, day, moved, place(&map), place(&sooner));
    }

    #[test]
    fn equal_inputs_in_any_order_give_equal_orders((map, values) in any_town(), seed in any::<u64>()) {
        let mut shuffled = map.clone();
        let turn = seed as usize;
        let (services, hosts, events) = (map.services.len().max(1), map.hosts.len().max(1), map.events.len().max(1));
        shuffled.services.rotate_left(turn % services);
        shuffled.services.reverse();
        shuffled.hosts.rotate_left(turn % hosts);
        shuffled.events.rotate_left(turn % events);
        let mut turned = values.clone();
        turned.reverse();
        prop_assert_eq!(order(&map, &State::of(values), at(TODAY)), order(&shuffled, &State::of(turned), at(TODAY)));
    }
}
