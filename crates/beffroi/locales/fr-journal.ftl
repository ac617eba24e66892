# Ce que lisent les gens, en français : le journal de crise.

## Commandes et arguments

help-crisis = Tenir le journal de crise : ouvrir, noter, décider, agir, fermer
help-crisis-open = Ouvrir un journal de crise ; avec la trousse de secours (--identity), le propriétaire certifie la clé du poste
help-crisis-certify = Faire certifier par le propriétaire la clé du poste, avec la trousse de secours (--identity)
help-crisis-state = Noter l'état d'un service, d'une machine ou d'un prestataire
help-crisis-note = Noter une observation, une communication ou une pièce
help-crisis-decide = Noter une décision ; avec --t0, le moment depuis lequel la ville sait
help-crisis-act = Noter ce qui a été fait ; avec --met, l'échéance remplie
help-crisis-cost = Noter un coût en euros
help-crisis-answer = Répondre à une question d'un brouillon à laquelle personne d'autre ne peut répondre
help-crisis-close = Fermer le journal : plus rien ne s'y écrit
arg-author = Qui écrit [nom de session]
arg-happened = Quand c'est arrivé, si ce n'est pas maintenant : 14:30, 2026-11-22T14:30, ou RFC 3339
arg-confidence = À quel point l'auteur en est sûr : certain, likely (probable) ou guess (supposition)
arg-corrects = L'entrée que celle-ci corrige
arg-attach = Joindre des fichiers : leur empreinte est notée, une copie est gardée
arg-no-copy = Noter les empreintes seulement, sans garder de copie
arg-about = Le service, la machine ou le prestataire dont il s'agit
arg-crisis-open-title = Ce que dit la première entrée
arg-crisis-open-exercise = C'est un exercice
arg-crisis-state-node = Nom dans la carte de la ville
arg-crisis-state-level = up (marche), degraded (dégradé), down (en panne) ou unknown (on ne sait pas)
arg-crisis-state-how = Comment il est dégradé, ou ce qu'on en sait
arg-crisis-state-why = Pourquoi
arg-crisis-state-since = Depuis quand
arg-crisis-state-next = Quand il y aura des nouvelles
arg-crisis-note-text = Ce que lisent les gens
arg-crisis-note-kind = observation, communication ou evidence (pièce) [observation]
arg-crisis-decide-text = La décision
arg-crisis-decide-t0 = La ville sait depuis ce moment [maintenant] : toutes les échéances en partent
arg-crisis-act-text = Ce qui a été fait
arg-crisis-act-met = L'échéance remplie : complaint (plainte), cnil, cnil-complementary, nis2-warning, nis2-notification, nis2-final ou insurer (assureur)
arg-crisis-act-entity = Pour quelle entité [toutes]
arg-crisis-act-receipt = Numéro de l'accusé de réception
arg-crisis-cost-euros = Montant en euros : 1234,56
arg-crisis-cost-text = Pour quoi
arg-crisis-cost-category = Sorte de coût : aide extérieure, matériel, heures supplémentaires… [other]
arg-crisis-cost-entity = Qui le porte
arg-crisis-cost-proof = Numéro de la facture ou de la commande
arg-crisis-answer-field = La question, comme le brouillon la nomme
arg-crisis-answer-text = La réponse
arg-crisis-close-text = Ce que dit la dernière entrée
help-journal = Montrer, vérifier et transmettre le journal de crise
help-journal-show = Montrer les entrées
help-journal-verify = Vérifier chaque entrée, chaque signature et l'ordre ; avec --checkpoint, que rien n'a été coupé ni réécrit
help-journal-export = Écrire un dossier que quelqu'un d'autre peut vérifier avec des outils publics
help-journal-checkpoint = Donner la ligne à imprimer, à envoyer ou à remettre : rien de ce qui la précède ne peut plus changer sans que cela se voie
arg-journal-show-kind = De cette sorte seulement : observation, decision, action, communication, evidence ou cost
arg-journal-show-since = Depuis ce moment : 14:30, 2026-11-22T14:30, ou RFC 3339
arg-journal-verify-place = Fichier ou dossier du journal [celui qui est ouvert]
arg-journal-verify-checkpoint = Une ligne qui a été remise ; peut être répété
arg-journal-verify-owner = Exiger que ce propriétaire ait certifié la clé du poste
arg-journal-export-folder = Le dossier à écrire, nouveau ou vide

## Ce que disent les entrées

crisis-opened = Journal de crise ouvert.
crisis-opened-exercise = Journal d'exercice ouvert.
crisis-closed = Journal fermé.
crisis-certified = Le propriétaire { $owner } du coffre { $vault } certifie la clé de ce poste.
crisis-state = { $node } : { $level }
crisis-level-up = en marche
crisis-level-degraded = dégradé
crisis-level-down = en panne
crisis-level-unknown = état inconnu
journal-began = Commencé : { $command }
journal-ended = Fini avec le code { $code } : { $command }
journal-damage = { $source } : sur { $files } fichiers, { $hurt } abîmés, { $gone } disparus, { $sound } sains, { $unknown } inconnus
journal-torn = Une entrée inachevée, laissée par un arrêt brutal, a été mise de côté : { $files }
journal-kind-observation = observation
journal-kind-decision = décision
journal-kind-action = action
journal-kind-communication = communication
journal-kind-evidence = pièce
journal-kind-cost = coût
journal-known = la ville sait depuis : { $time } (T0 des échéances)
journal-state = { $known ->
    [since] depuis : { $since }
    [next] prochaines nouvelles : { $next }
   *[both] depuis : { $since } ; prochaines nouvelles : { $next }
}
journal-cost = montant : { $amount } ; catégorie : { $category } ; porté par : { $entity } ; preuve : { $proof }
journal-met = échéance remplie : { $deadline } ; pour : { $entity } ; récépissé : { $receipt }
journal-happened = arrivé : { $time }
journal-confidence-certain = certain
journal-confidence-likely = probable
journal-confidence-guess = supposition
journal-corrects = corrige l'entrée { $number }
journal-attachment = joint : { $name } ({ $size }, SHA-256 { $sha })
journal-title = Journal de crise : { $entries ->
    [one] une entrée
   *[other] { $entries } entrées
}
journal-remark-backwards = remarque : avant la ligne { $line }, l'horloge a été reculée, de { $before } à { $time }
journal-remark-torn = remarque : la dernière ligne est inachevée ({ $size }), à cause d'un arrêt brutal ; la prochaine entrée la mettra de côté
journal-remark-after = remarque : la ligne { $line } a été écrite après la fermeture

## Ce qui est dit

say-crisis-open = Journal ouvert : { $path }
say-crisis-beside = Un autre journal reste ouvert : { $path }. Les commandes écrivent là, sauf avec --journal.
say-crisis-lost = Le journal { $path } n'est plus celui qui est ouvert, car rien ne peut y être écrit : { $words }. Gardez ce qui en reste.
say-crisis-uncertified = Aucun propriétaire n'a certifié la clé de ce poste. Quand la trousse de secours est là : beffroi --identity TROUSSE crisis certify
say-crisis-certified = Clé du poste certifiée par le propriétaire { $owner }.
say-crisis-map = attention : la carte de la ville ne peut pas être lue en entier ; ses noms ne sont pas vérifiés
say-crisis-t0-moved = T0 était déjà dans l'entrée { $number } : désormais c'est celui-ci, le plus récent, qui compte, et toutes les échéances bougent avec lui. Si c'est une erreur, décidez à nouveau avec --t0 et la vraie heure.
say-crisis-closed = Les échéances courent encore quand le journal est fermé. Pour les voir : beffroi --journal { $path } deadlines
say-journal-entry = Entrée { $number } écrite.
say-journal-torn = Une entrée inachevée, laissée par un arrêt brutal, a été mise de côté dans { $path } et notée.
say-journal-checkpoint = Point de contrôle : { $checkpoint }
say-checkpoint-use = Imprimez cette ligne, envoyez-la, remettez-la à quelqu'un hors de la mairie, et notez à qui (crisis note --kind communication).
say-journal-unwritten = attention : cette commande n'est pas dans le journal : { $words }
say-journal-unsound = attention : { $path } ne se vérifie pas. Tapez « beffroi journal verify ».
say-journal-faults-more = et encore { $count ->
    [one] un défaut
   *[other] { $count } défauts
}
say-journal-sound = Le journal { $journal } se vérifie : { $entries ->
    [one] une entrée
   *[other] { $entries } entrées
}, de { $first } à { $last }.
say-journal-desk = Signé par la clé de poste { $desk }.
say-journal-owner = Clé certifiée par { $owner }, qui se dit propriétaire du coffre { $vault } (entrée { $entry }). Comparez, ou donnez --owner ou --vault.
say-journal-owner-known = Clé certifiée par { $owner }, propriétaire du coffre { $vault } (entrée { $entry }).
say-journal-no-owner = Aucun propriétaire n'a certifié cette clé.
say-journal-held = { $count ->
    [one] Le point de contrôle donné est tenu
   *[other] Les { $count } points de contrôle donnés sont tenus
} : rien de ce qui précède n'a changé depuis.
say-journal-no-checkpoint = Aucun point de contrôle donné : que la fin ait été coupée, ou le tout réécrit avec la clé du poste, ne se verrait pas.
say-journal-attachments = Pièces jointes : { $sound } conformes, { $absent } sans copie ici.
say-export-done = Écrit dans { $path } : { $entries ->
    [one] une entrée
   *[other] { $entries } entrées
}, { $files } fichiers. VERIFIER.md dit comment vérifier sans Beffroi.
say-export-absent = { $count ->
    [one] Une pièce jointe n'a pas de copie ici
   *[other] { $count } pièces jointes n'ont pas de copie ici
} : seule l'empreinte est transmise.

## Erreurs

err-time = « { $time } » n'est pas un moment
rec-time = Écrivez 14:30 (aujourd'hui), 2026-11-22T14:30, ou 2026-11-22T14:30:00+01:00.
err-time-future = { $time } est encore à venir
rec-time-future = Vérifiez le jour et l'année ; --next seul prend un moment à venir.
err-crisis-open = un journal est déjà ouvert : { $path }
rec-crisis-open = Écrivez-y, ou fermez-le : beffroi crisis close. Pour en ouvrir un autre à côté : --journal DOSSIER.
err-crisis-kit = cette trousse n'a ni clé de propriétaire ni coffre : elle ne peut rien certifier
rec-crisis-kit = Prenez la trousse de secours qui fut imprimée à la création du coffre.
err-crisis-euros = « { $given } » n'est pas un montant en euros
rec-crisis-euros = Écrivez 1234,56 : au plus deux chiffres après la virgule.
err-crisis-field = « { $field } » n'est pas le nom d'une question
rec-crisis-field = Un nom est fait de lettres minuscules sans accent, de chiffres et de traits d'union : nature, consequences, measures-taken… ; pour une seule personne morale : nature@ccas
err-crisis-words = une entrée sans texte ne dirait rien
err-crisis-node = un nom vide ne désigne rien
err-journal-none = aucun journal n'est ouvert
rec-journal-none = Ouvrez-en un : beffroi crisis open. Pour un journal qui est ailleurs : --journal DOSSIER.
err-journal-missing = il n'y a pas de journal dans { $path }
err-journal-taken = { $path } n'est pas vide
rec-journal-taken = Donnez un dossier nouveau ou vide.
err-journal-closed = le journal dans { $path } est fermé
rec-journal-closed = Un journal fermé ne change plus. Ouvrez-en un autre : beffroi crisis open.
err-journal-busy = un autre programme tient le journal dans { $path }
rec-journal-busy = Réessayez ; si cela dure, cherchez quel programme s'est arrêté en écrivant (fuser, lsof).
err-journal-end = rien n'a été écrit : la fin du journal dans { $path } ne se vérifie pas
rec-journal-end = Gardez ce dossier tel quel, c'est une pièce, et continuez dans un autre journal : beffroi --journal AUTRE crisis open. « beffroi journal verify » dit ce qui ne va pas.
err-journal-key-loose = d'autres peuvent lire la clé du poste { $path } (droits { $mode })
rec-journal-key-loose = Tapez : chmod 600 { $path } – et demandez-vous qui a pu la lire.
err-journal-key = { $path } n'est pas la clé de ce journal
rec-journal-key = Retrouvez la clé d'origine. Sans elle, ce journal se lit et se vérifie, et la suite va dans un autre.
err-journal-no-entry = il n'y a pas d'entrée { $number } à corriger
err-journal-no-file = { $path } n'est pas un fichier
rec-journal-no-file = Joignez les fichiers d'un dossier un par un, ou une archive (tar) du tout.
err-journal-too-long = { $path } est trop long pour un journal
err-journal-unsound = { $path } ne se vérifie pas : { $count ->
    [one] un défaut
   *[other] { $count } défauts
}
rec-journal-unsound = N'y touchez plus et gardez-en une copie. Comparez avec les exports et les points de contrôle qui ont été remis.
err-journal-owner = le propriétaire { $owner } n'a pas certifié la clé de ce journal
err-journal-vault = aucun propriétaire du coffre { $vault } n'a certifié la clé de ce journal
err-journal-attachment = la copie { $path } n'est plus ce qui avait été joint
err-journal-line = ligne { $line }
err-journal-not-opened = aucun journal ne s'ouvre ici : la première entrée n'est pas là
err-journal-later = ce journal a la version { $version }, d'un Beffroi plus récent
rec-journal-later = Prenez le programme qui l'a écrit, ou un plus récent.
err-journal-first = la première ligne n'est pas saine
err-journal-last = la dernière ligne n'est pas saine
err-journal-chain = l'entrée ne suit pas celle qui est devant elle : l'une a été remplacée
err-journal-line-long = une entrée de plus de { $max } n'en est pas une
rec-journal-line-long = Joignez un long texte comme fichier : --attach.
err-journal-line-shape = la signature manque ou a été changée
err-journal-line-json = ce n'est pas une entrée
err-journal-line-unwritable = cette entrée ne pourrait pas être relue : elle n'est pas écrite
err-journal-line-beginning = le début n'est pas celui d'une entrée
err-journal-line-signature = l'entrée a été changée après sa signature, ou une autre clé l'a signée
err-journal-gone = l'entrée { $number } manque avant celle-ci
err-journal-gone-many = les entrées { $first } à { $last } manquent avant celle-ci
err-journal-misplaced = l'entrée { $number } n'est pas à sa place
err-journal-opened-again = le journal s'ouvre une seconde fois
err-journal-too-many = plus de lignes qu'il n'en est examiné
err-journal-other = le point de contrôle est d'un autre journal : { $journal }
err-journal-cut = le journal finit ici, le point de contrôle en avait vu { $entries } : la fin a été coupée
err-journal-rewritten = les entrées jusqu'ici ne sont pas celles que le point de contrôle a vues
err-certificate = le certificat ne tient pas
err-certificate-signature = la signature du propriétaire n'est pas bonne
err-certificate-form = ce n'est pas un certificat de cette forme
err-certificate-other = il parle d'un autre journal, d'une autre clé ou d'un autre coffre
err-checkpoint = point de contrôle « { $line } »
err-checkpoint-form = ce n'est pas un point de contrôle
rec-checkpoint-form = Donnez toute la ligne, entre guillemets : "beffroi-journal-1 …".
err-checkpoint-mistyped = un chiffre est faux
rec-checkpoint-mistyped = Recopiez la ligne avec soin : chacun de ses chiffres compte.
