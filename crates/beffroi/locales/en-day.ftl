# What people read, in English: the return of services and the day of an exercise.

## recover

help-recover = Brings services back over the order: gives back their sources, starts them, checks them, asks at the gates
arg-recover-services = Names of the map, with all that they hang on [everything that is down]
arg-recover-to = The folder below which sources are given back, each under its own name; started again with the same, it goes on
arg-assume-yes = Nobody is asked: for exercises
ask-recover = [y]es / [l]ater / [n]o { "" }
err-recover-nobody = Nobody is there to be asked
rec-recover-nobody = Run it on a terminal; in an exercise, --assume-yes answers every question.
err-recover-child = This program cannot find itself
err-recover-start = { $program } cannot be started
day-board = { $back } of { $total } back
day-begin = { $place }/{ $total } { $name }. { $reason }
day-back = { $name } is back, after { $time }.
day-later = { $name }: later.
day-failed = { $name } does not work yet.
day-stopped = { $name }: stopped, after { $time }.
day-waits = { $name } waits for: { $names }
day-not-back = { $name } is not back: mend it, and run this again.
day-put-off = { $name } was put off.
day-done = { $back } of { $total } back, after { $time }.
day-ask-host = Is a clean { $name } ready (about { $time } by the map)?
day-ask-provider = Does { $name } answer again (phone: { $phone })?
day-ask-service = Does { $name } work, and may it be opened?
day-ask-service-owner = Does { $owner } say that { $name } works, and may it be opened?
day-source-there = { $source } was given back already.
day-source-given = { $source }: { $entries ->
    [one] one entry
   *[other] { $entries } entries
}, { $bytes } given back in { $time }; { $mended ->
    [0] all as in the last snapshot
    [one] one path in its last clean version
   *[other] { $mended } paths in their last clean version
}.
day-step-plan = looking for the last clean versions of { $source }
day-step-restore = giving back { $source }
day-step-start = starting
day-step-probe = waiting for an answer
day-step-check = checking
day-step-plan-failed = No plan for { $what } (code { $code }): { $said }
day-step-restore-failed = { $what } was not given back whole (code { $code }): { $said }
day-step-probe-failed = No answer: { $what } (code { $code }) { $said }
day-command-done = { $step }: done in { $time }
day-command-failed = { $what } ended with code { $code }: { $said }
