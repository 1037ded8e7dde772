// What a query is answered: objects or references to them, or why not. ITI TF-2 §3.18.4.1.3.

import type { PeerRole } from '../../config/peer-roles.js'
import type { RegistryConfig } from '../../config/registry-config.js'
import { mostErrors, registryErrorsOf } from '../../metadata/errors.js'
import { allSpliced, type Fragment, objectRef } from '../../metadata/fragment.js'
import type { Finding } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import type { Partner } from '../../server/actor.js'
import { bytesOf, type XmlPiece } from '../../soap/xml.js'
import type { AdhocQueryRequest, AdhocQueryResponse } from '../../transactions/xds-messages.js'
import type { RegistryContext } from '../context.js'
import type { Found, ReadOptions, RegistryReader } from '../store/reader.js'
import type { ObjectKind } from '../store/registered-object.js'
import type { RegistryStore } from '../store.js'
import type { StoredQuery } from './stored-query.js'

/** Large results are fetched by reference first, then in portions. [ITI TF-2:3.18.4.1.2.6] */
const referencesForOneObject = 20

/** What leaves nothing behind that its sender might look for. */
const rolesThatOnlyRead: ReadonlySet<PeerRole> = new Set(['consumer', 'multi-patient'])

/** LeafClass answers are bounded by `maxResults`, answers of references by so many times more. A copy may answer whoever only reads. docs/decisions/0224 */
export function readOptionsFor(
  { returnType }: AdhocQueryRequest,
  { maxResults }: Pick<RegistryConfig, 'maxResults'>,
  { roles }: Pick<Partner, 'roles'>,
): ReadOptions {
  const fragments = returnType === 'LeafClass'
  return {
    fragments,
    limit: fragments ? maxResults : maxResults * referencesForOneObject,
    limitOnTheWay: maxResults * referencesForOneObject,
    // Whoever submits, be it by way of a repository, finds at once what it has submitted. docs/decisions/0224.
    mayLag: [...roles].every(role => rolesThatOnlyRead.has(role)),
  }
}

/** `patientIds` are for the audit, where the query names none. */
export function answerWith(
  found: readonly Found[],
  { fragments }: Pick<ReadOptions, 'fragments'>,
  { store, config }: Pick<RegistryContext, 'store' | 'config'>,
  patientIds: string[],
): AdhocQueryResponse {
  const registryObjects = fragments
    ? inFull(found, store)
    : found.map(({ entryUUID }) => objectRef(entryUUID, config.homeCommunityId))
  return { status: 'Success', errors: [], registryObjects, ...(patientIds.length > 0 ? { patientIds } : {}) }
}

/** Objects whose fragments are not there yet are read portion by portion while they are sent. docs/decisions/0265. */
function inFull(found: readonly Found[], store: Pick<RegistryStore, 'fragmentsOf'>): XmlPiece[] {
  const pieces: XmlPiece[] = []
  for (let index = 0; index < found.length; ) {
    const { kind, fragment } = found[index] as Found
    const isHere = fragment !== undefined
    let to = index + 1
    while (to < found.length && goesWith(found[to] as Found, kind, isHere)) to += 1
    const alike = found.slice(index, to)
    if (isHere) pieces.push(...allSpliced(alike.map(now => ({ fragment: now.fragment as Fragment, now }))))
    else pieces.push({ open: () => readWhileSent(alike, store), aboutBytes: alike.length * typicalFragmentBytes })
    index = to
  }
  return pieces
}

function goesWith({ kind, fragment }: Found, ofKind: ObjectKind, isHere: boolean): boolean {
  return isHere ? fragment !== undefined : fragment === undefined && kind === ofKind
}

const typicalFragmentBytes = 8_192
/** About half a megabyte. */
const portion = 64

async function* readWhileSent(
  objects: readonly Found[],
  { fragmentsOf }: Pick<RegistryStore, 'fragmentsOf'>,
): AsyncIterable<Uint8Array> {
  for (let index = 0; index < objects.length; index += portion) {
    const next = objects.slice(index, index + portion)
    const fragments = await fragmentsOf(
      (next[0] as Found).kind,
      next.map(({ key }) => key),
    )
    yield bytesOf(
      allSpliced(
        next.map(now => {
          const fragment = fragments.get(now.key)
          if (fragment === undefined) throw new Error(`${now.entryUUID} was removed while it was being sent`)
          return { fragment, now }
        }),
      ),
    )
  }
}

/** Nothing was looked for: status Failure, no objects, as many errors as an answer tells. [ITI TF-2:3.18.4.1.3] */
export function refusedQuery(findings: readonly Finding[], traceId: string): AdhocQueryResponse {
  return { status: 'Failure', errors: registryErrorsOf(findings, traceId), registryObjects: [] }
}

/** Says how to ask otherwise; nothing of what was found is told. [ITI TF-2:3.18.4.1.2.6] */
export function tooMany({ name }: StoredQuery, returnType: string, limit: number): Finding {
  const narrower =
    returnType === 'LeafClass' ? ' (ask with returnType ObjectRef, then for the objects in portions)' : ''
  return {
    code: 'XDSTooManyResults',
    object: name,
    rule: 'ITI TF-2:3.18.4.1.2.6',
    expected: `at most ${limit} objects in an answer${narrower}`,
    found: 'more',
  }
}

/** Where the domain wants unknown patients told, one for each that was asked for. [ITI TF-2:3.18.4.1.3] */
export async function unknownPatients(
  { name }: StoredQuery,
  patientIds: readonly string[],
  { unknownPatientQuery }: Pick<RegistryConfig, 'unknownPatientQuery'>,
  registry: RegistryReader,
): Promise<Finding[]> {
  if (unknownPatientQuery === 'empty') return []
  const findings: Finding[] = []
  for (const patientId of patientIds) {
    if (findings.length >= mostErrors) break
    if (await registry.knowsPatient(patientId)) continue
    findings.push({
      code: 'XDSUnknownPatientId',
      object: name,
      attribute: 'patientId',
      rule: 'ITI TF-2:3.18.4.1.3',
      expected: 'a patient announced by the patient identity feed',
      found: quoted(patientId),
    })
  }
  return findings
}
