# What people read, in English: the map of the town.
