// What an MSH must say so that its message can be followed: which one it is, and that it is for us. HL7 v2.5.1 §2.9.2.2, §2.15.9.
import type { Hl7Error } from '../../hl7v2/errors.js'
import type { Hl7Header } from '../../hl7v2/message.js'

/** Messages that a transaction takes, by MSH-9. */
export interface TakenMessages {
  code: string
  events: readonly string[]
  /** Where the framework says so: of the code and of the events. */
  clauses: { code: string; event: string }
}

/** [HL7 v2.5.1: 2.9.2.2] */
export function headerErrors(header: Hl7Header, taken: readonly TakenMessages[]): Hl7Error[] {
  const { controlId, processingId, version } = header
  const errors = typeErrors(header, taken)
  if (controlId === '') {
    const text = 'the message has no control id'
    errors.push({ condition: '101', at: 'MSH-10', text, clause: 'HL7 v2.5.1: 2.15.9.10' })
  }
  if (!/^[PTD]$/.test(processingId)) {
    const text = `the processing id is P, T or D, not ${processingId || 'empty'}`
    errors.push({ condition: '202', at: 'MSH-11', text, clause: 'HL7 v2.5.1: 2.15.9.11' })
  }
  if (!/^2(\.\d){1,2}$/.test(version)) {
    const text = `versions 2.x are read here, not ${version || 'none'}`
    errors.push({ condition: '203', at: 'MSH-12', text, clause: 'HL7 v2.5.1: 2.15.9.12' })
  }
  return errors
}

function typeErrors({ messageCode, triggerEvent }: Hl7Header, taken: readonly TakenMessages[]): Hl7Error[] {
  const ofCode = taken.filter(({ code }) => code === messageCode)
  const clauses = (ofCode[0] ?? taken[0])?.clauses
  if (ofCode.length === 0) {
    const codes = [...new Set(taken.map(({ code }) => code))]
    const are = codes.length === 1 ? 'is' : 'are'
    const text = `${codes.join(', ')} ${are} taken here, not ${messageCode || 'a message without type'}`
    return [{ condition: '200', at: 'MSH-9', text, clause: clauses?.code ?? '' }]
  }
  const events = ofCode.flatMap(each => each.events)
  if (events.includes(triggerEvent)) return []
  const text = `the events taken here are ${events.join(', ')}, not ${triggerEvent || 'none'}`
  return [{ condition: '201', at: 'MSH-9', text, clause: clauses?.event ?? '' }]
}
