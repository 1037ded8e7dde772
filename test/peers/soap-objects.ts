// A submission as a user of the `soap` package builds it from our schemas. The ids are those of ITI TF-3 §4.2.5, written out
// here once more, so that a wrong one of ours is noticed.
// The package sends children in the order in which they are given, not in that of the schema: the order here matters.

export type SoapObject = Record<string, unknown>

export interface Described {
  patientId: string
  uniqueId: string
  title: string
  mimeType?: string
  /** What a repository knows and a source need not: hash, size, repositoryUniqueId. */
  slots?: SoapObject[]
  /** The document is made when it is retrieved. */
  onDemand?: boolean
  /** The document is registered already: this is a new version of its metadata. */
  updates?: { logicalID: string; previousVersion: string }
}

export const entryId = 'Document01'
const setId = 'SubmissionSet01'

/** One SubmissionSet with one DocumentEntry: what stands in a lcm:SubmitObjectsRequest. */
export function submitObjects(described: Described): SoapObject {
  return {
    RegistryObjectList: {
      ExtrinsicObject: [documentEntry(described)],
      RegistryPackage: [submissionSet(described)],
      Association: [
        {
          attributes: {
            id: 'HasMember01',
            associationType: 'urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember',
            sourceObject: setId,
            targetObject: entryId,
          },
          Slot: [
            slot('SubmissionSetStatus', 'Original'),
            ...(described.updates === undefined ? [] : [slot('PreviousVersion', described.updates.previousVersion)]),
          ],
        },
      ],
    },
  }
}

export function slot(name: string, ...values: string[]): SoapObject {
  return { attributes: { name }, ValueList: { Value: values } }
}

function documentEntry(described: Described): SoapObject {
  const { patientId, uniqueId, title, mimeType = 'text/plain', slots = [], onDemand = false, updates } = described
  const lid = updates === undefined ? {} : { lid: updates.logicalID }
  const coded = (scheme: string, ...meant: [code: string, system: string, name: string]) =>
    classification(entryId, scheme, ...meant)
  return {
    attributes: { id: entryId, ...lid, mimeType, objectType: onDemand ? onDemandType : stableType },
    Slot: [
      ...(onDemand ? [] : [slot('creationTime', '20260417081500')]),
      slot('languageCode', 'de-CH'),
      slot('sourcePatientId', 'L-1^^^&2.999.2&ISO'),
      ...slots,
    ],
    Name: text(title),
    Classification: [
      author(entryId, 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d'),
      coded('urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a', '422735006', snomed, 'Summary clinical document'),
      coded('urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f', '17621005', snomed, 'Normal'),
      coded('urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d', ...mimeTypeSufficient),
      coded('urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1', '264358009', snomed, 'General practice premises'),
      coded('urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead', '394802001', snomed, 'General medicine'),
      coded('urn:uuid:f0306f51-975f-434e-a61c-c59651d33983', '373942005', snomed, 'Discharge summary'),
    ],
    ExternalIdentifier: [
      identifier(entryId, 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427', 'XDSDocumentEntry.patientId', patientId),
      identifier(entryId, 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab', 'XDSDocumentEntry.uniqueId', uniqueId),
    ],
  }
}

const stableType = 'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1'
const onDemandType = 'urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248'

const snomed = '2.16.840.1.113883.6.96'
const mimeTypeSufficient = [
  'urn:ihe:iti:xds:2017:mimeTypeSufficient',
  '1.3.6.1.4.1.19376.1.2.3',
  'mimeType sufficient',
] as const

function submissionSet({ patientId, uniqueId, updates }: Described): SoapObject {
  const number = Number(updates?.previousVersion ?? 0) + 1
  const id = (scheme: string, name: string, value: string) =>
    identifier(setId, scheme, `XDSSubmissionSet.${name}`, value)
  return {
    attributes: { id: setId },
    Slot: [slot('submissionTime', '20260417081600')],
    Classification: [
      {
        attributes: {
          classifiedObject: setId,
          classificationNode: 'urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd',
          id: `${setId}.kind`,
        },
      },
      author(setId, 'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d'),
      classification(setId, 'urn:uuid:aa543740-bdda-424e-8c96-df4873be8500', '71388002', snomed, 'Procedure'),
    ],
    ExternalIdentifier: [
      id('urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446', 'patientId', patientId),
      id('urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832', 'sourceId', '2.999.3'),
      id('urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8', 'uniqueId', `${uniqueId.replace(/\^.*/, '')}.${number}`),
    ],
  }
}

function classification(of: string, scheme: string, code: string, system: string, name: string): SoapObject {
  return {
    attributes: {
      id: `${of}.${scheme.slice(-4)}`,
      classifiedObject: of,
      classificationScheme: scheme,
      nodeRepresentation: code,
    },
    Slot: [slot('codingScheme', system)],
    Name: text(name),
  }
}

function author(of: string, scheme: string): SoapObject {
  return {
    attributes: {
      id: `${of}.author`,
      classifiedObject: of,
      classificationScheme: scheme,
      nodeRepresentation: '',
    },
    Slot: [slot('authorPerson', '8802^Tanner^Mia^^^Dr^^^&2.999.7.2&ISO'), slot('authorInstitution', 'Praxis am See')],
  }
}

function identifier(of: string, scheme: string, name: string, value: string): SoapObject {
  return {
    attributes: { id: `${of}.${scheme.slice(-4)}`, registryObject: of, identificationScheme: scheme, value },
    Name: text(name),
  }
}

function text(value: string): SoapObject {
  return { LocalizedString: [{ attributes: { 'xml:lang': 'de-CH', value } }] }
}
