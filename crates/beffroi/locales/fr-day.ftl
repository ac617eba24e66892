# Ce que lisent les gens, en français : le retour des services et la journée d'exercice.
