# Ce que lisent les gens, en français : la carte de la ville.
