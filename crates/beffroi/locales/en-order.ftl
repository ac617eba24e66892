# What people read, in English: the order of return and what falls together.

## help

help-order = Show which service comes back when, and why, for a date and a state
arg-order-date = The day for which it is asked [today]
arg-state-file = A file with what is known of services [the open journal; without one, everything is down]
arg-hands = How many people bring back at once
help-cascade = Show what falls with a host, a provider or a service; without a name, what the fallen have in common
arg-cascade-node = A name of the map

## waves

order-wave-speak = speak and decide
order-wave-trust = trusted core
order-wave-life = life and law
order-wave-money = money
order-wave-contact = reach and be reached
order-wave-files = files
order-wave-rest = the rest

## reasons

order-day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[other] December
} { $year }
order-when-ahead = { $days ->
    [0] today
    [1] tomorrow
   *[other] in { $days } days
}
order-when-missed = missed { $days ->
    [1] yesterday
   *[other] { $days } days ago
}
order-minutes = { $count } min
order-hours = { $count } h
order-hours-minutes = { $hours } h { $minutes }
order-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
order-core-wave = wave { $number }, { $wave }
order-core-raised = wave { $number }, { $wave }, raised from “{ $from }” by “{ $event }” on { $day }, { $when }
order-core-day = wave { $number }, { $wave }; “{ $event }” on { $day }, { $when }
order-bears = { $core }; bears { $time } without it
order-bears-day = { $core }; so close to that day, bears { $time } without it
order-bears-over = { $core }; should have been back { $time } ago
order-bears-now = { $core }; should be back now
order-nobody = nothing that is down needs it
order-needed = needed by “{ $name }” ({ $core })
order-fell = down because “{ $name }” is
order-before-need = before the next, which needs it
order-before-same = before the next: needed for the same service, and stands below
order-before-wave = before the next, which belongs to a later wave
order-before-day = before the next: its day is close
order-before-degraded = before the next, which still works in part
order-before-time = before the next, which can wait longer
order-before-quicker = before the next, which takes longer
order-before-name = before the next by name only

## order

order-title = Order of return for { $day }, in { $town }
order-summary = { $open ->
    [0] Nothing is to be brought back.
    [one] One thing to bring back
   *[other] { $open } things to bring back
}{ $open ->
    [0] { "" }
   *[other] { " " }with { $hands ->
        [one] one pair of hands
       *[other] { $hands } pairs of hands
    }; all back in { $time }, if everything goes as the map says.
}
order-share = { $percent } % of the { $services } services work: { $up } in full, { $degraded } in part; down: { $down }; not known: { $unknown }.
order-assumed = Nobody has said what works: all services and hosts are held to be down, providers to be up.
order-back = back in { $time }
order-late = back in { $time }, { $late } too late
order-is-degraded = works in part
order-is-unknown = nobody knows how it is
order-works = Works already: { $names }
order-since = since { $time }
order-next-news = next news { $time }
order-despite = said to work although “{ $name }” does not
order-age = { $time } ago
order-age-now = just now
order-said-human = a person: { $level }, { $age }
order-said-probe = its probe: { $level }, { $age }
order-said-damage = the damage to its files: { $level }, { $age }
err-order-state = the state file cannot be used: { $path }
err-order-state-form = line { $line }: { $reason }
rec-order-state-form = A state is written as [[value]] tables: of = "name", is = "up", "degraded", "down" or "unknown", and if you like how, why, since.
err-order-state-unknown = line { $line }: the map has nothing named { $name }
rec-order-state-unknown = Write a name (id) as it stands in the map.
err-order-state-time = line { $line }: { $time } is no time
rec-order-state-time = Write 2026-11-22T03:00, with a zone or without.
err-order-date = { $date } is no date
rec-order-date = Write it as 2026-11-22.
err-order-cycle = needs lead back to where they began: { $names }
rec-order-cycle = Run “beffroi town check”.
err-order-map = the map has an error: { $name }
rec-order-map = Run “beffroi town check”.

## cascade

cascade-title = If { $name } falls, { $count ->
    [0] nothing falls with it.
    [one] one service of { $total } falls with it.
   *[other] { $count } services of { $total } fall with it.
}
cascade-service = { $name }: wave { $number }, { $wave }; bears { $time } without it
cascade-way = by way of { $way }
cascade-others = Machines and providers: { $names }
cascade-none = What is said to be down has nothing in common that would explain two of them.
cascade-unsaid = Nothing is said to be down: there is nothing to compare.
cascade-suspects = What would explain most of what is down:
cascade-explains = { $name }: explains { $count } of { $total }
cascade-is-down = it is said to be down itself
cascade-leaves = does not explain: { $names }
cascade-against = speaks against it, because it works: { $names }
err-cascade-unknown = the map has no service, host or provider “{ $name }”
rec-cascade-unknown = { $near ->
    [none] Write a name (id) of the map: { $names }
   *[other] Did you mean “{ $near }”?
}
