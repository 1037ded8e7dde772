// docs/CONFIGURATION.md against the schema of carnet.json: every setting is explained, with the default that it has.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { z } from 'zod'
import { carnetConfig } from '../../config/carnet-config.js'
import { packageRoot } from '../../ports/processes.js'

interface Schema {
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  default?: unknown
}

const documented = settingsIn(readFileSync(join(packageRoot, 'docs', 'CONFIGURATION.md'), 'utf8'))
const declared = settingsOf(z.toJSONSchema(carnetConfig, { io: 'input' }) as Schema)

describe('docs/CONFIGURATION.md', () => {
  it('explains every setting, and none that there is not', () => {
    expect([...documented.keys()].sort()).to.deep.equal([...declared.keys()].sort())
  })

  it('tells the defaults as they are', () => {
    expect(Object.fromEntries(documented)).to.deep.equal(Object.fromEntries(declared))
  })
})

/** Settings by path with their default as it is printed: JSON, `required`, or nothing. */
function settingsOf(schema: Schema, path = '', isRequired = false): Map<string, string> {
  const { properties, items } = schema
  const own: [string, string][] = path === '' || properties !== undefined ? [] : [[path, printed(schema, isRequired)]]
  const inner = Object.entries(properties ?? {}).flatMap(([name, below]) => {
    const isNeeded = schema.required?.includes(name) === true
    return [...settingsOf(below, path === '' ? name : `${path}.${name}`, isNeeded)]
  })
  const elements = items?.properties === undefined ? [] : [...settingsOf(items, `${path}[]`)]
  return new Map([...own, ...inner, ...elements])
}

function printed(schema: Schema, isRequired: boolean): string {
  if (schema.default === undefined) return isRequired ? 'required' : ''
  return typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)
}

/** The rows of all tables; what is said of `registry` under "Each service" is said of the five. */
function settingsIn(text: string): Map<string, string> {
  const [before = '', after = ''] = text.split('## Each service')
  const [shared = '', ...others] = after.split(/^## /m)
  const services = ['registry', 'repository', 'atnaAudit', 'patientIndex', 'gateway']
  const each = rowsOf(shared).flatMap(([path, value]): [string, string][] =>
    services.map(service => [path.replace(/^registry\./, `${service}.`), value]),
  )
  return new Map([...rowsOf(before), ...each, ...rowsOf(others.join('\n'))])
}

function rowsOf(text: string): [string, string][] {
  return [...text.matchAll(/^\| `([^`]+)` \| ([^|]*)\|/gm)].map(([, path = '', value = '']) => [
    path,
    value.trim().replace(/^`(.*)`$/, '$1'),
  ])
}
