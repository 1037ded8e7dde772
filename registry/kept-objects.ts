// Registry objects as values again, out of the fragments in which they are kept.
import { decodeRegistryObjectList, type Fragment, type RegistryObjects, spliced } from '../metadata/fragment.js'
import { namespaces } from '../soap/namespaces.js'
import { parseXml } from '../soap/xml.js'

/** Status and lastUpdateTime are not theirs: those stand in columns. */
export function keptObjects(fragments: readonly Fragment[]): RegistryObjects {
  const xml = fragments.flatMap(fragment => spliced(fragment, { availabilityStatus: 'Approved' })).join('')
  return decodeRegistryObjectList(
    parseXml(`<rim:RegistryObjectList xmlns:rim="${namespaces.rim}">${xml}</rim:RegistryObjectList>`),
  )
}
