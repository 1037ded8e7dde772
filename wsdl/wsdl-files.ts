// The WSDL documents and schemas as a service shows them: with its own address in the place of the file names.
import { join } from 'node:path'
import type { Files } from '../ports/files.js'
import { packageRoot } from '../ports/processes.js'

export type DescribedService = 'registry' | 'repository' | 'patient-index' | 'gateway'

/** What stands behind `?wsdl` of an endpoint; `location` is its public URL, without a query. [ITI TF-2: Appendix V.2] */
export async function wsdlFor(service: DescribedService, location: string, files: Files): Promise<Buffer> {
  return Buffer.from(located(await read(`${service}.wsdl`, files), location))
}

/** What stands behind `?xsd=NAME`; undefined where there is no schema of that name. */
export async function schemaNamed(name: string, location: string, files: Files): Promise<Buffer | undefined> {
  // A name that comes with a request never becomes a path: it is looked up.
  return schemas.has(name) ? Buffer.from(located(await read(name, files), location)) : undefined
}

const schemas: ReadonlySet<string> = new Set([
  'hl7v3.xsd',
  'lcm.xsd',
  'query.xsd',
  'rim.xsd',
  'rmd.xsd',
  'rs.xsd',
  'xcpd.xsd',
  'xdsb.xsd',
  'xdsi.xsd',
  'xml.xsd',
])

const texts = new Map<string, string>()

async function read(name: string, files: Files): Promise<string> {
  const text = texts.get(name) ?? (await files.readFile(join(packageRoot, 'wsdl', name))).toString()
  texts.set(name, text)
  return text
}

// Absolute addresses: not every client resolves `?xsd=` against the address it has asked.
function located(text: string, location: string): string {
  const safe = location.replace(/[<>&"]/g, character => `&#${character.charCodeAt(0)};`)
  return text
    .replace(/schemaLocation="([^"]+)"/g, (_, name: string) => `schemaLocation="${safe}?xsd=${name}"`)
    .replace(/(<soap12:address location=")[^"]*/, (_, start: string) => `${start}${safe}`)
}
