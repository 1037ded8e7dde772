import { expect } from 'chai'
import { auditLine, inOrder } from '../../../cli/audit/line.js'

describe('cli/audit-line', () => {
  const record = {
    id: 7,
    receivedAt: '2026-11-23T08:00:01.000Z',
    eventDateTime: '2026-11-23T08:00:00.000Z',
    type: { code: 'ITI-41', text: 'Provide and Register Document Set-b' },
    outcome: 0,
    source: 'carnet-repository',
    participants: [
      { userId: 'https://localhost:8442/repository', roles: [{ code: '110152' }] },
      { userId: 'http://www.w3.org/2005/08/addressing/anonymous', name: 'hospital', roles: [{ code: '110153' }] },
    ],
    patients: ['P1^^^&2.999.1&ISO'],
    objects: [{ id: '2.25.7', role: '20' }],
    trace: '0af7651916cd43dd8448eb211c80319c',
  }

  it('tells when, how it ended, what it was, who, of whom, of what, and the trace', () => {
    expect(auditLine(record)).to.equal(
      '2026-11-23T08:00:00.000Z  ok  ITI-41 Provide and Register Document Set-b  by carnet-repository:  ' +
        'hospital → https://localhost:8442/repository  patient P1^^^&2.999.1&ISO  submission set 2.25.7  ' +
        'trace 0af7651916cd43dd8448eb211c80319c',
    )
  })

  it('shows a record that could not be read, and forges no line', () => {
    const unreadable = { receivedAt: '2026-11-23T08:00:01.000Z', problem: 'no XML\n2026 ok \u001b[31m' }
    expect(auditLine(unreadable)).to.equal('2026-11-23T08:00:01.000Z  unreadable: no XML 2026 ok ?[31m')
  })

  it('names failures by their gravity', () => {
    expect(auditLine({ ...record, outcome: 8, description: 'XDSUnknownPatientId' }))
      .to.include('  serious  ')
      .and.include('XDSUnknownPatientId')
  })

  it('puts the oldest first', () => {
    const later = { id: 1, eventDateTime: '2026-11-23T09:00:00.000Z' }
    expect(inOrder([later, record]).map(({ id }) => id)).to.deep.equal([7, 1])
    // Half an hour before, on a clock two hours east.
    const east = { ...record, id: 9, eventDateTime: '2026-11-23T09:30:00.000+02:00' }
    expect(inOrder([record, east]).map(({ id }) => id)).to.deep.equal([9, 7])
  })
})
