# Ce que lisent les gens, en français : la carte de la ville.

## Ce qui est trouvé dans une carte

town-error = { $place }: erreur : { $words }
town-warning = { $place }: attention : { $words }
town-mend = { "  → " }{ $words }
town-too-long = le fichier fait { $bytes } : aucune carte n'est si longue
town-more = et { $count } de plus
town-too-many = { $count } services, machines et prestataires : une carte en a 10 000 au plus
town-syntax = ce n'est pas du TOML : il manque un guillemet, un crochet ou un « = », ou une date n'est pas écrite 2026-11-20 (en anglais : { $message })
town-unknown-key = « { $key } » ne veut rien dire dans { $table }
town-missing-field = il manque « { $field } » dans ce { $table }
town-missing-table = il n'y a pas de { $table }
town-wrong-kind = « { $field } » doit être { $wanted } ; ceci est { $found }
town-empty = « { $field } » est vide
town-unknown-word = « { $word } » ne veut rien dire comme « { $field } »
town-out-of-range = « { $field } » vaut { $number } : il faut un nombre entier de { $min } à { $max }
town-bad-date = « { $field } » : « { $written } » n'est pas une date
town-unknown-zone = le fuseau horaire « { $zone } » n'existe pas
town-bad-name = « { $name } » ne peut pas être un nom : lettres, chiffres, - _ . et 64 au plus, une lettre ou un chiffre au début
town-twice = { $kind } « { $name } » : ce nom a déjà été donné à la ligne { $line }
town-unknown-name = il n'y a pas de { $kind } « { $name } »
town-other-kind = « { $name } » est un nom de { $found } ; il faut ici un nom de { $wanted }
town-cycle = les besoins tournent en rond : { $names }
town-when = { $count ->
    [0] l'événement ne dit pas quand il a lieu
   *[other] l'événement dit { $count } fois quand il a lieu
}

## Doutes sur une carte

town-nothing-kept = rien de « { $service } » n'est gardé, et personne n'est nommé qui le garde
town-unused-source = aucun service n'est fait de la source « { $source } » : personne ne saura à quoi elle sert
town-too-seldom = « { $service } » peut perdre { $loss } h de travail, mais « { $source } » est gardée toutes les { $every } h
town-too-slow = « { $service } » met { $time } à revenir, au mieux ({ $bytes }, et tout ce dont il a besoin) ; { $max } h sont permises
town-no-rate = personne n'a mesuré à quelle vitesse les octets reviennent : on ne sait pas si les services reviendront à temps
town-single-point = { $falls } des { $of } services des vagues 0 à 3 ne tiennent qu'à une chose : { $nodes }
town-only-copy = { $services ->
    [one] un service ({ $names }) tourne chez « { $provider } » et a sa seule copie chez lui
   *[other] { $services } services ({ $names }) tournent chez « { $provider } » et ont leur seule copie chez lui
} : ce qui touche l'un touche l'autre
town-nobody-for = personne { $duty }
town-duty-decide = ne décide de couper le réseau
town-duty-machines = ne connaît les machines
town-duty-speak = ne parle aux habitants et à la presse
town-duty-dpo = n'est délégué à la protection des données
town-duty-complain = ne dépose la plainte
town-no-deputy = personne ne remplace « { $person } »
town-no-phone = « { $person } » n'a pas de numéro : personne ne peut appeler
town-switchboard-phone = le numéro de « { $person } » est le standard, qui tombe avec le reste
town-not-verified = personne n'a essayé ces numéros depuis un an (le plus ancien le { $since }) : { $people }
town-never-verified = personne n'a jamais essayé ces numéros : { $people }
town-later-wave = « { $service } » (vague { $wave }) a besoin de « { $need } », qui vient en vague { $later }
town-no-services = l'événement « { $event } » ne fait monter aucun service
town-over-dates = toutes les dates de « { $event } » sont passées
town-no-persons = « { $service } » contient des données personnelles, mais de combien de personnes n'est pas écrit : la notification à la CNIL le demande
town-civil-registry = l'état civil « { $service } » peut perdre { $loss } h : la loi en permet moins de 24 (décret 2017-890, article 13)
town-no-meanwhile = personne n'a écrit ce qu'on fait tant que « { $service } » ne marche pas
town-minutes = { $minutes } min
town-hours = { $hours } h

## Ce qu'il faut écrire

town-nearest = vouliez-vous dire « { $name } » ?
town-one-of = écrivez l'un de ceux-ci : { $words }
town-write = écrivez : { $words }
town-elsewhere = sa place est dans { $table }
town-define = corrigez le nom, ou ajoutez : { $words }
town-rename = donnez un autre nom à l'un des deux
town-remove = écrivez quelque chose, ou enlevez la ligne
town-cut-need = un besoin doit partir : enlevez « { $need } » des besoins de « { $of } », s'il peut démarrer sans
town-keep-one = n'en gardez qu'un : { $words }
town-write-in = dans { $table } « { $of } », écrivez : { $words }
town-measure = « beffroi exercise » le mesure ; écrivez ensuite : { $words }
town-shorten = raccourcissez (une machine prête, moins d'octets à attendre), ou écrivez ce qui est vrai : { $words }
town-second-way = préparez-en un second, ou écrivez dans meanwhile_public et meanwhile_staff de ces services ce qu'on fait sans (« beffroi town graph --fallen NOM » les montre)
town-ask-for-copies = demandez à « { $provider } » un export chaque nuit, gardez-le, et écrivez : { $words }
town-call = appelez-les, puis écrivez : { $words }
town-other-phone = écrivez un numéro qui marche sans les téléphones de la mairie
town-divide = coupez la carte en plusieurs
town-mend-first = corrigez d'abord les premiers, puis vérifiez à nouveau

## Sortes de choses et de valeurs

town-kind-node = service, machine ou prestataire
town-kind-service = service
town-kind-host = machine
town-kind-provider = prestataire
town-kind-entity = entité
town-kind-person = personne
town-kind-source = source
town-kind-event = événement
town-value-text = un texte entre guillemets
town-value-integer = un nombre entier
town-value-float = un nombre à virgule
town-value-boolean = true ou false
town-value-date = une date
town-value-list = une liste
town-value-list-of-text = une liste de textes entre guillemets
town-value-table = une table
town-value-words = un texte entre guillemets, ou { "{" } fr = "…", en = "…" { "}" }

## Le fichier de la carte

err-town-none = il n'y a pas de carte de la ville
rec-town-none = Faites-en une avec « beffroi town init --size town », ou nommez-la avec --town FICHIER (BEFFROI_TOWN).
err-town-broken = la carte { $path } est inutilisable : { $count ->
    [one] une erreur
   *[other] { $count } erreurs
} (voir plus haut)
err-town-encoding = la ligne { $line } n'est pas en UTF-8
rec-town-encoding = Enregistrez le fichier en UTF-8 dans votre éditeur.
rec-town-taken = Il n'a pas été touché. Nommez un autre fichier avec --to, ou corrigez celui-ci.
err-town-taken = il y a déjà un fichier

## town

help-town = La carte de la ville : qui a besoin de quoi
help-town-init = Faire une carte à partir d'un modèle commenté
arg-town-init-size = Quel modèle : village (environ 1 000 habitants), town (8 000), city (150 000)
arg-town-init-to = Où elle est écrite : un nouveau fichier (d'ordinaire town.toml)
help-town-check = Chercher les erreurs et les avertissements de la carte, chacun avec sa ligne et ce qu'il faut écrire
arg-town-check-file = La carte (d'ordinaire celle de --town, town.toml ici, ou celle de l'état)
say-town-made = { $path } est écrit : { $services } services en exemple. Remplissez-le, puis lancez : beffroi town check { $path }
say-town-checked = { $path } : { $services ->
    [one] un service
   *[other] { $services } services
}, { $hosts ->
    [one] une machine
   *[other] { $hosts } machines
}, { $providers ->
    [one] un prestataire
   *[other] { $providers } prestataires
}, { $events ->
    [one] un événement
   *[other] { $events } événements
} ; aucune erreur, { $warnings ->
    [0] aucun avertissement
    [one] un avertissement
   *[other] { $warnings } avertissements
}.
help-town-import = Ajouter des services depuis un tableau (CSV) d'un autre logiciel
arg-town-import-csv = Le tableau : les titres sur la première ligne, en français ou en anglais ; ; , ou tabulations ; UTF-8 ou Windows-1252
arg-town-import-to = Les ajouter à la fin de cette carte ; sinon ils sont affichés
say-town-understood = { $services ->
    [one] Un service compris
   *[other] { $services } services compris
}, { $slips ->
    [0] rien laissé de côté
    [one] une chose laissée de côté (voir plus haut)
   *[other] { $slips } choses laissées de côté (voir plus haut)
}.
say-town-imported = { $path } : { $services ->
    [one] un service ajouté
   *[other] { $services } services ajoutés
} à la fin, { $slips ->
    [0] rien laissé de côté
    [one] une chose laissée de côté (voir plus haut)
   *[other] { $slips } choses laissées de côté (voir plus haut)
}. Ensuite : beffroi town check { $path }
err-town-import = rien n'a été ajouté
rec-town-import = Corrigez le tableau, puis importez-le à nouveau.
town-slip-too-long = le tableau est plus long qu'une carte ne peut l'être
town-slip-column = la colonne « { $head } » est inconnue : elle est laissée de côté
town-slip-column-twice = une autre colonne dit la même chose que « { $head } » : celle-ci est laissée de côté
town-slip-no-names = aucune colonne ne donne le nom des services (« nom » ou « id »)
town-slip-no-name = cette ligne ne nomme aucun service : elle est laissée de côté
town-slip-known = « { $name } » est déjà là : cette ligne est laissée de côté
town-slip-cell = « { $value } » ne peut pas être « { $field } » : c'est resté en commentaire
town-slip-no-entity = « { $name } » ne dit pas de quelle entité il est : « { $entity } », la première de la carte, a été prise
town-slip-row = ce n'est pas une ligne de tableau : elle est laissée de côté
help-town-graph = Dessiner qui a besoin de quoi (SVG), et ce qui tombe avec quelque chose
arg-town-graph-to = Où le dessin est écrit : un nouveau fichier, ou un ancien dessin [la sortie standard]
arg-town-graph-fallen = Montrer ce qui tombe si ce service, cette machine ou ce prestataire tombe (peut être répété)
say-town-drawn = Le dessin est dans { $path }.
say-town-drawn-fallen = Le dessin est dans { $path } : { $services ->
    [one] un service tombe
   *[other] { $services } services tombent
}.
err-town-graph = la carte ne peut pas être dessinée
err-town-picture-taken = il y a un fichier qui n'est pas le dessin d'une carte
rec-town-picture-taken = Il n'a pas été touché. Nommez un autre fichier avec --to.

## Le dessin de la carte

town-graph-title = { $town } : qui a besoin de quoi
town-graph-summary = { $services } services dans leurs vagues ; en dessous, { $hosts } machines et { $providers } prestataires dont ils ont besoin.
town-graph-fallen = Si { $first } tombe, { $services ->
    [0] aucun service ne tombe
    [one] un service sur { $total } tombe
   *[other] { $services } services sur { $total } tombent
} avec.
town-graph-legend = Un cadre réunit ce qui a les mêmes besoins ; en bas du cadre (→), lesquels. Les machines sont bleues, les prestataires arrondis.
town-graph-legend-fallen = ✕ et trait interrompu : tombe. Plein : tombe d'abord. Un cadre réunit ce qui a les mêmes besoins ; en bas du cadre (→), lesquels.
town-lane-speak = Vague 0 : parler et décider
town-lane-trust = Vague 1 : le socle de confiance
town-lane-life = Vague 2 : la vie et la loi
town-lane-money = Vague 3 : l'argent
town-lane-contact = Vague 4 : joindre et être joint
town-lane-files = Vague 5 : les fichiers
town-lane-rest = Vague 6 : le reste
town-lane-hosts = Machines
town-lane-providers = Prestataires
