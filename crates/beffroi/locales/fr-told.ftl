# Ce que lisent les gens, en français : le rapport de dégâts et les avis.

## damage --html

say-report-written = Rapport écrit : { $path }. Il cite des noms de fichiers : ne le publiez pas.
err-report-taken = { $path } existe déjà, et n'est pas un rapport de Beffroi
rec-report-taken = Donnez un autre nom : seul un ancien rapport est remplacé.
report-title = Rapport de dégâts – { $sources }
report-heading = Rapport de dégâts
report-made = Établi le { $time } par Beffroi { $version }.
report-not-proved = Établi d'après ce que les machines avaient noté, sans relire le contenu : c'est une indication, pas une preuve. Sans l'option --facts-only, le contenu est relu.
report-moment = { $month ->
    [1] { $day } janvier { $year }
    [2] { $day } février { $year }
    [3] { $day } mars { $year }
    [4] { $day } avril { $year }
    [5] { $day } mai { $year }
    [6] { $day } juin { $year }
    [7] { $day } juillet { $year }
    [8] { $day } août { $year }
    [9] { $day } septembre { $year }
    [10] { $day } octobre { $year }
    [11] { $day } novembre { $year }
   *[other] { $day } décembre { $year }
} à { $hour } h { $minute } ({ $zone })
report-compared-disk = Machine { $host }. Comparés : la sauvegarde du { $from_time }, tenue pour saine (instantané { $from }, { $files ->
    [one] un fichier
   *[other] { $files } fichiers
}), et ce qu'il y avait dans le dossier { $folder } le { $to_time }.
report-compared = Machine { $host }. Sauvegardes comparées : celle du { $from_time }, tenue pour saine (instantané { $from }, { $files ->
    [one] un fichier
   *[other] { $files } fichiers
}), et celle du { $to_time } (instantané { $to }).
report-tile-hurt = { $count ->
    [one] fichier abîmé
   *[other] fichiers abîmés
}
report-tile-gone = { $count ->
    [one] fichier disparu
   *[other] fichiers disparus
}
report-tile-open = { $count ->
    [one] fichier douteux ou inconnu
   *[other] fichiers douteux ou inconnus
}
report-tile-well = { $count ->
    [one] fichier intact ou modifié normalement
   *[other] fichiers intacts ou modifiés normalement
}
report-say-hurt = { $count ->
    [0] Aucun fichier n'est abîmé.
    [one] Un fichier sur { $of } ({ $share }) est abîmé : son contenu n'est plus lisible comme avant.
   *[other] { $count } fichiers sur { $of } ({ $share }) sont abîmés : leur contenu n'est plus lisible comme avant.
}
report-say-nothing-to-give-back = Il n'y a donc rien à rendre pour cette raison.
report-say-clean-once = { $count ->
    [0] Le coffre ne garde de version saine d'aucun d'entre eux.
   *[other] Le coffre garde une version saine de { $count } sur { $of } : celle du { $time }.
}
report-say-clean = Le coffre garde une version saine de { $count } sur { $of } ; selon les fichiers, elle date du { $oldest } au { $newest }.
report-say-open = { $count ->
    [0] Aucun fichier modifié n'est resté sans jugement.
    [one] D'un fichier, on ne peut rien affirmer : quelqu'un doit le regarder avant qu'il serve.
   *[other] De { $count } fichiers, on ne peut rien affirmer : quelqu'un doit les regarder avant qu'ils servent.
}
report-overview-caption = Les sources en un coup d'œil
report-totals-heading = Le bilan
report-totals-caption = Ce que sont devenus les fichiers
report-total-intact = Intacts
report-total-edited = Modifiés
report-total-new = Nouveaux
report-total-deleted = Disparus
report-total-damaged = Abîmés
report-total-renamed-damaged = Abîmés et renommés
report-total-note = Laissés par l'attaquant
report-total-suspect = Douteux
report-total-unknown = Inconnus
report-means-intact = les mêmes, à l'octet près
report-means-edited = changés depuis, sans rien d'anormal
report-means-new = absents de la sauvegarde d'avant
report-means-deleted = présents avant, absents maintenant
report-means-damaged = chiffrés, écrasés, tronqués ou vidés, sous leur nom
report-means-renamed-damaged = la même chose, sous un autre nom
report-means-note = le même petit fichier à côté de fichiers abîmés, dans plusieurs dossiers
report-means-suspect = d'apparence abîmée, mais ce peut être un travail normal
report-means-unknown = on ne peut rien en dire
report-beginning-heading = Quand cela a commencé
report-began = Les premiers dégâts se voient dans la sauvegarde du { $time } (instantané { $snapshot }). Ils datent donc d'entre la sauvegarde d'avant et celle-là.
report-never-began = Aucune sauvegarde comparée ne montre de fichier abîmé.
report-beginning-caption = Dégâts vus pour la première fois, sauvegarde par sauvegarde
report-stages-between = { $count ->
    [one] une sauvegarde entre les deux
   *[other] { $count } sauvegardes entre les deux
}
report-places-heading = Où
report-places-lead = Chaque rectangle est un dossier ; sa surface suit le nombre de fichiers et de dossiers qu'il contenait. Le tableau dit la même chose.
report-map-summary = { $count ->
    [one] Plan d'un dossier
   *[other] Plan de { $count } dossiers
}{ $hurt ->
    [0] , aucun n'est touché.
    [one] , dont un est touché.
   *[other] , dont { $hurt } sont touchés.
}
report-places-caption = Les dossiers, et ce qui leur est arrivé
report-place-files = fichiers hors dossier
report-place-others = { $count ->
    [one] un autre dossier
   *[other] { $count } autres dossiers
}
report-shade-sound = rien à signaler
report-shade-open = douteux ou inconnu
report-shade-few = moins d'un dixième abîmé ou disparu
report-shade-some = moins de la moitié
report-shade-most = la moitié ou plus
report-folders-heading = Les dossiers les plus touchés
report-folders-caption = Fichiers de chaque dossier, sans ses sous-dossiers
report-folders-more = { $count ->
    [one] Un autre dossier a des fichiers abîmés.
   *[other] { $count } autres dossiers ont des fichiers abîmés.
}
report-folders-coarse = Il y a tant de dossiers que certains sont comptés avec celui qui les contient.
report-versions-heading = Ce qui peut être rendu
report-versions-caption = Fichiers abîmés, selon la sauvegarde qui a leur dernière version saine
report-version = { $time } (instantané { $snapshot })
report-versions-older = sauvegardes plus anciennes
report-versions-none = sans version saine connue
report-files-heading = Les fichiers
report-files-caption = Fichiers abîmés, laissés par l'attaquant, douteux ou inconnus
report-files-more = { $count ->
    [one] Un autre fichier n'est pas cité ici.
   *[other] { $count } autres fichiers ne sont pas cités ici.
}
report-files-all = La liste entière, pour les informaticiens :
report-col-what = fichiers
report-col-files = nombre
report-col-share = part
report-col-hurt = abîmés
report-col-gone = disparus
report-col-open = douteux ou inconnus
report-col-backup = sauvegarde
report-col-graph = abîmés, en proportion
report-col-entries = contenait
report-col-file = fichier
report-col-state = état
report-col-why = pourquoi
report-col-clean = dernière version saine
report-method-heading = Méthode et limites
report-method-content = Deux sauvegardes ont été comparées. Ce qui a le même contenu est compté intact. De chaque fichier changé, les deux versions ont été relues dans le coffre, qui vérifie chaque octet ; un fichier n'est dit abîmé que si ce qui était en ordre avant ne l'est plus. Les sauvegardes entre les deux disent quand cela se voit d'abord, et laquelle a la dernière version saine.
report-method-disk = Chaque fichier du dossier a été lu et comparé à la sauvegarde, octet par octet. Ce qui a le même contenu est compté intact. Pour chaque autre fichier, la version gardée a été relue dans le coffre ; un fichier n'est dit abîmé que si ce qui était en ordre avant ne l'est plus. Ce qu'une machine montre de son propre disque n'est vrai que si elle a été démarrée sur un support propre.
report-method-facts = Deux sauvegardes ont été comparées. Ce qui a le même contenu est compté intact. Pour le reste, ce rapport croit ce que chaque machine avait noté en sauvegardant ; une machine aux mains d'un attaquant a pu noter autre chose.
report-limits-heading = Ce qui n'est pas prouvé
report-limit-same = Qu'un fichier intact soit juste : il est tel qu'il était à la sauvegarde d'avant, qui pouvait déjà être atteinte.
report-limit-unknown = Ce que valent les fichiers douteux et inconnus. Certaines sortes de fichiers ne disent pas s'ils sont en ordre, et un changement habile de quelques octets peut passer pour un travail normal.
report-limit-machines = Que les machines soient propres : ce rapport parle de fichiers, pas de programmes installés ni de mots de passe volés.
report-limit-kept = Rien n'est dit de ce qui n'était pas sauvegardé, ni de ce qui a changé depuis la dernière sauvegarde.
report-next-heading = Que faire
report-next-cut = Débrancher du réseau les machines qui écrivent dans ces dossiers, sans les éteindre.
report-next-keep = Ne rien effacer ni réinstaller avant d'avoir parlé aux enquêteurs ; porter plainte, prévenir la CNIL sous 72 heures si des données personnelles sont touchées.
report-next-restore = Restaurer ailleurs, dans un dossier vide et sur une machine saine, et faire regarder les fichiers douteux et inconnus.
report-next-answer = Quand tout est compris, répondre à l'alarme : tant que personne n'a répondu, rien d'ancien n'est effacé.
report-foot = Ce rapport cite des dossiers et des fichiers de la collectivité : il est fait pour elle. Ne le publiez pas, et n'en donnez que les chiffres à l'extérieur.
arg-damage-html = Écrire aussi un rapport à lire dans un navigateur, que tout le monde comprend (un nouveau fichier, ou un ancien rapport)

## notify

say-notice-sent = Prévenu : { $recipient } ({ $way }).
say-notice-not-sent = Pas prévenu : { $recipient } ({ $way }) : { $words }
say-notice-behind = Pas encore prévenu : { $recipient } ({ $way }) ; un avis d'avant n'est pas passé.
say-notice-late = Pas encore prévenu : { $recipient } ({ $way }) ; il n'a pas répondu à temps.
say-notice-given-up = Un avis pour { $recipient } est abandonné : il attend depuis plus de quatorze jours, ou ce destinataire n'est plus dans notify.toml.
say-notice-nobody = Personne n'est prévenu : il n'y a pas de notify.toml sur cette machine (docs/notify.md).
say-notice-failed = Personne n'a pu être prévenu : { $words }
say-notices-untold = { $count ->
    [one] Un avis n'est pas passé.
   *[other] { $count } avis ne sont pas passés.
} Une sauvegarde réessaie d'elle-même ; « beffroi notify send » réessaie tout de suite ce qui attend.
notice-alarm-title = ALARME Beffroi
notice-alarm-title-of = ALARME Beffroi : { $source } ({ $host })
notice-watch-title = Beffroi : à regarder
notice-watch-title-of = Beffroi : à regarder dans { $source } ({ $host })
notice-alarm = Ce qu'une sauvegarde vient de lire semble attaqué (sauvegarde du { $time }).
notice-alarm-of = Ce que la sauvegarde de « { $source } » vient de lire sur { $host } semble attaqué (sauvegarde du { $time }).
notice-watch = Une sauvegarde a vu quelque chose d'inhabituel (sauvegarde du { $time }).
notice-watch-of = La sauvegarde de « { $source } » sur { $host } a vu quelque chose d'inhabituel (sauvegarde du { $time }).
notice-why = Pourquoi :
notice-next = Que faire :
notice-next-cut = 1. Débranchez du réseau les machines qui écrivent là, sans les éteindre. Les sauvegardes d'avant restent intactes.
notice-next-ask = 1. Demandez si quelqu'un a fait un travail qui l'explique.
notice-next-explain = 2. Sur un poste sain, avec la trousse de secours : beffroi alarm explain { $snapshot }
notice-next-damage = 3. Puis, pour savoir quels fichiers sont abîmés et depuis quand : beffroi damage --html rapport.html
notice-foot = Avis { $id }. Le même numéro veut dire le même événement. Aucun nom de fichier n'est envoyé.
notice-trial-title = Essai de Beffroi : cet avis est bien arrivé
notice-trial = Ceci est un essai, demandé le { $time } pour « { $recipient } ». Il ne s'est rien passé. Une vraie alarme arrive par ce chemin, et commence par le mot ALARME.
err-notify-none = il n'y a pas de fichier { $path }
rec-notify-none = docs/notify.md en montre un ; ou donnez-en un autre avec --notify FILE.
err-notify-nobody = aucun destinataire de ce nom
rec-notify-nobody = Les destinataires sont : { $names }
err-notify-at = qui prévenir : { $path }
err-notify-line = la ligne { $line } n'est pas comprise
rec-notify-line = docs/notify.md décrit tous les champs.
err-notify-ways = « { $recipient } » doit avoir un seul de smtp, webhook, ntfy et command
err-notify-clear = « { $recipient } » : le courrier pour { $server } partirait en clair
rec-notify-clear = Écrivez security = "starttls" ou "tls" ; « none » ne vaut que pour cette machine même.
err-notify-one-secret = « { $recipient } » : il faut une seule place pour le secret, et un utilisateur avec son mot de passe
err-notify-field = « { $recipient } » : le champ { $field } n'a pas de sens
err-notify-many = il y a plus de { $max } destinataires
err-notify-secret-at = le secret { $path } n'est pas lisible
err-notify-secret-loose = le secret { $path } peut être lu par d'autres (droits { $mode })
rec-notify-secret-loose = Tapez : chmod 600 { $path }
err-notify-secret-malformed = { $path } ne contient pas un secret d'une seule ligne
err-notify-credential = systemd n'a pas donné de secret nommé { $name }
rec-notify-credential = Ajoutez LoadCredential={ $name }:/chemin à l'unité qui lance la commande.
err-notify-ca = les certificats de { $path } sont inutilisables
rec-notify-ca = Le fichier doit contenir des certificats au format PEM.
err-notify-unreachable = { $place } n'est pas joignable
rec-notify-unreachable = Vérifiez le nom, le port, et que cette machine a le droit de sortir.
err-notify-timeout = { $place } n'a pas répondu à temps
rec-notify-timeout = Un pare-feu arrête-t-il cette connexion ?
err-notify-certificate = le certificat de { $place } n'est pas digne de foi
rec-notify-certificate = Si l'autorité est celle de la collectivité, donnez son certificat avec ca_file ; sinon, quelqu'un est peut-être entre les deux.
err-notify-no-encryption = { $place } ne propose pas de chiffrement, et rien n'a été envoyé
rec-notify-no-encryption = Prenez un port chiffré (465 avec security = "tls"), ou demandez-le à l'hébergeur.
err-notify-login = { $place } refuse l'identification ({ $code })
rec-notify-login = Vérifiez le nom et le fichier du secret.
err-notify-later = { $place } ne prend pas l'avis maintenant ({ $code })
err-notify-refused = { $place } refuse l'avis ({ $code })
rec-notify-refused = Vérifiez l'adresse, et que l'expéditeur a le droit d'écrire.
err-notify-redirected = { $place } renvoie ailleurs ({ $code }), et un secret ne suit pas
rec-notify-redirected = Écrivez l'adresse définitive dans notify.toml.
err-notify-protocol = l'échange avec { $place } a échoué
err-notify-command = la commande { $place } ne démarre pas
err-notify-command-failed = la commande { $place } a échoué ({ $status })
err-notify-command-slow = la commande { $place } n'a pas fini à temps, et a été arrêtée
help-notify = Essayer si les gens sont prévenus, et envoyer les avis qui attendent
help-notify-test = Envoyer un essai à chaque destinataire, et dire ce qui est arrivé
help-notify-send = Envoyer maintenant les avis qui attendent
arg-notify = Qui prévenir [BEFFROI_NOTIFY ; /etc/beffroi/notify.toml pour root, sinon ~/.config/beffroi/notify.toml]
arg-notify-test-to = Seulement ce destinataire

## hunt

help-hunt = Trouver où se trouve, ou se trouvait, ce que l'on sait mauvais, dans tout ce qui est gardé
arg-sha256 = Le SHA-256 de son contenu, en hexadécimal ; peut se répéter
arg-hunt-name = Son nom, ou un motif, comme dans .gitignore ; peut se répéter
arg-list = Un fichier de SHA-256, un par ligne, comme les écrit sha256sum
arg-hunt-source = Seulement cette source
say-hunt-name-there = { $path } ({ $source }, { $host }) : par son nom ; depuis { $first } ({ $first_time }), toujours là
say-hunt-content-there = { $path } ({ $source }, { $host }) : par son contenu ; depuis { $first } ({ $first_time }), toujours là
say-hunt-name-gone = { $path } ({ $source }, { $host }) : par son nom ; de { $first } ({ $first_time }) à { $last } ({ $last_time })
say-hunt-content-gone = { $path } ({ $source }, { $host }) : par son contenu ; de { $first } ({ $first_time }) à { $last } ({ $last_time })
say-hunt-done = { $found ->
    [0] Rien n'a été trouvé
    [one] Une version de fichier a été trouvée
   *[other] { $found } versions de fichiers ont été trouvées
} parmi { $files } qui sont gardées ; { $bytes } lus.
say-hunt-unread = { $count ->
    [one] Un fichier ou dossier est illisible : on n'en sait rien.
   *[other] { $count } fichiers ou dossiers sont illisibles : on n'en sait rien.
}
err-hunt-digest = « { $digest } » n'est pas un SHA-256
rec-hunt-digest = Écrivez 64 chiffres hexadécimaux.
err-hunt-list = la ligne { $line } ne commence pas par un SHA-256
rec-hunt-list = Écrivez-en un par ligne : 64 chiffres hexadécimaux, puis ce que vous voulez.
err-hunt-list-long = c'est trop long pour une liste de SHA-256

## clean

help-clean = Prévoir à quoi revient chaque fichier : sa dernière version saine ; rien ne bouge encore
arg-plan = Le plan : fait s'il n'y est pas, sinon montré et changé
arg-since = Un instantané tenu pour sain, ou un moment après lequel des fichiers peuvent être abîmés [le dernier avant une alarme sans réponse, sinon l'avant-dernier]
arg-clean-source = La source
arg-keep = Laisser ce chemin, ou tout ce qui est dessous, comme il est ; peut se répéter
arg-drop = Enlever ce chemin, ou tout ce qui est dessous ; peut se répéter
arg-take = Rendre la dernière version saine de ce chemin, ou de tout ce qui est dessous ; peut se répéter
arg-csv = Écrire aussi un tableau pour LibreOffice et d'autres
say-clean-made = { $versions } versions changées ont été examinées ; { $sound } changements sont sains et restent.
say-plan-table = Le tableau est dans { $path }.
say-plan-later = { $count ->
    [one] Un instantané plus récent n'est pas dans ce plan.
   *[other] { $count } instantanés plus récents ne sont pas dans ce plan.
} Pour en faire un nouveau, déplacez { $path }.
say-plan-head = { $source } : ce qui revient autrement que dans { $to } ({ $to_time }), à partir de ce qui était sain dans { $from } ({ $from_time })
say-plan-next = Rien n'a bougé. Changez le plan par --keep, --drop et --take ; puis : beffroi restore --plan { $path } --to DOSSIER --overwrite if-damaged
say-plan-take = rendre
say-plan-drop = enlever
say-plan-keep = laisser et regarder
col-action = que faire
col-path = chemin
col-path-now = où il est maintenant
col-class = ce qu'il est devenu
col-reasons = pourquoi
col-seen = vu d'abord
col-sound = dernière version saine
col-bytes = octets
col-mended = réparés
col-kept = à regarder
err-plan-there = il y a déjà un plan dans { $path }
rec-plan-there = Enlevez --since pour le voir et le changer, ou nommez un autre fichier.
err-plan-table = { $path } existe, et n'est pas le tableau d'un plan
rec-plan-table = Nommez un autre fichier par --csv.
err-plan-path = le plan ne nomme pas { $path }
rec-plan-path = Ce qu'il ne nomme pas reste comme il est. « beffroi clean --plan FICHIER -v » montre tout ce qu'il nomme.
err-plan-vault = le plan est d'un autre coffre
err-plan-snapshot = le plan a besoin de l'instantané { $id }, qui n'y est pas
rec-plan-snapshot = Faites un nouveau plan.
err-plan-none = ce n'est pas un plan
err-plan-missing = il n'y a pas de plan dans { $path }
rec-plan-missing = Faites-le d'abord : beffroi clean --plan { $path }
err-plan-later = le plan est d'un programme plus récent (version { $version })
err-plan-line = la ligne { $line } du plan n'a pas de sens
err-plan-incomplete = le plan a { $found } lignes et devrait en avoir { $told }
rec-plan-incomplete = Refaites-le.
err-clean-since = aucun instantané n'est aussi ancien ; le plus ancien est du { $oldest }

## restore --plan, restore --overwrite if-damaged

arg-evidence = Garder les fichiers abîmés dans ce dossier, chacun sous son chemin, avant de les remplacer (avec --overwrite if-damaged)
arg-restore-plan = Rendre ce que dit ce plan de « beffroi clean »
say-repair-done = { $path } est réparé{ $left ->
    [0] {""}
   *[other] {" "}en partie
} : { $back } fichiers et dossiers rendus ({ $bytes }), { $cleared } laissés par l'attaquant enlevés, { $intact } intacts et { $edited } modifiés ou nouveaux non touchés ; { $time }.
say-repair-open = { $count ->
    [one] Un fichier est douteux ou inconnu et reste comme il est.
   *[other] { $count } fichiers sont douteux ou inconnus et restent comme ils sont.
}
say-repair-question = { $class }, reste comme il est : { $path }
err-evidence-alone = --evidence sert à une réparation
rec-evidence-alone = Ajoutez --overwrite if-damaged.
err-evidence-move = { $path } ne peut pas être mis de côté
err-evidence-folder = le dossier des preuves
err-repair-part = { $path } n'est pas un dossier, et une réparation est celle d'un dossier
rec-repair-part = Une seule chose est rendue par --overwrite always.
err-repair-inner = { $path } est un des dossiers gardés ensemble, et ce qui est gardé les nomme chacun par son chemin entier
rec-repair-inner = Donnez le dossier où ils sont tous : --to { $above }
say-repair-elsewhere = Le lien { $path } mène à { $now } et non à { $kept } comme dans le coffre ; il reste comme il est.
say-repair-attributes = { $count ->
    [one] Un fichier ou dossier qui reste a un autre propriétaire ou d'autres droits que dans le coffre (--json le cite).
   *[other] { $count } fichiers ou dossiers qui restent ont d'autres propriétaires ou d'autres droits que dans le coffre (--json les cite).
}
err-target-changed = { $path } a été modifié entre-temps et reste comme il est ; la même commande le regarde de nouveau
err-evidence-full-folder = un dossier qui n'est pas vide est en travers ({ $path }) : regardez-le, et déplacez-le
err-evidence-file = un fichier se trouve en { $path }, où il n'y en avait pas ; avec --evidence DOSSIER, il y est mis et ce qui était gardé revient
err-evidence-inside = le dossier des preuves est dans le dossier à réparer
rec-evidence-inside = Choisissez-en un ailleurs.

## attest

help-attest = Prouver, signé, ce qui dans un dossier est bit pour bit ce qui avait été gardé
help-attest-verify = Dire si une attestation est bien ce qu'un propriétaire a signé
arg-of = Un instantané, et le dossier qui lui est comparé ; avec --plan seulement le dossier
arg-out = Où l'attestation est écrite (un nouveau fichier)
arg-attest-plan = Comparer le dossier à ce que ce plan rend
arg-clean-boot = Qui déclare que la machine a été démarrée sur un support propre
arg-attest-html = Écrire aussi une page à imprimer (un nouveau fichier, ou un ancien rapport)
arg-attest-verify-file = L'attestation
arg-owner = La clé publique du propriétaire, comme la donne une page d'attestation ou « attest verify »
attest-title = Attestation : { $source }
attest-heading = Attestation d'intégrité
attest-compared = Chaque fichier de { $folder } a été lu et comparé, octet par octet, à ce que Beffroi avait gardé de « { $source } » de la machine { $host } le { $time } (instantané { $snapshot }). La lecture s'est terminée le { $ended }.
attest-sound = { $count ->
    [one] Un fichier est identique, bit pour bit, à ce qui avait été gardé. Rien n'est abîmé, absent ni inconnu.
   *[other] { $count } fichiers sont identiques, bit pour bit, à ce qui avait été gardé. Rien n'est abîmé, absent ni inconnu.
}
attest-not-sound = { $count ->
    [one] Un fichier est identique, bit pour bit, à ce qui avait été gardé ; d'autres sont abîmés, absents ou inconnus.
   *[other] { $count } fichiers sont identiques, bit pour bit, à ce qui avait été gardé ; d'autres sont abîmés, absents ou inconnus.
}
attest-boot = { $name } déclare que la machine avait été démarrée sur un support propre.
attest-no-boot = Déclaré, non prouvé : personne ne déclare que la machine avait été démarrée sur un support propre, et ce qu'une machine aux mains d'un attaquant montre de son disque peut être faux.
attest-counts = Ce qui a été trouvé
attest-identical = Identiques, bit pour bit
attest-edited = Changés depuis, et en ordre
attest-new = Non gardés : nouveaux, ou laissés là
attest-damaged = Abîmés
attest-missing = Absents
attest-unknown = Douteux ou inconnus
attest-unread = Dossiers dont une partie n'a pas pu être lue
attest-others = Les fichiers qui ne sont pas identiques
attest-more = { $count ->
    [one] Un de plus est dans le fichier de l'attestation.
   *[other] { $count } de plus sont dans le fichier de l'attestation.
}
attest-signature = Signature
attest-how = Le propriétaire du coffre a signé le fichier de cette attestation. « beffroi attest verify FICHIER » dit s'il est inchangé ; docs/attestation.md dit comment le vérifier sans Beffroi. Cette page n'est pas signée : c'est le fichier qui compte.
attest-owner = Clé publique du propriétaire (Ed25519)
attest-digest = SHA-256 de la déclaration
attest-signed = Signature de la déclaration
say-attest-done = { $path } : { $identical } fichiers identiques, { $edited } changés et en ordre, { $damaged } abîmés, { $missing } absents, { $unknown } douteux ou inconnus.
say-attest-other = { $class } : { $path }
say-attest-no-boot = Déclaré, non prouvé : --clean-boot NOM dit qui déclare que cette machine a été démarrée sur un support propre.
say-attest-valid = Valable, signée par le propriétaire ({ $owner }) : { $identical } fichiers sur { $files } de « { $source } » dans { $folder } étaient identiques le { $time }.
say-attest-signed = Inchangée depuis que { $owner } l'a signée : { $identical } fichiers sur { $files } de « { $source } » dans { $folder } étaient identiques le { $time }. De qui est cette clé, le fichier ne peut pas le dire : donnez le coffre (--vault) ou la clé du propriétaire (--owner).
err-attest-out = rien ne dit où va l'attestation
rec-attest-out = Ajoutez --out FICHIER.
err-attest-what = attest a besoin d'un instantané et d'un dossier, ou d'un plan et d'un dossier
rec-attest-what = beffroi attest INSTANTANÉ DOSSIER --out FICHIER, ou beffroi attest --plan FICHIER DOSSIER --out FICHIER
err-attest-none = ce n'est pas une attestation
err-attest-later = l'attestation est d'un programme plus récent (version { $version })
err-attest-forged = l'attestation a été changée après sa signature, ou n'a jamais été signée
rec-attest-forged = Ne vous y fiez pas. Redemandez le fichier à qui l'a faite.
err-attest-owner = l'attestation a été signée par une autre clé : { $owner }
err-attest-vault = l'attestation est d'un autre coffre

## exercise: the repair

say-part-clean = prévoir la réparation
say-part-repair = réparer sur place
say-part-repair-compare = comparer
say-part-attest = attester
say-exercise-repair = Le plan a pris { $plan_time }, la réparation sur place { $time } : { $back } fichiers rendus ({ $bytes }), { $dropped } laissés par l'attaquant enlevés, { $untouched } non touchés, { $open } laissés à regarder par quelqu'un.
say-exercise-mended = Après la réparation, tout est comme avant l'attaque, au dernier octet.
say-exercise-unmended = Après la réparation, { $count ->
    [one] une chose n'est pas
   *[other] { $count } choses ne sont pas
} comme avant l'attaque (voir plus haut).
say-exercise-notes = { $count ->
    [one] Une note de l'attaque est encore là : dans un dossier ou deux, rien ne la distingue d'un nouveau fichier à vous.
   *[other] { $count } notes de l'attaque sont encore là : dans un dossier ou deux, rien ne les distingue de nouveaux fichiers à vous.
}
say-exercise-attested = L'attestation, signée et vérifiée, a pris { $time } : { $attested } fichiers sont bit pour bit ce qui avait été gardé, { $others } ne le sont pas.
err-exercise-mended = l'exercice a échoué : après la réparation, { $count } choses ne sont pas comme avant l'attaque (voir plus haut)
rec-exercise-mended = Rien n'a été fait à votre dossier. Merci de le signaler avec le nom de l'attaque et le nombre (seed) ; les fichiers restent chez vous.

## exercise --html

arg-exercise-html = Écrire aussi l'histoire sur une page à lire dans un navigateur (un nouveau fichier, ou un ancien rapport)
rehearsal-heading = L'exercice
rehearsal-lead = Le { $time }, Beffroi { $program } a répété le mauvais jour sur la machine { $host }, avec une copie de { $folder } (nombre { $seed }). Rien n'a été changé dans le dossier lui-même.
rehearsal-passed = Réussi : tout ce qui était gardé est revenu, l'attaque a donné l'alarme, tout le mal a été dit et réparé, et rien d'autre n'a été touché.
rehearsal-failed = Non réussi : voir plus bas ce qui n'est pas comme il faut.
rehearsal-told = Ce qui a donné l'alarme, et ce qui a été dit
rehearsal-mended = Ce qui a été réparé
rehearsal-times = Combien de temps chaque étape a pris
rehearsal-caption = Les étapes de l'exercice, dans l'ordre, mesurées sur cette machine
rehearsal-foot = L'attaque était inoffensive : ce programme l'a faite sur sa propre copie et avec sa propre clé ; la copie n'existe plus. Les durées sont celles de cette machine ce jour-là.

## mount

help-mount = Montrer le coffre comme un dossier en lecture seule, jusqu'à Ctrl-C
arg-mount-folder = L'endroit où il apparaît : un dossier vide
arg-mount-plan = Montrer aussi, sous « clean », ce que rend ce plan de « beffroi clean »
arg-mount-allow-other = Laisser regarder d'autres que vous, chacun selon les droits des fichiers
arg-mount-cache-mib = Prendre environ N Mio pour ce qui a été lu et pour les noms (16 au moins)
say-mounted = { $path } montre { $snapshots ->
    [one] un instantané
   *[other] { $snapshots } instantanés
} { $sources ->
    [one] d'une source
   *[other] de { $sources } sources
}, en lecture seule. Ctrl-C le retire.
say-mount-busy = Le dossier est retiré. Quelqu'un y a encore quelque chose d'ouvert : attente de { $seconds } s ; Ctrl-C termine tout de suite.
say-mount-cut = Ce qui était encore ouvert est fermé.
err-mount-taken = { $path } n'est pas vide
rec-mount-taken = Donnez un dossier vide : ce qu'il contient serait invisible pendant ce temps.
err-mount-left = { $path } appartient encore à un programme qui s'est arrêté brutalement
rec-mount-left = umount { $path }   (sans être root : fusermount3 -u { $path })
err-mount-in-vault = { $path } est dans le coffre lui-même
rec-mount-in-vault = Donnez un dossier vide hors du coffre.
err-mount-others = le système n'autorise pas d'autres à regarder { $path }
rec-mount-others = Que root écrive la ligne « user_allow_other » dans /etc/fuse.conf ; ou lancez cette commande en tant que root.
err-mount-folder = le dossier { $path } est inutilisable
err-mount-refused = le système ne peut pas montrer le coffre dans { $path }
rec-mount-refused = Y a-t-il un /dev/fuse (modprobe fuse) ? Sans être root, il faut aussi fusermount3 (apt-get install fuse3).
err-mount-ended = { $path } n'est plus montré
err-mount-away = { $path } n'a pas pu être retiré
rec-mount-away = umount { $path }

## plan, prioritise

help-plan = Montrer ce qu'un plan rend, dans quel ordre et en combien de temps ; ou en faire un d'un instantané entier
arg-plan-file = Le plan
arg-plan-snapshot = Faire un plan qui rend tout cet instantané
help-prioritise = Dire ce qu'un plan rend d'abord ; une restauration en cours l'entend
arg-prioritise-file = Le plan
arg-prioritise-paths = Revient avant tous les autres, avec tout ce qu'il contient ; ce qui a été dit avant le suit
arg-clear = Oublier ce qui a été dit avant
say-phase-named = { $path }
say-phase-rest = tout
say-phase-small-recent = petits fichiers de l'année
say-phase-small-older = petits fichiers plus anciens
say-phase-large-recent = fichiers de plus de 1 Mio de l'année
say-phase-large-older = fichiers de plus de 1 Mio plus anciens
say-phase-total = en tout
col-phase = quoi, dans cet ordre
col-phase-files = fichiers
col-phase-read = lu dans le coffre
col-phase-after = rendu après
say-plan-of = { $source } comme dans { $snapshot } du { $time }{ $take ->
    [0] {""}
    [one] , avec un fichier d'un instantané antérieur
   *[other] , avec { $take } fichiers d'instantanés antérieurs
}{ $drop ->
    [0] {""}
    [one] , sans un qui s'y trouve
   *[other] , sans { $drop } qui s'y trouvent
}
say-plan-run = Le rendre : beffroi restore --plan { $path } --to DIR. Ce qui vient d'abord : beffroi prioritise { $path } CHEMIN…, même pendant qu'elle tourne.
say-plan-rate = Les durées sont au débit du { $when } : { $entries } entrées en { $time }, { $rate } par seconde.
say-plan-no-rate = On ne sait pas combien de temps cela prend : rien n'a encore été rendu sur cette machine. « beffroi exercise » le mesure.
say-order-heard = L'ordre a changé : { $paths } vient d'abord.
say-order-cleared = L'ordre a changé.
err-plan-file = il y a déjà un plan dans { $path }
rec-plan-file = Omettez l'instantané pour le voir, ou nommez un autre fichier.
err-prioritise-path = le plan ne rend rien de ce nom : { $path }
rec-prioritise-path = Écrivez le chemin depuis la racine de la source ; « beffroi ls » et « beffroi find » le montrent.

## clean of several sources

err-clean-source = le coffre garde plusieurs sources : { $sources }
rec-clean-source = Nommez-en une avec --source, ou donnez à --plan un dossier existant : chaque source y a son propre plan.
err-clean-folder = { $path } est un dossier de plans
rec-clean-folder = Nommez un des plans qu'il contient pour le changer ou en écrire le tableau.
