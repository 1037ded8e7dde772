// Documents that are made when they are asked for: registered, and found when they are wanted. ITI TF-2 §3.61.

import { isOnDemand, ofKind } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { approved, listValue, textValue } from '../stored-queries.js'

const onDemandType = listValue('urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248')

export const onDemandCases: readonly Case[] = [
  named(
    'registered',
    'an on-demand entry is registered and found when it is asked for',
    'ITI TF-2:3.61.4.1.3',
    async bench => {
      const { entry, answer, patientId } = await registered(bench)
      const found = await bench.query('FindDocuments', { ...of(patientId), $XDSDocumentEntryType: onDemandType })
      const types = ofKind('DocumentEntry', found).map(isOnDemand)
      return [
        ...succeeded(answer),
        ...finds(found, [entry.entryUUID]),
        ...holds(types.every(Boolean), 'only on-demand entries', 'others too'),
      ]
    },
  ),
  named('hidden', 'who does not ask for on-demand entries gets none', 'ITI TF-2:3.18.4.1.2.3.6.2', async bench => {
    const { entry, patientId } = await registered(bench)
    return finds(await bench.query('FindDocuments', of(patientId)), [], [entry.entryUUID])
  }),
  named('stable-refused', 'a stable entry is not registered by ITI-61', 'ITI TF-2:3.61.4.1.2', async bench => {
    const patientId = await bench.patient(1)
    const entry = bench.samples.entry(patientId, { repositoryUniqueId: '2.999.1.1' })
    return refused(
      await bench.registerOnDemand(bench.samples.of(patientId, { entries: [entry] })),
      'XDSRegistryMetadataError',
      'XDSRegistryError',
    )
  }),
]

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `on-demand/${id}`, title, clause, option: 'On-Demand Documents', try: attempt }
}

function of(patientId: string) {
  return { $XDSDocumentEntryPatientId: textValue(patientId), $XDSDocumentEntryStatus: approved }
}

async function registered(bench: Bench) {
  const patientId = await bench.patient(1)
  const repositoryUniqueId = await bench.repositoryUniqueId()
  const entry = bench.samples.entry(patientId, { objectType: 'on-demand', creationTime: undefined, repositoryUniqueId })
  const answer = await bench.registerOnDemand(bench.samples.of(patientId, { entries: [entry] }))
  return { entry, answer, patientId }
}
