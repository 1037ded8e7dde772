import { expect } from 'chai'
import type { AuditedExchange, AuditedUser } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { auditRegister } from '../../transactions/xds-audit.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { aSubmission } from '../samples/submission.js'
import { recordFaults } from './record-rules.js'

const roles = '2.16.756.5.30.1.127.3.10.6'
const user: AuditedUser = {
  nameID: '7601000000019',
  issuer: 'https://sts.example',
  name: 'Vera Muster',
  role: ['HCP', roles, 'Healthcare professional'],
  purposeOfUse: ['NORM', '2.16.756.5.30.1.127.3.10.5', 'Normal Access'],
  delegate: { id: '7601000000026', name: 'Anna Hilf', role: ['ASS', roles, 'Assistant'] },
}

function aRecord(user: AuditedUser | undefined): string {
  const response: RegistryResponse = { status: 'Success', errors: [] }
  const exchange: AuditedExchange<ReturnType<typeof aSubmission>, RegistryResponse> = {
    ...{ side: 'responder', request: aSubmission(), response, failure: undefined, user },
    ...{ partner: { name: 'hospital', address: '10.0.0.7' }, endpoint: 'https://x/registry', replyTo: 'urn:x' },
    ...{
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
      endedMs: 0,
      processId: 1,
      hostName: 'h',
    },
  }
  return writeMessage(auditRegister(exchange)[0]!, { auditSourceID: 'carnet-registry' })
}

describe('the rules for records', () => {
  it('are kept by a record with and without persons [ITI TF-2:3.42.5.1, 3.40.4.2]', () => {
    expect([recordFaults(aRecord(undefined)), recordFaults(aRecord(user))]).to.deep.equal([[], []])
  })

  const changes: [what: string, from: string | RegExp, to: string][] = [
    ['another event', 'csd-code="110107"', 'csd-code="110106"'],
    ['another action', 'EventActionCode="C"', 'EventActionCode="R"'],
    ['another name', 'originalText="Register Document Set-b"', 'originalText="Register"'],
    ['no Source', 'csd-code="110153"', 'csd-code="110150"'],
    ['a process id on both sides', 'UserName="hospital"', 'UserName="hospital" AlternativeUserID="1"'],
    ['no address of the other side', ' NetworkAccessPointID="10.0.0.7" NetworkAccessPointTypeCode="2"', ''],
    ['no submission set', 'ParticipantObjectTypeCodeRole="20"', 'ParticipantObjectTypeCodeRole="21"'],
    [
      'another id type of the patient',
      'csd-code="2" codeSystemName="RFC-3881"',
      'csd-code="1" codeSystemName="RFC-3881"',
    ],
    ['no trace', 'ParticipantObjectTypeCodeRole="26"', 'ParticipantObjectTypeCodeRole="25"'],
    ['a failure without words', 'EventOutcomeIndicator="0"', 'EventOutcomeIndicator="8"'],
    ['a person without a role', /<RoleIDCode csd-code="HCP"[^>]*>/, ''],
    ['two requestors', 'UserName="Anna Hilf" UserIsRequestor="false"', 'UserName="Anna Hilf" UserIsRequestor="true"'],
    ['another source', 'AuditSourceID="carnet-registry"', 'AuditSourceID="x"'],
    ['an element that the schema has not', '</AuditMessage>', '<Extra/></AuditMessage>'],
  ]
  for (const [what, from, to] of changes) {
    it(`find ${what}`, () => {
      const record = aRecord(user)
      expect(record.replace(from, to)).not.to.equal(record)
      expect(recordFaults(record.replace(from, to))).not.to.deep.equal([])
    })
  }
})
