# Ce que lisent les gens, en français. err-… : ce qui s'est passé ; rec-… : ce qu'il faut faire.

say-error = erreur : { $words }
say-warning = attention : { $words }
say-advice = → { $words }
say-because = { " : " }

## Le coffre dans son ensemble

err-no-vault-given = aucun coffre n'a été indiqué
rec-no-vault-given = Donnez son dossier avec --vault DIR, ou définissez BEFFROI_VAULT.
err-at-vault = coffre { $place }
err-no-folder = il n'y a pas de dossier { $place }
rec-no-folder = Vérifiez le chemin ; le disque est-il branché et monté ? Un nouveau coffre se crée avec « beffroi init { $place } ».
err-vault-empty = le dossier est vide : il ne contient pas de coffre
rec-vault-empty = Le disque est-il monté ? Un nouveau coffre se crée avec « beffroi init ».
err-vault-missing = ce dossier ne contient pas de coffre
rec-vault-missing = Vérifiez le chemin donné avec --vault. Rien n'a été touché dans le dossier.
err-vault-half-made = la création de ce coffre a été interrompue : il ne contient encore rien
rec-vault-half-made = Supprimez le dossier et relancez « beffroi init ».
err-vault-foreign = le fichier « vault » de ce dossier n'a pas été écrit par Beffroi
rec-vault-foreign = Vérifiez le chemin donné avec --vault. Rien n'a été touché dans le dossier.
err-vault-newer = une version plus récente de Beffroi a écrit ce coffre
rec-vault-newer = Installez ici la version plus récente ; rien n'a été touché.
err-vault-object = la description du coffre est illisible
rec-vault-object = Prenez une autre copie du coffre, ou restaurez avec la trousse de secours comme le montre docs/format.md.
err-vault-replaced = la description du coffre n'est pas celle que ses propriétaires ont signée
rec-vault-replaced = Quelqu'un l'a modifiée. Prenez une autre copie du coffre, et cherchez qui a accès à celle-ci.
err-not-empty = le dossier { $place } n'est pas vide
rec-not-empty = Choisissez un dossier nouveau ou vide ; « init » ne touche jamais à rien d'autre.
err-in-the-way = { $place } n'est ni un simple fichier ni un simple dossier
rec-in-the-way = Regardez ce qui s'y trouve, et déplacez-le.
err-no-space = il n'y a plus de place pour { $name }
rec-no-space = Libérez de la place sur le disque du coffre, puis relancez la même commande : elle reprend où elle en était.
err-read-only = { $place } est en lecture seule
rec-read-only = Le disque est-il monté en lecture seule, ou protégé ? Montez-le en écriture et relancez la même commande.
err-denied = accès refusé à { $place }
rec-denied = Lancez la commande avec un compte qui a droit à ce dossier, par exemple avec sudo.
err-poisoned = { $place } n'a pas pu rendre durables les écritures précédentes
rec-poisoned = Vérifiez le disque, puis relancez la même commande.
err-io = échec de lecture ou d'écriture sur { $place }
err-object-missing = l'objet { $name } manque
rec-object-missing = « beffroi check » nomme les instantanés touchés. Rapportez l'objet d'une autre copie du coffre.
err-object-short = l'objet { $name } est tronqué
err-object-long = l'objet { $name } est plus long qu'aucun objet ne peut l'être
err-object-hash = les octets destinés à { $name } n'ont pas son empreinte
err-object-number = le numéro de { $name } est trop grand
err-object-changed = l'objet { $name } a été modifié
err-object-unreadable = l'objet { $name } est illisible
err-object-damaged = l'objet { $name } est abîmé
rec-object-damaged = « beffroi check » nomme les instantanés touchés. Rapportez l'objet d'une autre copie du coffre.
err-object-key = la clé de session de { $name } ne s'ouvre pas
err-blob-nowhere = aucun paquet de l'instantané ne contient le bloc { $id }
err-scratch-folder = le fichier temporaire dans { $path } a échoué
rec-scratch-folder = Un coffre de très nombreux fichiers demande un fichier temporaire : environ 250 Mo par million de fichiers, le double pour une vérification. Donnez un dossier qui ait de la place sur un disque : TMPDIR=/dossier beffroi …

## Propriétaires et clés

err-log-missing = le journal des propriétaires manque
err-log-entry = l'entrée { $seq } du journal des propriétaires est illisible
err-log-broken = l'entrée { $seq } du journal des propriétaires ne suit pas la précédente
rec-log-broken = Une entrée manque, ou quelqu'un d'autre l'a ajoutée. Comparez avec une autre copie du coffre.
err-log-cut = l'entrée { $seq } du journal des propriétaires manque, et ils en ont signé de plus récentes
rec-log-cut = Reprenez-la dans une autre copie du coffre. Rien n'a été signé.
err-log-fork = les propriétaires ont signé deux entrées pour la place { $seq } de leur journal
rec-log-fork = Deux personnes ont modifié le coffre en même temps, ou quelqu'un le falsifie. Comparez avec une autre copie.
err-log-unsigned = l'entrée { $seq } du journal des propriétaires n'est pas signée par eux
rec-log-unsigned = Quelqu'un l'a écrite sans les clés des propriétaires. Cherchez qui a accès au coffre.
err-log-absurd = l'entrée { $seq } du journal des propriétaires n'a pas de sens
err-no-identity-given = il faut la trousse de secours
rec-no-identity-given = Donnez-la avec --identity FILE, ou définissez BEFFROI_IDENTITY.
err-at-kit = trousse de secours { $path }
err-kit-loose = la trousse de secours { $path } peut être lue par d'autres (droits { $mode })
rec-kit-loose = Tapez : chmod 600 { $path }
err-kit-empty = elle ne contient pas d'identité age (AGE-SECRET-KEY-1…)
rec-kit-empty = Recopiez toute la trousse dans le fichier, avec sa dernière ligne.
err-kit-identity = la ligne { $line } n'est pas une identité age
rec-kit-identity = Comparez la ligne avec le papier, lettre par lettre.
err-kit-mistyped = la ligne { $line } est mal recopiée
rec-kit-mistyped = Comparez la ligne avec le papier, lettre par lettre.
err-kit-binary = ce n'est pas un texte
err-wrong-kit = cette trousse est celle du coffre { $kit }, pas de celui-ci ({ $vault })
rec-wrong-kit = Prenez la trousse créée avec ce coffre : elle porte le numéro du coffre.
err-kit-does-not-open = la trousse de secours n'ouvre pas ce coffre
rec-kit-does-not-open = Est-ce la trousse d'un autre coffre, ou d'un destinataire qui a été retiré ?
err-no-owner-key = il faut une clé de propriétaire, et le fichier d'identité n'en contient pas
rec-no-owner-key = Prenez la trousse créée par « init », avec sa ligne « # owner-key: ».
err-other-founder = le propriétaire de cette trousse n'a pas fondé le coffre qui se trouve ici
rec-other-founder = Est-ce le bon dossier ? Un autre coffre a pu être mis à sa place : comparez avec une copie débranchée.
err-not-an-owner = la clé du fichier d'identité n'est pas celle d'un propriétaire de ce coffre
err-more-owners = { $count } propriétaires doivent signer ; une seule clé ne suffit pas
err-unknown-strand = le fil { $strand } n'est pas inscrit dans ce coffre
rec-unknown-strand = Le journal du coffre ne connaît pas cette machine. Est-ce le bon coffre ? Si oui, inscrivez-la de nouveau.
err-raced = quelqu'un d'autre a modifié le journal des propriétaires au même moment
rec-raced = Relancez la même commande.
err-recipients = les destinataires ne peuvent pas être modifiés ainsi
err-recipient = « { $recipient } » n'est pas un destinataire age
rec-recipient = Un destinataire commence par « age1 » ; « age-keygen -y FICHIER » affiche celui d'une identité.
err-recipient-there = ce destinataire peut déjà ouvrir le coffre
err-recipient-not-there = ce destinataire n'est pas parmi ceux du coffre
err-recipient-last = c'est le dernier destinataire : sans lui, personne ne pourrait ouvrir le coffre
rec-recipient-last = Ajoutez-en d'abord un autre.
err-strand-replaced = l'objet { $name } n'est pas celui que les propriétaires ont signé
err-secrets = les secrets du fil { $strand } sont illisibles
err-seal = les secrets du fil ne peuvent pas être scellés pour les destinataires
err-identity = ce n'est pas une identité age
err-plugin = le greffon age « { $plugin } » n'est pas utilisable
rec-plugin = Installez le programme age-plugin-{ $plugin }.
err-nobody = il n'y a personne pour qui sceller
err-too-many-recipients = il y a trop de destinataires : un coffre en admet environ 500
err-wrong-key = aucune des clés ne l'ouvre
err-sealed-damaged = le secret scellé est abîmé
err-format-foreign = ces octets ne sont pas ceux attendus pour { $what }
err-format-newer = une version plus récente de Beffroi a écrit { $what }
rec-format-newer = Installez ici la version plus récente.
err-format-truncated = { $what } : la fin manque
err-format-malformed = { $what } : mal formé
err-format-too-large = { $what } : plus grand que le format ne le permet
err-format-sealed = { $what } : le sceau ne s'ouvre pas
err-format-signature = { $what } : la signature n'est pas valable
err-format-content = { $what } : le contenu n'est pas celui que dit le nom
noun-vault = la description du coffre
noun-owner-entry = l'entrée du journal des propriétaires
noun-strand = le fil
noun-keys = l'objet des clés
noun-pack = le paquet
noun-pack-directory = le répertoire du paquet
noun-index = l'index
noun-list = la liste
noun-lease = le bail
noun-manifest = le manifeste
noun-expiry = l'acte d'expiration
noun-secrets = les secrets du fil
noun-blob = le bloc
noun-chunk-list = la liste de morceaux
noun-node = le nœud de dossier

## Instantanés

err-manifest = le manifeste est illisible
err-manifest-key = la clé de session du manifeste ne s'ouvre pas
err-manifest-unreadable = le manifeste { $name } est illisible
err-manifest-unbelievable = le manifeste { $name } n'est pas digne de foi
err-strand-fork = le fil { $strand } bifurque à l'instantané { $seq } : deux machines utilisent les mêmes clés
rec-strand-fork = La machine a-t-elle été clonée, ou restaurée d'une image ? Fermez le fil et inscrivez de nouveau les deux.
err-last-number = le fil { $strand } a un instantané qui porte le dernier numéro possible : quelqu'un d'autre utilise les clés de cette machine
rec-last-number = Rien n'a été sauvegardé. Fermez le fil, assainissez la machine et inscrivez-la de nouveau.
err-after-retirement = { $name } a été fait après la fermeture de son fil, et ne compte pas
rec-after-retirement = Quelqu'un utilise les clés d'une machine retirée. Cherchez qui a accès au coffre.
err-strand-broken = l'instantané { $seq } du fil { $strand } ne suit pas le précédent
err-selector = « { $selector } » ne désigne aucun instantané
rec-selector = Écrivez le début d'un identifiant (au moins 4 chiffres), latest, SOURCE@latest, SOURCE@latest~N ou SOURCE@2026-11-21.
err-no-snapshots = le coffre ne contient encore aucun instantané
rec-no-snapshots = « beffroi backup CHEMIN » crée le premier.
err-several-sources = le coffre garde plusieurs sources
rec-several-sources = Dites laquelle : { $sources }
err-no-source = aucun instantané d'une source « { $source } »
rec-no-source = Les sources sont : { $sources }
err-several-hosts = plusieurs machines ont une source « { $source } »
rec-several-hosts = Désignez l'instantané par son identifiant. Les derniers : { $snapshots }
err-no-such-snapshot = la source « { $source } » n'a pas un tel instantané ; elle en a { $count }
rec-no-such-snapshot = « beffroi snapshots --source NOM » les énumère.
err-no-such-id = aucun instantané n'a un identifiant qui commence par { $id }
rec-no-such-id = « beffroi snapshots » les énumère.
err-ambiguous-id = plusieurs instantanés commencent par { $id }
rec-ambiguous-id = Écrivez plus de chiffres : { $snapshots }
err-no-such-path = l'instantané ne contient pas { $path }
rec-no-such-path = « beffroi ls » montre ce qu'il contient ; « beffroi find » cherche dans tous les instantanés.
err-at-path = { $path }
err-cat-path = il n'y a pas de chemin à afficher
rec-cat-path = Écrivez SNAP:CHEMIN.
err-cat-not-a-file = { $path } n'est pas un fichier ordinaire
say-snapshots-sealed = Sans la trousse de secours (--identity), seule la partie en clair de chaque instantané est lisible : ni dates, ni sources, ni noms.
say-no-snapshots = Il n'y a aucun instantané.
say-nothing-found = Rien ne s'appelle « { $glob } ».
col-id = id
col-time = date
col-source = source
col-host = machine
col-strand = fil
col-sequence = n°
col-entries = entrées
col-size = taille
col-new = nouveau

## L'état de cette machine

err-no-state = il n'y a pas de place pour l'état de cette machine
rec-no-state = Donnez un dossier avec --state DIR, ou définissez BEFFROI_STATE.
err-state-loose = { $path } est ouvert à d'autres (droits { $mode })
rec-state-loose = Tapez : chmod { $wanted } { $path }
err-state-foreign = { $path } appartient à l'utilisateur { $owner }, pas à { $user }, qui lance la commande
rec-state-foreign = Lancez la commande avec ce compte, ou donnez un autre dossier avec --state.
err-state-busy = une autre sauvegarde de cette machine est en cours (processus { $pid } ; il tient { $path })
rec-state-busy = Attendez qu'elle se termine.
err-state-exists = { $path } existe déjà et n'est jamais écrasé
err-not-enrolled = cette machine n'est pas inscrite dans ce coffre
rec-not-enrolled = Tapez une fois « beffroi enrol --identity FICHIER » avec la trousse de secours. Si elle l'était déjà : --state est-il juste ?
err-already-enrolled = cette machine est déjà inscrite, comme fil { $strand }
rec-already-enrolled = Il n'y a rien à faire : « beffroi backup » fonctionne.
err-agent-damaged = le fichier de clés { $path } est inutilisable
rec-agent-damaged = Déplacez-le et inscrivez cette machine de nouveau ; ce qui a été gardé reste.
err-long-label = le nom de cette machine dépasse { $max } octets
err-numbers-used = tous les numéros de paquets sont pris
rec-numbers-used = Supprimez { $path } : il sera refait.
err-out-of-order = l'arbre a donné ses noms dans le désordre pendant l'écriture de { $path }
err-long-footer = { $path } ne peut pas contenir autant de propriétaires
err-lost-absent = il n'y en a pas
err-lost-foreign = ce n'est pas un fichier de cette sorte
err-lost-version = il est de la version { $version }
err-lost-damaged = il est tronqué ou abîmé
err-lost-stale = il dépend d'une table perdue
err-sources = la liste des sources { $path } ne peut pas être écrite
err-signals = le système ne permet pas d'écouter les signaux

## Ce que dit le système

err-system-full = il n'y a plus de place sur le disque, ou le quota est épuisé
rec-system-full = Libérez de la place, puis relancez la même commande.
err-system-read-only = le système de fichiers est en lecture seule
err-system-denied = accès refusé
rec-system-denied = Lancez la commande avec un compte qui en a le droit, par exemple avec sudo.
err-system-missing = ce fichier ou dossier n'existe pas
err-system-exists = il existe déjà
err-system-medium = le disque signale une erreur
rec-system-medium = Le disque est peut-être mourant : regardez « dmesg », et n'y gardez pas votre seule copie.
err-system-no-folder = ce n'est pas un dossier
err-system-folder = c'est un dossier
err-system-open-files = trop de fichiers sont ouverts
rec-system-open-files = Relevez la limite : ulimit -n 4096
err-system-memory = il n'y a pas assez de mémoire
err-system-too-big = le système de fichiers n'accepte pas un fichier de cette taille
err-system-share = le partage réseau ne répond pas
err-output = la sortie ne peut pas être écrite

## init

err-no-recovery-out = il n'y a pas de terminal où montrer la trousse de secours
rec-no-recovery-out = Dites où l'écrire : --recovery-out FICHIER, sur un autre disque que le coffre.
err-kit-in-vault = la trousse de secours { $path } serait dans le coffre : qui a le coffre pourrait la lire
rec-kit-in-vault = Choisissez un autre dossier, de préférence sur un disque rangé ailleurs.
err-kit-exists = { $path } existe déjà ; une trousse n'est jamais écrasée
rec-kit-exists = Choisissez un autre nom.
err-kit-write = la trousse de secours { $path } ne peut pas être écrite ; aucun coffre n'a été créé
err-kit-not-confirmed = la fin de la trousse n'a pas été confirmée ; aucun coffre n'a été créé
rec-kit-not-confirmed = Recommencez, et notez ou imprimez la trousse avant de répondre.
kit-name = trousse de secours
kit-made = Créée le { $time } sur { $host }.
kit-keep = Qui l'a ouvre tout le coffre ; qui la perd n'ouvre rien. Gardez-la sur papier, en deux endroits.
say-kit-title = Votre trousse de secours. Elle n'est montrée qu'une fois : imprimez-la ou notez-la maintenant, ses trois dernières lignes.
say-kit-advice = Le code ci-dessus contient les mêmes lignes. Sans cette trousse, personne ne pourra vous rendre vos fichiers, pas même nous.
ask-kit-end = Pour confirmer, tapez les six derniers caractères de la dernière ligne de la trousse : { "" }
say-kit-wrong = { $left ->
    [one] Ce n'est pas cela. Encore un essai.
   *[other] Ce n'est pas cela. Encore { $left } essais.
}
say-kit-written = La trousse de secours est dans { $path }. Imprimez-la, gardez-la en deux endroits, et ôtez le fichier de cette machine.
say-init-done = Le coffre { $place } est créé ; cette machine ({ $host }) en est le premier fil.
say-init-warning = Qui entre dans cette machine ne peut ni lire ni empoisonner le coffre, mais root peut effacer ce que root atteint d'ici : gardez une deuxième copie ailleurs (beffroi copy), ou débranchez le disque.

## enrol, retire, recipient, man

say-enrolled = Cette machine ({ $host }) est inscrite comme fil { $strand }.
err-retired-already = le fil { $strand } est déjà fermé : { $reason }
err-which-strand = « { $given } » n'est pas le début de l'identifiant d'un seul fil (au moins 4 chiffres)
rec-which-strand = Les fils sont : { $strands }
say-retired = Le fil { $strand } est fermé : ce qu'il a gardé reste, rien de plus n'est accepté.
say-recipient-added = { $recipient } ouvre désormais le coffre, et tout ce qu'il garde déjà.
say-recipient-removed = { $recipient } n'ouvrira pas ce qui est gardé désormais. Ce qui l'était avant lui reste lisible.
err-man = les pages ne peuvent pas être écrites dans { $path }

## backup

err-no-roots = aucun chemin n'a été donné
err-relative-root = { $path } n'est pas un chemin absolu
err-missing-root = { $path } n'existe pas
rec-missing-root = Vérifiez le chemin. Le disque est-il monté ?
err-exclusion = l'exclusion { $pattern } est inutilisable
err-source-needed = il faut un nom pour la source
rec-source-needed = Donnez-en un : --source NOM.
err-source-name = « { $name } » ne peut pas être le nom d'une source
rec-source-name = Prenez au plus 255 octets, sans « @ », « : » ni retour à la ligne.
err-source-taken = la source « { $source } » gardait d'autres chemins la dernière fois
rec-source-taken = S'ils vont dans la même source, dites-le : --source { $source }. Sinon, choisissez un autre nom avec --source.
err-hook-words = « { $command } » n'est pas une commande : un guillemet reste ouvert, ou il n'y a pas de mot
err-hook-before = la commande d'avant la sauvegarde a échoué ({ $command })
rec-hook-before = Rien n'a été gardé. Lancez la commande à la main pour voir ce qui ne va pas.
err-hook-after = la commande d'après la sauvegarde a échoué ({ $command })
rec-hook-after = Lancez-la à la main : ce qu'elle devait ranger est peut-être encore là.
err-exit-status = elle s'est terminée avec le code { $code }
err-exit-signal = elle a été arrêtée par le signal { $signal }
err-command-start = la commande { $command } ne peut pas être lancée
rec-command-start = Est-elle installée, et bien écrite ?
err-command = la commande a échoué : rien de sa sortie n'a été gardé
rec-command = Lancez-la à la main pour voir ce qui ne va pas.
err-stream = la sortie de la commande est illisible
err-objects-vanished = { $count } objets ont disparu du coffre pendant la sauvegarde
rec-objects-vanished = Relancez la même commande : elle les renvoie.
err-stopped = arrêté ; rien n'est perdu
rec-stopped = Relancez la même commande : elle reprend où elle en était.
err-aborted = abandonné à cause d'un autre échec
err-session-seal = la clé de session ne peut pas être scellée pour le fil
err-retired = le fil { $strand } de cette machine a été fermé : { $reason }
rec-retired = Demandez aux propriétaires. Pour continuer, tapez « beffroi enrol » avec la trousse de secours : la machine reçoit de nouvelles clés.
err-owners-set-back = le journal des propriétaires est revenu en arrière : il manque des entrées que cette machine a vues, dont un changement de destinataires
rec-owners-set-back = Reprenez ces entrées dans une autre copie du coffre. Rien n'a été envoyé : quelqu'un que les propriétaires ont retiré aurait pu le lire.
err-other-owners = le coffre n'est pas celui où cette machine a été inscrite : ses propriétaires sont d'autres
rec-other-owners = Quelqu'un a mis un autre coffre à sa place, ou --vault est faux. Rien n'a été écrit.
err-vanished = { $path } a disparu pendant la sauvegarde
err-unreadable-denied = accès refusé à { $path }
err-became-another = { $path } est devenu un autre fichier pendant la sauvegarde
err-moved = { $path } a été déplacé pendant la sauvegarde
err-too-deep = { $path } est à plus de { $max } dossiers de profondeur
err-leased = { $path } est retenu par un autre programme
err-attributes-too-large = les attributs étendus de { $path } dépassent { $max }
err-no-proc = les attributs étendus de { $path } ne peuvent pas être lus sans /proc
err-scratch = le fichier temporaire des noms de { $path } a échoué
err-thread = le système ne lance plus de fils d'exécution
err-cannot-list = impossible d'énumérer { $path }
err-cannot-inspect = impossible d'examiner { $path }
err-cannot-open = impossible d'ouvrir { $path }
err-cannot-read = impossible de lire { $path } (à l'octet { $offset })
err-cannot-read-attributes = impossible de lire les attributs étendus de { $path }
err-cannot-read-link = impossible de lire où mène { $path }
say-torn = attention : { $path } a changé deux fois pendant sa lecture : ce qui en a été gardé est peut-être un mélange
say-silently-changed = attention : { $path } a changé sans que sa taille ni ses dates le disent
say-left-out-own = { $path } est gardé vide : c'est le coffre, ou l'état de Beffroi
say-left-out-mount = { $path } est gardé vide : un autre système de fichiers y est monté
say-left-out-kernel = { $path } est gardé vide : c'est le noyau qui invente son contenu
say-left-out-cache = { $path } est un cache : seule sa marque est gardée
say-too-large = { $path } est laissé de côté : { $size }
say-vault-forgot = attention : le coffre ne contient pas l'instantané { $seq }, le dernier de cette machine. Aucun propriétaire n'a signé son expiration : cherchez qui efface ici.
say-unremembered = attention : le coffre contient l'instantané { $seq } de cette machine, qui ne s'en souvient pas. À moins qu'elle ait été remise à un état antérieur, ou arrêtée juste après sa sauvegarde, quelqu'un d'autre utilise ses clés : regardez la liste des instantanés et lancez verify-new --new 100.
say-owner-log-cut = attention : il manque des entrées au journal des propriétaires après les { $count } premières. Comparez avec une autre copie du coffre.
say-damaged-pack = attention : le paquet { $pack } est illisible ; ce que cette sauvegarde en demande est renvoyé. Lancez « beffroi check ».
say-worn-packs = { $count ->
    [one] Un paquet est presque mort, ou petit : ce qui en sert encore ({ $size }) est renvoyé.
   *[other] { $count } paquets sont presque morts, ou petits et nombreux : ce qui en sert encore ({ $size }) est renvoyé.
}
say-lost-packs = { $count ->
    [one] attention : un paquet n'est plus dans le coffre ; ce que cette sauvegarde en demande est renvoyé.
   *[other] attention : { $count } paquets ne sont plus dans le coffre ; ce que cette sauvegarde en demande est renvoyé.
}
say-backup-done = Instantané { $snapshot } de { $source } : { $entries ->
    [one] { $entries } entrée
   *[other] { $entries } entrées
}, { $bytes } ; { $changes ->
    [0] rien n'a changé
    [one] un changement
   *[other] { $changes } changements
} ; { $stored } stockés ; { $time }.
say-backup-incomplete = { $count ->
    [one] Une entrée n'a pas pu être lue ; elle est citée ci-dessus.
   *[other] { $count } entrées n'ont pas pu être lues ; elles sont citées ci-dessus.
}
progress-line = { $entries } entrées, { $bytes }, { $rate }/s{ $left } { $path }
progress-left = , reste { $time }

## restore

err-at-target = restauration dans { $path }
err-target-full = il n'y a plus de place pour { $path }
rec-target-full = Libérez de la place, puis relancez la même commande : elle reprend où elle en était.
err-target-denied = accès refusé à { $path }
rec-target-denied = Lancez la commande avec un compte qui peut y écrire, par exemple avec sudo.
err-target-in-the-way = autre chose occupe la place de { $path }
err-unsafe-name = le nom { $name } dans { $directory } n'est pas sûr, et a été laissé de côté
err-target-vanished = { $path } a disparu pendant la restauration
err-not-linkable = { $path } ne peut pas être lié
err-wrong-kind = { $path } est d'une autre sorte que prévu
err-unknown-directory = un dossier d'une autre cible a été nommé
err-too-many-directories = il y a trop de dossiers ; { $path } n'a pas été ajouté
err-differs = le fichier sur le disque diffère du coffre
say-not-set = { $path } : impossible de rétablir { $attribute }
attribute-owner = le propriétaire
attribute-mode = les droits
attribute-special-bits = le bit setuid ou setgid
attribute-times = la date de modification
attribute-device = le périphérique
say-more-warnings = { $count ->
    [one] Un autre attribut n'a pas pu être rétabli (-v les cite tous).
   *[other] { $count } autres attributs n'ont pas pu être rétablis (-v les cite tous).
}
say-restore-done = Restauré de { $snapshot } dans { $path } : { $entries ->
    [one] { $entries } entrée
   *[other] { $entries } entrées
}, { $bytes } en { $time } ({ $rate }/s).
say-restore-done-plan = Restauré selon le plan dans { $path } : { $entries ->
    [one] { $entries } entrée
   *[other] { $entries } entrées
}, { $bytes } en { $time } ({ $rate }/s).
say-restore-verified = { $count ->
    [one] { $count } fichier a été relu et est juste.
   *[other] { $count } fichiers ont été relus et sont justes.
}
say-restore-kept = { $count ->
    [one] Une entrée était déjà là et n'a pas été touchée (--overwrite always la remplace).
   *[other] { $count } entrées étaient déjà là et n'ont pas été touchées (--overwrite always les remplace).
}
say-restore-incomplete = { $count ->
    [one] Une chose n'a pas pu être restaurée ; elle est citée ci-dessus.
   *[other] { $count } choses n'ont pas pu être restaurées ; elles sont citées ci-dessus.
}

## check, verify-new

say-check-sealed = Sans la trousse de secours (--identity), seules les empreintes et les signatures sont vérifiées, et un dégât ne peut pas être rapporté aux fichiers.
say-check-fault = abîmé : { $name } : { $words }
say-check-hurt = instantané { $snapshot }{ $name } : { $extent }
say-check-whole = il est perdu tout entier
say-check-unknown = il a besoin de quelque chose d'abîmé
say-check-paths = { $count ->
    [one] un chemin est touché
   *[other] { $count } chemins sont touchés
}
say-check-content = {"    "}{ $path } (contenu)
say-check-entries = {"    "}{ $path }/ (entrées)
say-check-sound = Le coffre est sain : { $snapshots ->
    [one] { $snapshots } instantané
   *[other] { $snapshots } instantanés
}, { $objects } objets, { $read } lus et vérifiés.
say-check-damaged = Le coffre est abîmé : { $faults ->
    [one] un défaut
   *[other] { $faults } défauts
} ; { $hurt } instantanés sur { $snapshots } sont touchés ; tout le reste se restaure. { $objects } objets, { $read } lus.
say-check-orphans = { $count ->
    [one] Un objet ne sert à aucun instantané : une sauvegarde interrompue l'a laissé, la prochaine s'en servira.
   *[other] { $count } objets ne servent à aucun instantané : une sauvegarde interrompue les a laissés, la prochaine s'en servira.
}
err-check-stopped = arrêté : ce qui n'a pas été regardé est peut-être abîmé aussi
rec-check-stopped = Relancez la même commande.
err-verified = la liste des instantanés vérifiés { $path } est inutilisable
rec-verified = Si vous la supprimez, tout sera vérifié de nouveau.
err-damage-missing = il manque
err-damage-unreadable = il est illisible
err-damage-changed = ses octets ont été modifiés
err-damage-malformed = ses octets n'ont pas de sens
err-damage-key = sa clé de session ne s'ouvre pas
err-damage-blobs = { $count ->
    [one] son bloc { $first } n'est pas ce que dit son nom : la machine qui l'a écrit ment, ou sa mémoire flanche
   *[other] { $count } de ses blocs ne sont pas ce que disent leurs noms (le premier : { $first }) : la machine qui l'a écrit ment, ou sa mémoire flanche
}
err-damage-misindexed = il dit des paquets ce qu'ils ne disent pas eux-mêmes : un mensonge, qui ne coûte aucun fichier
err-damage-secrets = les secrets du fil ne s'ouvrent pas
err-damage-after-retirement = il a été fait après la fermeture de son fil, et ne compte pas
err-damage-not-enrolled = il est d'un fil que le journal des propriétaires ne connaît pas
err-damage-fork = un autre instantané a le même numéro
err-damage-broken = il ne suit pas l'instantané précédent
err-damage-rewound = des instantanés déjà vérifiés ont été remplacés ou retirés
err-damage-unlocated = il a besoin du bloc { $first }, qui n'est dans aucun de ses paquets
err-damage-length = une entrée donne au bloc { $blob } une autre longueur que la sienne
err-damage-untrue = il annonce { $told } ({ $what }), son arbre en contient { $found }
err-damage-disordered = les noms d'un dossier ne sont pas dans l'ordre

## diff

say-diff-done = { $added } ajoutés, { $removed } retirés, { $changed } changés.
say-diff-sizes = {" "}({ $before } → { $after })

## copy

err-at-copy = copie vers { $place }
err-copy-other = il contient un autre coffre
rec-copy-other = Choisissez un dossier nouveau ou vide, ou la copie de ce coffre.
err-copy-ahead = il contient { $name }, que ce coffre n'a pas
rec-copy-ahead = La copie est plus récente, ou quelqu'un a fait reculer ce coffre. Regardez les deux avant de continuer.
err-copy-source = ce coffre est illisible
err-copy-target = la copie ne peut pas être écrite
err-copy-unreadable = { $name } est illisible dans la copie
err-copy-damaged = { $name } est abîmé dans la copie
rec-copy-damaged = Mettez-le de côté dans la copie et copiez de nouveau.
err-copy-incomplete = { $manifest } est incomplet dans la copie : il manque { $missing }
say-copy-done = { $place } est à jour : { $objects ->
    [one] { $objects } objet copié
   *[other] { $objects } objets copiés
} ({ $bytes }), { $present } déjà là ; { $time }.
say-copy-incomplete = { $count ->
    [one] Un instantané n'est pas entier dans la copie ; il est cité ci-dessus.
   *[other] { $count } instantanés ne sont pas entiers dans la copie ; ils sont cités ci-dessus.
}

## expire

err-clock-behind = l'horloge de cette machine ({ $now }) retarde sur ce que les propriétaires ont signé ({ $signed })
rec-clock-behind = Mettez l'horloge à l'heure ; rien n'a été effacé.
err-expire-stale = quelqu'un d'autre a changé le coffre depuis le plan
rec-expire-stale = Relancez la même commande.
err-expire-held = rien du fil { $strand } n'est effacé maintenant
err-expire-lease = une sauvegarde de l'instantané { $seq } est en cours, ou a été interrompue il y a moins de sept jours
err-expire-yes = sans terminal, personne ne peut donner son accord
rec-expire-yes = Regardez le plan avec --dry-run, puis donnez --yes.
err-record-unbelievable = l'acte { $name } n'est pas digne de foi
err-record-broken = l'acte { $name } ne suit pas le précédent
ask-expire = Le faire ? [o/N] { "" }
say-expire-plan = { $kept } instantanés restent. { $condemned } objets sont condamnés maintenant ({ $later }, libres dans sept jours) ; { $deleted }, condamnés depuis au moins sept jours, sont effacés ({ $now }).
say-expire-now = effacé maintenant
say-expire-waiting = condamné depuis le { $since }
say-expire-condemned = condamné maintenant, effacé dans sept jours
say-expire-nothing = Rien n'a été fait.
say-expire-done = { $condemned } objets condamnés, { $deleted } effacés ({ $bytes } libérés).
say-expire-changed = { $count ->
    [one] Un fil a changé entre-temps ; rien de plus n'en a été effacé.
   *[other] { $count } fils ont changé entre-temps ; rien de plus n'en a été effacé.
}
col-fate = ce qui arrive

## exercise

err-exercise-change = la copie n'a pas pu être modifiée
err-exercise-attack = l'attaque de la copie a mal tourné : { $error }
err-exercise-no-snapshot = l'instantané tout juste créé n'est pas dans le coffre
err-exercise-tidy = le dossier temporaire { $path } n'a pas pu être supprimé
rec-exercise-tidy = Supprimez-le à la main.
err-exercise-place = impossible de créer un dossier temporaire dans { $path }
rec-exercise-place = Choisissez une autre place avec --place DIR ; il faut environ trois fois la taille du dossier.
err-exercise-differs = l'exercice a échoué : { $count ->
    [one] une différence entre ce qui a été gardé et ce qui est revenu
   *[other] { $count } différences entre ce qui a été gardé et ce qui est revenu
}, ou des défauts (voir le tableau)
err-exercise-missed = l'exercice a échoué : tout ce qui a été abîmé n'a pas été dit, ou autre chose l'a été (voir ci-dessus)
rec-exercise-missed = Rien n'a été fait à votre dossier. Signalez-le avec le nom de l'attaque et la graine ; les fichiers restent chez vous.
say-exercise-sound = Tout est revenu deux fois, au dernier octet et attribut près : une fois tel quel, une fois comme avant l'attaque ; { $changes ->
    [one] un fichier a été changé
   *[other] { $changes } fichiers ont été changés
} entre-temps.
say-exercise-entries = Entrées : sauvegarder ne compte que les fichiers ; copier, restaurer et comparer comptent aussi les dossiers ; vérifier compte les objets du coffre.
say-exercise-vault = Trois instantanés de { $kept } en tout prennent { $vault } dans le coffre : { $first } pour le premier, { $second } pour le deuxième, { $third } pour le troisième.
say-exercise-quiet-calm = Les changements d'une journée ordinaire n'ont donné aucune alarme.
say-exercise-quiet-watch = Les changements d'une journée ordinaire ont fait naître un doute, sans alarme.
say-exercise-quiet-alarm = Les changements d'une journée ordinaire ont donné l'ALARME : cela ne doit pas être.
say-exercise-attack = La copie a été attaquée à la façon de { $resembles } (« { $name } ») : { $harmed ->
    [0] rien n'y valait une attaque
    [one] un fichier a été abîmé, renommé ou supprimé
   *[other] { $harmed } fichiers ont été abîmés, renommés ou supprimés
}.
say-exercise-evasion = La copie a été attaquée d'une façon qui cherche à passer inaperçue (« { $name } ») : { $harmed ->
    [0] rien n'y valait une attaque
    [one] un fichier a été abîmé, renommé ou supprimé
   *[other] { $harmed } fichiers ont été abîmés, renommés ou supprimés
}.
say-exercise-rang = La sauvegarde suivante a donné l'alarme, { $time } après son début :
say-exercise-watched = La sauvegarde suivante n'a fait naître qu'un doute, { $time } après son début :
say-exercise-silent = La sauvegarde suivante, longue de { $time }, n'a PAS donné l'alarme.
say-exercise-found = Le bilan des dégâts a pris { $time } : { $found } sur { $harmed } sont dits, et pour { $clean } la version d'avant l'attaque est désignée comme saine ; { $accused } autres sont dits abîmés ; de { $unknown } on ne peut rien dire.
say-exercise-missed = manqué : { $path }, { $bytes ->
    [one] un octet changé
   *[other] { $bytes } octets changés
} ; dit : { $told }
say-exercise-accused = dit abîmé à tort : { $path }
say-difference = différence : { $words }
say-part-copy = copier le dossier
say-part-init = créer le coffre
say-part-first-backup = première sauvegarde
say-part-first-restore = restaurer
say-part-first-compare = comparer
say-part-change = changer des fichiers
say-part-second-backup = seconde sauvegarde
say-part-attack = attaquer la copie
say-part-third-backup = troisième sauvegarde, qui doit donner l'alarme
say-part-damage = dire les dégâts
say-part-second-restore = restaurer
say-part-second-compare = comparer
say-part-check = vérifier chaque octet
col-part = étape
col-duration = durée
col-rate = débit
col-faults = défauts

help-check = Vérifier le coffre : structure, signatures, et avec --read-data le contenu
help-verify-new = Vérifier par échantillons les instantanés venus depuis la dernière fois
help-copy = Ajouter à un autre coffre ce qui lui manque de celui-ci
help-expire = Laisser partir de vieux instantanés, en deux temps à sept jours d'écart
help-exercise = Tout répéter sur une copie d'un dossier, une attaque comprise, avec des mesures
arg-read-data = Lire et vérifier tous les paquets, ou tant de pour cent
arg-new = Ouvrir tant de pour cent des nouveaux blocs (10)
arg-known = Ouvrir tant de pour cent des blocs déjà là (1)
arg-copy-to = L'autre coffre : une copie de celui-ci, ou un dossier nouveau ou vide
arg-copy-verify = Relire et vérifier ce que la copie a déjà
arg-dry-run = Montrer seulement le plan
arg-yes = Le faire sans demander
arg-folder = Le dossier ; il est seulement lu
arg-place = Où va le dossier temporaire (celui du système)
arg-seed = Choisit ce qui est changé, et comment c'est attaqué (1)
arg-attack = Comment la copie est attaquée, par les noms de docs/exercise.md ; sinon --seed choisit une famille

## Mauvais usage

err-usage-unknown = « { $argument } » n'est pas compris ici
rec-usage-unknown = « { $help } » montre ce qui est compris.
err-usage-command = il n'y a pas de commande « { $command } »
rec-usage-command = « { $help } » énumère les commandes.
err-usage-missing = il manque : { $argument }
rec-usage-missing = « { $help } » montre ce que la commande accepte.
err-usage-no-command = aucune commande n'a été donnée
rec-usage-no-command = « { $help } » énumère les commandes.
err-usage-conflict = { $argument } et { $other } s'excluent
err-usage-no-value = il faut une valeur à { $argument }
err-usage-value = « { $value } » n'est pas une valeur pour { $argument }
err-usage-choice = { $problem } ({ $choices })
err-usage-count = { $argument } a trop ou trop peu de valeurs
err-usage-no-equals = la valeur de { $argument } s'écrit avec « = »
err-usage-utf8 = un argument n'est pas de l'UTF-8 valable
err-usage-other = { $words }

## Alarmes

say-backup-alarm = ALARME : ce qui a été sauvegardé de { $source } semble attaqué (instantané { $snapshot }).
say-backup-watch = À regarder dans { $source } (instantané { $snapshot }) :
say-backup-alarm-next = Les instantanés d'avant sont intacts, et rien de cette machine ne sera effacé tant qu'un propriétaire n'a pas répondu. Débranchez du réseau les machines qui écrivent là ; puis « beffroi alarm explain { $snapshot } » avec la trousse de secours.
say-ground = - { $words }
say-hurt = {"  "}{ $path }
say-hurt-renamed = {"  "}{ $before } → { $path }
say-hurt-more = { $count ->
    [one] {"  "}et un autre
   *[other] {"  "}et { $count } autres
}
alarm-damaged = { $files ->
    [one] un fichier était sain et ne l'est plus
   *[other] { $files } fichiers étaient sains et ne le sont plus
}{ $renamed ->
    [0] {""}
   *[other] , dont { $renamed } sous un autre nom
}
alarm-trickle = avec { $lately } dans les trente jours d'avant, les fichiers abîmés sont trop nombreux pour un hasard
alarm-suspect = { $files ->
    [one] un fichier semble abîmé, sans certitude qu'il était sain avant
   *[other] { $files } fichiers semblent abîmés, sans certitude qu'ils étaient sains avant
}
alarm-deleted = { $files } fichiers sur { $of } ont disparu
alarm-emptied = { $files ->
    [one] un fichier est vide maintenant
   *[other] { $files } fichiers sont vides maintenant
}
alarm-protected = { $files ->
    [one] un fichier a maintenant un mot de passe ; si personne ici ne l'a mis, demandez pourquoi
   *[other] { $files } fichiers ont maintenant un mot de passe ; si personne ici ne les a mis, demandez pourquoi
}
alarm-notes = le même petit fichier nouveau se trouve à côté de fichiers abîmés dans { $folders } dossiers
say-no-alarms = Aucun instantané n'a donné l'alarme.
say-alarm-calm = Instantané { $snapshot } de { $source }, { $time } : pas d'alarme.
say-alarm-watch = Instantané { $snapshot } de { $source }, { $time } : à regarder.
say-alarm-alarm = Instantané { $snapshot } de { $source }, { $time } : ALARME.
say-alarm-open = Sans réponse : rien de cette machine ne sera effacé. Quand vous saurez ce que c'était : beffroi alarm answer { $snapshot } --reason "…"
say-alarm-was-answered = Réponse du { $time } : { $reason }
say-alarm-answered = L'alarme de l'instantané { $snapshot } a sa réponse ; les anciens instantanés de cette machine peuvent de nouveau être effacés.
err-no-alarm = l'instantané { $snapshot } n'a donné aucune alarme
rec-no-alarm = « beffroi alarm list » cite ceux qui l'ont fait.
err-alarm-was-answered = l'alarme a déjà sa réponse : { $reason }
level-calm = calme
level-watch = à regarder
level-alarm = ALARME
col-level = niveau
col-answer = réponse
help-alarm = Lister et expliquer les alarmes, et y répondre
help-alarm-list = Lister les instantanés qui ont donné l'alarme
help-alarm-explain = Dire pourquoi un instantané a donné l'alarme
help-alarm-answer = Répondre à une alarme, pour que les anciens instantanés puissent de nouveau être effacés
say-sensitivity-machine = Cette machine demande : { $level }. De sa demande et de la parole des propriétaires, la plus sensible l'emporte.
say-sensitivity-owners = Signé par le propriétaire : { $level }. Les machines s'y tiennent dès leur prochaine sauvegarde.
say-sensitivity-not-yet = Cette machine n'a pas encore sauvegardé de source « { $source } ».
say-sensitivity-means-low = basse : { $hurt } fichiers abîmés donnent l'alarme, ou { $few } s'ils sont un dixième du tout ; de même { $emptied } fichiers vidés, ou { $percent } % disparus.
say-sensitivity-means-usual = normale : { $hurt } fichiers abîmés donnent l'alarme, même un par un en trente jours ; de même { $emptied } fichiers vidés, ou { $percent } % disparus.
say-sensitivity-means-high = haute : un seul fichier abîmé donne l'alarme ; de même { $emptied } fichiers vidés, ou { $percent } % disparus.
say-all-others = (toutes les autres)
say-backup-low = Les propriétaires ont réglé l'alarme de { $source } sur basse : quelques fichiers abîmés sont signalés sans donner l'alarme.
err-sensitivity-owner = seul un propriétaire peut le dire pour toutes les machines, ou rendre les alarmes moins sensibles
err-wishes = la demande de cette machine ne peut pas être écrite dans { $path }
level-low = basse
level-usual = normale
level-high = haute
col-sensitivity = sensibilité
col-this-machine = demandée ici
col-owners = propriétaires
help-alarm-sensitivity = Montrer à quel point les alarmes sont sensibles, ou le changer : chacun peut augmenter la sensibilité pour sa machine, seuls les propriétaires la baissent
arg-alarm-sensitivity-level = Désormais : high (haute), usual (normale), ou low (basse, avec la clé de propriétaire)
arg-alarm-sensitivity-source = De cette source seulement
arg-owners = Le dire en tant que propriétaire, pour toutes les machines

## damage

say-damage-nothing = Il n'y a pas deux instantanés d'une même source à comparer.
say-damage-head = { $source } : de l'instantané { $from } ({ $from_time }) à { $to } ({ $to_time })
say-damage-head-disk = { $source } : de l'instantané { $from } ({ $from_time }) à ce qui est dans { $path } maintenant ({ $to_time })
say-damage-began-disk = Aucun instantané ne le montre : cela s'est passé après le plus récent.
say-damage-disk = disque
say-damage-began = Cela a commencé avec l'instantané { $snapshot } ({ $time }).
say-damage-unread = { $count ->
    [one] Une partie d'un dossier est illisible dans le coffre : ce qui est dessous n'est pas compté.
   *[other] Des parties de { $count } dossiers sont illisibles dans le coffre : ce qui est dessous n'est pas compté.
}
err-live-folder = le dossier { $path } est illisible
err-damage-part = une partie d'un instantané (SNAP:CHEMIN) ne se compare qu'à un dossier du disque
rec-damage-part = Nommez le dossier par --to.
err-damage-source = plusieurs sources sont possibles : { $sources }
rec-damage-source = Nommez-en une par --source, ou un de ses instantanés par --from.
err-damage-disk-facts = de ce qui est sur le disque, rien n'a été noté
rec-damage-disk-facts = Enlevez --facts-only.
err-damage-chain = { $from } et { $to } ne sont pas un instantané et un plus récent de la même source
class-intact = intacts
class-edited = modifiés
class-new = nouveaux
class-deleted = disparus
class-damaged = ABÎMÉS
class-renamed-damaged = ABÎMÉS et renommés
class-note = laissés par l'attaquant
class-suspect = douteux
class-unknown = inconnus
say-damage-lines = Chaque fichier, pourquoi, et l'instantané qui a sa dernière version saine :
one-damaged = abîmé
one-note = laissé
one-suspect = douteux
one-unknown = inconnu
one-intact = intact
one-edited = modifié
one-new = nouveau
one-deleted = disparu
col-damaged = abîmés
col-unknown = inconnus
col-folder = dossier
reason-kind-lost = ce n'est plus le type de fichier que c'était
reason-truncated = il finit trop tôt
reason-broken = sa structure ne tient plus
reason-corrupt = des parties n'en sont plus ce qu'elles doivent être
reason-zeroed = un même octet partout
reason-random-like = des octets au hasard
reason-encoded = des lettres qui cachent des octets au hasard
reason-overwritten-whole = écrasé
reason-overwritten-head = son début a été écrasé
reason-overwritten-periodic = écrasé à intervalles réguliers
reason-overwritten-scattered = écrasé par endroits
reason-texture-changed = il ressemble à des octets au hasard, ce qu'il ne faisait pas
reason-newly-protected = il a maintenant un mot de passe
reason-emptied = il est vide maintenant
reason-wrong-before = il n'était déjà pas en ordre
reason-no-past = on ne sait rien de lui avant
reason-renamed-alike = renommé comme beaucoup qui sont abîmés
reason-same-length = modifié pendant que d'autres étaient abîmés, et aussi long qu'avant
reason-not-examined = il n'a pas pu être examiné
help-damage = Dire ce qui est abîmé et depuis quand, ce qui ne l'est pas, et ce que nul ne sait
arg-damage-from = Un instantané d'avant le mal, pour un dossier du disque avec le chemin dedans [le dernier avant une alarme sans réponse, sinon l'avant-dernier]
arg-damage-to = L'instantané à juger, ou un dossier du disque [l'instantané le plus récent]
arg-damage-source = Seulement cette source
arg-damage-by = Par quoi compter : dir (dossier) ou source
arg-facts-only = Croire ce que les machines ont noté, sans lire le contenu : rapide, sans preuve

## Aide

help-heading-usage = Usage :
help-heading-commands = Commandes
help-heading-arguments = Arguments
help-heading-options = Options
help-value-command = COMMANDE
help-beffroi = Un coffre de sauvegarde qu'un rançongiciel ne peut ni lire ni empoisonner.
help-exit-codes =
    Codes de sortie : 0 fait ; 1 échec ; 2 mauvais usage ; 3 fait, mais des éléments n'ont pas pu être lus ou écrits (ils sont cités) ; 4 alarme ; 5 le coffre est abîmé.

    SNAP est le début d'un identifiant, latest, SOURCE@latest, SOURCE@latest~N ou SOURCE@2026-11-21.
help-init = Créer un coffre, y inscrire cette machine, et montrer une fois la trousse de secours
help-enrol = Inscrire cette machine dans un coffre existant (avec la trousse de secours)
help-backup = Garder des chemins, ou ce qu'écrit une commande, en un instantané
help-snapshots = Énumérer les instantanés
help-ls = Énumérer ce que contient un instantané
help-find = Chercher un nom dans tous les instantanés, chaque version une fois
help-diff = Comparer deux instantanés
help-cat = Afficher un fichier d'un instantané
help-restore = Rendre un instantané, ou une partie
help-recipient = Changer qui peut ouvrir le coffre
help-recipient-add = Laisser un destinataire age de plus ouvrir le coffre, et tout ce qu'il garde
help-recipient-remove = Sceller désormais sans un destinataire
help-retire = Fermer le fil d'une machine : ce qu'il a gardé reste, rien de plus n'est accepté
help-completions = Afficher les complétions pour un shell
help-man = Afficher la page de manuel, ou écrire toutes les pages dans un dossier
arg-vault = Le dossier du coffre [BEFFROI_VAULT]
arg-state = L'état de cette machine [BEFFROI_STATE ; /var/lib/beffroi pour root, sinon ~/.local/state/beffroi]
arg-town = La carte de la ville [BEFFROI_TOWN ; town.toml ici, sinon dans l'état]
arg-journal = Le dossier du journal [BEFFROI_JOURNAL ; sinon celui qui est ouvert dans l'état]
arg-identity = La trousse de secours, ou tout fichier d'identité age [BEFFROI_IDENTITY]
arg-json = Écrire un objet JSON par ligne, pour les scripts
arg-lang = Langue : fr ou en [BEFFROI_LANG ; sinon celle du système]
arg-verbose = En dire plus
arg-no-progress = Ne pas montrer la ligne qui bouge
arg-help = Montrer cette aide
arg-version = Montrer la version
arg-new-vault = Le dossier du nouveau coffre : nouveau ou vide
arg-init-recipient = Un destinataire age de plus qui peut ouvrir le coffre (age1…) ; peut être répété
arg-recovery-out = Écrire la trousse de secours dans ce nouveau fichier au lieu de la montrer
arg-recipient-add-recipient = Le destinataire (age1…)
arg-recipient-remove-recipient = Le destinataire (age1…)
arg-source = Nom de la source ; sinon la dernière partie de l'unique chemin
arg-snapshots-source = Seulement les instantanés de cette source
arg-exclude = Laisser de côté ce qui correspond, dans la syntaxe de .gitignore ; peut être répété
arg-exclude-from = Laisser de côté ce qui correspond à un motif de ce fichier, un par ligne ; peut être répété
arg-fixed = Découper à taille fixe ce qui correspond : images de disque, bases de données ; répétable
arg-one-file-system = Ne pas entrer dans d'autres systèmes de fichiers
arg-level = Niveau de compression, de 1 à 19 (3)
arg-jobs = Fils d'exécution (autant que de cœurs)
arg-before = Une commande à lancer d'abord ; si elle échoue, rien n'est gardé. Sans shell
arg-after = Une commande à lancer à la fin, même après un échec. Sans shell
arg-command = Les mots qui suivent, après --, sont une commande dont la sortie est gardée
arg-paths = Ce qu'il faut garder : fichiers et dossiers ; avec --command, la commande et ses arguments
arg-snapshot = L'instantané, et un chemin dedans
arg-find-snapshot = Ne chercher que dans cet instantané
arg-long = Avec sorte, droits, propriétaire, taille et date
arg-recursive = Avec tout ce qui est dessous
arg-glob = Un nom, ou un chemin s'il contient « / » ; * et ? en remplacent d'autres
arg-first = L'instantané le plus ancien
arg-second = L'instantané le plus récent
arg-file = L'instantané et le chemin d'un fichier dedans
arg-to = Le dossier où restaurer
arg-man-to = Écrire les pages de toutes les commandes dans ce dossier
arg-overwrite = Ce que deviennent les fichiers déjà là : never (jamais écrasés, par défaut) ou always (toujours)
arg-verify = Relire ensuite chaque fichier et le comparer au coffre
arg-strand = Le début de l'identifiant du fil
arg-reason = Pourquoi ; gardé dans le journal des propriétaires
arg-shell = bash, zsh, fish, elvish ou powershell
