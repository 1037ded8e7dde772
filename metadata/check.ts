// The rules for single attributes: required, forbidden, right in number, type and length. ITI TF-3 §4.2.3, Table 4.3.1-3.
// What objects have to do with one another, and with what is registered, is for the registry's own rules.
import { atOnce, type Steps } from '../ports/turns.js'
import {
  type Fault,
  isAbsent,
  type LocalCheck,
  limitedRequirednessOf,
  type NamedAttribute,
  requirednessOf,
  type SubmittedBy,
  tagOf,
} from './attribute.js'
import { valueFaults } from './carriers.js'
import { string } from './data-types.js'
import { hasRoom } from './errors.js'
import type { Finding, RegistryObjectValue, Submission } from './model.js'
import { type ObjectTable, type ObjectTables, objectTables } from './object-tables.js'
import { labelOf } from './registry-object-list.js'
import { quoted } from './words.js'

/**
 * All that is wrong with attributes, beside the findings that the submission came with: an attribute that could not be
 * read right is not spoken of twice. [ITI TF-2:3.42.4.1.3.3, 3.41.4.1.3]
 */
export function checkAttributes(
  submission: Submission,
  transaction: SubmittedBy,
  tables: ObjectTables = objectTables,
): Finding[] {
  return atOnce(attributeFindings(submission, transaction, tables))
}

/** As checkAttributes, object by object. */
export function* attributeFindings(
  submission: Submission,
  transaction: SubmittedBy,
  tables: ObjectTables,
): Steps<Finding[]> {
  const code = transaction === 'ITI-41' ? 'XDSRepositoryMetadataError' : 'XDSRegistryMetadataError'
  const known = new Set(submission.findings.map(({ object, attribute }) => `${object} ${attribute}`))
  const { documentEntries, submissionSets, folders, associations } = submission
  const findings: Finding[] = []
  for (const objects of [documentEntries, submissionSets, folders, associations]) {
    for (const [index, object] of objects.entries()) {
      const label = labelOf(object.kind, object.entryUUID, index + 1)
      for (const { attribute, fault } of objectFaults(object, transaction, tables[object.kind])) {
        if (known.has(`${label} ${attribute.name}`) || !hasRoom(findings, fault.severity)) continue
        findings.push({
          code,
          ...(fault.severity === undefined ? {} : { severity: fault.severity }),
          object: label,
          attribute: fault.part === undefined ? attribute.name : `${attribute.name}.${fault.part}`,
          rule: tagOf(fault.clause ?? attribute.clause),
          expected: fault.expected,
          found: fault.found,
        })
      }
      yield
    }
  }
  return findings
}

interface FoundFault {
  attribute: { name: string; clause: string }
  fault: Fault
}

function objectFaults(
  object: RegistryObjectValue,
  transaction: SubmittedBy,
  { attributes, localSlots, takesLimited }: ObjectTable,
): FoundFault[] {
  const values = object as unknown as Record<string, unknown>
  const judgedAs = isOnDemandUpdate(object, transaction) ? 'ITI-61' : transaction
  const isLimited = takesLimited && object.kind !== 'Association' && object.limitedMetadata
  const requiredness = isLimited ? limitedRequirednessOf : requirednessOf
  const faults: FoundFault[] = []
  for (const attribute of attributes) {
    const value = values[attribute.name]
    const own = ownFaults(attribute, value, judgedAs, requiredness)
    // What is wrong by itself is not held against the affinity domain's rules too.
    const all = own.length > 0 || attribute.local === undefined ? own : attribute.local(value, transaction)
    for (const fault of all) faults.push({ attribute: { name: attribute.name, clause: attribute.rules.clause }, fault })
  }
  const withExtra = faults.concat(extraMetadataFaults(object))
  return localSlots.size === 0 ? withExtra : withExtra.concat(localSlotFaults(object, transaction, localSlots))
}

/** What an on-demand entry has and has not, it has and has not in any version of it. [ITI TF-2:3.61.4.1.2] */
function isOnDemandUpdate(object: RegistryObjectValue, transaction: SubmittedBy): boolean {
  const isUpdate = transaction === 'ITI-57' || transaction === 'ITI-92'
  return isUpdate && object.kind === 'DocumentEntry' && object.objectType === 'on-demand'
}

function ownFaults(
  attribute: NamedAttribute,
  value: unknown,
  transaction: SubmittedBy,
  requirednessFor: typeof requirednessOf,
): Fault[] {
  if (attribute.rules.ignored === true) return []
  const requiredness = requirednessFor(attribute, transaction)
  if (isAbsent(value)) {
    return requiredness === 'R' ? [{ expected: `a value, required on ${transaction}`, found: 'nothing' }] : []
  }
  if (requiredness === 'X') return [{ expected: `nothing, forbidden on ${transaction}`, found: inWords(value) }]
  const allowed = attribute.rules.only?.[transaction]
  if (allowed !== undefined && !allowed.includes(String(value))) {
    return [{ expected: `${allowed.join(', ')} on ${transaction}`, found: inWords(value) }]
  }
  return attribute.faults(value, attribute.rules)
}

function extraMetadataFaults(object: RegistryObjectValue): FoundFault[] {
  return object.extraMetadata.flatMap(({ name, values }) =>
    values
      .flatMap(value => valueFaults(value, string))
      .map(fault => ({ attribute: { name: `Slot ${quoted(name)}`, clause: '4.2.3.1.1' }, fault })),
  )
}

function localSlotFaults(
  { extraMetadata }: RegistryObjectValue,
  transaction: SubmittedBy,
  slots: ReadonlyMap<string, LocalCheck>,
): FoundFault[] {
  return [...slots].flatMap(([name, check]) => {
    const values = extraMetadata
      .filter(slot => slot.name === name)
      .flatMap(slot => slot.values.map(value => value.trim()))
    const attribute = { name: `Slot ${quoted(name)}`, clause: '4.2.3.1.6' }
    return check(
      values.filter(value => value !== ''),
      transaction,
    ).map(fault => ({ attribute, fault }))
  })
}

function inWords(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? quoted(String(value)) : 'a value'
}
