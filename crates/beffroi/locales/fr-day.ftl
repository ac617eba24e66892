# Ce que lisent les gens, en français : le retour des services et la journée d'exercice.

## recover

help-recover = Remet les services en route dans l'ordre : rend leurs sources, les démarre, les vérifie, demande aux passages
arg-recover-services = Des noms de la carte, avec tout ce dont ils dépendent [tout ce qui est tombé]
arg-recover-to = Le dossier sous lequel les sources sont rendues, chacune sous son nom ; relancé avec le même, le retour continue
arg-assume-yes = Personne n'est interrogé : pour les exercices
ask-recover = [o]ui / [p]lus tard / [n]on { "" }
err-recover-nobody = Personne n'est là pour répondre
rec-recover-nobody = Lancez-le dans un terminal ; dans un exercice, --assume-yes répond à toutes les questions.
err-recover-child = Ce programme ne se retrouve pas lui-même
err-recover-start = { $program } ne peut pas être lancé
day-board = { $back } sur { $total } de retour
day-begin = { $place }/{ $total } { $name }. { $reason }
day-back = { $name } : de retour, après { $time }.
day-later = { $name } : plus tard.
day-failed = { $name } : ne marche pas encore.
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
day-command-failed = { $what } a fini avec le code { $code } : { $said }
