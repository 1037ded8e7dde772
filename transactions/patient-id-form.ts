// What a patient id must look like so that XDS metadata can carry it: nobody could submit or ask for another. ITI TF-3 Table 4.2.3.1.7-2.
import { lengthOf } from '../metadata/data-types.js'

/** Why an id can be kept and written down by nobody. */
export interface IdProblem {
  kind: 'tooLong' | 'malformed'
  at: 'patientIds' | 'subsumedIds'
  clause: string
  text: string
}

/** Of a value in ebRIM: rim:ExternalIdentifier@value and rim:Value. [ITI TF-3:4.2.3.1.1] */
const mostCharacters = 256
/** One patient has a few ids; a message must not keep the registry busy with more. */
const mostIds = 100

/** Those of every id of the message, whoever gave it: what we cannot keep we cannot write down either. */
export function idFormProblems(message: Record<IdProblem['at'], readonly string[]>): IdProblem[] {
  return (['patientIds', 'subsumedIds'] as const).flatMap(at =>
    tooMany(message[at].length, at).concat(
      message[at].slice(0, mostIds).flatMap((cx, index) => {
        const name = `${at === 'patientIds' ? 'patient id' : 'subsumed patient id'} number ${index + 1}`
        return faultsOf(cx).map(({ kind, clause, text }) => ({ kind, at, clause, text: `${name}: ${text}` }))
      }),
    ),
  )
}

function tooMany(count: number, at: IdProblem['at']): IdProblem[] {
  if (count <= mostIds) return []
  const text = `expected at most ${mostIds} patient ids, found ${count}`
  return [{ kind: 'tooLong', at, clause: 'ITI TF-2:3.44.4.1.2', text }]
}

/** As text that a message of ours can quote. */
function faultsOf(cx: string): Omit<IdProblem, 'at'>[] {
  const length = lengthOf(cx)
  const character = unwritable.exec(cx)
  const faults: Omit<IdProblem, 'at'>[] = []
  if (length > mostCharacters) {
    const text = `expected at most ${mostCharacters} characters as id^^^&OID&ISO, found ${length}`
    faults.push({ kind: 'tooLong', clause: 'ITI TF-3:4.2.3.1.1', text })
  }
  if (character !== null) {
    const code = (character[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    const text = `expected no control characters, found U+${code} behind ${character.index} others`
    faults.push({ kind: 'malformed', clause: 'ITI TF-3: Table 4.2.3.1.7-2', text })
  }
  return faults
}

/** Control characters, and what XML cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const unwritable = /[\u0000-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/u
