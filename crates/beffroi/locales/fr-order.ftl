# Ce que lisent les gens, en français : l'ordre du retour et ce qui tombe ensemble.

## aide

help-order = Montrer quel service revient quand, et pourquoi, pour une date et un état
arg-order-date = Le jour pour lequel l'ordre est demandé [aujourd'hui]
arg-state-file = Un fichier de ce que l'on sait des services [le journal ouvert ; sans journal, tout est tombé]
arg-hands = Combien de personnes remettent en route en même temps
help-cascade = Montrer ce qui tombe avec une machine, un prestataire ou un service ; sans nom, ce que les services tombés ont en commun
arg-cascade-node = Un nom de la carte

## vagues

order-wave-speak = parler et décider
order-wave-trust = socle de confiance
order-wave-life = vie et loi
order-wave-money = argent
order-wave-contact = joindre et être joint
order-wave-files = fichiers
order-wave-rest = le reste

## raisons

order-day = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[other] décembre
} { $year }
order-when-ahead = { $days ->
    [0] aujourd'hui
    [1] demain
   *[other] dans { $days } jours
}
order-when-missed = { $days ->
    [1] manqué hier
   *[other] manqué il y a { $days } jours
}
order-minutes = { $count } min
order-hours = { $count } h
order-hours-minutes = { $hours } h { $minutes }
order-days = { $count ->
    [one] 1 jour
   *[other] { $count } jours
}
order-core-wave = vague { $number }, { $wave }
order-core-raised = vague { $number }, { $wave }, avancé depuis « { $from } » par « { $event } » le { $day }, { $when }
order-core-day = vague { $number }, { $wave } ; « { $event } » le { $day }, { $when }
order-bears = { $core } ; supporte { $time } d'arrêt
order-bears-day = { $core } ; si près de ce jour, supporte { $time } d'arrêt
order-bears-over = { $core } ; devrait être de retour depuis { $time }
order-bears-now = { $core } ; devrait être de retour maintenant
order-nobody = rien de ce qui est tombé n'en a besoin
order-needed = nécessaire à « { $name } » ({ $core })
order-fell = tombé avec « { $name } »
order-before-need = avant le suivant, qui en a besoin
order-before-same = avant le suivant : nécessaire au même service, et plus bas
order-before-wave = avant le suivant, qui est d'une vague plus tardive
order-before-day = avant le suivant : son jour est proche
order-before-degraded = avant le suivant, qui marche encore en partie
order-before-time = avant le suivant, qui peut attendre plus longtemps
order-before-quicker = avant le suivant, qui demande plus de temps
order-before-name = avant le suivant par le nom seulement

## order

order-title = Ordre du retour pour le { $day }, à { $town }
order-summary = { $open ->
    [0] Rien n'est à remettre en route.
    [one] Une chose à remettre en route
   *[other] { $open } choses à remettre en route
}{ $open ->
    [0] { "" }
   *[other] { " " }avec { $hands ->
        [one] une personne
       *[other] { $hands } personnes
    } ; tout est de retour dans { $time }, si tout va comme le dit la carte.
}
order-share = { $percent } % des { $services } services marchent : { $up } entièrement, { $degraded } en partie ; à l'arrêt : { $down } ; état inconnu : { $unknown }.
order-assumed = Personne n'a dit ce qui marche : tous les services et toutes les machines sont tenus pour tombés, les prestataires pour debout.
order-back = de retour dans { $time }
order-late = de retour dans { $time }, { $late } trop tard
order-is-degraded = marche en partie
order-is-unknown = on ne sait pas ce qu'il en est
order-works = Marche déjà : { $names }
order-since = depuis le { $time }
order-next-news = prochaines nouvelles le { $time }
order-despite = dit en marche alors que « { $name } » ne l'est pas
order-age = il y a { $time }
order-age-now = à l'instant
order-said-human = une personne : { $level }, { $age }
order-said-probe = sa sonde : { $level }, { $age }
order-said-damage = les dégâts à ses fichiers : { $level }, { $age }
err-order-state = le fichier d'état ne peut pas servir : { $path }
err-order-state-form = ligne { $line } : { $reason }
rec-order-state-form = Un état s'écrit en tables [[value]] : of = "nom", is = "up", "degraded", "down" ou "unknown", et si l'on veut how, why, since.
err-order-state-unknown = ligne { $line } : la carte n'a rien qui s'appelle { $name }
rec-order-state-unknown = Écrivez un nom (id) tel qu'il est dans la carte.
err-order-state-time = ligne { $line } : { $time } n'est pas une heure
rec-order-state-time = Écrivez 2026-11-22T03:00, avec un fuseau ou sans.
err-order-date = { $date } n'est pas une date
rec-order-date = Écrivez-la comme 2026-11-22.
err-order-cycle = des besoins reviennent à leur départ : { $names }
rec-order-cycle = Lancez « beffroi town check ».
err-order-map = la carte a une erreur : { $name }
rec-order-map = Lancez « beffroi town check ».

## cascade

cascade-title = Si { $name } tombe, { $count ->
    [0] rien ne tombe avec.
    [one] un service sur { $total } tombe avec.
   *[other] { $count } services sur { $total } tombent avec.
}
cascade-service = { $name } : vague { $number }, { $wave } ; supporte { $time } d'arrêt
cascade-way = par { $way }
cascade-others = Machines et prestataires : { $names }
cascade-none = Ce qui est dit tombé n'a rien en commun qui en expliquerait deux.
cascade-unsaid = Rien n'est dit tombé : il n'y a rien à comparer.
cascade-suspects = Ce qui expliquerait le plus de ce qui est tombé :
cascade-explains = { $name } : en explique { $count } sur { $total }
cascade-is-down = il est dit tombé lui-même
cascade-leaves = n'explique pas : { $names }
cascade-against = parle contre, parce que cela marche : { $names }
err-cascade-unknown = la carte n'a pas de service, de machine ou de prestataire « { $name } »
rec-cascade-unknown = { $near ->
    [none] Écrivez un nom (id) de la carte : { $names }
   *[other] Vouliez-vous dire « { $near } » ?
}
