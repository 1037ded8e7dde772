// Each kind of registry object with its element, its table and what the decoder may meet in it. ITI TF-3 §4.2.1.
import { associationAttributes } from './association.js'
import { inSchemaOrder, type LocalCheck, type NamedAttribute, type Place } from './attribute.js'
import { documentEntryAttributes } from './document-entry.js'
import { folderAttributes } from './folder.js'
import type { RegistryObjectValue } from './model.js'
import { submissionSetAttributes } from './submission-set.js'
import { objectTypes, packageNodes } from './uuids.js'

export type Kind = RegistryObjectValue['kind']

export interface ObjectTable {
  kind: Kind
  /** Of namespace rim. */
  element: string
  /** In the order of the schema. */
  attributes: readonly NamedAttribute[]
  /** The same by where they are written: in the start tag, as Slots, before the Classifications, the rest. */
  written: Readonly<Record<'start' | 'slots' | 'described' | 'classified', readonly NamedAttribute[]>>
  /** @objectType, where it is the same for all. */
  objectType?: string
  /** Node of the Classification that tells it from other packages. */
  node?: string
  /** Names of Slots that carry attributes. */
  slots: ReadonlySet<string>
  /** Schemes of Classifications that carry attributes. */
  schemes: ReadonlySet<string>
  identifiers: ReadonlyMap<string, string>
  /** Whether the affinity domain takes objects that are marked as limited metadata. [ITI TF-3:4.2.3.1.10] */
  takesLimited: boolean
  /** What the affinity domain asks of extra metadata, by name of the Slot. [ITI TF-3:4.2.3.1.6] */
  localSlots: ReadonlyMap<string, LocalCheck>
}

export type ObjectTables = Readonly<Record<Kind, ObjectTable>>

/** As the framework has them; what an affinity domain asks for beside is laid over a copy (affinity/local-tables.ts). */
export const objectTables: ObjectTables = {
  DocumentEntry: table('DocumentEntry', 'ExtrinsicObject', documentEntryAttributes),
  SubmissionSet: table('SubmissionSet', 'RegistryPackage', submissionSetAttributes, {
    objectType: objectTypes.RegistryPackage,
    node: packageNodes.SubmissionSet,
  }),
  Folder: table('Folder', 'RegistryPackage', folderAttributes, {
    objectType: objectTypes.RegistryPackage,
    node: packageNodes.Folder,
  }),
  Association: table('Association', 'Association', associationAttributes, { objectType: objectTypes.Association }),
}

function table(
  kind: Kind,
  element: string,
  rows: object,
  more: { objectType?: string; node?: string } = {},
): ObjectTable {
  const attributes = inSchemaOrder(rows)
  const at = (place: Place) => attributes.filter(attribute => attribute.place === place)
  return {
    kind,
    element,
    attributes,
    written: {
      start: at('attribute').filter(({ name }) => name !== 'availabilityStatus'),
      slots: at('Slot'),
      described: [...at('Name'), ...at('Description'), ...at('VersionInfo')],
      classified: [...at('Classification'), ...at('ExternalIdentifier')],
    },
    ...more,
    slots: new Set(at('Slot').map(({ key }) => key)),
    schemes: new Set(at('Classification').map(({ key }) => key)),
    identifiers: new Map(at('ExternalIdentifier').map(({ key, name }) => [key, name])),
    takesLimited: false,
    localSlots: new Map(),
  }
}
