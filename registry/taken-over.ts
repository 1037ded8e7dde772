// What new versions take over from those before: Folder membership and relationships. ITI TF-2 §3.57.4.1.3.3.1.5, §3.57.4.1.3.3.3.5.
import { type NewVersion, propagates } from './operations.js'
import type { Link, LinkEnd } from './store/facts.js'

/** One Association of a former version, as it is to be repeated. */
export interface TakenOver {
  link: Link
  source: TakenOverEnd
  target: TakenOverEnd
}

export type TakenOverEnd = { newVersion: NewVersion } | { registered: LinkEnd }

/** Each once, however many of its ends have new versions. */
export function takenOver(newVersions: readonly NewVersion[]): TakenOver[] {
  const byFormer = new Map(newVersions.map(version => [version.latest?.object.entryUUID, version]))
  const repeated = new Map<string, TakenOver>()
  for (const version of newVersions.filter(propagates)) {
    for (const link of version.latest?.links ?? []) {
      const source = endOf(link.source, link, byFormer)
      const target = endOf(link.target, link, byFormer)
      if (source === undefined || target === undefined) continue
      repeated.set(`${link.associationType} ${idOf(source)} ${idOf(target)}`, { link, source, target })
    }
  }
  return [...repeated.values()]
}

/** As the request calls it. */
export function idOf(end: TakenOverEnd): string {
  return 'newVersion' in end ? end.newVersion.object.entryUUID : end.registered.entryUUID
}

/** Nothing leads to what is not the latest version, and no Folder takes in what is Deprecated. [ITI TF-3:4.2.2] */
function endOf(
  end: LinkEnd,
  { associationType }: Link,
  byFormer: ReadonlyMap<string | undefined, NewVersion>,
): TakenOverEnd | undefined {
  const newVersion = byFormer.get(end.entryUUID)
  if (newVersion !== undefined) return propagates(newVersion) ? { newVersion } : undefined
  const isInForce = end.availabilityStatus === 'Approved' || associationType !== 'HasMember'
  return end.isLatest && isInForce ? { registered: end } : undefined
}
