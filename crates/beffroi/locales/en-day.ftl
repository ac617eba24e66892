# What people read, in English: the return of services and the day of an exercise.

## recover

help-recover = Bring services back over the order: give back their sources, start them, check them, ask at the gates
arg-recover-services = Names of the map, with all that they hang on [everything that is down]
arg-recover-to = The folder below which sources are given back, each under its own name; started again with the same, it goes on
arg-command-minutes = After how many minutes a command of the map is ended [10]
arg-assume-yes = Nobody is asked: for exercises
ask-recover = [y]es / [l]ater / [n]o { "" }
err-recover-nobody = nobody is there to be asked
rec-recover-nobody = Run it on a terminal; in an exercise, --assume-yes answers every question.
err-recover-child = this program cannot find itself
err-recover-start = { $program } cannot be started
err-recover-ground = others could write to this folder, or it is a link: what is in it cannot be believed
rec-recover-ground = Choose another folder with --to, on a disk of this machine and below a folder that only you can write to.
err-recover-vault = what was given back here is from another vault
rec-recover-vault = Choose another folder with --to.
err-recover-name = { $source } gives no folder of its own
rec-recover-name = Give it back by hand: beffroi clean, then beffroi restore --plan.
err-recover-taken = { $path } is there already, and this return did not put it there
rec-recover-taken = Look at what it is and move it away, or choose another folder with --to.
err-recover-plan-other = the plan is not one of { $source }
rec-recover-plan-other = Move the plan away: a new one is made.
err-recover-plan-changed = the plan was changed after the return had begun
rec-recover-plan-changed = Put the plan back as it was, or choose another folder with --to.
err-recover-plan-old = { $count ->
    [one] the plan knows nothing of a later snapshot
   *[other] the plan knows nothing of { $count } later snapshots
}
rec-recover-plan-old = Move the plan away: a new one is made.
err-recover-commands = nothing was brought back: the commands of the map were not agreed to
rec-recover-commands = Read the commands in the map, take out what does not belong there, and run this again.
err-recover-program = this program lies in what was given back; name one of this machine
day-other-map = The map is not the one with which the journal was opened: somebody changed it since, or it is another. Read it before you go on.
day-commands = These programs of the map { $path } would run with your rights (SHA-256 { $sha }):
day-ask-commands = Did somebody who knows them read them, and may they run?
day-board = { $back } of { $total } back
day-begin = { $place }/{ $total } { $name }. { $reason }
day-back = { $name } is back, after { $time }.
day-later = { $name }: later.
day-not-working = { $name } does not work yet.
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
day-command-slow = it did not end within { $minutes } min, and was ended (--command-minutes)
day-command-failed = { $what } ended with code { $code }: { $said }

## exercise without a folder

arg-exercise-folder = The folder to rehearse on, on a copy [a small village that is made up, and its whole day]
arg-exercise-to = Where the page, the proof sheet and the journal stay [beffroi-exercise-TIME]
day-heading = The day, rehearsed
day-foot = Made by beffroi exercise on a village that is made up; nothing of this machine was touched but a temporary folder and the folder of this page.
day-lead = A small village was made up on the machine { $host }, kept, attacked and brought back on { $time }, with Beffroi { $program } (seed { $seed }).
day-passed = Passed: everything came back, byte for byte, in time, and is proved.
day-failed = Not passed: see what is marked below.
day-times-heading = Times, beside the objectives and real towns
day-times-caption = What was measured on this machine, within which time it should be done, and what real towns needed
day-services-heading = Services
day-services-caption = When every service was back, counted from the moment at which it was known
day-seen-heading = What was seen
day-limits-heading = What these times are not
day-limit-people = People's time is not in them: nobody was woken, met, argued or signed; every gate was answered by yes. Rehearse that with people.
day-limit-size = The village is small. How long your bytes take, “beffroi exercise FOLDER” measures on your own folders.
day-limit-towns = The figures of towns are from the press and from public reports (docs/exercise.md names them); they count whole days of whole administrations.
day-col-what = What
day-col-measured = Measured
day-col-objective = Objective
day-col-met = Met
day-col-towns = Real towns
day-col-service = Service
day-col-bears = Bears
day-met = yes
day-not-met = no
day-not-measured = not measured
day-service-up = worked all day
day-service-down = not back
day-what-told = alarm, from the beginning of the backup
day-what-decided = journal open, T0 sealed
day-what-extent = extent known
day-what-ordered = order of return
day-what-spoken = something to publish
day-what-written = complaint and notification drafted
day-what-registry = civil registry back
day-what-pay = people can be paid
day-what-all = every service back
day-what-proved = signed what is sound
day-towns-told = 1 h by chance (Caen) to 27 days (Dallas)
day-towns-decided = 3 h (Marseille) to 12 h (Kalix)
day-towns-extent = more than 3 days (Ardèche), 9 (Angers), 12 (Südwestfalen-IT)
day-towns-ordered = day 12 (Südwestfalen-IT)
day-towns-spoken = hours to days, by social networks
day-towns-written = by hand, within 72 h
day-towns-registry = a month (Caen), 32 days (Marseille), 6 weeks (Südwestfalen-IT)
day-towns-pay = 8 days (Kalix), 3 to 6 months elsewhere
day-towns-all = 37 days for 90 % (Dallas), 5 months (Angers), 11 (Südwestfalen-IT)
day-towns-proved = 26 days for an attack that was none (Tewkesbury)
day-part-village = the village is made up
day-part-night = the night before: everything is kept
day-part-attack = the attack
day-part-alarm = the next backup rings
day-part-open = the journal is opened, T0 is sealed
day-part-evidence = evidence is put aside
day-said-circumstances = The nightly backup rang; the files of the NAS do not open.
day-said-nature = ransomware (rehearsed)
day-said-cause = A computer attack disturbs our services
day-said-who = the town hall, with the local technician
day-said-note = The note that the attacker left
day-said-samples = Files as the attacker left them
day-part-damage = what is hurt, and which services that is
day-part-order = the order of return
day-part-speak = communiqué, announcement, poster
day-part-law = complaint, notifications, insurer
day-part-recover = services come back
day-part-compare = every byte is compared with what there was
day-part-attest = what is sound is signed
day-part-close = proof sheet, checkpoint, export, verification
day-part-done = { $part }: { $time }
day-said-known = We know that we are attacked: the deadlines count from here.
day-said-hurt = its files are hurt
day-said-suspect = to be looked at before it is used again
day-said-proof = The proof sheet of this exercise.
day-said-damage = The attacker harmed { $harmed } of { $files } files; { $hurt } were told to be hurt.
day-said-same = All { $files } files came back as they were, byte for byte.
day-said-different = { $count } of { $files } files are not as they were.
day-said-attested = { $attested } files are attested identical to what was kept; { $others } are not.
day-said-drafts = { $count } drafts were written; { $clocks } deadlines run.
day-said-journal = The journal has { $entries } entries and verifies against its checkpoint: { $checkpoint }
day-said-journal-broken = The journal does not verify ({ $entries } entries, checkpoint { $checkpoint }).
day-dossier = Page, proof sheet, drafts and journal: { $path }
err-day-place = others could put a folder of theirs in the place of the exercise's
rec-day-place = Name a folder that only you can write to: TMPDIR=… or --place. /tmp will do as systems come with it.
err-day-taken = the folder is not empty
rec-day-taken = Name another one with --to.
err-day-part = the exercise stopped at: { $part }
err-day-step = beffroi { $command } ended with code { $code }: { $said }
err-day-failed = the exercise is not passed
rec-day-failed = The page says what was not as it must be. If a file did not come back as it was, do not rely on this machine's backups before you know why.
err-day-no-owner = the recovery kit holds no owner's key: nothing can be signed with it
