// Requests made of the right words in the wrong places, for the property that every one of them is read.
import fc from 'fast-check'
import { classificationSchemes, documentEntryTypes, identificationSchemes, packageNodes } from '../../metadata/uuids.js'
import type { XmlElement } from '../../soap/xml.js'

const rim = 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'

const someText = fc.oneof(
  fc.constantFrom('', 'Doc', 'urn:uuid:', 'creationTime', 'codingScheme', '__proto__', 'constructor', '\ud800', '1|a'),
  fc.constantFrom(...Object.values(classificationSchemes.DocumentEntry), ...Object.values(packageNodes)),
  fc.constantFrom(...Object.values(identificationSchemes.DocumentEntry), ...Object.values(documentEntryTypes)),
  fc.string(),
)
const attributeNames = [
  'id',
  'lid',
  'home',
  'name',
  'value',
  'objectType',
  'mimeType',
  'versionName',
  'associationType',
]
const references = ['sourceObject', 'targetObject', 'classifiedObject', 'registryObject', 'nodeRepresentation']
const schemeNames = ['classificationScheme', 'classificationNode', 'identificationScheme']
const elementNames = ['Slot', 'ValueList', 'Value', 'Name', 'Description', 'LocalizedString', 'VersionInfo', 'Nothing']
const objectNames = [
  'ExtrinsicObject',
  'RegistryPackage',
  'Association',
  'ObjectRef',
  'Classification',
  'ExternalIdentifier',
]

const arbitraryNested: fc.Memo<XmlElement> = fc.memo(depth =>
  anElement(
    [...elementNames, ...objectNames],
    depth > 1 ? fc.array(arbitraryNested(depth - 1), { maxLength: 3 }) : fc.constant([]),
  ),
)
/** A lcm:SubmitObjectsRequest that holds rim:RegistryObjectList and, in it, whatever there may be. */
export const arbitraryRequest = fc
  .array(anElement(objectNames, fc.array(arbitraryNested(3), { maxLength: 6 })), { maxLength: 5 })
  .map((children): XmlElement => {
    const list = { namespace: rim, name: 'RegistryObjectList', attributes: [], children, text: '' }
    return { namespace: '', name: 'SubmitObjectsRequest', attributes: [], children: [list], text: '' }
  })

function anElement(names: string[], children: fc.Arbitrary<XmlElement[]>): fc.Arbitrary<XmlElement> {
  const name = fc.constantFrom(...attributeNames, ...references, ...schemeNames)
  return fc.record({
    namespace: fc.oneof({ weight: 20, arbitrary: fc.constant(rim) }, fc.constant('urn:other')),
    name: fc.constantFrom(...names),
    attributes: fc.uniqueArray(fc.record({ namespace: fc.constant(''), name, value: someText }), {
      selector: attribute => attribute.name,
      maxLength: 12,
    }),
    children,
    text: someText,
  })
}
