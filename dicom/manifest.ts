// The manifest of a study that is shared: a Key Object Selection Document that names each of its instances and where they are
// retrieved. [IHE RAD TF-3: 4.68.4.1.2.1; DICOM PS3.3: A.35.4, PS3.16: TID 2010]
import { type DataSet, DicomProblem, stringAt } from './data-set.js'
import { type DicomInstance, isUid } from './instance.js'
import { type Text, textsOf } from './texts.js'
import { type DicomElement, type DicomItem, type Vr, writeInstance } from './write-instance.js'

export const keyObjectSelection = '1.2.840.10008.5.1.4.1.1.88.59'

export interface ManifestFacts {
  sopInstanceUID: string
  /** Of the series that the manifest is in. */
  seriesInstanceUID: string
  /** repositoryUniqueId of the Imaging Document Source. */
  retrieveLocationUID: string
  nowMs: number
}

export interface ManifestReference extends Omit<DicomInstance, 'transferSyntaxUID'> {
  /** Absent where the manifest does not say. */
  retrieveLocationUID?: string
}

/** Of instances of one study; patient and study are as `like`, one of them, tells. */
export function writeManifest(facts: ManifestFacts, instances: readonly DicomInstance[], like: DataSet): Buffer {
  const text = textsOf(like)
  const { date, time, zone } = localTime(facts.nowMs, text('x00080201'))
  return writeInstance({ sopClassUID: keyObjectSelection, sopInstanceUID: facts.sopInstanceUID }, [
    ['00080005', 'CS', 'ISO_IR 192'],
    ['00080016', 'UI', keyObjectSelection],
    ['00080018', 'UI', facts.sopInstanceUID],
    ['00080023', 'DA', date],
    ['00080033', 'TM', time],
    ...(zone === undefined ? [] : [['00080201', 'SH', zone] satisfies DicomElement]),
    ...copied(like, text, patientAndStudy),
    ['00080060', 'CS', 'KO'],
    ['00080070', 'LO', ''],
    ['00081111', 'SQ', []],
    ['0020000e', 'UI', facts.seriesInstanceUID],
    ['00200011', 'IS', '1'],
    ['00200013', 'IS', '1'],
    ['0040a040', 'CS', 'CONTAINER'],
    ['0040a043', 'SQ', [code('113030', 'DCM', 'Manifest')]],
    ['0040a050', 'CS', 'SEPARATE'],
    ['0040a375', 'SQ', [evidenceOf(instances, facts)]],
    ['0040a504', 'SQ', [template]],
    ['0040a730', 'SQ', instances.map(contentItem)],
  ])
}

/** All that it names, of whatever study. @throws DicomProblem */
export function manifestIn(set: DataSet): ManifestReference[] {
  if (stringAt(set, 'x00080016') !== keyObjectSelection) {
    throw new DicomProblem('it is no Key Object Selection Document')
  }
  // What was asked for, and what else is of it. [DICOM PS3.3: C.17.6.2]
  return ['x0040a375', 'x0040a385'].flatMap(evidence =>
    itemsOf(set, evidence).flatMap(study =>
      itemsOf(study, 'x00081115').flatMap(series =>
        itemsOf(series, 'x00081199').map(instance => referenceOf(study, series, instance)),
      ),
    ),
  )
}

function referenceOf(study: DataSet, series: DataSet, instance: DataSet): ManifestReference {
  const location = stringAt(series, 'x0040e011')
  return {
    sopClassUID: uidOf(instance, 'x00081150', 'Referenced SOP Class UID (0008,1150)'),
    sopInstanceUID: uidOf(instance, 'x00081155', 'Referenced SOP Instance UID (0008,1155)'),
    studyInstanceUID: uidOf(study, 'x0020000d', 'Study Instance UID (0020,000D)'),
    seriesInstanceUID: uidOf(series, 'x0020000e', 'Series Instance UID (0020,000E)'),
    ...(location === undefined || location === '' ? {} : { retrieveLocationUID: location }),
  }
}

function uidOf(set: DataSet, tag: string, label: string): string {
  const uid = stringAt(set, tag) ?? ''
  if (isUid(uid)) return uid
  throw new DicomProblem(`a reference of the manifest has no ${label}`)
}

const itemsOf = (set: DataSet, tag: string): DataSet[] =>
  (set.elements[tag]?.items ?? []).flatMap(({ dataSet }) => dataSet ?? [])

function evidenceOf(instances: readonly DicomInstance[], { retrieveLocationUID }: ManifestFacts): DicomItem {
  const bySeries = new Map<string, DicomInstance[]>()
  for (const instance of instances) {
    const series = bySeries.get(instance.seriesInstanceUID)
    if (series === undefined) bySeries.set(instance.seriesInstanceUID, [instance])
    else series.push(instance)
  }
  const series = [...bySeries].map(
    ([uid, members]): DicomItem => [
      ['00081199', 'SQ', members.map(reference)],
      ['0020000e', 'UI', uid],
      ['0040e011', 'UI', retrieveLocationUID],
    ],
  )
  return [
    ['00081115', 'SQ', series],
    ['0020000d', 'UI', instances[0]?.studyInstanceUID ?? ''],
  ]
}

function reference({ sopClassUID, sopInstanceUID }: DicomInstance): DicomItem {
  return [
    ['00081150', 'UI', sopClassUID],
    ['00081155', 'UI', sopInstanceUID],
  ]
}

function contentItem(instance: DicomInstance): DicomItem {
  return [
    ['00081199', 'SQ', [reference(instance)]],
    ['0040a010', 'CS', 'CONTAINS'],
    ['0040a040', 'CS', valueTypeOf(instance.sopClassUID)],
  ]
}

/** By what the UID of a SOP class begins with; all others are images. [DICOM PS3.16: TID 2010] */
const valueTypes: readonly [prefix: string, type: string][] = [
  ['1.2.840.10008.5.1.4.1.1.9.', 'WAVEFORM'],
  ['1.2.840.10008.5.1.4.1.1.11.', 'COMPOSITE'],
  ['1.2.840.10008.5.1.4.1.1.88.', 'COMPOSITE'],
  ['1.2.840.10008.5.1.4.1.1.104.', 'COMPOSITE'],
]

function valueTypeOf(sopClassUID: string): string {
  return valueTypes.find(([prefix]) => sopClassUID.startsWith(prefix))?.[1] ?? 'IMAGE'
}

const template: DicomItem = [
  ['00080105', 'CS', 'DCMR'],
  ['0040db00', 'CS', '2010'],
]

function code(value: string, scheme: string, meaning: string): DicomItem {
  return [
    ['00080100', 'SH', value],
    ['00080102', 'SH', scheme],
    ['00080104', 'LO', meaning],
  ]
}

type Copied = readonly [tag: string, vr: Exclude<Vr, 'SQ'>] | readonly [tag: string, vr: 'SQ', item: readonly Copied[]]

const issuer: readonly Copied[] = [
  ['00400032', 'UT'],
  ['00400033', 'CS'],
]

/** [DICOM PS3.3: C.7.1.1, C.7.2.1] */
const patientAndStudy: readonly Copied[] = [
  ['00080020', 'DA'],
  ['00080030', 'TM'],
  ['00080050', 'SH'],
  ['00080051', 'SQ', issuer],
  ['00080090', 'PN'],
  ['00081030', 'LO'],
  [
    '00081032',
    'SQ',
    [
      ['00080100', 'SH'],
      ['00080102', 'SH'],
      ['00080104', 'LO'],
    ],
  ],
  ['00100010', 'PN'],
  ['00100020', 'LO'],
  ['00100021', 'LO'],
  ['00100024', 'SQ', issuer],
  ['00100030', 'DA'],
  ['00100040', 'CS'],
  ['0020000d', 'UI'],
  ['00200010', 'SH'],
]

/** What is not known stays empty: these are of type 2. A sequence that is not there is left out. */
function copied(set: DataSet, text: Text, table: readonly Copied[]): DicomElement[] {
  return table.flatMap((each): DicomElement[] => {
    const [tag, vr] = each
    if (vr !== 'SQ') return [[tag, vr, text(`x${tag}`, set) ?? '']]
    const items = itemsOf(set, `x${tag}`)
    return items.length === 0 ? [] : [[tag, 'SQ', items.map(item => copied(item, text, each[2]))]]
  })
}

/** In the zone of the study, where it names one: there is one for all times of an instance. [DICOM PS3.3: C.12.1.1.8] */
function localTime(ms: number, offset: string | undefined): { date: string; time: string; zone: string | undefined } {
  const zone = /^[+-]\d{4}$/.exec(offset ?? '')?.[0]
  const minutes =
    zone === undefined ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3)))
  const digits = new Date(ms + minutes * 60_000).toISOString().replace(/[-:T]/g, '')
  return { date: digits.slice(0, 8), time: digits.slice(8, 14), zone }
}
