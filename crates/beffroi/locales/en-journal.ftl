# What people read, in English: the crisis journal.

## Commands and arguments

help-crisis = Keep the crisis journal: open it, note, decide, act, close it
help-crisis-open = Open a crisis journal; with the recovery kit (--identity), the owner certifies the desk's key
help-crisis-certify = Have the owner certify the desk's key, with the recovery kit (--identity)
help-crisis-state = Note how a service, a machine or a provider is
help-crisis-note = Note an observation, a communication or a piece of evidence
help-crisis-decide = Note a decision; with --t0, since when the town knows
help-crisis-act = Note what was done; with --met, which deadline was met
help-crisis-cost = Note a cost in euros
help-crisis-answer = Answer a question of a draft that nobody else can answer
help-crisis-close = Close the journal: nothing is written to it any more
arg-author = Who writes [login name]
arg-happened = When it happened, if not now: 14:30, 2026-11-22T14:30, or RFC 3339
arg-confidence = How sure the author is: certain, likely or guess
arg-corrects = The entry that this one puts right
arg-attach = Attach files: their hashes are noted, a copy is kept
arg-no-copy = Note hashes only, keep no copy
arg-about = The service, machine or provider that it is about
arg-crisis-open-title = What the first entry says
arg-crisis-open-exercise = This is an exercise
arg-crisis-state-node = Name in the map of the town
arg-crisis-state-level = up, degraded, down or unknown
arg-crisis-state-how = How it is degraded, or what is known of it
arg-crisis-state-why = Why
arg-crisis-state-since = Since when
arg-crisis-state-next = When there will be news
arg-crisis-note-text = What people read
arg-crisis-note-kind = observation, communication or evidence [observation]
arg-crisis-decide-text = The decision
arg-crisis-decide-t0 = The town knows since then [now]: every deadline counts from it
arg-crisis-act-text = What was done
arg-crisis-act-met = The deadline that was met: complaint, cnil, cnil-complementary, nis2-warning, nis2-notification, nis2-final or insurer
arg-crisis-act-entity = For which entity [all]
arg-crisis-act-receipt = Number of the receipt
arg-crisis-cost-euros = Amount in euros: 1234.56
arg-crisis-cost-text = For what
arg-crisis-cost-category = Sort of cost: external help, hardware, overtime… [other]
arg-crisis-cost-entity = Who bears it
arg-crisis-cost-proof = Number of the invoice or the order
arg-crisis-answer-field = The question, as the draft names it
arg-crisis-answer-text = The answer
arg-crisis-close-text = What the last entry says
help-journal = Show, verify and hand out the crisis journal
help-journal-show = Show entries
help-journal-verify = Verify every entry, every signature and the order; with --checkpoint, that nothing was cut off or written anew
help-journal-export = Write a folder that somebody else can verify with public tools
help-journal-checkpoint = Give the line to print, to mail or to hand over: nothing before it can change any more without being found
arg-journal-show-kind = Of this kind only: observation, decision, action, communication, evidence or cost
arg-journal-show-since = Since then: 14:30, 2026-11-22T14:30, or RFC 3339
arg-journal-verify-place = A journal's file or folder [the open one]
arg-journal-verify-checkpoint = A line that was given away; may be repeated
arg-journal-verify-owner = Demand that this owner certified the desk's key
arg-journal-export-folder = The folder to write, new or empty

## What entries say

crisis-opened = Crisis journal opened.
crisis-opened-exercise = Journal of an exercise opened.
crisis-closed = Journal closed.
crisis-certified = The owner { $owner } of the vault { $vault } certifies this desk's key.
crisis-state = { $node }: { $level }
crisis-level-up = up
crisis-level-degraded = degraded
crisis-level-down = down
crisis-level-unknown = state unknown
journal-began = Began: { $command }
journal-ended = Ended with code { $code }: { $command }
journal-damage = { $source }: of { $files } files, { $hurt } hurt, { $gone } gone, { $sound } sound, { $unknown } unknown
journal-torn = An unfinished entry, left by a crash, was moved aside: { $files }
journal-kind-observation = observation
journal-kind-decision = decision
journal-kind-action = action
journal-kind-communication = communication
journal-kind-evidence = evidence
journal-kind-cost = cost
journal-known = the town knows since: { $time } (T0 of the deadlines)
journal-state = { $known ->
    [since] since: { $since }
    [next] next news: { $next }
   *[both] since: { $since }; next news: { $next }
}
journal-cost = amount: { $amount }; category: { $category }; borne by: { $entity }; proof: { $proof }
journal-met = deadline met: { $deadline }; for: { $entity }; receipt: { $receipt }
journal-happened = happened: { $time }
journal-confidence-certain = certain
journal-confidence-likely = likely
journal-confidence-guess = a guess
journal-corrects = puts entry { $number } right
journal-attachment = attached: { $name } ({ $size }, SHA-256 { $sha })
journal-title = Crisis journal: { $entries ->
    [one] one entry
   *[other] { $entries } entries
}
journal-remark-backwards = remark: before line { $line } the clock was set back, from { $before } to { $time }
journal-remark-torn = remark: the last line is unfinished ({ $size }) because of a crash; the next entry will move it aside
journal-remark-after = remark: line { $line } was written after the journal was closed

## What is said

say-crisis-open = Journal opened: { $path }
say-crisis-beside = Another journal stays open: { $path }. Commands write there, unless --journal is given.
say-crisis-lost = The journal { $path } is not the open one any more, since nothing can be written to it: { $words }. Keep what is left of it.
say-crisis-uncertified = No owner has certified this desk's key. When the recovery kit is here: beffroi --identity KIT crisis certify
say-crisis-certified = The desk's key is certified by the owner { $owner }.
say-crisis-map = warning: the map of the town cannot be read as a whole; its names are not checked
say-crisis-t0-moved = T0 was in entry { $number } already: from now on this newest one counts, and every deadline moves with it. If that was a slip, decide again with --t0 and the true time.
say-crisis-closed = Deadlines go on after a journal is closed. To see them: beffroi --journal { $path } deadlines
say-journal-entry = Entry { $number } written.
say-journal-torn = An unfinished entry, left by a crash, was moved aside in { $path } and noted.
say-journal-checkpoint = Checkpoint: { $checkpoint }
say-checkpoint-use = Print this line, mail it, give it to somebody outside the town hall, and note to whom (crisis note --kind communication).
say-journal-unwritten = warning: this command is not in the journal: { $words }
say-journal-unsound = warning: { $path } does not verify. Type “beffroi journal verify”.
say-journal-faults-more = and { $count ->
    [one] one more fault
   *[other] { $count } more faults
}
say-journal-sound = The journal { $journal } verifies: { $entries ->
    [one] one entry
   *[other] { $entries } entries
}, from { $first } to { $last }.
say-journal-desk = Signed by the desk's key { $desk }.
say-journal-owner = Key certified by { $owner }, said to be an owner of the vault { $vault } (entry { $entry }). Compare it, or give --owner or --vault.
say-journal-owner-known = Key certified by { $owner }, an owner of the vault { $vault } (entry { $entry }).
say-journal-no-owner = No owner certified this key.
say-journal-held = { $count ->
    [one] The checkpoint that was given holds
   *[other] The { $count } checkpoints that were given hold
}: nothing before has changed since.
say-journal-no-checkpoint = No checkpoint was given: that the end was cut off, or all was written anew with the desk's key, would not show.
say-journal-attachments = Attachments: { $sound } as they were, { $absent } without a copy here.
say-export-done = Written to { $path }: { $entries ->
    [one] one entry
   *[other] { $entries } entries
}, { $files } files. VERIFY.md says how to verify without Beffroi.
say-export-absent = { $count ->
    [one] One attachment has no copy here
   *[other] { $count } attachments have no copy here
}: only the hash is handed over.

## Errors

err-time = “{ $time }” is no moment
rec-time = Write 14:30 (today), 2026-11-22T14:30, or 2026-11-22T14:30:00+01:00.
err-time-future = { $time } is still to come
rec-time-future = Check the day and the year; only --next takes a moment that is to come.
err-crisis-open = a journal is open already: { $path }
rec-crisis-open = Write to it, or close it: beffroi crisis close. To open another beside it: --journal DIR.
err-crisis-kit = this kit has no owner's key or no vault: it can certify nothing
rec-crisis-kit = Take the recovery kit that was printed when the vault was made.
err-crisis-euros = “{ $given }” is no amount in euros
rec-crisis-euros = Write 1234.56: at most two digits after the point.
err-crisis-field = “{ $field }” is not the name of a question
rec-crisis-field = A name is made of lower-case letters, digits and hyphens: nature, consequences, measures-taken…; for one legal entity alone: nature@ccas
err-crisis-words = an entry without words would say nothing
err-crisis-node = an empty name names nothing
err-journal-none = no journal is open
rec-journal-none = Open one: beffroi crisis open. For a journal that is elsewhere: --journal DIR.
err-journal-missing = there is no journal in { $path }
err-journal-taken = { $path } is not empty
rec-journal-taken = Give a new or an empty folder.
err-journal-closed = the journal in { $path } is closed
rec-journal-closed = A closed journal does not change any more. Open another: beffroi crisis open.
err-journal-busy = another program holds the journal in { $path }
rec-journal-busy = Try again; if it goes on, look for a program that stopped while it wrote (fuser, lsof).
err-journal-end = nothing was written: the end of the journal in { $path } does not verify
rec-journal-end = Keep this folder as it is, it is evidence, and go on in another journal: beffroi --journal OTHER crisis open. “beffroi journal verify” says what is wrong.
err-journal-key-loose = others may read the desk's key { $path } (mode { $mode })
rec-journal-key-loose = Type: chmod 600 { $path } – and ask yourself who may have read it.
err-journal-key = { $path } is not this journal's key
rec-journal-key = Find the key that belongs here. Without it this journal can be read and verified, and what follows goes into another.
err-journal-no-entry = there is no entry { $number } to put right
err-journal-no-file = { $path } is not a file
rec-journal-no-file = Attach the files of a folder one by one, or an archive (tar) of it.
err-journal-too-long = { $path } is too long for a journal
err-journal-unsound = { $path } does not verify: { $count ->
    [one] one fault
   *[other] { $count } faults
}
rec-journal-unsound = Touch it no more, and keep a copy. Compare with exports and checkpoints that were given away.
err-journal-owner = the owner { $owner } did not certify this journal's key
err-journal-vault = no owner of the vault { $vault } certified this journal's key
err-journal-attachment = the copy { $path } is not what was attached any more
err-journal-line = line { $line }
err-journal-not-opened = no journal opens here: the first entry is not there
err-journal-later = this journal has version { $version }, of a later Beffroi
rec-journal-later = Take the program that wrote it, or a later one.
err-journal-first = the first line is not sound
err-journal-last = the last line is not sound
err-journal-chain = the entry does not follow on from the one before it: one of them was replaced
err-journal-line-long = what has more than { $max } is no entry
rec-journal-line-long = Attach a long text as a file: --attach.
err-journal-line-shape = the signature is missing or was changed
err-journal-line-json = this is no entry
err-journal-line-unwritable = this entry could not be read again: it is not written
err-journal-line-beginning = it does not begin as an entry does
err-journal-line-signature = the entry was changed after it was signed, or another key signed it
err-journal-gone = entry { $number } is missing before this one
err-journal-gone-many = entries { $first } to { $last } are missing before this one
err-journal-misplaced = entry { $number } is not in its place
err-journal-opened-again = the journal opens a second time
err-journal-too-many = more lines than are examined
err-journal-other = the checkpoint is of another journal: { $journal }
err-journal-cut = the journal ends here, the checkpoint had seen { $entries } entries: the end was cut off
err-journal-rewritten = the entries up to here are not those that the checkpoint has seen
err-certificate = the certificate does not hold
err-certificate-signature = the owner's signature does not fit
err-certificate-form = this is no certificate of this form
err-certificate-other = it is about another journal, key or vault
err-checkpoint = checkpoint “{ $line }”
err-checkpoint-form = this is no checkpoint
rec-checkpoint-form = Give the whole line, in quotes: "beffroi-journal-1 …".
err-checkpoint-mistyped = a digit is wrong
rec-checkpoint-mistyped = Copy the line with care: every digit counts.
