// Our XML parser beside two that are not ours: whatever the document, the same verdict and the same tree.
// CARNET_XML_FUZZ_COUNT and CARNET_XML_FUZZ_SEED make it a longer or another run.
import { TextDecoder } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { XmlDocument, XmlParseError } from 'libxml2-wasm'
import { parseXml, type XmlElement, XmlProblem, xmlReader } from '../../soap/xml.js'
import { registerDocumentSet } from '../../transactions/xds.js'
import { written } from '../domain/messages.js'
import { generator } from '../domain/mutations.js'
import { aDocumentEntry, aSubmission } from '../samples/submission.js'
import { treeBySaxes } from './saxes-tree.js'
import { anyDocument, damaged, damagedBytes, dense } from './xml-documents.js'

const count = Number(process.env.CARNET_XML_FUZZ_COUNT ?? 4_000)
const seed = Number(process.env.CARNET_XML_FUZZ_SEED ?? 20261123)

describe(`soap/xml beside saxes (seed ${seed}, ${count} documents)`, function () {
  this.timeout(count * 20 + 20_000)
  let message: Buffer

  before(async () => {
    const submission = aSubmission({ documentEntries: [aDocumentEntry()] })
    message = (await written(registerDocumentSet, submission)).body
  })

  it('agrees on documents made by a grammar', () => {
    const tally = newTally()
    fc.assert(
      fc.property(anyDocument, source => {
        tally[
          agreed(
            source,
            parsed(() => parseXml(source, wide)),
            bySaxes(source),
          )
        ] += 1
      }),
      { numRuns: Math.ceil(count / 2), seed },
    )
    expectBoth(tally)
  })

  it('agrees on damaged documents', () => {
    const random = generator(seed)
    const tally = newTally()
    const text = message.toString()
    for (let number = 0; number < count / 4; number += 1) {
      const source = damaged(number % 4 === 0 ? text : dense, random)
      tally[
        agreed(
          source,
          parsed(() => parseXml(source, wide)),
          bySaxes(source),
        )
      ] += 1
    }
    expectBoth(tally)
  })

  it('agrees on damaged bytes that arrive in pieces', () => {
    const random = generator(seed + 1)
    const tally = newTally()
    for (let number = 0; number < count / 4; number += 1) {
      const bytes = damagedBytes(number % 4 === 0 ? message : Buffer.from(dense), random)
      const cut = Math.floor(random() * bytes.length)
      tally[
        agreed(
          bytes.toString('latin1'),
          parsed(() => inPieces(bytes, cut)),
          bytesBySaxes(bytes),
        )
      ] += 1
    }
    expectBoth(tally)
  })
})

describe('soap/xml beside libxml2', function () {
  this.timeout(count * 20 + 20_000)

  it('agrees on what is well-formed', () => {
    const random = generator(seed + 2)
    const tally = newTally()
    const check = (document: string): void => {
      // Document types and versions are libxml2's to take and ours to refuse.
      if (/<!DOCTYPE|version\s*=\s*(?!"1\.0"|'1\.0')/.test(document)) return
      // What a declaration says of a string's bytes is nothing to us; libxml2 wants to know the name.
      const source = document
        .replace(/ encoding *= *("[-\w.]+"|'[-\w.]+')/, '')
        .replaceAll(' urn:q ', 'urn:q')
        .replaceAll('urn:ä&amp;', 'urn:a')
      const theirs = isWellFormed(source)
      if (theirs === undefined) return
      const ours = parsed(() => parseXml(source, wide))
      tally[ours.tree === undefined ? 'refused' : 'accepted'] += 1
      expect(ours.tree !== undefined, `${JSON.stringify(source)}\n${ours.reason}`).to.equal(theirs)
    }
    fc.assert(fc.property(anyDocument, check), { numRuns: Math.ceil(count / 8), seed })
    for (let number = 0; number < count / 8; number += 1) check(damaged(dense, random))
    expectBoth(tally)
  })
})

type Verdict = { tree: XmlElement; reason?: undefined } | { tree?: undefined; reason: string }

const wide = { depth: 1_000, attributes: 1_000 }

function parsed(work: () => XmlElement): Verdict {
  try {
    return { tree: work() }
  } catch (problem) {
    if (problem instanceof XmlProblem) return { reason: problem.message }
    throw problem
  }
}

function inPieces(bytes: Buffer, cut: number): XmlElement {
  const reader = xmlReader(wide)
  reader.write(bytes.subarray(0, cut))
  reader.write(bytes.subarray(cut))
  return reader.end()
}

function bySaxes(source: string): XmlElement | undefined {
  try {
    return treeBySaxes(source)
  } catch {
    return undefined
  }
}

function bytesBySaxes(bytes: Buffer): XmlElement | undefined {
  try {
    return bySaxes(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** Where we refuse on purpose what saxes takes. */
const stricter: { what: string; reason: RegExp; source: RegExp }[] = [
  {
    what: 'a local name that is no NCName [XML Names 1.0: 10, 11]',
    reason: /disallowed character in (tag|attribute) name/,
    source: /:(?:[-.0-9\u00b7]|[\u0300-\u036f]|[\u203f\u2040])/,
  },
  {
    what: 'a target that ends with neither white space nor ?> [XML 1.0: 16]',
    reason: /processing instruction name/,
    source: /<\?[^ \t\r\n?]+\?[^>]/,
  },
  { what: 'half a surrogate pair [XML 1.0: 2]', reason: /half a surrogate pair/, source: /\p{Surrogate}/u },
  {
    what: 'a declared encoding that is not that of the bytes [XML 1.0: 4.3.3]',
    reason: /declared encoding/,
    source: /encoding=/,
  },
]

function agreed(source: string, ours: Verdict, theirs: XmlElement | undefined): 'accepted' | 'refused' {
  const words = () => `${JSON.stringify(source)}\n${ours.reason ?? 'accepted'}`
  if (ours.tree !== undefined) {
    if (theirs === undefined) expect.fail(`saxes refuses ${words()}`)
    if (JSON.stringify(ordered(ours.tree)) !== JSON.stringify(ordered(theirs))) {
      expect(ours.tree, words()).to.deep.equal(theirs)
    }
    return 'accepted'
  }
  const onPurpose = stricter.some(({ reason, source: pattern }) => reason.test(ours.reason) && pattern.test(source))
  if (theirs !== undefined && !onPurpose) expect.fail(`saxes accepts ${words()}`)
  expect(ours.reason).to.match(/^line \d+, column \d+: |not valid UTF|neither UTF|UTF-32/)
  return 'refused'
}

/** Strings, so that a comparison costs little; chai shows what is different where something is. */
function ordered({ namespace, name, attributes, children, text }: XmlElement): unknown {
  return [namespace, name, attributes.map(a => [a.namespace, a.name, a.value]), children.map(ordered), text]
}

/** Undefined where libxml2 stops at a namespace that is no URI, which makes nothing ill-formed. [XML Names 1.0: 2.1] */
function isWellFormed(source: string): boolean | undefined {
  try {
    XmlDocument.fromString(source).dispose()
    return true
  } catch (problem) {
    if (!(problem instanceof XmlParseError)) throw problem
    return /is not a valid URI/.test(problem.message) ? undefined : false
  }
}

function newTally() {
  return { accepted: 0, refused: 0 }
}

/** A run in which all was accepted, or nothing, would prove nothing. */
function expectBoth({ accepted, refused }: ReturnType<typeof newTally>): void {
  expect(accepted).to.be.greaterThan((accepted + refused) / 20)
  expect(refused).to.be.greaterThan((accepted + refused) / 20)
}
