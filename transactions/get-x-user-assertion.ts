// Get X-User Assertion: a WS-Trust request for a token, and the token. [EPR annex 5.1:1.6.4.2.4.1] [WS-Trust 1.3: 4]
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import { traceObject } from '../atna-audit/objects.js'
import { eventIDs, eventTypes } from '../atna-audit/vocabulary.js'
import { type SoapFault, senderFault } from '../soap/fault.js'
import type { SoapMessage } from '../soap/message.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, isElement, type XmlElement } from '../soap/xml.js'
import { attributeNames } from '../xua/read-claims.js'
import { type Codec, transaction } from './transaction.js'

export interface TokenAsked {
  role: string
  purpose: string
  resourceId: string
  principalId: string | undefined
  principalName: string | undefined
  organisations: { id: string; name: string }[]
  /** As the identity provider's assertion says, which nobody has verified. */
  id: string | undefined
  name: string | undefined
}

export interface TokenIssued {
  assertion: string | undefined
  notBeforeMs: number
  notOnOrAfterMs: number
}

const tokenType = 'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0'
const principal = { id: 'urn:e-health-suisse:principal-id', name: 'urn:e-health-suisse:principal-name' }

const request: Codec<TokenAsked> = {
  element: { namespace: namespaces.wst, name: 'RequestSecurityToken' },
  decode(body, message) {
    const claims = childOf(body, namespaces.wst, 'Claims')
    if (claims === undefined) throw invalid('there are no Claims')
    const values = valuesIn(claims)
    const text = (name: string) => values.get(name)?.[0]?.text.trim() || undefined
    const codeOf = (name: string) => attributeOf(values.get(name)?.[0]?.children[0] ?? claims, 'code') ?? ''
    const names = values.get(attributeNames.organisation) ?? []
    return {
      role: codeOf(attributeNames.role),
      purpose: codeOf(attributeNames.purposeOfUse),
      resourceId: text(attributeNames.resourceId) ?? '',
      principalId: text(principal.id),
      principalName: text(principal.name),
      organisations: (values.get(attributeNames.organisationId) ?? []).map((value, index) => ({
        id: value.text.trim(),
        name: names[index]?.text.trim() ?? '',
      })),
      ...identityIn(message),
    }
  },
  encode() {
    throw new Error('nobody here asks for tokens')
  },
}

/** Whom an identity provider has named; a development issuer believes what it is told. */
function identityIn({ security }: SoapMessage): Pick<TokenAsked, 'id' | 'name'> {
  const assertion = security === undefined ? undefined : childOf(security, namespaces.saml2, 'Assertion')
  const statement = assertion === undefined ? undefined : childOf(assertion, namespaces.saml2, 'AttributeStatement')
  const values = statement === undefined ? new Map<string, XmlElement[]>() : valuesIn(statement)
  const text = (name: string) => values.get(name)?.[0]?.text.trim()
  const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
  const name = [text(`${claims}/givenname`), text(`${claims}/surname`)].filter(Boolean).join(' ')
  const subject = assertion === undefined ? undefined : childOf(assertion, namespaces.saml2, 'Subject')
  const nameId = subject === undefined ? undefined : childOf(subject, namespaces.saml2, 'NameID')?.text.trim()
  // Technical users have no GLN; what identity providers call persons is nobody's id in a community.
  const technical = nameId?.startsWith('urn:oid:') === true ? nameId : undefined
  return { id: text('GLN') ?? technical, name: name === '' ? undefined : name }
}

function valuesIn(holder: XmlElement): Map<string, XmlElement[]> {
  return new Map(
    childrenOf(holder, namespaces.saml2, 'Attribute').map(attribute => [
      attributeOf(attribute, 'Name') ?? '',
      attribute.children.filter(child => isElement(child, namespaces.saml2, 'AttributeValue')),
    ]),
  )
}

const response: Codec<TokenIssued> = {
  element: { namespace: namespaces.wst, name: 'RequestSecurityTokenResponseCollection' },
  decode() {
    throw new Error('nobody here asks for tokens')
  },
  encode({ assertion, notBeforeMs, notOnOrAfterMs }) {
    if (assertion === undefined)
      return { xml: [`<t:RequestSecurityTokenResponseCollection xmlns:t="${namespaces.wst}"/>`] }
    const created = new Date(notBeforeMs).toISOString()
    const expires = new Date(notOnOrAfterMs).toISOString()
    return {
      xml: [
        `<t:RequestSecurityTokenResponseCollection xmlns:t="${namespaces.wst}"><t:RequestSecurityTokenResponse>`,
        `<t:TokenType>${tokenType}</t:TokenType><t:RequestedSecurityToken>`,
        assertion,
        `</t:RequestedSecurityToken><t:Lifetime><u:Created xmlns:u="${namespaces.wsu}">${created}</u:Created>`,
        `<u:Expires xmlns:u="${namespaces.wsu}">${expires}</u:Expires></t:Lifetime>`,
        '</t:RequestSecurityTokenResponse></t:RequestSecurityTokenResponseCollection>',
      ],
    }
  },
}

export const getXUserAssertion = transaction<TokenAsked, TokenIssued>({
  id: 'Get X-User Assertion',
  name: 'Get X-User Assertion',
  action: `${namespaces.wst}/RST/Issue`,
  responseAction: `${namespaces.wst}/RSTRC/IssueFinal`,
  mtom: false,
  roles: ['source', 'consumer', 'document-administrator', 'admin'],
  request,
  response,
  refused: () => ({ assertion: undefined, notBeforeMs: 0, notOnOrAfterMs: 0 }),
  audit: auditGetXUserAssertion,
})

/** Somebody was given a session of some minutes. [DICOM PS3.15 A.5.3.12] */
function auditGetXUserAssertion(exchange: AuditedExchange<TokenAsked, TokenIssued>): AuditRecord[] {
  const { request, failure, partner, endpoint, processId, hostName, traceparent, endedMs } = exchange
  return [
    {
      eventID: eventIDs.userAuthentication,
      eventTypeCode: eventTypes.login,
      action: 'E',
      outcome: failure === undefined ? 0 : 4,
      outcomeDescription: failure,
      dateTimeMs: endedMs,
      participants: [
        {
          userID: request?.id ?? partner.name,
          userName: request?.name,
          userIsRequestor: true,
          networkAccessPointID: partner.address,
        },
        {
          userID: endpoint,
          alternativeUserID: String(processId),
          userIsRequestor: false,
          networkAccessPointID: hostName,
        },
      ],
      objects: [traceObject(traceparent)],
    },
  ]
}

/** [WS-Trust 1.3: 11] */
export function invalid(reason: string): SoapFault {
  return senderFault(`the token cannot be issued: ${reason}`, {
    subcode: { namespace: namespaces.wst, name: 'InvalidRequest' },
  })
}
