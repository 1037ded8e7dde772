// Rules for the metadata as a whole: what a submission may hold. ITI TF-2 §3.42.4.1.2, §3.61.4.1.2, TF-3 §4.2.1.4.

import type { DocumentEntry } from '../../metadata/model.js'
import { counted, quoted } from '../../metadata/words.js'
import { firstInstantOf } from '../dtm.js'
import type { Breach, Rule } from './rule.js'

const code = 'XDSRegistryMetadataError'

/** [ITI TF-3:4.2.1.4] */
export const oneSubmissionSet: Rule = {
  clause: 'ITI TF-3:4.2.1.4',
  breaches({ submissionSets, findings }) {
    // A package without a Classification may have been meant as the one that is missing; it has been named already.
    const mayBeUnread = findings.some(finding => finding.object.startsWith('RegistryPackage '))
    if (submissionSets.length === 1 || (submissionSets.length === 0 && mayBeUnread)) return []
    const found = counted(submissionSets.length, 'SubmissionSet')
    return [{ code, object: 'SubmitObjectsRequest', expected: 'exactly one SubmissionSet', found }]
  },
}

/** [ITI TF-2:3.42.4.1.2] */
export const stableEntriesOnly: Rule = {
  clause: 'ITI TF-2:3.42.4.1.2',
  breaches: ({ documentEntries }) =>
    documentEntries
      .filter(entry => entry.objectType === 'on-demand')
      .map(object => ({
        code,
        object,
        attribute: 'objectType',
        expected: 'a stable DocumentEntry (on-demand entries are registered by ITI-61)',
        found: 'on-demand',
      })),
}

/** [ITI TF-2:3.61.4.1.2] */
export const someOnDemandEntry: Rule = {
  clause: 'ITI TF-2:3.61.4.1.2',
  breaches: ({ documentEntries }) =>
    documentEntries.length > 0
      ? []
      : [{ code, object: 'SubmitObjectsRequest', expected: 'an on-demand DocumentEntry at the least', found: 'none' }],
}

/** Changes of what is registered are for ITI-57. [XDS Metadata Update 3.57] */
export const noUpdates: Rule = {
  clause: 'ITI TF-3: Table 4.2.2-1',
  breaches: ({ associations }) =>
    associations.flatMap((object): Breach[] => {
      const expected = 'nothing that changes registered metadata (that is for ITI-57)'
      if (object.associationType === 'UpdateAvailabilityStatus' || object.associationType === 'SubmitAssociation') {
        return [{ code, object, attribute: 'associationType', expected, found: object.associationType }]
      }
      if (object.previousVersion === undefined) return []
      return [{ code, object, attribute: 'previousVersion', expected, found: quoted(object.previousVersion) }]
    }),
}

/** [ITI TF-2:3.42.4.1.3.3.6] */
export const serviceTimesInOrder: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.3.6',
  breaches: ({ documentEntries, sound }) =>
    documentEntries
      .filter(entry => sound(entry, 'serviceStartTime') && sound(entry, 'serviceStopTime') && !timesInOrder(entry))
      .map(object => ({
        code,
        object,
        attribute: 'serviceStopTime',
        expected: `a time at or after serviceStartTime ${quoted(object.serviceStartTime ?? '')}`,
        found: quoted(object.serviceStopTime ?? ''),
      })),
}

/** `2026` and `20260401` do not contradict one another: only what both of them say is compared. */
function timesInOrder({ serviceStartTime = '', serviceStopTime = '' }: DocumentEntry): boolean {
  const known = Math.min(serviceStartTime.length, serviceStopTime.length)
  const [start, stop] = [serviceStartTime, serviceStopTime].map(time => firstInstantOf(time.slice(0, known)))
  return start === undefined || stop === undefined || start <= stop
}
