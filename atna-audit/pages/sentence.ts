// A record as a sentence: a text of the table, and what is filled in.
import { type Language, piecesOf } from '../../pages/languages.js'
import { type TextName, textsOf } from './texts/texts.js'
import type { Told } from './told.js'

/** What stands in a sentence, so that a page can make a link of it. */
export interface Piece {
  text: string
  of?: 'patient' | 'document' | 'person' | 'system'
  /** Of a patient, with the authority that gave it; the text is the bare one, which people know by heart. */
  id?: string
}

/** Which sentence; by transaction or event, and by action where one event tells of several things. */
const sentenceNames: Readonly<Record<string, TextName>> = {
  'ITI-41': 'told.submit',
  'ITI-80': 'told.submit',
  'ITI-42': 'told.register',
  'ITI-61': 'told.onDemand',
  'ITI-18': 'told.query',
  'ITI-38': 'told.query',
  'ITI-51': 'told.queryMany',
  'ITI-43': 'told.retrieve',
  'ITI-39': 'told.retrieve',
  'ITI-63': 'told.query',
  'RAD-69': 'told.retrieve',
  'RAD-75': 'told.retrieve',
  'ITI-57': 'told.update',
  'ITI-92': 'told.update',
  'ITI-62': 'told.removeMetadata',
  'ITI-86': 'told.removeDocuments',
  'ITI-45': 'told.patientQuery',
  'ITI-47': 'told.patientQuery',
  'ITI-55': 'told.patientQuery',
  'ITI-56': 'told.patientQuery',
  'ITI-40': 'told.assertion',
  'ITI-81': 'told.logRead',
  'C ITI-8': 'told.patientAdded',
  'U ITI-8': 'told.patientChanged',
  'D ITI-8': 'told.patientMerged',
  'C ITI-44': 'told.patientAdded',
  'U ITI-44': 'told.patientChanged',
  'D ITI-44': 'told.patientMerged',
  'C 110110': 'told.patientAdded',
  'U 110110': 'told.patientChanged',
  'D 110110': 'told.patientMerged',
  110101: 'told.logRead',
  110106: 'told.exported',
  110107: 'told.imported',
  110112: 'told.query',
  110113: 'told.alert',
  110114: 'told.authentication',
  110120: 'told.started',
  110121: 'told.stopped',
  110122: 'told.signedIn',
  110123: 'told.signedOut',
  110126: 'told.nodeRefused',
  110132: 'told.restricted',
  110135: 'told.spoilt',
}
/** A kind is what anybody wrote, `constructor` for example. */
const sentences: ReadonlyMap<string, TextName> = new Map(Object.entries(sentenceNames))

export function sentenceOf(told: Told, language: Language): Piece[] {
  const texts = textsOf(language)
  if (told.view === undefined && told.kind === '') {
    return [{ text: texts['told.unreadable'] }]
  }
  const name = sentences.get(`${told.action} ${told.kind}`) ?? sentences.get(told.kind) ?? 'told.other'
  return piecesOf(texts[name]).flatMap(piece => (piece.name === undefined ? [piece] : value(piece.name, told, texts)))
}

export function plainSentence(told: Told, language: Language): string {
  return sentenceOf(told, language)
    .map(({ text, id }) => id ?? text)
    .join('')
}

type Texts = ReturnType<typeof textsOf>

function value(name: string, told: Told, texts: Texts): Piece[] {
  switch (name) {
    case 'who':
      return who(told, texts)
    case 'from':
      return systemIn(told.from?.name, texts)
    case 'to':
      return systemIn(told.to?.name, texts)
    case 'application':
      return systemIn(told.application?.name || told.from?.name || writerOf(told), texts)
    case 'patient':
      return patientsIn(told, texts)
    case 'documents':
      return documentsIn(told, texts)
    case 'kind':
      return [{ text: [told.kind, told.kindText].filter(Boolean).join(' ') || texts['some.event'] }]
    default:
      return [{ text: name }]
  }
}

/** In which of the two sides the asking system is: on a retrieval the data flow the other way. */
const askedByDestination: ReadonlySet<string> = new Set(['ITI-43', 'ITI-39', 'RAD-69', 'RAD-75'])

export function askingSystem({ kind, from, to, application }: Told): Told['from'] {
  return (askedByDestination.has(kind) ? to : from) ?? application
}

export function answeringSystem({ kind, from, to }: Told): Told['from'] {
  return askedByDestination.has(kind) ? from : to
}

function who(told: Told, texts: Texts): Piece[] {
  const system = askingSystem(told)?.name
  if (told.people.length === 0) return systemIn(system, texts)
  return told.people
    .slice(0, 3)
    .flatMap((one, index): Piece[] => [
      ...(index === 0 ? [] : [{ text: ', ' }]),
      { text: one.name, of: 'person' },
      ...asWhat(one.roles, index === 0 ? throughOf(told) : undefined, texts),
    ])
}

/** The system between a person and what was done; where they use a service itself there is none. */
function throughOf(told: Told): string | undefined {
  const { name } = askingSystem({ ...told, application: undefined }) ?? {}
  return name === '' ? undefined : name
}

function asWhat(roles: string[], through: string | undefined, texts: Texts): Piece[] {
  const names = roles.map(role => (texts as Record<string, string>)[`role.${role}`]).filter(name => name !== undefined)
  const said = names.join(', ')
  if (through === undefined) return said === '' ? [] : [{ text: ` (${said})` }]
  return [
    { text: ` (${said}${said === '' ? '' : ', '}${texts['some.through']} ` },
    { text: through, of: 'system' },
    { text: ')' },
  ]
}

function systemIn(name: string | undefined, texts: Texts): Piece[] {
  return name === undefined || name === '' ? [{ text: texts['some.system'] }] : [{ text: name, of: 'system' }]
}

function writerOf({ source, host }: Told): string | undefined {
  return source || host
}

function patientsIn({ patients }: Told, texts: Texts): Piece[] {
  const [first, ...others] = patients
  if (first === undefined) return [{ text: texts['some.patient'] }]
  const more = others.length === 0 ? [] : [{ text: ` (+${others.length})` }]
  return [
    { text: `${texts['some.thePatient']} ` },
    { text: first.split('^', 1)[0] || first, of: 'patient', id: first },
    ...more,
  ]
}

function documentsIn({ documents, submissionSets }: Told, texts: Texts): Piece[] {
  const [first, ...others] = documents
  const [set] = submissionSets
  // A submission is named by its set, not by what is in it. [ITI TF-2:3.41.5.1]
  if (first === undefined && set !== undefined)
    return [{ text: `${texts['some.theSet']} ` }, { text: set, of: 'document' }]
  if (first === undefined) return [{ text: texts['some.documents'] }]
  if (others.length > 0) return [{ text: texts['some.manyDocuments'].replace('{count}', String(documents.length)) }]
  return [{ text: `${texts['some.theDocument']} ` }, { text: first, of: 'document' }]
}
