// A patient index with its MLLP doors open on real sockets, and whoever sends there.
import type { PatientIndexConfig } from '../../config/patient-index-config.js'
import { patientIndexConfig } from '../../config/patient-index-config.js'
import type { PeerRole } from '../../config/peer-roles.js'
import { patientIndexOverMllp } from '../../patient-index/actor.js'
import type { TlsIdentity } from '../../ports/network.js'
import { type MllpService, openMllp } from '../../server/hl7v2/mllp-service.js'
import { openBudget } from '../../server/limits.js'
import { certificates } from '../atna-audit/loopback.js'
import { aSender, type Sender } from '../registry/mllp-feed.js'
import { aPatientIndex, type TestPatientIndex } from './a-patient-index.js'

export interface IndexOverMllp {
  index: TestPatientIndex
  feed: MllpService
  /** Sends on a connection of its own. */
  send(message: string | Buffer, identity?: TlsIdentity): Promise<string>
  connect(identity?: TlsIdentity): Promise<Sender>
  counted: string[]
  /** Of holders of a certificate. */
  roles: Set<PeerRole>
  close(): Promise<void>
}

const settings = patientIndexConfig.shape.mllp.parse({ port: 0, tls: { port: 0 } })

export async function anIndexOverMllp(
  config: Partial<PatientIndexConfig> = {},
  profile: 'ihe' | 'ch-epr' = 'ihe',
  mllp: Partial<typeof settings> = {},
): Promise<IndexOverMllp> {
  const doors = { ...settings, ...mllp }
  const index = await aPatientIndex({ ...config, mllp: doors }, profile)
  const { service } = await certificates()
  const roles = new Set<PeerRole>(['consumer'])
  const counted: string[] = []
  const quiet = () => {}
  const feed = await openMllp(
    {
      ports: index.context.ports,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet } as never,
      metrics: {
        exchange: (transaction: string, outcome: string) => void counted.push(`${transaction} ${outcome}`),
        ...{ refusedHandshake: quiet, gauge: quiet },
      } as never,
      trust: { identity: service, refusalOf: () => undefined, onRenewed: quiet } as never,
      section: index.context.config as never,
      budget: openBudget({ requestsInFlight: 64, spooledBytes: 1, auditQueue: 1_000 }),
      identify: (peer, address) => ({ name: peer?.commonName ?? '', roles, address }),
    },
    doors,
    {
      ...{ name: 'Patient Identifier Cross-reference Manager', section: 'patientIndex' },
      ...{ loopbackRoles: ['feed', 'consumer'], served: patientIndexOverMllp },
      ...{ context: index.context, outbox: index.context.outbox },
    },
    quiet,
  )
  const connect = (identity?: TlsIdentity) => aSender({ feed }, identity)
  return {
    ...{ index, feed, connect, counted, roles },
    async send(message, identity) {
      const sender = await connect(identity)
      const answer = await sender.send(message)
      sender.end()
      return answer
    },
    async close() {
      await feed.close(0)
      await index.close()
    },
  }
}

/** Segments of a name, cut into fields by their numbers. */
export function segmentsIn(answer: string, name: string): string[][] {
  return answer
    .split('\r')
    .filter(line => line.startsWith(`${name}|`))
    .map(line => line.split('|'))
}

/** MSA-1, QAK-2, and ERR-2 with ERR-3 of each error. */
export function outcomeOf(answer: string): { code: string; status: string; errors: string[] } {
  const [msa] = segmentsIn(answer, 'MSA')
  const [qak] = segmentsIn(answer, 'QAK')
  const errors = segmentsIn(answer, 'ERR').map(error => `${error[2]} ${error[3]?.split('^')[0]}`)
  return { code: msa?.[1] ?? 'none', status: qak?.[2] ?? 'none', errors }
}

export function namesOf(answer: string): string[] {
  return answer
    .split('\r')
    .filter(Boolean)
    .map(line => line.slice(0, 3))
}
