# What people read, in English. err-…: what happened; rec-…: what to do about it.

say-error = error: { $words }
say-warning = warning: { $words }
say-advice = → { $words }
say-because = { ": " }

## The vault as a whole

err-no-vault-given = no vault was given
rec-no-vault-given = Give its directory with --vault DIR, or set BEFFROI_VAULT.
err-at-vault = vault { $place }
err-no-folder = there is no folder { $place }
rec-no-folder = Check the path; is the disk plugged in and mounted? A new vault is made with “beffroi init { $place }”.
err-vault-empty = the folder is empty: there is no vault in it
rec-vault-empty = Is the disk mounted? A new vault is made with “beffroi init”.
err-vault-missing = this folder holds no vault
rec-vault-missing = Check the path given with --vault. Nothing in the folder was touched.
err-vault-half-made = the making of this vault was interrupted: it holds nothing yet
rec-vault-half-made = Delete the folder and run “beffroi init” again.
err-vault-foreign = the file “vault” in this folder was not written by Beffroi
rec-vault-foreign = Check the path given with --vault. Nothing in the folder was touched.
err-vault-newer = a newer version of Beffroi wrote this vault
rec-vault-newer = Install the newer version here; nothing was touched.
err-vault-object = the description of the vault cannot be read
rec-vault-object = Use another copy of the vault, or restore with the recovery kit as docs/format.md shows.
err-vault-replaced = the description of the vault is not the one that its owners signed
rec-vault-replaced = Somebody changed it. Use another copy of the vault, and find out who has access to this one.
err-not-empty = the folder { $place } is not empty
rec-not-empty = Choose a new or an empty folder; “init” never touches anything else.
err-in-the-way = { $place } is not a plain file or folder
rec-in-the-way = Look at what lies there, and move it away.
err-no-space = no space is left for { $name }
rec-no-space = Make room on the vault's disk, then run the same command again: it goes on from what is there.
err-read-only = { $place } is read-only
rec-read-only = Is the disk mounted read-only, or write-protected? Mount it for writing and run the same command again.
err-denied = permission denied on { $place }
rec-denied = Run the command as a user who may use this folder, for instance with sudo.
err-poisoned = { $place } could not make earlier writes durable
rec-poisoned = Check the disk, then run the same command again.
err-io = input or output failed on { $place }
err-object-missing = the object { $name } is missing
rec-object-missing = “beffroi check” names the snapshots that are hurt. Bring the object back from another copy of the vault.
err-object-short = the object { $name } is cut short
err-object-long = the object { $name } is longer than any object is
err-object-hash = the bytes for { $name } do not have its hash
err-object-number = the number in { $name } is too large
err-object-changed = the object { $name } was changed
err-object-unreadable = the object { $name } cannot be read
err-object-damaged = the object { $name } is damaged
rec-object-damaged = “beffroi check” names the snapshots that are hurt. Bring the object back from another copy of the vault.
err-object-key = the session key of { $name } does not open
err-blob-nowhere = no pack of the snapshot holds the blob { $id }
err-scratch-folder = the temporary file in { $path } failed
rec-scratch-folder = A vault of very many files takes a temporary file: about 250 MB for a million files, twice that for a check. Give a folder with room on a disk: TMPDIR=/folder beffroi …

## Owners and keys

err-log-missing = the owner log is missing
err-log-entry = entry { $seq } of the owner log cannot be read
err-log-broken = entry { $seq } of the owner log does not follow the one before
rec-log-broken = An entry is missing or was added by somebody else. Compare with another copy of the vault.
err-log-cut = entry { $seq } of the owner log is missing, and owners signed later ones
rec-log-cut = Get it from another copy of the vault. Nothing was signed.
err-log-fork = the owners signed two entries for place { $seq } of the owner log
rec-log-fork = Two people changed the vault at once, or somebody tampers with it. Compare with another copy of the vault.
err-log-unsigned = entry { $seq } of the owner log is not signed by the owners
rec-log-unsigned = Somebody without the owners' keys wrote it. Find out who has access to the vault.
err-log-absurd = entry { $seq } of the owner log makes no sense
err-no-identity-given = the recovery kit is needed
rec-no-identity-given = Give it with --identity FILE, or set BEFFROI_IDENTITY.
err-at-kit = recovery kit { $path }
err-kit-loose = the recovery kit { $path } may be read by others (mode { $mode })
rec-kit-loose = Type: chmod 600 { $path }
err-kit-empty = there is no age identity (AGE-SECRET-KEY-1…) in it
rec-kit-empty = Copy the whole kit into the file, with its last line.
err-kit-identity = line { $line } is not an age identity
rec-kit-identity = Compare the line with the paper, letter by letter.
err-kit-mistyped = line { $line } is mistyped
rec-kit-mistyped = Compare the line with the paper, letter by letter.
err-kit-binary = this is not a text
err-wrong-kit = this kit is of vault { $kit }, not of this one ({ $vault })
rec-wrong-kit = Use the kit that was made with this vault: the number of the vault is on it.
err-kit-does-not-open = the recovery kit does not open this vault
rec-kit-does-not-open = Is it the kit of another vault, or of a recipient who was removed?
err-no-owner-key = this needs an owner's key, and the identity file holds none
rec-no-owner-key = Use the recovery kit that “init” made, with its line “# owner-key:”.
err-other-founder = the owner of this kit did not found the vault that lies here
rec-other-founder = Is it the right folder? Another vault may have been put in its place: compare with a copy that was unplugged.
err-not-an-owner = the key in the identity file is not an owner's of this vault
err-more-owners = { $count } owners must sign; one key is not enough
err-unknown-strand = strand { $strand } is not enrolled in this vault
rec-unknown-strand = The vault's owner log does not know this machine. Is it the right vault? If it is, enrol the machine again.
err-raced = somebody else changed the owner log at the same time
rec-raced = Run the same command again.
err-recipients = the recipients cannot be changed so
err-recipient = “{ $recipient }” is not an age recipient
rec-recipient = A recipient begins with “age1”; “age-keygen -y FILE” prints the one of an identity.
err-recipient-there = this recipient can open the vault already
err-recipient-not-there = this recipient is not among the vault's
err-recipient-last = this is the last recipient: without one nobody could open the vault
rec-recipient-last = Add another one first.
err-strand-replaced = the object { $name } is not the one that the owners signed
err-secrets = the secrets of strand { $strand } cannot be read
err-seal = the strand's secrets cannot be sealed to the recipients
err-identity = this is not an age identity
err-plugin = the age plugin “{ $plugin }” cannot be used
rec-plugin = Install the program age-plugin-{ $plugin }.
err-nobody = there is nobody to seal to
err-too-many-recipients = there are too many recipients: a vault has room for some 500
err-wrong-key = none of the keys opens it
err-sealed-damaged = the sealed secret is damaged
err-format-foreign = these are not the bytes of { $what }
err-format-newer = a newer version of Beffroi wrote { $what }
rec-format-newer = Install the newer version here.
err-format-truncated = { $what } is cut short
err-format-malformed = { $what } is malformed
err-format-too-large = { $what } is larger than the format allows
err-format-sealed = the seal of { $what } does not open
err-format-signature = the signature of { $what } is not valid
err-format-content = { $what } holds something else than its name says
noun-vault = the description of the vault
noun-owner-entry = the entry of the owner log
noun-strand = the strand
noun-keys = the keys object
noun-pack = the pack
noun-pack-directory = the directory of the pack
noun-index = the index
noun-list = the list
noun-lease = the lease
noun-manifest = the manifest
noun-expiry = the record of expiry
noun-secrets = the strand's secrets
noun-blob = the blob
noun-chunk-list = the list of chunks
noun-node = the directory node

## Snapshots

err-manifest = the manifest cannot be read
err-manifest-key = the session key of the manifest does not open
err-manifest-unreadable = the manifest { $name } cannot be read
err-manifest-unbelievable = the manifest { $name } cannot be believed
err-strand-fork = strand { $strand } forks at snapshot { $seq }: two machines use the same keys
rec-strand-fork = Was the machine copied, or restored from an image? Retire the strand and enrol both anew.
err-last-number = strand { $strand } has a snapshot with the last number that there is: somebody else uses this machine's keys
rec-last-number = Nothing was saved. Retire the strand, clean the machine and enrol it anew.
err-after-retirement = { $name } was made after its strand was retired, and does not count
rec-after-retirement = Somebody uses the keys of a machine that was retired. Find out who has access to the vault.
err-strand-broken = snapshot { $seq } of strand { $strand } does not follow the one before
err-selector = “{ $selector }” names no snapshot
rec-selector = Write the beginning of an id (at least 4 digits), latest, SOURCE@latest, SOURCE@latest~N or SOURCE@2026-11-21.
err-no-snapshots = the vault holds no snapshot yet
rec-no-snapshots = “beffroi backup PATH” makes the first one.
err-several-sources = the vault keeps several sources
rec-several-sources = Say which one: { $sources }
err-no-source = no snapshot of a source “{ $source }”
rec-no-source = The sources are: { $sources }
err-several-hosts = several machines have a source “{ $source }”
rec-several-hosts = Name the snapshot by its id. The latest ones: { $snapshots }
err-no-such-snapshot = the source “{ $source }” has no such snapshot; it has { $count }
rec-no-such-snapshot = “beffroi snapshots --source NAME” lists them.
err-no-such-id = no snapshot has an id that begins with { $id }
rec-no-such-id = “beffroi snapshots” lists them.
err-ambiguous-id = several snapshots begin with { $id }
rec-ambiguous-id = Write more digits: { $snapshots }
err-no-such-path = the snapshot does not hold { $path }
rec-no-such-path = “beffroi ls” shows what it holds; “beffroi find” searches all snapshots.
err-at-path = { $path }
err-cat-path = there is no path to print
rec-cat-path = Write SNAP:PATH.
err-cat-not-a-file = { $path } is not a regular file
say-snapshots-sealed = Without the recovery kit (--identity) only the clear part of each snapshot can be read: no times, sources or names.
say-no-snapshots = There is no snapshot.
say-nothing-found = Nothing is called “{ $glob }”.
col-id = id
col-time = time
col-source = source
col-host = machine
col-strand = strand
col-sequence = no.
col-entries = entries
col-size = size
col-new = new

## This machine's state

err-no-state = there is no place for this machine's state
rec-no-state = Give a folder with --state DIR, or set BEFFROI_STATE.
err-state-loose = { $path } is open to others (mode { $mode })
rec-state-loose = Type: chmod { $wanted } { $path }
err-state-foreign = { $path } belongs to user { $owner }, not to user { $user }, who is running this
rec-state-foreign = Run the command as that user, or give another folder with --state.
err-state-busy = another backup of this machine is running (process { $pid }; it holds { $path })
rec-state-busy = Wait until it ends.
err-state-exists = { $path } exists already and is never overwritten
err-not-enrolled = this machine is not enrolled in this vault
rec-not-enrolled = Type “beffroi enrol --identity FILE” with the recovery kit, once. If it was enrolled before: is --state right?
err-already-enrolled = this machine is enrolled already, as strand { $strand }
rec-already-enrolled = There is nothing to do: “beffroi backup” works.
err-agent-damaged = the key file { $path } cannot be used
rec-agent-damaged = Move it away and enrol this machine anew; what was kept stays.
err-long-label = the name of this machine has more than { $max } bytes
err-numbers-used = all numbers of packs are used
rec-numbers-used = Delete { $path }: it is made again.
err-out-of-order = the tree gave its names out of order while { $path } was written
err-long-footer = { $path } cannot take so many owners
err-lost-absent = there is none
err-lost-foreign = it is not a file of this sort
err-lost-version = it has version { $version }
err-lost-damaged = it is torn or damaged
err-lost-stale = it belongs to a table that is lost
err-sources = the list of sources { $path } cannot be written
err-signals = the system does not let us listen to signals

## What the system says

err-system-full = no space is left on the disk, or the quota is used up
rec-system-full = Make room, then run the same command again.
err-system-read-only = the file system is read-only
err-system-denied = permission denied
rec-system-denied = Run the command as a user who may do this, for instance with sudo.
err-system-missing = there is no such file or folder
err-system-exists = it exists already
err-system-medium = the disk reports an error
rec-system-medium = The disk may be dying: look at “dmesg”, and do not keep your only copy on it.
err-system-no-folder = it is not a folder
err-system-folder = it is a folder
err-system-open-files = too many files are open
rec-system-open-files = Raise the limit: ulimit -n 4096
err-system-memory = there is not enough memory
err-system-too-big = the file system takes no file of this size
err-system-share = the network share does not answer
err-output = the output cannot be written

## init

err-no-recovery-out = there is no terminal to show the recovery kit on
rec-no-recovery-out = Say where the kit is to be written: --recovery-out FILE, on another disk than the vault.
err-kit-in-vault = the recovery kit { $path } would lie in the vault: whoever has the vault could read it
rec-kit-in-vault = Choose another folder, best on a disk that is kept apart.
err-kit-exists = { $path } exists already; a kit is never overwritten
rec-kit-exists = Choose another name.
err-kit-write = the recovery kit { $path } cannot be written; no vault was made
err-kit-not-confirmed = the end of the kit was not confirmed; no vault was made
rec-kit-not-confirmed = Start again, and write the kit down or print it before you answer.
kit-name = recovery kit
kit-made = Made { $time } on { $host }.
kit-keep = Whoever has this opens everything in the vault; whoever loses it opens nothing. Keep it on paper, in two places.
say-kit-title = Your recovery kit. It is shown only once: print it or write it down now, all three last lines.
say-kit-advice = The code above holds the same lines. Without this kit nobody can give you back your files, not even we.
ask-kit-end = To confirm, type the last six characters of the last line of the kit: { "" }
say-kit-wrong = { $left ->
    [one] That is not right. One more try.
   *[other] That is not right. { $left } more tries.
}
say-kit-written = The recovery kit is in { $path }. Print it, keep it in two places, and remove the file from this machine.
say-init-done = The vault { $place } is made; this machine ({ $host }) is its first strand.
say-init-warning = Nobody who breaks into this machine can read or poison the vault, but root here can delete what root here can reach: keep a second copy elsewhere (beffroi copy), or unplug the disk.

## enrol, retire, recipient, man

say-enrolled = This machine ({ $host }) is enrolled as strand { $strand }.
err-retired-already = strand { $strand } was retired already: { $reason }
err-which-strand = “{ $given }” is not the beginning of one strand's id (at least 4 digits)
rec-which-strand = The strands are: { $strands }
say-retired = Strand { $strand } is retired: what it kept stays, nothing more is accepted.
say-recipient-added = { $recipient } opens the vault from now on, and all that it keeps already.
say-recipient-removed = { $recipient } does not open what is kept from now on. What was kept before stays readable to it.
err-man = the pages cannot be written into { $path }

## backup

err-no-roots = no path was given
err-relative-root = { $path } is not an absolute path
err-missing-root = { $path } does not exist
rec-missing-root = Check the path. Is the disk mounted?
err-exclusion = the exclusion { $pattern } cannot be used
err-source-needed = this needs a name for the source
rec-source-needed = Give one: --source NAME.
err-source-name = “{ $name }” cannot be the name of a source
rec-source-name = Use up to 255 bytes without “@”, “:” or line breaks.
err-source-taken = the source “{ $source }” kept other paths the last time
rec-source-taken = If they belong to the same source, say so: --source { $source }. If not, choose another name with --source.
err-hook-words = “{ $command }” is not a command: a quote is open, or there are no words
err-hook-before = the command before the backup failed ({ $command })
rec-hook-before = Nothing was kept. Run the command by hand to see what is wrong.
err-hook-after = the command after the backup failed ({ $command })
rec-hook-after = Run it by hand: what it should tidy up may still be there.
err-exit-status = it ended with status { $code }
err-exit-signal = it was ended by signal { $signal }
err-command-start = the command { $command } cannot be started
rec-command-start = Is it installed, and spelled right?
err-command = the command failed: nothing was kept of its output
rec-command = Run it by hand to see what is wrong.
err-stream = the output of the command cannot be read
err-objects-vanished = { $count } objects vanished from the vault while the backup ran
rec-objects-vanished = Run the same command again: it sends them again.
err-stopped = stopped; nothing is lost
rec-stopped = Run the same command again: it goes on from what is there.
err-aborted = given up, because of another failure
err-session-seal = the session key cannot be sealed to the strand
err-retired = this machine's strand { $strand } was retired: { $reason }
rec-retired = Ask the owners. To go on, type “beffroi enrol” with the recovery kit: the machine gets new keys.
err-owners-set-back = the owner log was set back: owners' entries that this machine has seen are gone, and with them a change of recipients
rec-owners-set-back = Get the entries from another copy of the vault. Nothing was sent: somebody whom the owners removed could have read it.
err-other-owners = the vault is not the one that this machine was enrolled in: its owners are others
rec-other-owners = Somebody put another vault in its place, or --vault is wrong. Nothing was written.
err-vanished = { $path } disappeared during the backup
err-unreadable-denied = permission denied on { $path }
err-became-another = { $path } became another file during the backup
err-moved = { $path } was moved during the backup
err-too-deep = { $path } is more than { $max } folders deep
err-leased = { $path } is held by another program
err-attributes-too-large = the extended attributes of { $path } exceed { $max }
err-no-proc = the extended attributes of { $path } cannot be read without /proc
err-scratch = the temporary file for the names in { $path } failed
err-thread = the system starts no more threads
err-cannot-list = cannot list { $path }
err-cannot-inspect = cannot inspect { $path }
err-cannot-open = cannot open { $path }
err-cannot-read = cannot read { $path } (at byte { $offset })
err-cannot-read-attributes = cannot read the extended attributes of { $path }
err-cannot-read-link = cannot read where { $path } points
say-torn = warning: { $path } changed while it was read, twice: what was kept of it may be a mixture
say-silently-changed = warning: { $path } changed although its size and times did not
say-left-out-own = { $path } is kept empty: it is the vault or Beffroi's own state
say-left-out-mount = { $path } is kept empty: another file system is mounted there
say-left-out-kernel = { $path } is kept empty: the kernel invents what is in it
say-left-out-cache = { $path } is a cache: only its tag is kept
say-too-large = { $path } is left out: { $size }
say-vault-forgot = warning: the vault does not hold snapshot { $seq }, the last that this machine made. No owner signed that it expired: find out who deletes here.
say-unremembered = warning: the vault holds snapshot { $seq } of this machine, which does not remember it. Unless the machine was set back, or died when it had just saved, somebody else uses its keys: look at the list of snapshots, and run verify-new --new 100.
say-owner-log-cut = warning: owners' entries are missing in the owner log after the first { $count }. Compare with another copy of the vault.
say-damaged-pack = warning: the pack { $pack } cannot be read; what this backup needs of it is sent again. Run “beffroi check”.
say-worn-packs = { $count ->
    [one] One pack is mostly dead, or small: what is still used in it ({ $size }) is sent again.
   *[other] { $count } packs are mostly dead, or small and many: what is still used in them ({ $size }) is sent again.
}
say-lost-packs = { $count ->
    [one] warning: one pack is no longer in the vault; what this backup needs of it is sent again.
   *[other] warning: { $count } packs are no longer in the vault; what this backup needs of them is sent again.
}
say-backup-done = Snapshot { $snapshot } of { $source }: { $entries ->
    [one] one entry
   *[other] { $entries } entries
}, { $bytes }; { $changes ->
    [0] nothing changed
    [one] one change
   *[other] { $changes } changes
}; { $stored } stored; { $time }.
say-backup-incomplete = { $count ->
    [one] One entry could not be read; it is listed above.
   *[other] { $count } entries could not be read; they are listed above.
}
progress-line = { $entries } entries, { $bytes }, { $rate }/s{ $left } { $path }
progress-left = , { $time } left

## restore

err-at-target = restoring into { $path }
err-target-full = no space is left for { $path }
rec-target-full = Make room, then run the same command again: it goes on from what is there.
err-target-denied = access to { $path } was refused
rec-target-denied = Run the command as a user who may write there, for instance with sudo.
err-target-in-the-way = something else is in the way at { $path }
err-unsafe-name = the name { $name } in { $directory } is not safe, and was left out
err-target-vanished = { $path } vanished while it was being filled
err-not-linkable = { $path } cannot be linked
err-wrong-kind = { $path } is of another kind than expected
err-unknown-directory = a folder of another target was named
err-too-many-directories = there are too many folders; { $path } was not added
err-differs = the file on the disk differs from the vault
say-not-set = { $path }: { $attribute } could not be set
attribute-owner = the owner
attribute-mode = the permissions
attribute-special-bits = the set-user-id or set-group-id bit
attribute-times = the time of the last change
attribute-device = the device
say-more-warnings = { $count ->
    [one] One more attribute could not be set (-v lists all).
   *[other] { $count } more attributes could not be set (-v lists all).
}
say-restore-done = Restored from { $snapshot } into { $path }: { $entries ->
    [one] one entry
   *[other] { $entries } entries
}, { $bytes } in { $time } ({ $rate }/s).
say-restore-done-plan = Restored by the plan into { $path }: { $entries ->
    [one] one entry
   *[other] { $entries } entries
}, { $bytes } in { $time } ({ $rate }/s).
say-restore-verified = { $count ->
    [one] One file was read again and is right.
   *[other] { $count } files were read again and are right.
}
say-restore-kept = { $count ->
    [one] One entry was there already and was not touched (--overwrite always replaces it).
   *[other] { $count } entries were there already and were not touched (--overwrite always replaces them).
}
say-restore-incomplete = { $count ->
    [one] One thing could not be restored; it is listed above.
   *[other] { $count } things could not be restored; they are listed above.
}

## check, verify-new

say-check-sealed = Without the recovery kit (--identity) only hashes and signatures are checked, and damage cannot be traced to files.
say-check-fault = damaged: { $name }: { $words }
say-check-hurt = snapshot { $snapshot }{ $name }: { $extent }
say-check-whole = all of it is lost
say-check-unknown = it needs something that is damaged
say-check-paths = { $count ->
    [one] one path is hurt
   *[other] { $count } paths are hurt
}
say-check-content = {"    "}{ $path } (content)
say-check-entries = {"    "}{ $path }/ (entries)
say-check-sound = The vault is sound: { $snapshots ->
    [one] one snapshot
   *[other] { $snapshots } snapshots
}, { $objects } objects, { $read } read and verified.
say-check-damaged = The vault is damaged: { $faults ->
    [one] one fault
   *[other] { $faults } faults
}; { $hurt } of { $snapshots } snapshots are hurt; everything else restores. { $objects } objects, { $read } read.
say-check-orphans = { $count ->
    [one] One object is needed by no snapshot: an interrupted backup left it, and the next one uses it.
   *[other] { $count } objects are needed by no snapshot: an interrupted backup left them, and the next one uses them.
}
err-check-stopped = stopped: what was not looked at may be damaged all the same
rec-check-stopped = Run the same command again.
err-verified = the list of verified snapshots { $path } cannot be used
rec-verified = If you delete it, everything is verified again.
err-damage-missing = it is missing
err-damage-unreadable = it cannot be read
err-damage-changed = its bytes were changed
err-damage-malformed = its bytes make no sense
err-damage-key = its session key does not open
err-damage-blobs = { $count ->
    [one] blob { $first } in it is not what its name says: the machine that wrote it lies, or its memory fails
   *[other] { $count } blobs in it are not what their names say (first { $first }): the machine that wrote it lies, or its memory fails
}
err-damage-misindexed = it says of packs what they do not say themselves: a lie, which costs no file
err-damage-secrets = the secrets of the strand do not open
err-damage-after-retirement = it was made after its strand was retired, and does not count
err-damage-not-enrolled = it is of a strand that the owner log does not know
err-damage-fork = another snapshot has the same number
err-damage-broken = it does not follow the snapshot before
err-damage-rewound = snapshots that were verified earlier were replaced or taken back
err-damage-unlocated = it needs blob { $first }, which is in none of its packs
err-damage-length = an entry gives blob { $blob } another length than it has
err-damage-untrue = it tells { $told } ({ $what }), its tree holds { $found }
err-damage-disordered = the names in a folder are not in order

## diff

say-diff-done = { $added } added, { $removed } removed, { $changed } changed.
say-diff-sizes = {" "}({ $before } → { $after })

## copy

err-at-copy = copying to { $place }
err-copy-other = it holds another vault
rec-copy-other = Choose a new or empty folder, or the copy of this vault.
err-copy-ahead = it has { $name }, which this vault does not have
rec-copy-ahead = The copy is newer, or somebody set this vault back. Look at both before you go on.
err-copy-source = this vault cannot be read
err-copy-target = the copy cannot be written
err-copy-unreadable = { $name } cannot be read from the copy
err-copy-damaged = { $name } is damaged in the copy
rec-copy-damaged = Move it aside in the copy and copy again.
err-copy-incomplete = { $manifest } is incomplete in the copy: { $missing } is missing
say-copy-done = { $place } is up to date: { $objects ->
    [one] one object
   *[other] { $objects } objects
} copied ({ $bytes }), { $present } were there; { $time }.
say-copy-incomplete = { $count ->
    [one] One snapshot is not whole in the copy; it is listed above.
   *[other] { $count } snapshots are not whole in the copy; they are listed above.
}

## expire

err-clock-behind = this machine's clock ({ $now }) is behind what the owners signed ({ $signed })
rec-clock-behind = Set the clock right; nothing was deleted.
err-expire-stale = somebody else changed the vault since the plan was made
rec-expire-stale = Run the same command again.
err-expire-held = nothing of strand { $strand } is deleted now
err-expire-lease = a backup of snapshot { $seq } is running, or was interrupted less than seven days ago
err-expire-yes = without a terminal nobody can agree
rec-expire-yes = Look at the plan with --dry-run, then give --yes.
err-record-unbelievable = the record { $name } cannot be believed
err-record-broken = the record { $name } does not follow the one before
ask-expire = Do this? [y/N] { "" }
say-expire-plan = { $kept } snapshots stay. { $condemned } objects are condemned now ({ $later }, free in seven days); { $deleted } that were condemned at least seven days ago are deleted ({ $now }).
say-expire-now = deleted now
say-expire-waiting = condemned since { $since }
say-expire-condemned = condemned now, deleted in seven days
say-expire-nothing = Nothing was done.
say-expire-done = { $condemned } objects condemned, { $deleted } deleted ({ $bytes } free).
say-expire-changed = { $count ->
    [one] One strand changed meanwhile; nothing more of it was deleted.
   *[other] { $count } strands changed meanwhile; nothing more of them was deleted.
}
col-fate = what happens

## exercise

err-exercise-change = the copy could not be changed
err-exercise-attack = the attack on the copy went wrong: { $error }
err-exercise-no-snapshot = the snapshot that was just made is not in the vault
err-exercise-tidy = the temporary folder { $path } could not be removed
rec-exercise-tidy = Remove it by hand.
err-exercise-place = no temporary folder can be made in { $path }
rec-exercise-place = Choose another place with --place DIR; it takes about three times the size of the folder.
err-exercise-differs = the exercise failed: { $count ->
    [one] one difference between what was kept and what came back
   *[other] { $count } differences between what was kept and what came back
}, or faults (see the table)
err-exercise-missed = the exercise failed: not everything that was hurt was told, or something else was (see above)
rec-exercise-missed = Nothing was done to your folder. Please report it with the name of the attack and the seed; the files stay with you.
say-exercise-sound = Everything came back twice, to the last byte and attribute: once as it was, once as it was before the attack; { $changes ->
    [one] one file was
   *[other] { $changes } files were
} changed in between.
say-exercise-entries = Entries: keeping counts files only; copying, restoring and comparing count the folders too; checking counts objects of the vault.
say-exercise-vault = Three snapshots of { $kept } in all take { $vault } in the vault: { $first } for the first, { $second } for the second, { $third } for the third.
say-exercise-quiet-calm = The changes of an ordinary day raised no alarm.
say-exercise-quiet-watch = The changes of an ordinary day raised a doubt, and no alarm.
say-exercise-quiet-alarm = The changes of an ordinary day raised an ALARM: that must not be.
say-exercise-attack = The copy was attacked in the way of { $resembles } ("{ $name }"): { $harmed ->
    [0] nothing of it was worth an attack
    [one] one file was hurt, renamed or deleted
   *[other] { $harmed } files were hurt, renamed or deleted
}.
say-exercise-evasion = The copy was attacked in a way that tries not to be found ("{ $name }"): { $harmed ->
    [0] nothing of it was worth an attack
    [one] one file was hurt, renamed or deleted
   *[other] { $harmed } files were hurt, renamed or deleted
}.
say-exercise-rang = The next backup rang, { $time } after it began:
say-exercise-watched = The next backup raised only a doubt, { $time } after it began:
say-exercise-silent = The next backup, { $time } long, did NOT ring.
say-exercise-found = The damage report took { $time }: { $found } of { $harmed } are told, for { $clean } the version from before the attack is named as the clean one; { $accused } others are called hurt; nothing can be said of { $unknown }.
say-exercise-missed = missed: { $path }, { $bytes ->
    [one] one byte changed
   *[other] { $bytes } bytes changed
}; told as: { $told }
say-exercise-accused = wrongly called hurt: { $path }
say-difference = difference: { $words }
say-part-copy = copy the folder
say-part-init = make the vault
say-part-first-backup = first backup
say-part-first-restore = restore
say-part-first-compare = compare
say-part-change = change some files
say-part-second-backup = second backup
say-part-attack = attack the copy
say-part-third-backup = third backup, which must ring
say-part-damage = tell the damage
say-part-second-restore = restore
say-part-second-compare = compare
say-part-check = check every byte
col-part = part
col-duration = time
col-rate = rate
col-faults = faults

help-check = Check the vault: structure, signatures, and with --read-data the content
help-verify-new = Verify the snapshots that came since the last time, by samples
help-copy = Add to another vault what it lacks of this one
help-expire = Let old snapshots go, in two steps seven days apart
help-exercise = Rehearse everything on a copy of a folder, an attack too, with measured figures
arg-read-data = Read and verify all packs, or so many percent of them
arg-new = Open so many percent of the new blobs (10)
arg-known = Open so many percent of the blobs that were there (1)
arg-copy-to = The other vault: a copy of this one, or a new or empty folder
arg-copy-verify = Read and verify what the copy has already
arg-dry-run = Only show the plan
arg-yes = Do it without asking
arg-folder = The folder; it is only read
arg-place = Where the temporary folder goes (the system's)
arg-seed = Chooses what is changed, and how it is attacked (1)
arg-attack = How the copy is attacked, by the names in docs/exercise.md; else --seed chooses a family

## Wrong usage

err-usage-unknown = “{ $argument }” is not understood here
rec-usage-unknown = “{ $help }” shows what is understood.
err-usage-command = there is no command “{ $command }”
rec-usage-command = “{ $help }” lists the commands.
err-usage-missing = missing: { $argument }
rec-usage-missing = “{ $help }” shows what the command takes.
err-usage-no-command = no command was given
rec-usage-no-command = “{ $help }” lists the commands.
err-usage-conflict = { $argument } and { $other } exclude each other
err-usage-no-value = { $argument } needs a value
err-usage-value = “{ $value }” is no value for { $argument }
err-usage-choice = { $problem } ({ $choices })
err-usage-count = { $argument } has too many or too few values
err-usage-no-equals = the value of { $argument } is written with “=”
err-usage-utf8 = an argument is not valid UTF-8
err-usage-other = { $words }

## Alarms

say-backup-alarm = ALARM: what was kept of { $source } looks attacked (snapshot { $snapshot }).
say-backup-watch = Worth a look in { $source } (snapshot { $snapshot }):
say-backup-alarm-next = The earlier snapshots are untouched, and nothing of this machine is let go until an owner answers. Unplug the network of the machines that write there; then “beffroi alarm explain { $snapshot }” with the recovery kit.
say-ground = - { $words }
say-hurt = {"  "}{ $path }
say-hurt-renamed = {"  "}{ $before } → { $path }
say-hurt-more = { $count ->
    [one] {"  "}and one more
   *[other] {"  "}and { $count } more
}
alarm-damaged = { $files ->
    [one] one file was sound and is damaged now
   *[other] { $files } files were sound and are damaged now
}{ $renamed ->
    [0] {""}
   *[other] , { $renamed } under another name
}
alarm-trickle = with { $lately } in the thirty days before, the damaged files are too many for chance
alarm-suspect = { $files ->
    [one] one file looks damaged, though it is not certain that it was sound before
   *[other] { $files } files look damaged, though it is not certain that they were sound before
}
alarm-deleted = { $files } of { $of } files are gone
alarm-emptied = { $files ->
    [one] one file is empty now
   *[other] { $files } files are empty now
}
alarm-protected = { $files ->
    [one] one file has a password now; if nobody here set it, ask why
   *[other] { $files } files have a password now; if nobody here set them, ask why
}
alarm-notes = the same small new file lies beside damaged ones in { $folders } folders
say-no-alarms = No snapshot raised an alarm.
say-alarm-calm = Snapshot { $snapshot } of { $source }, { $time }: no alarm.
say-alarm-watch = Snapshot { $snapshot } of { $source }, { $time }: worth a look.
say-alarm-alarm = Snapshot { $snapshot } of { $source }, { $time }: ALARM.
say-alarm-open = Not answered: nothing of this machine is let go. When you know what it was: beffroi alarm answer { $snapshot } --reason "…"
say-alarm-was-answered = Answered on { $time }: { $reason }
say-alarm-answered = The alarm of snapshot { $snapshot } is answered; old snapshots of this machine may be let go again.
err-no-alarm = snapshot { $snapshot } raised no alarm
rec-no-alarm = “beffroi alarm list” names those that did.
err-alarm-was-answered = the alarm was answered already: { $reason }
level-calm = calm
level-watch = watch
level-alarm = ALARM
col-level = level
col-answer = answer
help-alarm = List, explain and answer alarms
help-alarm-list = List the snapshots that raised an alarm
help-alarm-explain = Say why a snapshot raised an alarm
help-alarm-answer = Answer an alarm, so that old snapshots may be let go again
say-sensitivity-machine = This machine asks for: { $level }. The more sensitive of its wish and the owners' word counts.
say-sensitivity-owners = Signed by the owner: { $level }. Machines follow it from their next backup on.
say-sensitivity-not-yet = This machine has not kept a source “{ $source }” yet.
say-sensitivity-means-low = low: { $hurt } damaged files ring, or { $few } if they are a tenth of all; so do { $emptied } emptied ones, or { $percent } % deleted.
say-sensitivity-means-usual = usual: { $hurt } damaged files ring, also one by one within thirty days; so do { $emptied } emptied ones, or { $percent } % deleted.
say-sensitivity-means-high = high: a single damaged file rings; so do { $emptied } emptied ones, or { $percent } % deleted.
say-all-others = (all others)
say-backup-low = The owners set the alarm of { $source } to low: some damaged files are told and do not ring.
err-sensitivity-owner = only an owner can say this for all machines, or make alarms less sensitive
err-wishes = what this machine asks for cannot be written to { $path }
level-low = low
level-usual = usual
level-high = high
col-sensitivity = sensitivity
col-this-machine = asked here
col-owners = owners
help-alarm-sensitivity = Show how easily alarms ring, or change it: anybody may raise it for this machine, owners alone lower it
arg-alarm-sensitivity-level = From now on: high, usual, or low (with the owner's key)
arg-alarm-sensitivity-source = Only of this source
arg-owners = Say it as the owner, for all machines

## damage

say-damage-nothing = There are no two snapshots of one source to compare.
say-damage-head = { $source }: from snapshot { $from } ({ $from_time }) to { $to } ({ $to_time })
say-damage-head-disk = { $source }: from snapshot { $from } ({ $from_time }) to what is in { $path } now ({ $to_time })
say-damage-began-disk = No snapshot shows it: it was done after the newest one.
say-damage-disk = disk
say-damage-began = It began with snapshot { $snapshot } ({ $time }).
say-damage-unread = { $count ->
    [one] Part of one folder cannot be read in the vault: what is below it is not counted.
   *[other] Parts of { $count } folders cannot be read in the vault: what is below them is not counted.
}
err-live-folder = the folder { $path } cannot be read
err-damage-part = a part of a snapshot (SNAP:PATH) is compared with a folder of the disk only
rec-damage-part = Name the folder with --to.
err-damage-source = several sources may be meant: { $sources }
rec-damage-source = Name one with --source, or one of its snapshots with --from.
err-damage-disk-facts = of what is on the disk, nothing was written down
rec-damage-disk-facts = Leave out --facts-only.
err-damage-chain = { $from } and { $to } are not an earlier and a later snapshot of one source
class-intact = intact
class-edited = edited
class-new = new
class-deleted = deleted
class-damaged = DAMAGED
class-renamed-damaged = DAMAGED and renamed
class-note = left by the attacker
class-suspect = doubtful
class-unknown = unknown
say-damage-lines = Each file, why, and the snapshot that has its last sound version:
one-damaged = damaged
one-note = left behind
one-suspect = doubtful
one-unknown = unknown
one-intact = intact
one-edited = edited
one-new = new
one-deleted = deleted
col-damaged = damaged
col-unknown = unknown
col-folder = folder
reason-kind-lost = not the kind of file that it was
reason-truncated = it ends too early
reason-broken = its structure does not hold any more
reason-corrupt = parts of it are not what they must be
reason-zeroed = one byte over and over
reason-random-like = random bytes
reason-encoded = letters that hide random bytes
reason-overwritten-whole = overwritten
reason-overwritten-head = its beginning was overwritten
reason-overwritten-periodic = overwritten at regular distances
reason-overwritten-scattered = overwritten in places
reason-texture-changed = it looks like random bytes, and did not before
reason-newly-protected = it has a password now
reason-emptied = it is empty now
reason-wrong-before = it was not right before
reason-no-past = nothing is known of it before
reason-renamed-alike = renamed like many that are damaged
reason-same-length = changed while others were damaged, and is as long as before
reason-not-examined = it could not be examined
help-damage = Say what is hurt since when, what is not, and what nobody knows
arg-damage-from = A snapshot from before the damage, for a folder of the disk with the path in it [the last before an unanswered alarm, else the last but one]
arg-damage-to = The snapshot to judge, or a folder of the disk [the newest snapshot]
arg-damage-source = Only this source
arg-damage-by = What damage is counted by: dir or source
arg-facts-only = Believe what the machines wrote down, read no content: quick, no proof

## Help

help-heading-usage = Usage:
help-heading-commands = Commands
help-heading-arguments = Arguments
help-heading-options = Options
help-value-command = COMMAND
help-beffroi = A backup vault that ransomware can neither read nor poison.
help-exit-codes =
    Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some items could not be read or written (they are listed); 4 alarm; 5 the vault is damaged.

    SNAP is the beginning of an id, latest, SOURCE@latest, SOURCE@latest~N or SOURCE@2026-11-21.
help-init = Make a vault, enrol this machine, and show the recovery kit once
help-enrol = Enrol this machine in an existing vault (needs the recovery kit)
help-backup = Keep paths, or what a command prints, as a snapshot
help-snapshots = List the snapshots
help-ls = List what a snapshot holds
help-find = Find a name in all snapshots, each version once
help-diff = Compare two snapshots
help-cat = Print a file of a snapshot
help-restore = Give a snapshot, or a part of it, back
help-recipient = Change who may open the vault
help-recipient-add = Let one more age recipient open the vault, and all that it keeps
help-recipient-remove = Seal from now on without a recipient
help-retire = Close a machine's strand: what it kept stays, nothing more is accepted
help-completions = Print the completions for a shell
help-man = Print the manual page, or write all pages into a folder
arg-vault = The vault's directory [BEFFROI_VAULT]
arg-state = This machine's state [BEFFROI_STATE; /var/lib/beffroi for root, else ~/.local/state/beffroi]
arg-town = The map of the town [BEFFROI_TOWN; town.toml here, else in the state]
arg-journal = The folder of the journal [BEFFROI_JOURNAL; else the open one in the state]
arg-identity = The recovery kit, or any age identity file [BEFFROI_IDENTITY]
arg-json = Print one JSON object per line, for scripts
arg-lang = Language: fr or en [BEFFROI_LANG; else the locale]
arg-verbose = Tell more
arg-no-progress = Show no line that moves
arg-help = Show this help
arg-version = Show the version
arg-new-vault = The directory of the new vault: new or empty
arg-init-recipient = One more age recipient who may open the vault (age1…); may be repeated
arg-recovery-out = Write the recovery kit to this new file instead of showing it
arg-recipient-add-recipient = The recipient (age1…)
arg-recipient-remove-recipient = The recipient (age1…)
arg-source = Name of the source; by default the last component of the only path
arg-snapshots-source = Only the snapshots of this source
arg-exclude = Leave out what matches, in the syntax of .gitignore; may be repeated
arg-exclude-from = Leave out what matches a pattern of this file, one a line; may be repeated
arg-fixed = Cut what matches at fixed sizes: disk images, databases; may be repeated
arg-one-file-system = Do not enter other file systems
arg-level = Level of compression, 1 to 19 (3)
arg-jobs = Threads (as many as there are cores)
arg-before = A command to run first; if it fails, nothing is kept. No shell is used
arg-after = A command to run at the end, also after a failure. No shell is used
arg-command = The words that follow, after --, are a command whose output is kept
arg-paths = What to keep: files and folders; with --command, the command and its arguments
arg-snapshot = The snapshot, and a path in it
arg-find-snapshot = Search only this snapshot
arg-long = With type, permissions, owner, size and time
arg-recursive = With all that is below
arg-glob = A name, or a path if it holds a “/”; * and ? stand for others
arg-first = The earlier snapshot
arg-second = The later snapshot
arg-file = The snapshot and the path of a file in it
arg-to = The folder to restore into
arg-man-to = Write the pages of all commands into this folder
arg-overwrite = What happens to files that are there: never (the default) or always
arg-verify = Read every file again afterwards and compare it with the vault
arg-strand = The beginning of the strand's id
arg-reason = Why; kept in the owner log
arg-shell = bash, zsh, fish, elvish or powershell
