import { expect } from 'chai'
import { handshakeAlerts } from '../../atna-audit/handshake-alerts.js'
import type { AuditRecord } from '../../atna-audit/message.js'
import { systemPorts } from '../../ports/ports.js'

describe('alerts of refused handshakes', () => {
  it('are one record each, and in a flood one record a minute for all further ones', () => {
    let minute: () => void = () => undefined
    const clock = {
      ...systemPorts.clock,
      every: (_periodMs: number, work: () => void) => {
        minute = work
        return { cancel: () => undefined }
      },
    }
    const written: AuditRecord[] = []
    const write = (records: AuditRecord[]) => void written.push(...records)
    const alerts = handshakeAlerts({
      actor: 'Document Registry',
      ports: { ...systemPorts, clock },
      write,
      mostInAMinute: 3,
    })
    const refuse = (remoteAddress: string) => alerts.refused({ remoteAddress, reason: 'no', certificate: undefined })

    for (let count = 0; count < 10; count += 1) refuse(`10.0.0.${count % 5}`)
    expect(written.length).to.equal(3)
    minute()
    expect(written.slice(3).map(({ outcomeDescription }) => outcomeDescription)).to.deep.equal([
      '7 further TLS handshakes refused, from 10.0.0.3, 10.0.0.4, 10.0.0.0, 10.0.0.1, 10.0.0.2',
    ])
    minute()
    expect(written.length).to.equal(4)
    refuse('10.0.0.9')
    alerts.close()
    expect(written.length).to.equal(5)
  })
})
