# What people read, in English: deadlines and drafts.
