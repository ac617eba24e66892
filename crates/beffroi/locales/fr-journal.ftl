# Ce que lisent les gens, en français : le journal de crise.
