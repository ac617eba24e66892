# Ce que lisent les gens, en français : l'ordre du retour et ce qui tombe ensemble.
