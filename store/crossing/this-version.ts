// A database crosses as this version of its service has it, whichever engine it leaves.

/** Said to whoever asked for it. */
export class NotOfThisVersion extends Error {}

/** @throws NotOfThisVersion unless exactly these steps were taken. */
export function assertOfThisVersion(
  place: string,
  done: readonly string[],
  migrations: readonly { readonly name: string }[],
): void {
  if (done.length === migrations.length && migrations.every(({ name }) => done.includes(name))) return
  throw new NotOfThisVersion(
    `${place} is not a database of this version for this service: start it once with this version, and end it again`,
  )
}
