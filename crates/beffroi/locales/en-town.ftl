# What people read, in English: the map of the town.

## Findings in a map

town-error = { $place }: error: { $words }
town-warning = { $place }: warning: { $words }
town-mend = { "  → " }{ $words }
town-too-long = the file has { $bytes }: no map is that long
town-more = and { $count } more
town-too-many = { $count } services, hosts and providers: a map has 10,000 at most
town-syntax = this is no TOML: a quote, a bracket or a “=” is missing, or a date is not written as 2026-11-20 ({ $message })
town-unknown-key = “{ $key }” means nothing in { $table }
town-missing-field = this { $table } has no “{ $field }”
town-missing-table = there is no { $table }
town-wrong-kind = “{ $field }” must be { $wanted }; this is { $found }
town-empty = “{ $field }” is empty
town-unknown-word = “{ $word }” means nothing as “{ $field }”
town-out-of-range = “{ $field }” is { $number }: it must be from { $min } to { $max }
town-bad-date = “{ $field }”: “{ $written }” is no date
town-unknown-zone = nobody knows the zone of time “{ $zone }”
town-bad-name = “{ $name }” cannot be a name: letters, digits, - _ . and at most 64 of them, a letter or digit first
town-twice = { $kind } “{ $name }”: the name was given in line { $line } already
town-unknown-name = there is no { $kind } “{ $name }”
town-other-kind = “{ $name }” is a { $found }; here a { $wanted } is wanted
town-cycle = the needs lead back to where they began: { $names }
town-when = { $count ->
    [0] the event does not say when it is
   *[other] the event says { $count } times when it is
}

## Doubts about a map

town-nothing-kept = nothing of “{ $service }” is kept, and nobody is named who keeps it
town-unused-source = no service is made of the source “{ $source }”: nobody will know what it is for
town-too-seldom = “{ $service }” can lose { $loss } h of work, but “{ $source }” is kept every { $every } h
town-too-slow = “{ $service }” takes { $time } to come back, at best ({ $bytes }, and all that it needs); { $max } h are allowed
town-no-rate = nobody measured how fast bytes come back: nobody knows whether the services are back in time
town-single-point = { $falls } of the { $of } services of waves 0 to 3 hang on a single thing: { $nodes }
town-only-copy = { $services ->
    [one] one service ({ $names }) runs at “{ $provider }” and has its only copy there
   *[other] { $services } services ({ $names }) run at “{ $provider }” and have their only copy there
}: what hurts one hurts the other
town-nobody-for = nobody { $duty }
town-duty-decide = decides to cut the network
town-duty-machines = knows the machines
town-duty-speak = speaks to people and press
town-duty-dpo = is the data protection officer
town-duty-complain = files the complaint
town-no-deputy = nobody stands in for “{ $person }”
town-no-phone = “{ $person }” has no number: nobody can call
town-switchboard-phone = the number of “{ $person }” is the switchboard, which falls with the rest
town-not-verified = nobody tried these numbers for a year (the oldest on { $since }): { $people }
town-never-verified = nobody ever tried these numbers: { $people }
town-later-wave = “{ $service }” (wave { $wave }) needs “{ $need }”, which comes in wave { $later }
town-no-services = the event “{ $event }” raises no service
town-over-dates = all dates of “{ $event }” are over
town-no-persons = “{ $service }” holds personal data, but of how many people is not written: the notification to the CNIL asks it
town-civil-registry = the civil registry “{ $service }” may lose { $loss } h: the law allows less than 24 (décret 2017-890, article 13)
town-no-meanwhile = nobody wrote what people do while “{ $service }” is down
town-minutes = { $minutes } min
town-hours = { $hours } h

## What to write instead

town-nearest = did you mean “{ $name }”?
town-one-of = write one of: { $words }
town-write = write: { $words }
town-elsewhere = it belongs into { $table }
town-define = correct the name, or add: { $words }
town-rename = give one of the two another name
town-remove = write something, or take the line away
town-cut-need = one need must go: take “{ $need }” out of the needs of “{ $of }”, if it can start without
town-keep-one = keep one of: { $words }
town-write-in = in { $table } “{ $of }”, write: { $words }
town-measure = “beffroi exercise” measures it; then write: { $words }
town-shorten = shorten it (a machine that is ready, fewer bytes to wait for), or write the truth: { $words }
town-second-way = prepare a second one, or write in meanwhile_public and meanwhile_staff of these services what people do without (“beffroi town graph --fallen NAME” shows them)
town-ask-for-copies = ask “{ $provider }” for an export every night, keep it, and write: { $words }
town-call = call them, then write: { $words }
town-other-phone = write a number that works without the town's telephones
town-divide = cut the map into several
town-mend-first = mend the first ones, then check again

## Kinds of things and values

town-kind-node = service, host or provider
town-kind-service = service
town-kind-host = host
town-kind-provider = provider
town-kind-entity = entity
town-kind-person = person
town-kind-source = source
town-kind-event = event
town-value-text = words in quotes
town-value-integer = a whole number
town-value-float = a number with a point
town-value-boolean = true or false
town-value-date = a date
town-value-list = a list
town-value-list-of-text = a list of words in quotes
town-value-table = a table
town-value-words = words in quotes, or { "{" } fr = "…", en = "…" { "}" }

## The file of the map

err-town-none = there is no map of the town
rec-town-none = Make one with “beffroi town init --size town”, or name it with --town FILE (BEFFROI_TOWN).
err-town-broken = the map { $path } cannot be used: { $count ->
    [one] one error
   *[other] { $count } errors
} (see above)
err-town-encoding = line { $line } is not UTF-8
rec-town-encoding = Save the file as UTF-8 in your editor.
rec-town-taken = It was not touched. Name another file with --to, or correct this one.
err-town-taken = there is a file already

## town

help-town = The map of the town: who needs what
help-town-init = Make a map from a commented model
arg-town-init-size = Which model: village (about 1,000 people), town (8,000), city (150,000)
arg-town-init-to = Where it is written: a new file (usually town.toml)
help-town-check = Look for errors and warnings in the map, each with its line and what to write
arg-town-check-file = The map (usually that of --town, town.toml here, or that of the state)
say-town-made = { $path } is written: { $services } services as an example. Fill it in, then run: beffroi town check { $path }
say-town-checked = { $path }: { $services ->
    [one] one service
   *[other] { $services } services
}, { $hosts ->
    [one] one host
   *[other] { $hosts } hosts
}, { $providers ->
    [one] one provider
   *[other] { $providers } providers
}, { $events ->
    [one] one event
   *[other] { $events } events
}; no error, { $warnings ->
    [0] no warning
    [one] one warning
   *[other] { $warnings } warnings
}.
help-town-import = Add services from a table (CSV) of another program
arg-town-import-csv = The table: heads in the first line, in French or English; ; , or tabs; UTF-8 or Windows-1252
arg-town-import-to = Add them at the end of this map; else they are printed
say-town-understood = { $services ->
    [one] One service
   *[other] { $services } services
} understood, { $slips ->
    [0] nothing left out
    [one] one thing left out (see above)
   *[other] { $slips } things left out (see above)
}.
say-town-imported = { $path }: { $services ->
    [one] one service added
   *[other] { $services } services added
} at the end, { $slips ->
    [0] nothing left out
    [one] one thing left out (see above)
   *[other] { $slips } things left out (see above)
}. Then: beffroi town check { $path }
err-town-import = nothing was added
rec-town-import = Correct the table, then import it again.
town-slip-too-long = the table is longer than a map may be
town-slip-column = nobody knows the column “{ $head }”: it is left out
town-slip-column-twice = another column says the same as “{ $head }”: this one is left out
town-slip-no-names = no column has the names of the services (“nom” or “id”)
town-slip-no-name = this line names no service: it is left out
town-slip-known = “{ $name }” is there already: this line is left out
town-slip-cell = “{ $value }” cannot be “{ $field }”: it stays as a comment
town-slip-no-entity = “{ $name }” does not say of which entity it is: “{ $entity }” was taken, the first of the map
town-slip-row = this is no line of a table: it is left out
help-town-graph = Draw who needs what (SVG), and what falls with something
arg-town-graph-to = Where the picture is written: a new file, or an older picture [standard output]
arg-town-graph-fallen = Show what falls if this service, host or provider falls (may be repeated)
say-town-drawn = The picture is in { $path }.
say-town-drawn-fallen = The picture is in { $path }: { $services ->
    [one] one service falls
   *[other] { $services } services fall
}.
err-town-graph = the map cannot be drawn
err-town-picture-taken = there is a file that is no picture of a map
rec-town-picture-taken = It was not touched. Name another file with --to.

## The picture of the map

town-graph-title = { $town }: who needs what
town-graph-summary = { $services } services in their waves; below, { $hosts } hosts and { $providers } providers that they need.
town-graph-fallen = If { $first } falls, { $services ->
    [0] no service falls
    [one] one of { $total } services falls
   *[other] { $services } of { $total } services fall
} with it.
town-graph-legend = A frame holds what needs the same; below it (→) stands what that is. Hosts are blue, providers are round.
town-graph-legend-fallen = ✕ and a broken line: falls. Filled: falls first. A frame holds what needs the same; below it (→) stands what that is.
town-lane-speak = Wave 0: speak and decide
town-lane-trust = Wave 1: trusted core
town-lane-life = Wave 2: life and law
town-lane-money = Wave 3: money
town-lane-contact = Wave 4: reach and be reached
town-lane-files = Wave 5: files
town-lane-rest = Wave 6: the rest
town-lane-hosts = Hosts
town-lane-providers = Providers
