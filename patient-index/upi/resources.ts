// National numbers for administrators: asked for, looked after, given up.
import { AdminProblem, type AdminRequest, type AdminResource } from '../../server/administration/resources.js'
import type { PatientIndexContext } from '../context.js'
import {
  type Asking,
  assignNumber,
  cancelNumber,
  inactivateNumber,
  type NationalNumber,
  numberFor,
} from './national-number.js'
import type { RegisteredPerson } from './upi.js'

export function nationalNumberResources(context: PatientIndexContext): AdminResource[] {
  const path = '/admin/persons/epr-spid'
  return [
    {
      path,
      method: 'POST',
      does: 'ask the UPI for the EPR-SPID of a person',
      answer: async request => {
        const person = request.rest === '' ? personIn(request) : undefined
        if (person !== undefined) return told(await numberFor(person, ahvNumberIn(request), context))
        return told(await assignNumber(askingIn(request), ahvNumberIn(request), context))
      },
    },
    {
      path: `${path}/cancel`,
      method: 'POST',
      does: 'have the UPI cancel the EPR-SPID of a person',
      answer: async request => told(await cancelNumber(askingIn(request), ahvNumberIn(request), context)),
    },
    {
      path: `${path}/inactivate`,
      method: 'POST',
      does: 'have the UPI end one EPR-SPID of a person in another',
      answer: async request => told(await inactivateNumber(askingIn(request), activeIn(request), context)),
    },
  ]
}

function told({ number, what, notices }: NationalNumber): object {
  return { number: number ?? null, what, notices }
}

const sexes: Readonly<Record<string, RegisteredPerson['sex']>> = { M: '1', F: '2' }

/** Somebody of whom no source has told yet. */
function personIn({ body }: AdminRequest): RegisteredPerson | undefined {
  const [officialName, firstName, dateOfBirth] = ['family', 'given', 'born'].map(name => textIn(body, name))
  if (officialName === undefined || firstName === undefined || dateOfBirth === undefined) return undefined
  if (!/^\d{4}(-\d{2}){0,2}$/.test(dateOfBirth))
    throw new AdminProblem(400, 'born is to be YYYY-MM-DD, YYYY-MM or YYYY')
  const originalName = textIn(body, 'birthName')
  const sex = sexes[textIn(body, 'sex') ?? ''] ?? '3'
  return { firstName, officialName, dateOfBirth, sex, ...(originalName === undefined ? {} : { originalName }) }
}

/** The person stands in the path, so that the audit names whom it was about. */
function askingIn({ rest, body, partner }: AdminRequest): Asking {
  if (rest === '') throw new AdminProblem(400, 'say whom in the path (…/ID^^^&OID&ISO), or by family, given and born')
  const why = textIn(body, 'why') ?? 'by an administrator'
  return { patientId: rest, by: partner.name, why: why.slice(0, 500) }
}

/** As it stands on the card, with dots, or without. */
function ahvNumberIn({ body }: AdminRequest): string | undefined {
  return textIn(body, 'ahvNumber')?.replace(/[.\s]/g, '')
}

function activeIn({ body }: AdminRequest): string {
  const activeId = textIn(body, 'activeId')
  if (activeId === undefined) throw new AdminProblem(400, 'send {"activeId": "ID^^^&OID&ISO"}: whose number stays')
  return activeId
}

function textIn(body: unknown, name: string): string | undefined {
  const value = (body as Record<string, unknown> | null | undefined)?.[name]
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}
