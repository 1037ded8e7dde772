// What the registry has of all patients together, as queries by patient and by Folder show it: the same as queries by document.
import { approved, deprecated, storedQueryIds } from '../acceptance/stored-queries.js'
import { registryStoredQuery } from '../transactions/xds.js'
import { type Doing, nameOf } from './doing.js'
import type { SentDocument, SentFolder } from './ledger.js'
import { changesOf } from './looking.js'
import { patients } from './sending.js'

/** Of each patient all that was seen, and nothing else; of a patient who was merged it stands behind the survivor. [ITI TF-2:3.44.4.2.4] */
export async function nothingElseIsThere({ party, ledger }: Doing): Promise<void> {
  const owners = new Map<string, string>()
  for (const patientId of new Set([...patients, ...ledger.documents.map(document => document.patientId)])) {
    for (const status of [approved, deprecated]) {
      const { response } = await party.ask(registryStoredQuery, {
        id: storedQueryIds.FindDocuments,
        returnType: 'LeafClass',
        slots: [
          { name: '$XDSDocumentEntryPatientId', values: [`'${patientId}'`] },
          { name: '$XDSDocumentEntryStatus', values: [status] },
        ],
      })
      for (const { uniqueId = '', patientId: owner = '' } of response?.result?.documentEntries ?? [])
        owners.set(uniqueId, owner)
    }
  }
  for (const uniqueId of owners.keys()) {
    if (!ledger.documents.some(document => document.uniqueId === uniqueId && document.isSeen))
      ledger.faults.push(`an entry ${uniqueId} is there that nobody sent, or that is not found by its id`)
  }
  for (const document of ledger.documents.filter(({ isSeen }) => isSeen)) {
    const owner = owners.get(document.uniqueId)
    const possible = ownersOf(document, ledger.merges)
    if (owner === undefined) ledger.faults.push(`document ${nameOf(document)} is not found among those of a patient`)
    else if (!possible.includes(owner))
      ledger.faults.push(`document ${nameOf(document)} is of ${owner} and not of ${possible.join(' or ')}`)
  }
}

function ownersOf({ patientId }: SentDocument, merges: Doing['ledger']['merges']): string[] {
  const merge = merges.find(({ subsumed, outcome }) => subsumed === patientId && outcome !== 'refused')
  if (merge === undefined) return [patientId]
  return merge.outcome === 'acknowledged' ? [merge.survivor] : [patientId, merge.survivor]
}

/** What was put into a Folder, and whatever has taken the place of that, is in it. [ITI TF-2:3.42.4.1.3.5] */
export async function foldersAreWhole({ party, ledger }: Doing): Promise<void> {
  for (const { folder, submission, members } of ledger.folders) {
    const { response } = await party.ask(registryStoredQuery, {
      id: storedQueryIds.GetFolderAndContents,
      returnType: 'LeafClass',
      slots: [{ name: '$XDSFolderUniqueId', values: [`'${folder.uniqueId}'`] }],
    })
    const said = (what: string) => ledger.faults.push(`the Folder of submission ${submission.number}: ${what}`)
    const result = response?.result
    if (result === undefined) {
      said('no answer although all is calm')
      return
    }
    const [found] = result.folders
    const isSeen = submission.documents.every(document => document.isSeen)
    if ((found !== undefined) !== isSeen) said(`it is ${isSeen ? 'not there' : 'there'}, unlike its documents`)
    if (found !== undefined) for (const change of changesOf(folder, found)) said(change)
    const expected = isSeen ? contentsOf(members) : []
    const seen = new Set(result.documentEntries.map(({ uniqueId }) => uniqueId ?? ''))
    for (const document of expected) if (!seen.has(document.uniqueId)) said(`${nameOf(document)} is not in it`)
    const known = new Set(expected.map(({ uniqueId }) => uniqueId))
    for (const uniqueId of seen) if (!known.has(uniqueId)) said(`${uniqueId} is in it, where nobody has put it`)
  }
}

function contentsOf(members: SentFolder['members']): SentDocument[] {
  return members.flatMap(member => (member.isSeen ? [member, ...contentsOf(member.replacedBy)] : []))
}
