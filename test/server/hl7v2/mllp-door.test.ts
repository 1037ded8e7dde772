// Connections of MLLP senders, played: how many there may be while all of them are at work.
import { Duplex } from 'node:stream'
import { expect } from 'chai'
import { mllpFramed } from '../../../hl7v2/mllp.js'
import type { Connection } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { deferred } from '../../../ports/promises.js'
import { openMllpDoors } from '../../../server/hl7v2/mllp-door.js'
import { openBudget } from '../../../server/limits.js'
import { silentLog } from '../silent-log.js'

function aConnection(message?: string) {
  const heard: string[] = []
  const stream = new Duplex({
    read() {},
    write(piece, _, done) {
      heard.push(String(piece))
      done()
    },
  })
  if (message !== undefined) stream.push(mllpFramed(Buffer.from(message)))
  return { heard, connection: { stream, remoteAddress: '10.0.0.1', peer: undefined } as unknown as Connection }
}

describe('the MLLP doors', () => {
  it('end a connection too many where all others are at work, and keep these', async () => {
    const [asked, answered] = [deferred<void>(), deferred<Buffer>()]
    const doors = openMllpDoors({
      bounds: { maxMessageBytes: 1_000, messageMs: 60_000, idleMs: 60_000, connections: 1 },
      clock: systemPorts.clock,
      log: silentLog,
      budget: openBudget({ requestsInFlight: 4, spooledBytes: 1, auditQueue: 1 }),
      identify: () => ({ name: 'ward', roles: new Set(), address: '10.0.0.1' }),
      answer() {
        asked.resolve()
        return answered.promise
      },
    })
    const [first, second, third] = [aConnection('MSH|1'), aConnection('MSH|2'), aConnection()]
    doors.serve(first.connection, 'mllp://localhost:2575')
    await asked.promise
    doors.serve(second.connection, 'mllp://localhost:2575')
    expect([second.connection.stream.destroyed, doors.connections]).to.deep.equal([true, 1])
    const said = new Promise<void>(resolve => {
      const look = () => (first.heard.length > 0 ? resolve() : setImmediate(look))
      look()
    })
    answered.resolve(Buffer.from('MSA|AA'))
    await said
    // Nothing is under way there any more: it makes room.
    await new Promise(resolve => setImmediate(resolve))
    doors.serve(third.connection, 'mllp://localhost:2575')
    expect([first.connection.stream.destroyed, third.connection.stream.destroyed]).to.deep.equal([true, false])
    doors.close()
    third.connection.stream.destroy()
  })
})
