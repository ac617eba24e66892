# What people read, in English: the order of return and what falls together.
