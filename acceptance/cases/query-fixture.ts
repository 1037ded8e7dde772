// What the queries of the suite are asked about: an entry with every attribute, in a Folder, beside one that was replaced.
import type { Association, DocumentEntry, Folder, SubmissionSet } from '../../metadata/model.js'
import type { Bench } from '../bench.js'
import { codes } from '../sample.js'

export interface QueryFixture {
  patientId: string
  otherPatientId: string
  entry: DocumentEntry
  submissionSet: SubmissionSet
  /** Not there where the domain has no Folders. */
  folder: Folder
  /** The Folder, if there is one. */
  folders: Folder[]
  /** Of the Folder to the entry; where there is none, of the SubmissionSet. */
  membership: Association
  /** Deprecated by `replacement`. */
  replaced: DocumentEntry
  replacement: DocumentEntry
  relation: Association
}

export function queryFixture(bench: Bench): Promise<QueryFixture> {
  return bench.once('query fixture', async () => {
    const {
      samples,
      domain: { lacks },
    } = bench
    const patientId = await bench.patient(1)
    const otherPatientId = await bench.patient(2)
    const entry = samples.entry(patientId, {
      serviceStartTime: '20260310',
      serviceStopTime: '20260312',
      eventCodeList: [codes.event, codes.otherEvent],
      confidentialityCode: lacks.has('several confidentialityCodes')
        ? [codes.restricted]
        : [codes.confidentialityCode, codes.restricted],
      referenceIdList: [`${samples.oid()}^^^&2.999.5&ISO^urn:ihe:iti:xds:2013:order`],
    })
    const folder = samples.folder(patientId)
    const folders = lacks.has('Folders') ? [] : [folder]
    const associations = folders.map(each => samples.association('HasMember', each.entryUUID, entry.entryUUID))
    const whole = samples.of(patientId, { entries: [entry], folders, associations })
    const membership = associations[0] ?? whole.submission.associations[0]!
    await bench.given(whole)
    const replaced = samples.entry(patientId)
    await bench.given(samples.of(patientId, { entries: [replaced] }))
    const replacement = samples.entry(patientId)
    const relation = samples.association('RPLC', replacement.entryUUID, replaced.entryUUID)
    await bench.given(samples.of(patientId, { entries: [replacement], associations: [relation] }))
    const [submissionSet] = whole.submission.submissionSets
    const objects = {
      entry,
      submissionSet: submissionSet!,
      folder,
      folders,
      membership,
      replaced,
      replacement,
      relation,
    }
    return { patientId, otherPatientId, ...objects }
  })
}
