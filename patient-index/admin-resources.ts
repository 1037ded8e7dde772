// Persons for administrators: who is taken for whom and why, pairs that wait for somebody, and what no message may ask for.

import { limitIn } from '../server/administration/asked-list.js'
import { AdminProblem, type AdminRequest, type AdminResource } from '../server/administration/resources.js'
import type { PatientIndexContext } from './context.js'
import { decide, givenBack, join, separateRecord, standingMerge, undoMerge } from './deciding.js'
import type { PatientRecord } from './kept/records.js'
import type { ReviewPair } from './kept/reviews.js'

export function personResources(context: PatientIndexContext): AdminResource[] {
  const { persons, store } = context
  return [
    {
      path: '/admin/persons',
      method: 'GET',
      does: 'show a person of the patient index',
      answer: async ({ rest }) => shown(rest, context),
    },
    {
      path: '/admin/persons/separate',
      method: 'POST',
      does: 'make a patient record a person of its own',
      answer: ({ body, partner }) =>
        store.write(() => {
          const record = recordNamed(body, 'patientId', context)
          separateRecord({ record, by: partner.name, why: reasonIn(body) }, context)
          return shown(record.patientId, context)
        }),
    },
    {
      path: '/admin/persons/join',
      method: 'POST',
      does: 'join two persons of the patient index',
      answer: ({ body, partner }) =>
        store.write(() => {
          const [stays, ends] = [recordNamed(body, 'patientId', context), recordNamed(body, 'subsumedId', context)]
          join(stays, ends, { by: partner.name, why: reasonIn(body) }, context)
          return shown(stays.patientId, context)
        }),
    },
    {
      path: '/admin/persons/unmerge',
      method: 'GET',
      does: 'show what undoing a merge would bring back',
      answer: async ({ rest }) => comingBack(rest, context),
    },
    {
      path: '/admin/persons/unmerge',
      method: 'POST',
      does: 'undo a merge of the patient index',
      answer: request => store.write(() => undone(request, context)),
    },
    {
      path: '/admin/reviews',
      method: 'GET',
      does: 'list pairs of patient records to look at',
      answer: async ({ query }) => ({
        reviews: persons.reviews('open', limitIn(query)).map(pair => reviewed(pair, context)),
      }),
    },
    {
      path: '/admin/reviews/decide',
      method: 'POST',
      does: 'decide whether two patient records are of one person',
      answer: request => store.write(() => decided(request, context)),
    },
  ]
}

function shown(patientId: string, { persons }: PatientIndexContext): object {
  const person = persons.personBy(patientId)
  if (person === undefined) throw new AdminProblem(404, `${patientId} is not known here`)
  return {
    patientIds: persons.idsOf(person),
    records: persons.recordsOf(person).map(told),
    history: persons.historyOf(person, 1_000),
  }
}

function undone({ rest: patientId, body, partner }: AdminRequest, context: PatientIndexContext): object {
  undoMerge({ patientId, by: partner, why: reasonIn(body) }, context)
  return shown(patientId, context)
}

function comingBack(patientId: string, context: PatientIndexContext): object {
  const { persons, config } = context
  const { ended, survivor } = standingMerge(patientId, context)
  return {
    patientId,
    survivor: persons.ownIdOf(survivor, config.assigningAuthority),
    revived: givenBack(patientId, context),
    records: ended.map(each => each.patientId),
    registries: config.registries,
  }
}

function told({ patientId, body, changedMs }: PatientRecord): object {
  return { patientId, person: body, changed: new Date(changedMs).toISOString() }
}

function reviewed({ review, one, other, weight, parts }: ReviewPair, { persons }: PatientIndexContext): object {
  const records = [one, other].map(record => persons.record(record)).filter(record => record !== undefined)
  return { review, weight, parts, records: records.map(told) }
}

function recordNamed(body: unknown, name: string, { persons }: PatientIndexContext): PatientRecord {
  const patientId = (body as { [key: string]: unknown } | null | undefined)?.[name]
  if (typeof patientId !== 'string') throw new AdminProblem(400, `send {"${name}": "ID^^^&OID&ISO"}`)
  const record = persons.recordBy(patientId)
  if (record === undefined || record.hasEnded) throw new AdminProblem(404, `${patientId} is no record of a source here`)
  return record
}

function reasonIn(body: unknown): string {
  const reason = (body as { why?: unknown } | null | undefined)?.why
  return typeof reason === 'string' && reason.trim() !== '' ? reason.trim().slice(0, 500) : 'by an administrator'
}

function decided({ body, partner }: AdminRequest, context: PatientIndexContext): object {
  const { review, verdict } = (body ?? {}) as { review?: unknown; verdict?: unknown }
  if (typeof review !== 'number' || (verdict !== 'same' && verdict !== 'different')) {
    throw new AdminProblem(400, 'send {"review": NUMBER, "verdict": "same"} or "different"')
  }
  const [one] = decide({ review, verdict, by: partner.name, why: reasonIn(body) }, context)
  return { review, verdict, patientIds: context.persons.idsOf(one.person) }
}
