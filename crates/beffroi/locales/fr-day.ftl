# Ce que lisent les gens, en français : le retour des services et la journée d'exercice.

## recover

help-recover = Remettre les services en route dans l'ordre : rendre leurs sources, les démarrer, les vérifier, demander aux passages
arg-recover-services = Des noms de la carte, avec tout ce dont ils dépendent [tout ce qui est tombé]
arg-recover-to = Le dossier sous lequel les sources sont rendues, chacune sous son nom ; relancé avec le même, le retour continue
arg-command-minutes = Après combien de minutes une commande de la carte est arrêtée [10]
arg-assume-yes = Personne n'est interrogé : pour les exercices
ask-recover = [o]ui / [p]lus tard / [n]on { "" }
err-recover-nobody = personne n'est là pour répondre
rec-recover-nobody = Lancez-le dans un terminal ; dans un exercice, --assume-yes répond à toutes les questions.
err-recover-child = ce programme ne se retrouve pas lui-même
err-recover-start = { $program } ne peut pas être lancé
err-recover-ground = d'autres ont pu écrire dans ce dossier, ou c'est un lien : rien de ce qu'il contient n'est à croire
rec-recover-ground = Choisissez un autre dossier avec --to, sur un disque de cette machine et sous un dossier où vous seul pouvez écrire.
err-recover-vault = ce qui a été rendu ici vient d'un autre coffre
rec-recover-vault = Choisissez un autre dossier avec --to.
err-recover-name = { $source } ne donne pas de dossier à lui
rec-recover-name = Rendez-le à la main : beffroi clean, puis beffroi restore --plan.
err-recover-taken = { $path } est déjà là, et ce retour ne l'y a pas mis
rec-recover-taken = Regardez ce que c'est et déplacez-le, ou choisissez un autre dossier avec --to.
err-recover-plan-other = le plan n'est pas un plan de { $source }
rec-recover-plan-other = Déplacez le plan : un nouveau sera fait.
err-recover-plan-changed = le plan a été changé après le début du retour
rec-recover-plan-changed = Remettez le plan comme il était, ou choisissez un autre dossier avec --to.
err-recover-plan-old = { $count ->
    [one] le plan ne sait rien d'un instantané plus récent
   *[other] le plan ne sait rien de { $count } instantanés plus récents
}
rec-recover-plan-old = Déplacez le plan : un nouveau sera fait.
err-recover-commands = rien n'a été remis en route : les commandes de la carte n'ont pas été acceptées
rec-recover-commands = Lisez les commandes dans la carte, ôtez ce qui n'a rien à y faire, et relancez.
err-recover-program = ce programme se trouve dans ce qui a été rendu ; nommez-en un de cette machine
day-other-map = La carte n'est pas celle avec laquelle le journal a été ouvert : quelqu'un l'a changée depuis, ou c'en est une autre. Lisez-la avant de continuer.
day-commands = Ces programmes de la carte { $path } seraient lancés avec vos droits (SHA-256 { $sha }) :
day-ask-commands = Quelqu'un qui les connaît les a-t-il lus, et peuvent-ils être lancés ?
day-board = { $back } sur { $total } de retour
day-begin = { $place }/{ $total } { $name }. { $reason }
day-back = { $name } : de retour, après { $time }.
day-later = { $name } : plus tard.
day-not-working = { $name } : ne marche pas encore.
day-stopped = { $name } : arrêté, après { $time }.
day-waits = { $name } attend : { $names }
day-not-back = { $name } n'est pas de retour : réparez, et relancez.
day-put-off = { $name } a été remis à plus tard.
day-done = { $back } sur { $total } de retour, après { $time }.
day-ask-host = { $name } : une machine saine est-elle prête (environ { $time } selon la carte) ?
day-ask-provider = { $name } répond-il à nouveau (téléphone : { $phone }) ?
day-ask-service = { $name } : cela marche-t-il, et peut-on ouvrir ?
day-ask-service-owner = { $name } : cela marche-t-il, de l'avis de { $owner }, et peut-on ouvrir ?
day-source-there = { $source } : déjà rendu.
day-source-given = { $source } : { $entries ->
    [one] une entrée
   *[other] { $entries } entrées
}, { $bytes } en { $time } ; { $mended ->
    [0] tout comme dans le dernier instantané
    [one] un chemin dans sa dernière version saine
   *[other] { $mended } chemins dans leur dernière version saine
}.
day-step-plan = recherche des dernières versions saines de { $source }
day-step-restore = rend { $source }
day-step-start = démarrage
day-step-probe = attend une réponse
day-step-check = vérification
day-step-plan-failed = Pas de plan pour { $what } (code { $code }) : { $said }
day-step-restore-failed = { $what } n'a pas été rendu entier (code { $code }) : { $said }
day-step-probe-failed = Pas de réponse : { $what } (code { $code }) { $said }
day-command-done = { $step } : fait en { $time }
day-command-slow = elle n'a pas fini en { $minutes } min, et a été arrêtée (--command-minutes)
day-command-failed = { $what } a fini avec le code { $code } : { $said }

## exercise sans dossier

arg-exercise-folder = Le dossier sur lequel s'exercer, en copie [un petit village inventé, et toute sa journée]
arg-exercise-to = Où restent la page, la fiche de preuve et le journal [beffroi-exercise-HEURE]
day-heading = La journée, répétée
day-foot = Fait par beffroi exercise sur un village inventé ; rien n'a été touché sur cette machine qu'un dossier temporaire et le dossier de cette page.
day-lead = Un petit village a été inventé sur la machine { $host }, sauvegardé, attaqué et remis en route le { $time }, avec Beffroi { $program } (graine { $seed }).
day-passed = Réussi : tout est revenu, octet pour octet, à temps, et c'est prouvé.
day-failed = Pas réussi : voyez ce qui est marqué ci-dessous.
day-times-heading = Les temps, à côté des objectifs et de vraies villes
day-times-caption = Ce qui a été mesuré sur cette machine, en combien de temps cela doit être fait, et ce qu'il a fallu à de vraies villes
day-services-heading = Les services
day-services-caption = Quand chaque service était de retour, compté depuis le moment où l'on savait
day-seen-heading = Ce qui a été vu
day-limits-heading = Ce que ces temps ne disent pas
day-limit-people = Le temps des gens n'y est pas : personne n'a été réveillé, réuni, convaincu, personne n'a signé ; chaque passage a été ouvert par oui. Répétez cela avec des gens.
day-limit-size = Le village est petit. Combien de temps prennent vos octets, « beffroi exercise DOSSIER » le mesure sur vos propres dossiers.
day-limit-towns = Les chiffres des villes viennent de la presse et de rapports publics (docs/exercise.md les nomme) ; ils comptent les journées entières d'administrations entières.
day-col-what = Quoi
day-col-measured = Mesuré
day-col-objective = Objectif
day-col-met = Tenu
day-col-towns = De vraies villes
day-col-service = Service
day-col-bears = Supporte
day-met = oui
day-not-met = non
day-not-measured = pas mesuré
day-service-up = a marché toute la journée
day-service-down = pas revenu
day-what-told = alarme, depuis le début de la sauvegarde
day-what-decided = journal ouvert, T0 scellé
day-what-extent = étendue connue
day-what-ordered = ordre du retour
day-what-spoken = de quoi publier
day-what-written = plainte et notification rédigées
day-what-registry = état civil de retour
day-what-pay = on peut payer les gens
day-what-all = tous les services de retour
day-what-proved = signé, ce qui est sain
day-towns-told = 1 h par hasard (Caen) à 27 jours (Dallas)
day-towns-decided = 3 h (Marseille) à 12 h (Kalix)
day-towns-extent = plus de 3 jours (Ardèche), 9 (Angers), 12 (Südwestfalen-IT)
day-towns-ordered = 12e jour (Südwestfalen-IT)
day-towns-spoken = des heures à des jours, par les réseaux sociaux
day-towns-written = à la main, en 72 h
day-towns-registry = un mois (Caen), 32 jours (Marseille), 6 semaines (Südwestfalen-IT)
day-towns-pay = 8 jours (Kalix), 3 à 6 mois ailleurs
day-towns-all = 37 jours pour 90 % (Dallas), 5 mois (Angers), 11 (Südwestfalen-IT)
day-towns-proved = 26 jours pour une attaque qui n'en était pas une (Tewkesbury)
day-part-village = le village est inventé
day-part-night = la veille au soir : tout est sauvegardé
day-part-attack = l'attaque
day-part-alarm = la sauvegarde suivante sonne
day-part-open = le journal est ouvert, T0 est scellé
day-part-evidence = les preuves sont mises de côté
day-said-circumstances = La sauvegarde de la nuit a sonné ; les fichiers du NAS ne s'ouvrent plus.
day-said-nature = rançongiciel (répété)
day-said-cause = Une attaque informatique perturbe nos services
day-said-who = la mairie, avec le dépanneur du canton
day-said-note = Le message que l'attaquant a laissé
day-said-samples = Des fichiers tels que l'attaquant les a laissés
day-part-damage = ce qui est touché, et quels services cela fait
day-part-order = l'ordre du retour
day-part-speak = communiqué, annonce, affiche
day-part-law = plainte, notifications, assureur
day-part-recover = les services reviennent
day-part-compare = chaque octet est comparé à ce qu'il y avait
day-part-attest = ce qui est sain est signé
day-part-close = fiche de preuve, point de contrôle, export, vérification
day-part-done = { $part } : { $time }
day-said-known = Nous savons que nous sommes attaqués : les échéances comptent d'ici.
day-said-hurt = ses fichiers sont touchés
day-said-suspect = à examiner avant de s'en resservir
day-said-proof = La fiche de preuve de cet exercice.
day-said-damage = L'attaquant a abîmé { $harmed } fichiers sur { $files } ; { $hurt } ont été dits touchés.
day-said-same = Les { $files } fichiers sont tous revenus tels qu'ils étaient, octet pour octet.
day-said-different = { $count } fichiers sur { $files } ne sont pas comme ils étaient.
day-said-attested = { $attested } fichiers sont attestés identiques à ce qui avait été gardé ; { $others } ne le sont pas.
day-said-drafts = { $count } brouillons ont été écrits ; { $clocks } échéances courent.
day-said-journal = Le journal a { $entries } entrées et se vérifie contre son point de contrôle : { $checkpoint }
day-said-journal-broken = Le journal ne se vérifie pas ({ $entries } entrées, point de contrôle { $checkpoint }).
day-dossier = Page, fiche de preuve, brouillons et journal : { $path }
err-day-place = d'autres pourraient mettre un dossier à eux à la place de celui de l'exercice
rec-day-place = Nommez un dossier où vous seul pouvez écrire, par TMPDIR=… ou --place. /tmp convient, tel que les systèmes le donnent.
err-day-taken = le dossier n'est pas vide
rec-day-taken = Nommez-en un autre avec --to.
err-day-part = l'exercice s'est arrêté à : { $part }
err-day-step = beffroi { $command } a fini avec le code { $code } : { $said }
err-day-failed = l'exercice n'est pas réussi
rec-day-failed = La page dit ce qui n'était pas comme il faut. Si un fichier n'est pas revenu tel qu'il était, ne vous fiez pas aux sauvegardes de cette machine avant de savoir pourquoi.
err-day-no-owner = la trousse de secours ne contient pas de clé de propriétaire : rien ne peut être signé avec elle
