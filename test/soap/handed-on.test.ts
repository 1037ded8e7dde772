import { expect } from 'chai'
import { handedOn } from '../../soap/handed-on.js'
import { namespaces } from '../../soap/namespaces.js'
import { parseXml } from '../../soap/xml.js'
import { securityHeader } from '../../xua/issue.js'
import * as a from '../xua/a-token.js'

describe('a wsse:Security that is handed on', () => {
  const inMessage = (message: string) => handedOn(a.securityIn(message)) ?? ''
  const sentOn = (header: string) =>
    `<x:Envelope xmlns:x="${namespaces.soap12}"><x:Header>${header}</x:Header><x:Body/></x:Envelope>`

  it('holds all characters of its assertion, and still its signature [XML Signature 1.1: 3.2]', () => {
    // Prefixes of the assertion that are declared around it, quotes and blanks as stacks of the field have them.
    const token = a
      .token(a.assistant)
      .replaceAll(` xmlns:xsi="${namespaces.xsi}"`, '')
      .replace(' Version="2.0"', "\n   Version='2.0'")
    const message = a.messageWith(securityHeader(token))
    const header = inMessage(message)
    expect(header).to.contain(token)
    expect(a.claimsIn(sentOn(header))).to.deep.equal(a.claimsIn(message))
  })

  it('is none behind declarations that are longer than any assertion', () => {
    const message = a.messageWith(securityHeader(a.token()))
    const declaring = (length: number) =>
      message.replace(/^<[^ ]+/, start => `${start} xmlns:long="urn:${'x'.repeat(length)}"`)
    expect(handedOn(a.securityIn(declaring(1_000)))).to.contain('xmlns:long="urn:xxx')
    expect(handedOn(a.securityIn(declaring(300_000)))).to.equal(undefined)
  })

  it('may be handed on again', () => {
    const header = inMessage(a.messageWith(securityHeader(a.token())))
    expect(inMessage(sentOn(header)).length).to.equal(inMessage(sentOn(inMessage(sentOn(header)))).length)
    expect(a.claimsIn(sentOn(inMessage(sentOn(header)))).eprSpid).to.equal(a.spid)
  })

  it('is not there where nothing is in it, or too much', () => {
    expect(handedOn(undefined)).to.equal(undefined)
    expect(handedOn(a.securityIn(a.messageWith(securityHeader(''))))).to.equal(undefined)
    expect(handedOn(a.securityIn(a.messageWith(securityHeader(`<x>${'x'.repeat(300_000)}</x>`))))).to.equal(undefined)
    expect(handedOn(parseXml('<x/>'))).to.equal(undefined)
  })
})
