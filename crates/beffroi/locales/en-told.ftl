# What people read, in English: the report of damage, and notices.

## damage --html

say-report-written = Report written: { $path }. It names files: do not publish it.
err-report-taken = { $path } exists, and is no report of Beffroi
rec-report-taken = Give another name: only an older report is replaced.
report-title = Damage report – { $sources }
report-heading = Damage report
report-made = Made on { $time } by Beffroi { $version }.
report-not-proved = Made from what the machines had noted, without reading the content again: a hint, not a proof. Without the option --facts-only the content is read.
report-moment = { $month ->
    [1] { $day } January { $year }
    [2] { $day } February { $year }
    [3] { $day } March { $year }
    [4] { $day } April { $year }
    [5] { $day } May { $year }
    [6] { $day } June { $year }
    [7] { $day } July { $year }
    [8] { $day } August { $year }
    [9] { $day } September { $year }
    [10] { $day } October { $year }
    [11] { $day } November { $year }
   *[other] { $day } December { $year }
}, { $hour }:{ $minute } ({ $zone })
report-compared-disk = Machine { $host }. Compared: the backup of { $from_time }, taken to be healthy (snapshot { $from }, { $files ->
    [one] one file
   *[other] { $files } files
}), and what was in the folder { $folder } at { $to_time }.
report-compared = Machine { $host }. Backups compared: that of { $from_time }, taken to be healthy (snapshot { $from }, { $files ->
    [one] one file
   *[other] { $files } files
}), and that of { $to_time } (snapshot { $to }).
report-tile-hurt = { $count ->
    [one] damaged file
   *[other] damaged files
}
report-tile-gone = { $count ->
    [one] missing file
   *[other] missing files
}
report-tile-open = { $count ->
    [one] doubtful or unknown file
   *[other] doubtful or unknown files
}
report-tile-well = { $count ->
    [one] file intact or edited as usual
   *[other] files intact or edited as usual
}
report-say-hurt = { $count ->
    [0] No file is damaged.
    [one] One file of { $of } ({ $share }) is damaged: its content can no longer be read as before.
   *[other] { $count } files of { $of } ({ $share }) are damaged: their content can no longer be read as before.
}
report-say-nothing-to-give-back = So there is nothing to give back for that reason.
report-say-clean-once = { $count ->
    [0] The vault keeps a sound version of none of them.
   *[other] The vault keeps a sound version of { $count } of { $of }: that of { $time }.
}
report-say-clean = The vault keeps a sound version of { $count } of { $of }; depending on the file, it is from { $oldest } to { $newest }.
report-say-open = { $count ->
    [0] No changed file was left without a verdict.
    [one] Of one file nothing can be said for certain: somebody must look at it before it is used.
   *[other] Of { $count } files nothing can be said for certain: somebody must look at them before they are used.
}
report-overview-caption = The sources at a glance
report-totals-heading = The balance
report-totals-caption = What became of the files
report-total-intact = Intact
report-total-edited = Edited
report-total-new = New
report-total-deleted = Missing
report-total-damaged = Damaged
report-total-renamed-damaged = Damaged and renamed
report-total-note = Left by the attacker
report-total-suspect = Doubtful
report-total-unknown = Unknown
report-means-intact = the same, to the byte
report-means-edited = changed since, with nothing unusual
report-means-new = not in the backup before
report-means-deleted = there before, not there now
report-means-damaged = encrypted, overwritten, cut off or emptied, under their own name
report-means-renamed-damaged = the same, under another name
report-means-note = the same small file beside damaged ones, in several folders
report-means-suspect = they look damaged, but it may be ordinary work
report-means-unknown = nothing can be said of them
report-beginning-heading = When it began
report-began = The first damage shows in the backup of { $time } (snapshot { $snapshot }). So it was done between the backup before and that one.
report-never-began = None of the backups that were compared shows a damaged file.
report-beginning-caption = Damage seen for the first time, backup by backup
report-stages-between = { $count ->
    [one] one backup between
   *[other] { $count } backups between
}
report-places-heading = Where
report-places-lead = Each rectangle is a folder; its area follows the number of files and folders that it held. The table says the same.
report-map-summary = { $count ->
    [one] Map of one folder
   *[other] Map of { $count } folders
}{ $hurt ->
    [0] , none is hurt.
    [one] , one of which is hurt.
   *[other] , { $hurt } of which are hurt.
}
report-places-caption = The folders, and what happened to them
report-place-files = files in no folder
report-place-others = { $count ->
    [one] one other folder
   *[other] { $count } other folders
}
report-shade-sound = nothing to report
report-shade-open = doubtful or unknown
report-shade-few = less than a tenth damaged or missing
report-shade-some = less than half
report-shade-most = half or more
report-folders-heading = The folders with most damage
report-folders-caption = Files of each folder, without its subfolders
report-folders-more = { $count ->
    [one] One more folder has damaged files.
   *[other] { $count } more folders have damaged files.
}
report-folders-coarse = There are so many folders that some are counted with the one that holds them.
report-versions-heading = What can be given back
report-versions-caption = Damaged files, by the backup that has their last sound version
report-version = { $time } (snapshot { $snapshot })
report-versions-older = older backups
report-versions-none = no sound version known
report-files-heading = The files
report-files-caption = Files that are damaged, left by the attacker, doubtful or unknown
report-files-more = { $count ->
    [one] One more file is not listed here.
   *[other] { $count } more files are not listed here.
}
report-files-all = The whole list, for technicians:
report-col-what = files
report-col-files = number
report-col-share = share
report-col-hurt = damaged
report-col-gone = missing
report-col-open = doubtful or unknown
report-col-backup = backup
report-col-graph = damaged, in proportion
report-col-entries = held
report-col-file = file
report-col-state = state
report-col-why = why
report-col-clean = last sound version
report-method-heading = Method and limits
report-method-content = Two backups were compared. What has the same content counts as intact. Of each changed file both versions were read again from the vault, which verifies every byte; a file is called damaged only if what was in order before is not any more. The backups between say when that first shows, and which has the last sound version.
report-method-disk = Every file of the folder was read and compared with the backup, byte by byte. What has the same content counts as intact. Of each other file the version that is kept was read again from the vault; a file is called damaged only if what was in order before is not any more. What a machine shows of its own disk is true only if it was started from a clean medium.
report-method-facts = Two backups were compared. What has the same content counts as intact. For the rest, this report believes what each machine noted when it saved; a machine in an attacker's hands may have noted something else.
report-limits-heading = What is not proved
report-limit-same = That an intact file is right: it is as it was in the backup before, which may have been reached already.
report-limit-unknown = What doubtful and unknown files are worth. Some kinds of files do not tell whether they are in order, and a skilful change of a few bytes can pass for ordinary work.
report-limit-machines = That the machines are clean: this report is about files, not about installed programs or stolen passwords.
report-limit-kept = Nothing is said of what was not backed up, nor of what changed since the last backup.
report-next-heading = What to do
report-next-cut = Unplug from the network the machines that write to these folders, without switching them off.
report-next-keep = Erase and reinstall nothing before having spoken to the investigators; file a complaint, and tell the data protection authority within 72 hours if personal data are concerned.
report-next-restore = Restore elsewhere, to an empty folder on a sound machine, and have the doubtful and unknown files looked at.
report-next-answer = When all is understood, answer the alarm: until somebody answers, nothing old is erased.
report-foot = This report names folders and files of the town: it is made for the town. Do not publish it, and give only its figures to others.
arg-damage-html = Also write a report to be read in a browser, which everybody understands (a new file, or an older report)

## notify

say-notice-sent = Told: { $recipient } ({ $way }).
say-notice-not-sent = Not told: { $recipient } ({ $way }): { $words }
say-notice-behind = Not told yet: { $recipient } ({ $way }); an earlier notice did not go.
say-notice-late = Not told yet: { $recipient } ({ $way }); no answer came in time.
say-notice-given-up = A notice for { $recipient } is given up: it waited more than fourteen days, or this recipient is no longer in notify.toml.
say-notice-nobody = Nobody is told: there is no notify.toml on this machine (docs/notify.md).
say-notice-failed = Nobody could be told: { $words }
say-notices-untold = { $count ->
    [one] One notice did not go.
   *[other] { $count } notices did not go.
} A backup tries again by itself; “beffroi notify send” tries at once what waits.
notice-alarm-title = ALARM Beffroi
notice-alarm-title-of = ALARM Beffroi: { $source } ({ $host })
notice-watch-title = Beffroi: worth a look
notice-watch-title-of = Beffroi: worth a look in { $source } ({ $host })
notice-alarm = What a backup has just read looks attacked (backup of { $time }).
notice-alarm-of = What the backup of “{ $source }” has just read on { $host } looks attacked (backup of { $time }).
notice-watch = A backup saw something unusual (backup of { $time }).
notice-watch-of = The backup of “{ $source }” on { $host } saw something unusual (backup of { $time }).
notice-why = Why:
notice-next = What to do:
notice-next-cut = 1. Unplug from the network the machines that write there, without switching them off. The backups before are intact.
notice-next-ask = 1. Ask whether somebody did work that explains it.
notice-next-explain = 2. On a sound machine, with the recovery kit: beffroi alarm explain { $snapshot }
notice-next-damage = 3. Then, to know which files are damaged and since when: beffroi damage --html report.html
notice-foot = Notice { $id }. The same number means the same event. No name of a file is sent.
notice-trial-title = Trial of Beffroi: this notice has arrived
notice-trial = This is a trial, asked for on { $time } for “{ $recipient }”. Nothing has happened. A real alarm comes by this way, and begins with the word ALARM.
err-notify-none = there is no file { $path }
rec-notify-none = docs/notify.md shows one; or give another with --notify FILE.
err-notify-nobody = there is no recipient of that name
rec-notify-nobody = The recipients are: { $names }
err-notify-at = whom to tell: { $path }
err-notify-line = line { $line } is not understood
rec-notify-line = docs/notify.md describes all fields.
err-notify-ways = “{ $recipient }” must have exactly one of smtp, webhook, ntfy and command
err-notify-clear = “{ $recipient }”: mail to { $server } would go in the clear
rec-notify-clear = Write security = "starttls" or "tls"; “none” is for this machine itself only.
err-notify-one-secret = “{ $recipient }”: exactly one place for the secret is needed, and a user with his password
err-notify-field = “{ $recipient }”: the field { $field } makes no sense
err-notify-many = there are more than { $max } recipients
err-notify-secret-at = the secret { $path } cannot be read
err-notify-secret-loose = the secret { $path } can be read by others (mode { $mode })
rec-notify-secret-loose = Type: chmod 600 { $path }
err-notify-secret-malformed = { $path } holds no secret of one line
err-notify-credential = systemd gave no secret named { $name }
rec-notify-credential = Add LoadCredential={ $name }:/path to the unit that runs the command.
err-notify-ca = the certificates of { $path } cannot be used
rec-notify-ca = The file must hold certificates in PEM.
err-notify-unreachable = { $place } cannot be reached
rec-notify-unreachable = Check the name, the port, and that this machine may reach the outside.
err-notify-timeout = { $place } did not answer in time
rec-notify-timeout = Does a firewall stop this connection?
err-notify-certificate = the certificate of { $place } is not believed
rec-notify-certificate = If the authority is the town's own, give its certificate with ca_file; otherwise somebody may be in between.
err-notify-no-encryption = { $place } offers no encryption, and nothing was sent
rec-notify-no-encryption = Take an encrypted port (465 with security = "tls"), or ask the provider for one.
err-notify-login = { $place } refuses the login ({ $code })
rec-notify-login = Check the name and the file of the secret.
err-notify-later = { $place } does not take the notice now ({ $code })
err-notify-refused = { $place } refuses the notice ({ $code })
rec-notify-refused = Check the address, and that the sender may write.
err-notify-redirected = { $place } sends elsewhere ({ $code }), and a secret does not follow
rec-notify-redirected = Write the final address in notify.toml.
err-notify-protocol = the exchange with { $place } failed
err-notify-command = the command { $place } does not start
err-notify-command-failed = the command { $place } failed ({ $status })
err-notify-command-slow = the command { $place } did not end in time, and was ended
help-notify = Try whether people are told, and send the notices that wait
help-notify-test = Send a trial to every recipient, and say what happened
help-notify-send = Send the notices that wait now
arg-notify = Whom to tell [BEFFROI_NOTIFY; /etc/beffroi/notify.toml for root, else ~/.config/beffroi/notify.toml]
arg-notify-test-to = This recipient only

## hunt

help-hunt = Find where something known to be bad lies, or lay, in all that is kept
arg-sha256 = The SHA-256 of its content, in hexadecimal; may be given again
arg-hunt-name = Its name, or a pattern for it, as in .gitignore; may be given again
arg-list = A file of SHA-256, one a line, as sha256sum writes them
arg-hunt-source = Only this source
say-hunt-name-there = { $path } ({ $source }, { $host }): by its name; since { $first } ({ $first_time }), still there
say-hunt-content-there = { $path } ({ $source }, { $host }): by its content; since { $first } ({ $first_time }), still there
say-hunt-name-gone = { $path } ({ $source }, { $host }): by its name; from { $first } ({ $first_time }) to { $last } ({ $last_time })
say-hunt-content-gone = { $path } ({ $source }, { $host }): by its content; from { $first } ({ $first_time }) to { $last } ({ $last_time })
say-hunt-done = { $found ->
    [0] Nothing was found
    [one] One version of a file was found
   *[other] { $found } versions of files were found
} among { $files } that are kept; { $bytes } were read.
say-hunt-unread = { $count ->
    [one] One file or folder cannot be read: nothing is known of it.
   *[other] { $count } files or folders cannot be read: nothing is known of them.
}
err-hunt-digest = “{ $digest }” is no SHA-256
rec-hunt-digest = Write 64 hexadecimal digits.
err-hunt-list = line { $line } does not begin with a SHA-256
rec-hunt-list = Write one a line: 64 hexadecimal digits, then anything.
err-hunt-list-long = it is too long for a list of SHA-256

## clean

help-clean = Plan what each file goes back to: its last clean version; nothing moves yet
arg-plan = The plan: made if it is not there, else shown and changed
arg-since = A snapshot that is taken for sound, or a time after which files may be hurt [the last before an unanswered alarm, else the last but one]
arg-clean-source = The source
arg-keep = Leave this path, or all below it, as it is now; may be given again
arg-drop = Leave this path, or all below it, out; may be given again
arg-take = Give the last sound version of this path, or of all below it, back; may be given again
arg-csv = Also write a table for LibreOffice and others
say-clean-made = { $versions } changed versions were looked at; { $sound } changes are sound and stay.
say-plan-table = The table is in { $path }.
say-plan-later = { $count ->
    [one] A later snapshot is not in this plan.
   *[other] { $count } later snapshots are not in this plan.
} To make a new one, move { $path } away.
say-plan-head = { $source }: what stands otherwise than in { $to } ({ $to_time }), from what was sound in { $from } ({ $from_time }) on
say-plan-next = Nothing has moved. Change the plan with --keep, --drop and --take; then: beffroi restore --plan { $path } --to DIR --overwrite if-damaged
say-plan-take = give back
say-plan-drop = take away
say-plan-keep = leave and look at
col-action = what to do
col-path = path
col-path-now = where it is now
col-class = what became of it
col-reasons = why
col-seen = first seen
col-sound = last sound version
col-bytes = bytes
col-mended = mended
col-kept = to look at
err-plan-there = there is a plan in { $path } already
rec-plan-there = Leave out --since to see and change it, or name another file.
err-plan-table = { $path } is there, and is no table of a plan
rec-plan-table = Name another file with --csv.
err-plan-path = the plan does not name { $path }
rec-plan-path = What it does not name stays as it is. “beffroi clean --plan FILE -v” lists all that it names.
err-plan-vault = the plan is of another vault
err-plan-snapshot = the plan needs snapshot { $id }, which is not there
rec-plan-snapshot = Make a new plan.
err-plan-none = this is no plan
err-plan-missing = there is no plan in { $path }
rec-plan-missing = Make it first: beffroi clean --plan { $path }
err-plan-later = the plan is of a later program (version { $version })
err-plan-line = line { $line } of the plan makes no sense
err-plan-incomplete = the plan has { $found } lines and should have { $told }
rec-plan-incomplete = Make it anew.
err-clean-since = no snapshot is that old; the oldest is of { $oldest }

## restore --plan, restore --overwrite if-damaged

arg-evidence = Keep damaged files in this folder, each under its path, before they are replaced (with --overwrite if-damaged)
arg-restore-plan = Give back what this plan of “beffroi clean” says
say-repair-done = { $path } is repaired{ $left ->
    [0] {""}
   *[other] {" "}in part
}: { $back } files and folders put back ({ $bytes }), { $cleared } left by the attacker taken away, { $intact } intact and { $edited } edited or new ones not touched; { $time }.
say-repair-open = { $count ->
    [one] One file is doubtful or unknown and stays as it is.
   *[other] { $count } files are doubtful or unknown and stay as they are.
}
say-repair-question = { $class }, stays as it is: { $path }
err-evidence-alone = --evidence is for a repair
rec-evidence-alone = Add --overwrite if-damaged.
err-evidence-move = { $path } cannot be moved away
err-evidence-folder = the folder of evidence
err-repair-part = { $path } is no folder, and a repair is of a folder
rec-repair-part = A single thing is given back by --overwrite always.
err-repair-inner = { $path } is one of several folders that were kept together, and what was kept names each by its whole path
rec-repair-inner = Give the folder in which they all lie: --to { $above }
say-repair-elsewhere = The link { $path } points to { $now } and not to { $kept } as it was kept; it stays as it is.
say-repair-attributes = { $count ->
    [one] One file or folder that stays has another owner or other rights than those that were kept (--json names it).
   *[other] { $count } files or folders that stay have other owners or rights than those that were kept (--json names them).
}
err-target-changed = { $path } was changed meanwhile and stays as it is; the same command looks at it again
err-evidence-full-folder = a folder with something in it is in the way at { $path }: look at it, and move it away
err-evidence-file = a file lies at { $path }, where there was none; with --evidence DIR it goes there and what was kept comes back
err-evidence-inside = the folder of evidence lies in the folder that is repaired
rec-evidence-inside = Choose one elsewhere.

## attest

help-attest = Prove, signed, what in a folder is bit by bit what was kept
help-attest-verify = Say whether an attestation is what an owner signed
arg-of = A snapshot, and the folder that is held against it; with --plan only the folder
arg-out = Where the attestation is written (a new file)
arg-attest-plan = Hold the folder against what this plan gives back
arg-clean-boot = Who declares that the machine was started from a clean medium
arg-attest-html = Also write a page to print (a new file, or an older report)
arg-attest-verify-file = The attestation
arg-owner = The owner's public key, as a page of an attestation or “attest verify” names it
attest-title = Attestation: { $source }
attest-heading = Attestation of integrity
attest-compared = Every file in { $folder } was read and compared, byte by byte, with what Beffroi had kept of “{ $source }” of the machine { $host } on { $time } (snapshot { $snapshot }). The reading ended on { $ended }.
attest-sound = { $count ->
    [one] One file is identical to what was kept, bit by bit. Nothing is damaged, missing or unknown.
   *[other] { $count } files are identical to what was kept, bit by bit. Nothing is damaged, missing or unknown.
}
attest-not-sound = { $count ->
    [one] One file is identical to what was kept, bit by bit; others are damaged, missing or unknown.
   *[other] { $count } files are identical to what was kept, bit by bit; others are damaged, missing or unknown.
}
attest-boot = { $name } declares that the machine had been started from a clean medium.
attest-no-boot = Declared, not proved: nobody declares that the machine had been started from a clean medium, and what a machine in an attacker's hands shows of its own disk may be untrue.
attest-counts = What was found
attest-identical = Identical, bit by bit
attest-edited = Changed since, and in order
attest-new = Not kept: new, or left behind
attest-damaged = Damaged
attest-missing = Missing
attest-unknown = Doubtful or unknown
attest-unread = Folders of which a part could not be read
attest-others = The files that are not identical
attest-more = { $count ->
    [one] One more is in the file of the attestation.
   *[other] { $count } more are in the file of the attestation.
}
attest-signature = Signature
attest-how = The owner of the vault signed the file of this attestation. “beffroi attest verify FILE” says whether it is unchanged; docs/attestation.md says how to verify it without Beffroi. This page is not signed: what counts is the file.
attest-owner = Owner's public key (Ed25519)
attest-digest = SHA-256 of the statement
attest-signed = Signature of the statement
say-attest-done = { $path }: { $identical } files identical, { $edited } changed and in order, { $damaged } damaged, { $missing } missing, { $unknown } doubtful or unknown.
say-attest-other = { $class }: { $path }
say-attest-no-boot = Declared, not proved: --clean-boot NAME says who declares that this machine was started from a clean medium.
say-attest-valid = Valid, signed by the owner ({ $owner }): { $identical } of { $files } files of “{ $source }” in { $folder } were identical on { $time }.
say-attest-signed = Unchanged since { $owner } signed it: { $identical } of { $files } files of “{ $source }” in { $folder } were identical on { $time }. Whose key that is, this file cannot say: give the vault (--vault) or the owner's key (--owner).
err-attest-out = nothing says where the attestation goes
rec-attest-out = Add --out FILE.
err-attest-what = attest needs a snapshot and a folder, or a plan and a folder
rec-attest-what = beffroi attest SNAP DIR --out FILE, or beffroi attest --plan FILE DIR --out FILE
err-attest-none = this is no attestation
err-attest-later = the attestation is of a later program (version { $version })
err-attest-forged = the attestation was changed after it was signed, or never signed
rec-attest-forged = Do not rely on it. Ask for the file again, from whoever made it.
err-attest-owner = the attestation was signed with another key: { $owner }
err-attest-vault = the attestation is of another vault

## exercise: the repair

say-part-clean = plan the repair
say-part-repair = repair in place
say-part-repair-compare = compare
say-part-attest = attest
say-exercise-repair = The plan took { $plan_time }, the repair in place { $time }: { $back } files put back ({ $bytes }), { $dropped } left by the attacker taken away, { $untouched } not touched, { $open } left for people to look at.
say-exercise-mended = After the repair everything is as before the attack, to the last byte.
say-exercise-unmended = After the repair { $count ->
    [one] one thing is
   *[other] { $count } things are
} not as before the attack (see above).
say-exercise-notes = { $count ->
    [one] One note of the attack is still there: in one folder or two, nothing tells it from a new file of your own.
   *[other] { $count } notes of the attack are still there: in one folder or two, nothing tells them from new files of your own.
}
say-exercise-attested = The attestation, signed and verified, took { $time }: { $attested } files are bit by bit what was kept, { $others } are not.
err-exercise-mended = the exercise failed: after the repair { $count } things are not as before the attack (see above)
rec-exercise-mended = Nothing was done to your folder. Please report it with the name of the attack and the seed; the files stay with you.

## exercise --html

arg-exercise-html = Also write the story as a page to be read in a browser (a new file, or an older report)
rehearsal-heading = The exercise
rehearsal-lead = On { $time }, Beffroi { $program } rehearsed the bad day on the machine { $host }, with a copy of { $folder } (seed { $seed }). Nothing was changed in the folder itself.
rehearsal-passed = Passed: everything that was kept came back, the attack rang, all harm was told and mended, and nothing else was touched.
rehearsal-failed = Not passed: see below what was not as it must be.
rehearsal-told = What rang, and what was told
rehearsal-mended = What was mended
rehearsal-times = How long each part took
rehearsal-caption = The parts of the exercise, in their order, as measured on this machine
rehearsal-foot = The attack was a harmless one, made by this program on its own copy and with its own key; the copy is gone. Times are those of this machine on this day.

## mount

help-mount = Show the vault as a folder that can only be read, until Ctrl-C
arg-mount-folder = Where it appears: an empty folder
arg-mount-plan = Also show, as “clean”, what this plan of “beffroi clean” gives back
arg-mount-allow-other = Let others than you look too, each as the rights of the files allow
arg-mount-cache-mib = Take about N MiB for what was read and for names (16 or more)
say-mounted = { $path } shows { $snapshots ->
    [one] one snapshot
   *[other] { $snapshots } snapshots
} of { $sources ->
    [one] one source
   *[other] { $sources } sources
}. It can only be read. Ctrl-C takes it away.
say-mount-busy = It is taken away. Somebody still has something open there: waiting { $seconds } s; Ctrl-C ends at once.
say-mount-cut = What was still open is closed.
err-mount-taken = { $path } is not empty
rec-mount-taken = Name an empty folder: what is in it could not be seen meanwhile.
err-mount-left = { $path } still belongs to a program that died
rec-mount-left = umount { $path }   (whoever is not root: fusermount3 -u { $path })
err-mount-in-vault = { $path } is in the vault itself
rec-mount-in-vault = Name an empty folder outside the vault.
err-mount-others = the system does not let others look at { $path }
rec-mount-others = Root writes the line “user_allow_other” into /etc/fuse.conf; or run this as root.
err-mount-folder = the folder { $path } cannot be used
err-mount-refused = the system does not show the vault in { $path }
rec-mount-refused = Is there a /dev/fuse (modprobe fuse)? Whoever is not root needs fusermount3 (apt-get install fuse3).
err-mount-ended = { $path } is not shown any more
err-mount-away = { $path } is not taken away
rec-mount-away = umount { $path }

## plan, prioritise

help-plan = Show what a plan gives back, in which order, and how long it takes; or make one of a whole snapshot
arg-plan-file = The plan
arg-plan-snapshot = Make a plan that gives back all of this snapshot
help-prioritise = Say what a plan gives back first; a restore that is going on hears it
arg-prioritise-file = The plan
arg-prioritise-paths = Comes before all others, with all that is below; what was said before follows
arg-clear = Forget what was said before
say-phase-named = { $path }
say-phase-rest = everything
say-phase-small-recent = small files of the last year
say-phase-small-older = older small files
say-phase-large-recent = files over 1 MiB of the last year
say-phase-large-older = older files over 1 MiB
say-phase-total = all together
col-phase = what, in this order
col-phase-files = files
col-phase-read = read from the vault
col-phase-after = back after
say-plan-of = { $source } as in { $snapshot } of { $time }{ $take ->
    [0] {""}
    [one] , with one file from an earlier snapshot
   *[other] , with { $take } files from earlier snapshots
}{ $drop ->
    [0] {""}
    [one] , without one that is there
   *[other] , without { $drop } that are there
}
say-plan-run = Give it back: beffroi restore --plan { $path } --to DIR. What comes first: beffroi prioritise { $path } PATH…, also while it runs.
say-plan-rate = Times are at the rate of { $when }: { $entries } entries in { $time }, { $rate } a second.
say-plan-no-rate = How long it takes is not known: nothing was given back on this machine yet. “beffroi exercise” measures it.
say-order-heard = The order is another one now: { $paths } comes first.
say-order-cleared = The order is another one now.
err-plan-file = there is a plan in { $path } already
rec-plan-file = Leave out the snapshot to see it, or name another file.
err-prioritise-path = the plan gives back nothing of that name: { $path }
rec-prioritise-path = Write the path from the source's root; “beffroi ls” and “beffroi find” show it.

## clean of several sources

err-clean-source = the vault keeps several sources: { $sources }
rec-clean-source = Name one with --source, or give --plan a folder that is there: each source gets a plan of its own in it.
err-clean-folder = { $path } is a folder of plans
rec-clean-folder = Name one plan in it to change it or to write its table.
