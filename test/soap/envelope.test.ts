import { expect } from 'chai'
import { action, envelope, faultOf, plainType, read, soap12, wsa } from './wire.js'

const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'
const readHeaders = (headers: string) => read(plainType, [envelope('<b/>', headers)])
const security = (attributes = '') => `<w:Security xmlns:w="${wsse}" ${attributes}><t/></w:Security>`

describe('soap/envelope: versions [SOAP 1.2 Part 1: 2.8, 5.4.7, A]', () => {
  it('knows SOAP 1.1 by its namespace, and that its sender reads nothing else', async () => {
    const fault = await faultOf(
      read('text/xml', ['<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>']),
    )
    expect(fault).to.include({ code: 'VersionMismatch', soap11: true })
  })

  for (const [name, xml] of Object.entries({
    'another namespace': '<Envelope xmlns="urn:soap"/>',
    'no namespace': '<Envelope/>',
    'another element': `<s:Body xmlns:s="${soap12}"/>`,
    'an early draft': '<Envelope xmlns="http://www.w3.org/2002/12/soap-envelope"/>',
  })) {
    it(`answers ${name} with VersionMismatch`, async () => {
      const fault = await faultOf(read(plainType, [xml]))
      expect(fault.code).to.equal('VersionMismatch')
      expect(fault.soap11).to.equal(undefined)
    })
  }
})

describe('soap/envelope: structure [SOAP 1.2 Part 1: 5.1]', () => {
  it('needs no Header, and no element in the Body', async () => {
    const message = await read(plainType, [`<s:Envelope xmlns:s="${soap12}"><s:Body/></s:Envelope>`])
    expect(message).to.deep.include({ action: '', addressing: {}, body: undefined, security: undefined })
  })

  for (const [name, inside, reason] of [
    ['two elements in the Body', '<s:Body><a/><b/></s:Body>', 'the Body holds 2 elements instead of one'],
    ['two Bodies', '<s:Body/><s:Body/>', 'one Body, in this order'],
    ['no Body', '<s:Header/>', 'one Body, in this order'],
    ['a Header behind the Body', '<s:Body/><s:Header/>', 'one Body, in this order'],
    ['two Headers', '<s:Header/><s:Header/><s:Body/>', 'one Body, in this order'],
    ['something behind the Body', '<s:Body/><x/>', 'one Body, in this order'],
    ['nothing', '', 'one Body, in this order'],
  ]) {
    it(`refuses ${name}`, async () => {
      const fault = await faultOf(read(plainType, [`<s:Envelope xmlns:s="${soap12}">${inside}</s:Envelope>`]))
      expect(fault.code).to.equal('Sender')
      expect(fault.message).to.include(reason)
    })
  }
})

describe('soap/envelope: mustUnderstand [SOAP 1.2 Part 1: 2.4, 5.2.3]', () => {
  for (const value of ['1', 'true', ' true ']) {
    it(`understands WS-Addressing and wsse:Security, mustUnderstand="${value}"`, async () => {
      const must = `s:mustUnderstand="${value}"`
      const message = await readHeaders(
        `<a:Action ${must}>${action}</a:Action><a:MessageID ${must}>1</a:MessageID><a:To ${must}>x</a:To>` +
          `<a:ReplyTo ${must}><a:Address>${wsa}/anonymous</a:Address></a:ReplyTo><a:From ${must}><a:Address>x</a:Address></a:From>${security(must)}`,
      )
      expect(message.security).to.include({ namespace: wsse, name: 'Security' })
      expect(message.addressing).to.deep.equal({ action, messageID: '1', to: 'x', replyTo: `${wsa}/anonymous` })
    })

    it(`names all that it does not understand, mustUnderstand="${value}" [SOAP 1.2 Part 1: 5.4.8]`, async () => {
      const must = `s:mustUnderstand="${value}"`
      const fault = await faultOf(
        readHeaders(`<x:One xmlns:x="urn:x" ${must}/><Two ${must}/><x:Three xmlns:x="urn:x"/>`),
      )
      expect(fault.code).to.equal('MustUnderstand')
      expect(fault.notUnderstood).to.deep.equal([
        { namespace: 'urn:x', name: 'One' },
        { namespace: '', name: 'Two' },
      ])
    })
  }

  it('understands what whoever answers understands besides, and hands on every header block', async () => {
    const block = '<x:block xmlns:x="urn:x" s:mustUnderstand="1"><x:id>1</x:id></x:block><y s:role="urn:someone:else"/>'
    const understood = [{ namespace: 'urn:x', name: 'block' }]
    const message = await read(plainType, [envelope('<b/>', block)], { understood })
    expect(message.headers?.map(({ name }) => name)).to.deep.equal(['block', 'y'])
    const fault = await faultOf(
      read(plainType, [envelope('<b/>', block)], { understood: [{ ...understood[0]!, name: 'other' }] }),
    )
    expect(fault.code).to.equal('MustUnderstand')
  })

  it('does not understand the WS-Addressing of 2004', async () => {
    const fault = await faultOf(
      readHeaders('<Action xmlns="http://schemas.xmlsoap.org/ws/2004/08/addressing" s:mustUnderstand="1">x</Action>'),
    )
    expect(fault.code).to.equal('MustUnderstand')
  })

  for (const attributes of [
    '',
    's:mustUnderstand="0"',
    's:mustUnderstand="false"',
    'mustUnderstand="1"',
    's:mustUnderstand="1" s:role="http://www.w3.org/2003/05/soap-envelope/role/none"',
    's:mustUnderstand="1" s:role="urn:someone:else"',
    's:relay="true"',
  ]) {
    it(`passes over a foreign header with ${attributes || 'no attributes'}`, async () => {
      expect((await readHeaders(`<x ${attributes}/>`)).body).to.include({ name: 'b' })
    })
  }

  for (const role of [
    '',
    'http://www.w3.org/2003/05/soap-envelope/role/next',
    'http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver',
  ]) {
    it(`is meant by the role "${role}" [SOAP 1.2 Part 1: 2.2]`, async () => {
      expect((await faultOf(readHeaders(`<x s:mustUnderstand="1" s:role="${role}"/>`))).code).to.equal('MustUnderstand')
    })
  }

  it('refuses a mustUnderstand that is neither true nor false', async () => {
    expect((await faultOf(readHeaders('<x s:mustUnderstand="yes"/>'))).code).to.equal('Sender')
  })
})

describe('soap/envelope: addressing [WS-Addressing 1.0 Core: 3]', () => {
  it('trims values, and takes an empty header for none', async () => {
    const message = await readHeaders(
      `<a:Action>\n ${action}\n</a:Action><a:MessageID> </a:MessageID><a:To/><a:RelatesTo>\tx </a:RelatesTo>`,
    )
    expect(message.addressing).to.deep.equal({ action, relatesTo: 'x' })
  })

  for (const header of ['Action', 'MessageID', 'To', 'RelatesTo']) {
    it(`refuses wsa:${header} twice [WS-Addressing 1.0 SOAP Binding: 6.4.1]`, async () => {
      const fault = await faultOf(readHeaders(`<a:${header}>x</a:${header}><a:${header}>x</a:${header}>`))
      expect(fault).to.deep.include({
        code: 'Sender',
        subcode: { namespace: wsa, name: 'InvalidAddressingHeader' },
        subSubcode: { namespace: wsa, name: 'InvalidCardinality' },
        problemHeader: { namespace: wsa, name: header },
      })
    })
  }

  for (const header of ['ReplyTo', 'FaultTo']) {
    const one = `<a:${header}><a:Address>urn:x</a:Address></a:${header}>`
    it(`hands on a foreign wsa:${header}, refuses two, refuses one without Address`, async () => {
      const { addressing } = await readHeaders(one)
      expect(Object.values(addressing)).to.deep.equal(['urn:x'])
      expect((await faultOf(readHeaders(one + one))).subSubcode?.name).to.equal('InvalidCardinality')
      expect((await faultOf(readHeaders(`<a:${header}/>`))).subSubcode?.name).to.equal('MissingAddressInEPR')
    })
  }

  it('lets other relationships be, however many', async () => {
    const other = '<a:RelatesTo RelationshipType="urn:other">o</a:RelatesTo>'
    const { addressing } = await readHeaders(
      `${other}<a:RelatesTo RelationshipType="${wsa}/reply">r</a:RelatesTo>${other}`,
    )
    expect(addressing).to.deep.equal({ relatesTo: 'r' })
  })

  it('ignores addressing for other roles', async () => {
    const { addressing } = await readHeaders(
      `<a:Action>${action}</a:Action><a:Action s:role="urn:other">urn:evil</a:Action>`,
    )
    expect(addressing).to.deep.equal({ action })
  })
})

describe('soap/envelope: wsse:Security', () => {
  it('hands it on', async () => {
    expect((await readHeaders(security())).security?.children[0]).to.include({ name: 't' })
  })

  it('refuses two, for two readers might each believe another one', async () => {
    const fault = await faultOf(readHeaders(security() + security()))
    expect(fault).to.deep.include({ code: 'Sender', subcode: { namespace: wsse, name: 'InvalidSecurity' } })
  })

  it('passes over one for another role', async () => {
    expect((await readHeaders(security() + security('s:role="urn:other"'))).security).to.not.equal(undefined)
    expect((await readHeaders(security('s:role="urn:other"'))).security).to.equal(undefined)
  })
})
