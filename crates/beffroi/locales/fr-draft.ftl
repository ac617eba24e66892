# Ce que lisent les gens, en français : les échéances et les brouillons.
