# What people read, in English: the journal of a crisis.
