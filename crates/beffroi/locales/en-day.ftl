# What people read, in English: the return of services and the day of an exercise.
