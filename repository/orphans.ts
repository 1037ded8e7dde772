// How much may belong to no document: a process that dies leaves little, wherever documents are kept.

/**
 * More are those of a database that is not the one of these documents, or older than they are: a restored one, say, and what it does not know
 * was acknowledged all the same.
 */
export const mostOrphans = 1_000

/** For the log, where a sweep refuses to go on. */
export const tooManyOrphans = (what: string, where: string, holder: string) =>
  `more than ${mostOrphans} ${what} ${where} belong to no document, and none of them was removed: is the database older than the ${holder}?`
