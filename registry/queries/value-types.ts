// What the values of query parameters stand for. ITI TF-2 §3.18.4.1.2.3.
import { canonicalId } from '../../metadata/entry-uuid.js'
import { unescapeHl7 } from '../../metadata/hl7.js'
import type { AvailabilityStatus, DocumentEntryType } from '../../metadata/model.js'
import { associationTypes, documentEntryTypes, statusTypes } from '../../metadata/uuids.js'
import { firstInstantOf } from '../dtm.js'
import type { CodeValue } from '../store/reader.js'

export interface ValueType<Value> {
  /** In words, for whoever wrote it otherwise. */
  expected: string
  /** Whether a value may stand without quotes. */
  bare?: true
  /** The value; nothing when it is one to be passed over; undefined when it is none. */
  read(text: string): [Value] | [] | undefined
}

/** A text in quotes, whatever is in it. */
export const text: ValueType<string> = { expected: "a text in single quotes, as 'text'", read: value => [value] }

export const uuid: ValueType<string> = {
  expected: "a UUID in single quotes, as 'urn:uuid:…'",
  read: value => [canonicalId(value)],
}

/** [ITI TF-2:3.18.4.1.2.3.4] */
export const code: ValueType<CodeValue> = {
  expected: "a code with its scheme in single quotes, as 'code^^codingScheme'",
  read(value) {
    const [code, middle, codingScheme, ...more] = value.split('^')
    if (!code || middle !== '' || !codingScheme || more.length > 0) return undefined
    return [{ code: unescapeHl7(code), codingScheme: unescapeHl7(codingScheme) }]
  },
}

/** [ITI TF-2:3.18.4.1.2.3.3] */
export const time: ValueType<string> = {
  expected: 'a date and time in UTC as YYYY[MM[DD[hh[mm[ss]]]]]',
  bare: true,
  read(value) {
    const instant = firstInstantOf(value)
    return instant === undefined ? undefined : [instant]
  },
}

/** Values that we do not understand are passed over. [ITI TF-2:3.18.4.1.2.3.6] */
export const status = oneOfUrns<AvailabilityStatus>('an availability status', statusTypes)

/** [ITI TF-2:3.18.4.1.2.3.6.2] */
export const documentEntryType = oneOfUrns<DocumentEntryType>('a document entry type', documentEntryTypes)

/** A type that we do not know joins nothing here. [ITI TF-2:3.18.4.1.2.3.7.13] */
export const associationType: ValueType<string> = {
  expected: `an association type in single quotes, as '${associationTypes.RPLC}'`,
  read(value) {
    const [known] = wordsFor(associationTypes, value)
    return [known ?? value]
  },
}

/** The level of Metadata Update: without versions, or with all of them. */
export const metadataLevel: ValueType<number> = {
  expected: '1 or 2',
  bare: true,
  read: value => (value === '1' || value === '2' ? [Number(value)] : undefined),
}

function oneOfUrns<Word extends string>(what: string, urns: Readonly<Record<Word, string>>): ValueType<Word> {
  return { expected: `${what} in single quotes, as '${Object.values(urns)[0]}'`, read: value => wordsFor(urns, value) }
}

function wordsFor<Word extends string>(urns: Readonly<Record<Word, string>>, urn: string): [Word] | [] {
  const found = (Object.entries(urns) as [Word, string][]).find(([, known]) => known === urn)
  return found === undefined ? [] : [found[0]]
}
