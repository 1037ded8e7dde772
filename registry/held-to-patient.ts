// A request is for the patient whom its assertion names: the EPR-SPID in it stands for the XAD-PID that the feed has told with it.
// Objects of others are not found, not changed and not removed. [EPR annex 5.1:1.6.4.2] [ITI TF-2:3.40.4.1.3]
import type { Submission } from '../metadata/model.js'
import type { Exchange } from '../server/actor.js'
import { securityFault } from '../xua/refusal.js'
import { eprSpidAsCx } from '../xua/swiss-rules.js'
import type { RegistryContext } from './context.js'
import { canonicalPatientId } from './patient-id.js'
import type { Found, RegistryReader } from './store/reader.js'

/** Whose data may be asked for; undefined where no assertion says it. */
export interface HeldTo {
  /** As the assertion has it. */
  eprSpid: string
  /** The id that has survived all merges; undefined where the feed has told nobody with this EPR-SPID. */
  patientId: string | undefined
}

type Patients = { store: Pick<RegistryContext['store'], 'patients'> }

/** Undefined where the request came without an assertion, or with one that names no patient: it is held to nobody then. [EPR annex 5.1:1.6.4.2] */
export async function heldTo({ claims }: Pick<Exchange, 'claims'>, { store }: Patients): Promise<HeldTo | undefined> {
  const eprSpid = claims?.eprSpid
  if (eprSpid === undefined) return undefined
  return { eprSpid, patientId: await store.patients.patientIdOf(eprSpidAsCx(eprSpid)) }
}

/** @throws SoapFault when a request names a patient other than the one of its assertion */
export async function checkPatients(
  named: readonly (string | undefined)[],
  held: HeldTo | undefined,
  { store }: Patients,
): Promise<void> {
  if (held === undefined) return
  const ids = new Set(named.flatMap(id => (id === undefined ? [] : (canonicalPatientId(id) ?? id))))
  for (const id of ids) {
    if (id === held.patientId) continue
    // After a merge both ids are the same patient.
    const known = await store.patients.show(id)
    if (held.patientId === undefined || known?.survivor !== held.patientId) throw notThatPatient(id, held)
  }
}

/** As sent, one for each object that may have a patient; undefined where one has none. */
export function patientsIn({ submissionSets, documentEntries, folders }: Submission): (string | undefined)[] {
  return [...submissionSets, ...documentEntries, ...folders].map(({ patientId }) => patientId)
}

/** @throws SoapFault when registered objects are those of another */
export function checkObjects(
  objects: Iterable<{ entryUUID: string; patientId: string }>,
  held: HeldTo | undefined,
): void {
  if (held === undefined) return
  for (const { entryUUID, patientId } of objects) {
    if (patientId !== held.patientId) throw notThatPatient(`${patientId}, whose object ${entryUUID} is`, held)
  }
}

function notThatPatient(found: string, { eprSpid, patientId }: HeldTo) {
  const meant = patientId === undefined ? 'whom the feed has told nobody of' : `which is ${patientId}`
  return securityFault(
    'FailedAuthentication',
    `the assertion is for EPR-SPID ${eprSpid}, ${meant}; the request is for ${found.slice(0, 300)}`,
  )
}

/** What of a result is that patient's. An Association is when both of its ends are. */
export async function ofPatient(
  found: readonly Found[],
  held: HeldTo | undefined,
  registry: RegistryReader,
): Promise<readonly Found[]> {
  if (held === undefined || found.length === 0) return found
  if (held.patientId === undefined) return []
  const isTheirs = async (objects: readonly Found[]) =>
    (await registry.patientIdsOf(objects.flatMap(keysIn))).every(patientId => patientId === held.patientId)
  if (await isTheirs(found)) return found
  const theirs: Found[] = []
  for (const object of found) if (await isTheirs([object])) theirs.push(object)
  return theirs
}

/** Each key tells the patient, those of Associations too. docs/decisions/0031 */
function keysIn({ key, source, target }: Found): number[] {
  return [key, source, target].filter(each => each !== undefined)
}
