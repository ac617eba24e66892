# Ce que lisent les gens, en français : les échéances et les brouillons.

## Commandes

help-deadlines = Les échéances : quoi, pour qui, avant quand, ce qu'il reste
help-draft = Un projet de déclaration ou d'annonce, rempli d'après le journal et la carte
arg-draft-what = cnil, plainte, nis2, assureur, communique, standard (téléphone), affiche, couts
arg-draft-entity = La personne morale qui parle (son nom dans la carte)
arg-draft-stage = Pour nis2 : warning (24 h), notification (72 h) ou final (un mois)
arg-draft-complementary = Pour cnil : la notification complémentaire
arg-draft-audience = Pour communique : public (habitants et presse) ou staff (agents)
arg-draft-language = La langue du projet : fr ou en ; par défaut le français pour les autorités et l'assureur
arg-draft-to = Écrire le texte dans ce nouveau fichier
arg-draft-html = Écrire une page à imprimer (un nouveau fichier, ou un ancien rapport)

## Erreurs

err-draft-entity = plusieurs personnes morales : chacune déclare pour elle-même
rec-draft-entity = Ajoutez --entity, avec l'un de ces noms : { $names }
err-draft-no-entity = la carte n'a pas de personne morale { $name }
rec-draft-no-entity = Elle a : { $names }
err-draft-stage = un projet nis2 est une alerte, une notification ou un rapport final
rec-draft-stage = Ajoutez --stage warning, --stage notification ou --stage final
err-draft-option = { $option } ne va pas avec ce projet
rec-draft-option = --stage va avec nis2, --complementary avec cnil, --for avec communique

## Échéances

deadline-complaint = plainte
deadline-cnil = notification à la CNIL
deadline-cnil-complementary = notification complémentaire à la CNIL
deadline-nis2-warning = NIS2 : alerte précoce
deadline-nis2-notification = NIS2 : notification
deadline-nis2-final = NIS2 : rapport final
deadline-insurer = déclaration à l'assureur
deadline-col-act = ACTE
deadline-col-whom = POUR
deadline-col-due = AVANT LE
deadline-col-left = RESTE
deadline-col-state = ÉTAT
deadline-town = la ville
deadline-exercise = EXERCICE : ces échéances ne sont pas réelles.
deadline-known = Prise de connaissance (T0) : { $time } (entrée n° { $number }).
deadline-superseded = Ne compte plus : { $time } (entrée n° { $number }).
deadline-hours = { $hours } h { $minutes } min
deadline-days = { $days } j { $hours } h
deadline-running = court
deadline-if-in-time = court ; date au plus tard
deadline-late = EN RETARD de { $time }
deadline-met = fait le { $time } (entrée n° { $number })
deadline-met-receipt = fait le { $time } (entrée n° { $number }, récépissé { $receipt })
deadline-met-late = { $met }, EN RETARD
deadline-not-running = ne court pas
deadline-undated = date inconnue
deadline-how = Noter un acte fait : beffroi crisis act "…" --met NOM [--entity E] [--receipt N°], NOM étant l'un de : { $names }.
deadline-remark-not-known = Aucune échéance ne court : personne n'a noté depuis quand la ville sait. Cela ne veut pas dire que rien n'est à déclarer. Tapez : beffroi crisis decide "…" --t0 HEURE
deadline-remark-known-later = La prise de connaissance notée est dans l'avenir : vérifiez-la.
deadline-remark-nis2 = NIS2 : la carte dit « none », et personne n'a noté l'avoir vérifié. La loi change : demandez à l'ANSSI ou à la préfecture, puis tapez : beffroi crisis answer { $field } "…"
deadline-remark-nis2-checked = NIS2 : la carte dit « none » ; vérifié le { $time } (entrée n° { $number }) : { $words }
deadline-remark-no-insurer = La carte ne nomme pas d'assureur ([town.insurer]) : si la ville a un contrat, lisez-y le délai de déclaration.
deadline-remark-insurer-hours = La carte ne dit pas le délai de l'assureur (town.insurer.hours_max) : lisez le contrat.
deadline-remark-no-entity = La carte ne nomme aucune personne morale : plainte et CNIL sont comptées une fois ; chaque personne morale les doit pour elle-même.
deadline-remark-unknown-act = L'entrée n° { $number } dit fait « { $name } », qui n'est pas une échéance.
deadline-remark-unknown-entity = L'entrée n° { $number } nomme « { $name } », qui n'est pas une personne morale de la carte : elle ne compte pour aucune.
deadline-advice = Ces dates aident à ne rien oublier ; elles ne sont pas un avis juridique.

## Projets

draft-title-cnil = Notification d'une violation de données personnelles – { $who }
draft-title-complaint = Dossier de plainte – { $who }
draft-title-nis2 = Déclaration d'incident NIS2 – { $who }
draft-title-insurer = Déclaration de sinistre cyber – { $who }
draft-title-statement = Communiqué – { $who }
draft-title-staff = Information aux agents – { $who }
draft-title-telephone = Annonce du standard – { $who }
draft-title-poster = { $who } : état des services
draft-title-ledger = Relevé des coûts – { $who }
draft-exercise = EXERCICE – EXERCICE – EXERCICE : ne pas envoyer, ne pas diffuser.
draft-as-of = Projet à relire et à compléter, établi d'après ce qui est connu le { $time }. Rien n'est envoyé par ce programme.
draft-as-of-public = Ce que nous savons le { $time }. Ces informations peuvent changer.
draft-foot = Entre crochets : d'où vient chaque ligne. Ce projet ne conclut jamais qu'il n'y a rien à déclarer ; ce n'est pas un avis juridique.
draft-colon = { "\u00A0: " }
draft-pair = { $name } : { $value }
draft-of = { $name } ({ $of })
draft-not-known = non connu à ce jour
draft-to-come = à venir
draft-missing = non connu à ce jour – à compléter
draft-missing-who = non connu à ce jour – à compléter par : { $who }
draft-from-entry = journal n° { $number }
draft-from-map = carte, ligne { $number }
draft-from-town = carte
draft-fill-answer = beffroi crisis answer { $field } "…" ("?" si personne ne sait)
draft-fill-map = dans town.toml : { $field }
draft-fill-journal = beffroi crisis open
draft-fill-known = beffroi crisis decide "…" --t0 HEURE
draft-fill-state = beffroi crisis state NOM up|degraded|down|unknown
draft-fill-damage = beffroi damage, journal ouvert
draft-fill-evidence = beffroi crisis note "…" --kind evidence --attach FICHIER
draft-fill-cost = beffroi crisis cost EUROS "…" --category CATÉGORIE
draft-fill-met = beffroi crisis act "…" --met { $act } --receipt N°
draft-late = { $count ->
    [one] Une heure s'est écoulée depuis la prise de connaissance, au lieu de 72 au plus.
   *[other] { $count } heures se sont écoulées depuis la prise de connaissance, au lieu de 72 au plus.
}
draft-no-place = adresse non connue à ce jour
draft-contract = contrat { $number }
draft-event = { $time } – { $kind }, { $author } : { $words }
draft-more = { $count ->
    [one] Et une autre entrée du journal.
   *[other] Et { $count } autres entrées du journal.
}
draft-piece = { $name } ({ $size }) – { $words } ; mis de côté le { $time } par { $author } ; SHA-256 { $hash }
draft-journal-end = jusqu'à l'entrée du { $time } ; pour la vérifier : beffroi journal verify
draft-proof = justificatif { $number }
draft-no-entity = non attribué
draft-total = total
draft-counts = { $services } services : { $up } fonctionnent, { $degraded } en partie, { $down } à l'arrêt, { $unknown } non connus
draft-receipt = récépissé { $number }
draft-through = Dépend de : { $name }
draft-since = Depuis le { $time }
draft-instead = À la place : { $words }
draft-next = Prochain point : { $time }
draft-sum-persons = { $count ->
    [one] au plus une personne
   *[other] au plus { $count } personnes (les mêmes peuvent être comptées plusieurs fois)
}
draft-sum-records = { $count ->
    [one] un enregistrement
   *[other] { $count } enregistrements
}
draft-sum-without = Nombre non connu à ce jour pour : { $services }.
draft-sum-unknown = Non comptés, car leur état n'est pas connu à ce jour : { $services }.
draft-files = { $source } : { $files } fichiers, dont { $hurt } abîmés, { $gone } disparus, { $sound } prouvés sains, { $unknown } non connus à ce jour
draft-level-up = fonctionne
draft-level-degraded = fonctionne en partie
draft-level-unknown = état non connu à ce jour
draft-level-down = à l'arrêt
draft-level-hurt = fichiers abîmés
draft-kind-observation = observation
draft-kind-decision = décision
draft-kind-action = action
draft-kind-communication = communication
draft-kind-evidence = pièce
draft-kind-cost = coût

## Téléphone

draft-speech-hello = Bonjour, vous appelez : { $who }.
draft-speech-cause = Nos services sont perturbés. La cause n'est pas connue à ce jour.
draft-speech-down = Ne fonctionnent pas : { $services }.
draft-speech-degraded = Fonctionnent en partie : { $services }.
draft-speech-instead = Pour { $service } : { $words }
draft-speech-others = { $count ->
    [one] Un autre service est touché.
   *[other] { $count } autres services sont touchés.
}
draft-speech-unknown = Quels services sont touchés n'est pas connu à ce jour.
draft-speech-dot = point
draft-speech-page = Tout est dit sur la page : { $page }.
draft-speech-news = Prochaines nouvelles : { $time }.
draft-speech-no-news = L'heure des prochaines nouvelles n'est pas connue à ce jour.
draft-speech-bye = Merci de votre patience.
draft-speech-length = { $count ->
    [one] À lire lentement : une seconde environ.
   *[other] À lire lentement : { $count } secondes environ.
}
draft-speech-long = C'est plus d'une minute : raccourcissez public-cause.

## Affiche

draft-poster-service = Service
draft-poster-state = État
draft-poster-instead = Que faire
draft-poster-next = Prochain point
draft-poster-caption = Les services touchés, le plus urgent en premier

## À la fin

draft-unknown-answer = L'entrée n° { $number } répond à « { $field } », que rien ne demande. Le plus proche : { $near }
draft-no-journal = Aucun journal n'est ouvert : seule la carte est connue. Tapez : beffroi crisis open, ou ajoutez --journal DOSSIER.
draft-journal-faults = { $count ->
    [one] Une ligne du journal { $path } n'est pas telle qu'elle a été écrite : ce qui suit peut être faux. Tapez : beffroi journal verify
   *[other] { $count } lignes du journal { $path } ne sont pas telles qu'elles ont été écrites : ce qui suit peut être faux. Tapez : beffroi journal verify
}
draft-written = Projet écrit : { $path }
draft-summary = Champs remplis : { $filled } ; non connus : { $unknown } ; à compléter : { $missing }.
draft-todo = { $label } → { $fill }
draft-nis2-none = La carte dit que NIS2 ne lie pas la ville ; ce projet est fait quand même.

## Titres, champs et phrases des brouillons

draft-heading-report = Cette déclaration
draft-heading-controller = Personne morale concernée
draft-heading-facts = Les faits
draft-heading-nature = Nature de la violation (RGPD, art. 33(3)a)
draft-heading-consequences = Conséquences probables (RGPD, art. 33(3)c)
draft-heading-measures = Mesures (RGPD, art. 33(3)d)
draft-heading-delay = Délai de 72 heures (RGPD, art. 33(1))
draft-heading-persons = Information des personnes (RGPD, art. 34)
draft-heading-register = Ligne du registre interne (RGPD, art. 33(5))
draft-heading-complainant = Plaignant
draft-heading-machines = Machines attaquées
draft-heading-traces = Traces
draft-heading-evidence = Pièces
draft-heading-damage = Préjudice et coûts
draft-heading-providers = Prestataires concernés
draft-heading-law = Textes
draft-heading-handover = Remise des pièces
draft-heading-impact = Ce qui est touché
draft-heading-cause = Cause et déroulement
draft-heading-contract = Contrat
draft-heading-services = Les services
draft-heading-news = Pour en savoir plus
draft-field-stage = Déclaration
draft-field-initial-receipt = Numéro de la déclaration précédente
draft-field-entity = Personne morale
draft-field-siret = SIRET
draft-field-address = Adresse postale
draft-field-representative = Représentant légal
draft-field-dpo = Délégué à la protection des données ou point de contact (art. 33(3)b)
draft-field-complainant = Qui dépose plainte
draft-field-investigator-contact = Contact pour les enquêteurs
draft-field-reporter = Joignable à toute heure
draft-field-discovered-public = Constaté le
draft-field-discovered = Prise de connaissance
draft-field-discovered-utc = Prise de connaissance (UTC)
draft-field-circumstances = Circonstances de la découverte
draft-field-began = Premiers dommages constatés
draft-field-sound-until = Tout était sain jusqu'au
draft-field-ended = Fin de l'attaque
draft-field-nature = Nature de l'attaque
draft-field-confidentiality = Confidentialité (des données ont-elles été lues ou prises ?)
draft-field-integrity = Intégrité (fichiers modifiés ou détruits)
draft-field-availability = Disponibilité (services touchés)
draft-field-data-categories = Catégories de données
draft-field-person-categories = Catégories de personnes
draft-field-person-count = Nombre approximatif de personnes
draft-field-record-count = Nombre approximatif d'enregistrements
draft-field-consequences = Conséquences pour les personnes
draft-field-measures-taken = Mesures prises
draft-field-measures-planned = Mesures envisagées
draft-field-delay-reasons = Motifs du retard
draft-field-high-risk = Risque élevé pour les personnes ?
draft-field-persons-informed = Personnes informées ?
draft-field-persons-informed-how = Comment
draft-field-processors = Prestataires et sous-traitants concernés
draft-field-register-facts = Faits
draft-field-register-effects = Effets
draft-field-register-measures = Mesures prises
draft-field-register-notified = Notifications
draft-field-timeline = Chronologie
draft-field-machines = Machines
draft-field-machine-places = Adresses postales des machines
draft-field-systems = Systèmes d'exploitation
draft-field-accounts-seen = Comptes utilisés par l'attaquant
draft-field-addresses-seen = Adresses IP relevées
draft-field-ransom-note = Demande de rançon
draft-field-trapped-message = Message piégé
draft-field-firewall-logs = Journaux du pare-feu
draft-field-disk-copies = Copies des machines ou de leurs disques
draft-field-encrypted-samples = Quelques fichiers chiffrés
draft-field-pieces = Liste des pièces
draft-field-journal-end = Journal
draft-field-files-hurt = Fichiers touchés
draft-field-damage-estimate = Estimation du préjudice
draft-field-providers-involved = Prestataires
draft-field-offences = Infractions possibles
draft-field-handover = Pièces remises
draft-field-summary = Résumé en une à trois phrases
draft-field-malicious = Acte malveillant ? (oui, non, non connu)
draft-field-cross-border = Effets dans d'autres pays ? (oui, non, non connu)
draft-field-severity = Gravité
draft-field-impact = État des services
draft-field-indicators = Indicateurs de compromission
draft-field-root-cause = Cause première
draft-field-lessons = Enseignements
draft-field-insurer = Assureur
draft-field-contract = Numéro du contrat
draft-field-complaint-filed = Plainte déposée (Code des assurances, art. L. 12-10-1)
draft-field-services-touched = Services touchés
draft-field-third-parties = Tiers lésés
draft-field-cost-lines = Dépenses
draft-field-cost-by-category = Par catégorie
draft-field-cost-by-entity = Par personne morale
draft-field-cost-total = Total
draft-field-public-cause = Ce qui se passe
draft-field-who-works = Qui y travaille
draft-field-public-data = Données personnelles
draft-field-public-advice = Ce que nous vous conseillons
draft-field-staff-rules = Ce qu'il ne faut pas faire
draft-field-services-closed = Services touchés
draft-field-services-open = Services qui fonctionnent
draft-field-services-unknown = Services en cours de vérification
draft-field-next-news = Prochain point
draft-field-switchboard = Téléphone
draft-field-public-page = Page d'information
draft-phrase-stage-initial = notification initiale
draft-phrase-stage-complementary = notification complémentaire
draft-phrase-stage-warning = alerte précoce (24 heures)
draft-phrase-stage-notification = notification d'incident (72 heures)
draft-phrase-stage-final = rapport final (un mois après la notification)
draft-phrase-in-time = 72 heures ne sont pas passées, ou la notification est notée avant.
draft-phrase-offences = Pour mémoire, Code pénal, articles 323-1 (accéder ou se maintenir frauduleusement dans un système), 323-2 (en entraver le fonctionnement), 323-3 (introduire, extraire, modifier ou supprimer des données) et 323-3-1 (détenir ou céder les moyens de le faire). La qualification appartient aux enquêteurs et au procureur.
draft-phrase-handover = Remis par : ____________  à : ____________  le : ____________  signatures : ____________
draft-phrase-none-noted-yet = Le journal n'en mentionne encore aucune.
