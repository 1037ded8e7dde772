// Whether a message is valid by the schemas beside the WSDL, as libxml2 sees it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs'
import { packageRoot } from '../../ports/processes.js'

xmlRegisterFsInputProviders()

/** What is wrong with a message, by `rim`, `lcm`, `query`, `xdsb` or `hl7v3`; empty when it is valid. */
export function faultsOf(schema: string, message: string): string[] {
  const path = join(packageRoot, 'wsdl', `${schema}.xsd`)
  // The file: URL makes the schemas find one another.
  using xsd = XmlDocument.fromBuffer(readFileSync(path), { url: `file://${path}` })
  using validator = XsdValidator.fromDoc(xsd)
  using document = XmlDocument.fromString(message)
  try {
    validator.validate(document)
    return []
  } catch (problem) {
    return [(problem as Error).message]
  }
}
