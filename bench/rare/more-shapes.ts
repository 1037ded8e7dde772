// More of them: versions, large submissions, merged patients, holds, and what a query may ask of a patient with many entries.
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import { quote, type TestRegistry } from '../../test/registry/a-registry.js'
import { anUpdate } from '../../test/registry/updates.js'
import { anOid, aSubmission, samplePatientId } from '../../test/samples/submission.js'
import {
  entries,
  findDocuments,
  firstEntry,
  type Grown,
  inPortions,
  kept,
  list,
  references,
  registering,
  removing,
  type Shape,
  updating,
} from './shapes.js'

export const otherShapes: Readonly<Record<string, Shape>> = {
  'versions of a document': { begin: versions },
  'versions of a document, hidden ones left out': { hides: true, begin: versions },
  'a large submission': {
    async begin(registry) {
      let size = 0
      const whole = () => aSubmission({ documentEntries: entries(size) })
      const all = async () => {
        const submission = await kept(registry, whole())
        return submission.submissionSets[0]?.entryUUID ?? ''
      }
      return {
        async grow(_, to) {
          size = Math.min(to, 2_000)
        },
        requests: {
          'registered (2,000 entries at most)': () => registering(registry, whole()),
          'sent again': async () => registering(registry, await kept(registry, whole())),
          GetSubmissionSetAndContents: async () => {
            const id = { $XDSSubmissionSetEntryUUID: quote(await all()) }
            return () => registry.query('GetSubmissionSetAndContents', id, references)
          },
          'removed whole (ITI-62)': async () => removing(registry, await kept(registry, whole())),
          'one entry removed (ITI-62)': async () => {
            const { documentEntries, associations } = await kept(registry, whole())
            const parts = [documentEntries[0]?.entryUUID ?? '', associations[0]?.entryUUID ?? '']
            return () => registry.remove(...parts)
          },
        },
      }
    },
  },
  'a chain of merged patients': {
    async begin(registry) {
      let number = 0
      let last = samplePatientId
      await firstEntry(registry)
      const next = async () => {
        number += 1
        const survivor = `M-${number}^^^&2.999.1.2.3&ISO`
        await registry.addPatient(survivor)
        const subsumed = last
        last = survivor
        return { subsumed, survivor }
      }
      return {
        async grow(from, to) {
          for (let at = from; at < Math.min(to, 1_000); at++) {
            const { subsumed, survivor } = await next()
            await registry.merge(subsumed, survivor)
          }
        },
        requests: {
          'one more merge (1,000 at most)': async () => {
            const { subsumed, survivor } = await next()
            return async () => {
              await registry.merge(subsumed, survivor)
              return {}
            }
          },
          'FindDocuments of the survivor': () => findDocuments(registry, { $XDSDocumentEntryPatientId: quote(last) }),
          'a submission': () => registering(registry, aSubmission({ patientId: last })),
          'removed (ITI-62)': async () => removing(registry, await kept(registry, aSubmission({ patientId: last }))),
        },
      }
    },
  },
  'documents under legal holds': {
    async begin(registry) {
      return {
        grow: (from, to) =>
          registry.context.store.holds.put(
            {
              ...{ id: `hold-${to}`, kind: 'document', values: Array.from({ length: to - from }, () => anOid()) },
              ...{ reason: 'audit', by: 'bench', sinceMs: 1 },
            },
            () => undefined,
          ),
        requests: {
          'a submission': () => registering(registry, aSubmission()),
          'removed (ITI-62)': async () => removing(registry, await kept(registry, aSubmission())),
        },
      }
    },
  },
  'a patient with many entries': {
    async begin(registry) {
      const of = (count: number) =>
        aSubmission({
          documentEntries: entries(count).map(entry => ({ ...entry, referenceIdList: [reference] })),
        })
      const codes = (scheme: string) => list(...Array.from({ length: 100 }, (_, index) => `${index}^^${scheme}`))
      const patterns = (text: string) =>
        list(...Array.from({ length: 100 }, (_, index) => text.replace('#', `${index}`)))
      return {
        grow: (from, to) => inPortions(from, to, count => kept(registry, of(count))),
        requests: {
          'a submission': () => registering(registry, aSubmission()),
          'FindDocuments, nothing found': () => findDocuments(registry, { $XDSDocumentEntryClassCode: codes('2.999') }),
          'by 100 codes of each kind': () =>
            findDocuments(registry, {
              $XDSDocumentEntryTypeCode: codes('2.999'),
              $XDSDocumentEntryConfidentialityCode: codes('2.999'),
              $XDSDocumentEntryEventCodeList: codes('2.999'),
            }),
          'by 100 authors': () => findDocuments(registry, { $XDSDocumentEntryAuthorPerson: patterns('%Nobody #%') }),
          'by an author of many %': () =>
            findDocuments(registry, { $XDSDocumentEntryAuthorPerson: list(`${'%a'.repeat(60)}%b`) }),
          'by times': () =>
            findDocuments(registry, {
              $XDSDocumentEntryCreationTimeFrom: '2027',
              $XDSDocumentEntryServiceStartTimeFrom: '2026',
              $XDSDocumentEntryServiceStopTimeTo: '2028',
            }),
          'by reference id, all': () => () =>
            registry.query(
              'FindDocumentsByReferenceId',
              {
                $XDSDocumentEntryPatientId: quote(samplePatientId),
                $XDSDocumentEntryStatus: "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
                $XDSDocumentEntryReferenceIdList: list(reference),
              },
              references,
            ),
        },
      }
    },
  },
}

export const hiddenType = 'text/plain'
const reference = 'r1^^^&2.999.4&ISO^urn:ihe:iti:xds:2013:order'

async function versions(registry: TestRegistry): Promise<Grown> {
  // Hidden where the domain hides any.
  await kept(registry, aSubmission({ documentEntry: { mimeType: hiddenType } }))
  let latest = await firstEntry(registry)
  const logicalID = latest.entryUUID
  let version = 1
  const next = (): Submission => {
    const request = anUpdate({ ...latest, logicalID }, {}, { previousVersion: String(version) })
    latest = request.documentEntries[0] as DocumentEntry
    version += 1
    return request
  }
  const byLogicalID = (level: string) => () =>
    registry.query('GetDocuments', { $XDSDocumentEntryLogicalID: list(logicalID), $MetadataLevel: level }, references)
  return {
    async grow(from, to) {
      for (let at = from; at < to; at++) {
        const { errors } = await registry.update(next())
        const refused = errors.find(({ severity }) => severity === 'Error')
        if (refused !== undefined) throw new Error(refused.codeContext)
      }
    },
    requests: {
      'one more version (ITI-57)': () => updating(registry, next()),
      'GetDocuments by logicalID': () => byLogicalID('1'),
      'GetDocuments by logicalID, all versions': () => byLogicalID('2'),
      FindDocuments: () => findDocuments(registry),
      'FindDocuments, all versions': () =>
        findDocuments(registry, {
          $MetadataLevel: '2',
          $XDSDocumentEntryStatus: list(
            ...['Approved', 'Deprecated'].map(status => `urn:oasis:names:tc:ebxml-regrep:StatusType:${status}`),
          ),
        }),
    },
  }
}
