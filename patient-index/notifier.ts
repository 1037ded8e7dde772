// Sends what waits for those who are told of changes, in order, until each has acknowledged it: ITI-44 to registries, ITI-46 or ITI-10 to
// consumers.
import type { AuditRecord } from '../atna-audit/message.js'
import type { PatientIndexConfig } from '../config/patient-index-config.js'
import { dtmOf } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import { auditOfCall, type Caller } from '../server/caller.js'
import type { MllpCaller } from '../server/hl7v2/mllp-caller.js'
import type { Log } from '../server/log.js'
import { traceOf } from '../server/trace.js'
import type { Store } from '../store/store.js'
import {
  patientDuplicatesResolved,
  patientRecordAdded,
  patientRecordRevised,
} from '../transactions/hl7v3/patient-feed.js'
import { pixUpdateNotification } from '../transactions/hl7v3/pix-update-notification.js'
import { nobody, type PersonName } from '../transactions/person.js'
import type { FeedEvent } from '../transactions/xds-messages.js'
import { notifyOverMllp } from './iti-10-update-notification.js'
import type { PersonStore } from './person-store.js'
import type { Notice } from './telling.js'

export interface Notifier {
  /** Something may be waiting. */
  wake(): void
  close(): Promise<void>
}

export interface StartNotifier {
  store: Store
  persons: PersonStore
  caller: Pick<Caller, 'call'>
  mllp: Pick<MllpCaller, 'send'>
  config: Pick<
    PatientIndexConfig,
    'registries' | 'consumers' | 'assigningAuthority' | 'homeCommunityId' | 'mllp' | 'listen'
  >
  ports: Ports
  log: Log
  outbox: { append(records: AuditRecord[]): Promise<void> }
}

const feeds = { add: patientRecordAdded, revise: patientRecordRevised, merge: patientDuplicatesResolved }

const lookMs = 500
const mostPauseMs = 60_000

/** A line for each target: one that is away holds up nobody else, and what it has not acknowledged comes again in the same order. */
export function startNotifier(options: StartNotifier): Notifier {
  const { registries, consumers } = options.config
  tellOfStrangers(options)
  const lines = [
    ...registries.map(target =>
      startLine(
        { ...target, send: overSoap(target, { contractOf: event => feeds[event], isNamed: true }, options) },
        options,
      ),
    ),
    ...consumers.map(target => {
      const send = target.url.startsWith('https:')
        ? overSoap(target, { contractOf: () => pixUpdateNotification, isNamed: false }, options)
        : (_: FeedEvent, notice: Notice) => notifyOverMllp(target, notice, { ...options, caller: options.mllp })
      return startLine({ ...target, send }, options)
    }),
  ]
  return {
    wake() {
      for (const line of lines) line.wake()
    },
    async close() {
      await Promise.all(lines.map(line => line.close()))
    },
  }
}

/** What waits is kept under a name: of one that is listed no more, or renamed, somebody has to hear. */
function tellOfStrangers({ persons, config: { registries, consumers }, log }: StartNotifier): void {
  const listed = new Set([...registries, ...consumers].map(({ name }) => name))
  for (const { target, count } of persons.waitingFor()) {
    if (!listed.has(target))
      log.warn({ target, notices: count }, 'messages wait for one that is told of no patients any more, by this name')
  }
}

interface Target {
  name: string
  url: string
  /** Undefined when it was acknowledged. What the target refuses for good is told and left: the rest must not wait for it. */
  send(event: FeedEvent, notice: Notice): Promise<string | undefined>
}

/** To one target, one after the other: a merge makes no sense before the patient that it is about. */
function startLine(target: Target, { store, persons, ports: { clock }, log }: StartNotifier): Notifier {
  const ending = new AbortController()
  let failures = 0
  let working: Promise<void> | undefined
  let notBeforeMs = 0

  async function work(): Promise<void> {
    while (!ending.signal.aborted && clock.monotonicMs() >= notBeforeMs) {
      const next = persons.nextNotice(target.name)
      if (next === undefined) return
      const why = await target.send(next.event as FeedEvent, JSON.parse(next.body))
      if (why === undefined) {
        failures = 0
        await store.write(() => persons.forgetNotice(next.notice))
        continue
      }
      failures += 1
      notBeforeMs = clock.monotonicMs() + Math.min(mostPauseMs, 500 * 2 ** Math.min(failures, 7))
      if (failures === 1 || failures % 10 === 0) {
        log.warn(
          { target: target.name, url: target.url, failure: why, tries: failures },
          'a patient could not be announced yet',
        )
      }
    }
  }

  function wake(): void {
    working ??= work()
      .catch(problem => log.error({ failure: String(problem) }, 'telling of patients has stopped for now'))
      .finally(() => {
        working = undefined
      })
  }

  const looking = clock.every(lookMs, wake)
  wake()
  return {
    wake,
    async close() {
      ending.abort()
      looking.cancel()
      await working
    },
  }
}

interface Words {
  contractOf(event: FeedEvent): typeof patientRecordAdded
  /** Whether the person's names are told: a feed is none without them, a notification has none. [ITI TF-2: Table 3.44.4.1.2-1, 3.44.4.2.2-1, 3.46.4.1.2] */
  isNamed: boolean
}

function overSoap(
  target: { name: string; url: string },
  { contractOf, isNamed }: Words,
  { caller, persons, config, ports, log, outbox }: StartNotifier,
): Target['send'] {
  const { clock, randomness } = ports
  // Whoever is told belongs to the community; each device has to have an OID. [ITI TF-2: Table O.1.1-1]
  const receiver = config.homeCommunityId.replace(/^urn:oid:/, '')
  return async (event, { patientIds, subsumedIds }) => {
    const names = isNamed ? namesOf(patientIds, persons) : []
    const message = {
      messageId: { root: config.assigningAuthority, extension: randomness.uuid() },
      ...{ patientIds, sender: config.assigningAuthority, receiver, creationTime: dtmOf(clock.now()) },
      ...(subsumedIds === undefined ? {} : { subsumedIds }),
      ...(names.length === 0 ? {} : { person: { ...nobody, names } }),
    }
    const contract = contractOf(event)
    const { traceparent } = traceOf(undefined, randomness)
    const story = { request: message, traceparent, endpoint: target.url }
    try {
      const { response } = await caller.call(contract, message, { url: target.url, traceparent, timeoutMs: 20_000 })
      await outbox.append(auditOfCall(contract, { ...story, response, failure: undefined }, ports))
      if (response.typeCode === 'CR') return response.detail ?? 'it could not work'
      if (response.typeCode === 'CE') {
        log.error({ target: target.name, event, detail: response.detail }, 'a patient was refused')
      }
      return undefined
    } catch (problem) {
      const failure = (problem as Error).message
      await outbox.append(auditOfCall(contract, { ...story, response: undefined, failure }, ports)).catch(() => {})
      return failure
    }
  }
}

/** As they are now: the ids may have been told of before. */
function namesOf([patientId = '']: readonly string[], persons: PersonStore): PersonName[] {
  const person = persons.personBy(patientId)
  const [newest] = person === undefined ? [] : persons.recordsOf(person)
  return newest?.body.names ?? []
}
