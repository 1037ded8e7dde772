// eCH-0213 and eCH-0214: what is written can be read at the other end, and what others write too.
import { expect } from 'chai'
import {
  answerIn,
  askedIn,
  type EchHeader,
  infoAnswerXml,
  infoXml,
  managedXml,
  manageXml,
  messageIdIn,
} from '../../../patient-index/upi/ech-messages.js'
import type { ManageSpid, Pid, UpiAnswer } from '../../../patient-index/upi/upi.js'
import { parseXml } from '../../../soap/xml.js'
import { registeredMaja } from './a-upi.js'

const header: EchHeader = { senderId: 'sedex://T0-1-2', messageId: 'm-1', dateMs: 0, isTest: true }

const requests: ManageSpid[] = [
  { action: 'generate', vn: '7561234567897', person: { ...registeredMaja, originalName: 'O’Neill & Co <née>' } },
  { action: 'generate', vn: '7561234567897', person: { firstName: 'A', officialName: 'B', dateOfBirth: '1960' } },
  { action: 'generate', vn: '7561234567897', person: { firstName: 'A', officialName: 'B', dateOfBirth: '1960-06' } },
  { action: 'inactivate', inactive: '761337610411353650', active: '761337610469261945' },
  { action: 'cancel', spid: '761337610411353650', vn: '7561234567897' },
  { action: 'cancel', spid: '761337610411353650' },
]

const answers: UpiAnswer[] = [
  {
    is: 'positive',
    pids: { vn: '7561234567897', spids: ['761337610411353650'] },
    person: registeredMaja,
    notices: [{ code: 310_403, text: 'one of the data is another' }],
  },
  { is: 'positive', pids: { spids: [] }, person: registeredMaja, notices: [] },
  { is: 'negative', notice: { code: 310_402, text: 'the data do not fit' } },
]

describe('messages to the UPI', () => {
  for (const request of requests) {
    it(`say ${request.action} as it was meant: ${JSON.stringify(request).slice(0, 90)} [eCH-0213: 4.1]`, () => {
      const read = parseXml(manageXml(request, header))
      expect(askedIn(read)).to.deep.equal(request)
      expect(messageIdIn(read)).to.equal('m-1')
    })
  }

  it('ask for a person by either number [eCH-0214: getInfoPerson]', () => {
    for (const pid of [{ vn: '7561234567897' }, { spid: '761337610411353650' }] satisfies Pid[]) {
      expect(askedIn(parseXml(infoXml(pid, header)))).to.deep.equal({ action: 'info', pid })
    }
  })

  it('are answered in either form [eCH-0213: 4.3] [eCH-0214: 4.3]', () => {
    for (const answer of answers) {
      expect(answerIn(parseXml(managedXml(answer, header)))).to.deep.equal(answer)
      expect(answerIn(parseXml(infoAnswerXml({ vn: '7561234567897' }, answer, header)))).to.deep.equal(answer)
    }
  })

  it('are nothing where they lack what they are about', () => {
    const generate = manageXml(requests[0]!, header)
    for (const text of [
      generate.replace(/<personToUPI>.*<\/personToUPI>/, ''),
      generate.replace(/<c:vn>.*<\/c:vn>/, ''),
      generate.replace('>generate<', '>delete<'),
      '<request xmlns="http://www.ech.ch/xmlns/eCH-0213/1"/>',
    ]) {
      expect(askedIn(parseXml(text)), text.slice(0, 80)).to.equal(undefined)
    }
    expect(() => answerIn(parseXml('<response xmlns="http://www.ech.ch/xmlns/eCH-0213/1"/>'))).to.throw(
      'neither a positive response nor a negative report',
    )
  })
})
