// `carnet codes list`: which codes an affinity domain takes.
import { join } from 'node:path'
import { type AffinityDomain, openDomain } from '../../affinity/affinity-domain.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, dataFolder, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { table } from '../table.js'

export interface ListCodesOptions extends DeploymentOptions {
  domain?: string
  language?: string
}

export async function listCodes(attribute: string | undefined, options: ListCodesOptions, context: Context) {
  const { terminal, ports } = context
  const profile = options.domain ?? (await profileOf(options, context))
  const domain = await openDomain(profile, ports.files, terminal.workingFolder)
  if (attribute !== undefined) return printCodes(attribute, domain, options, context)
  const rows = [...domain.codeSets.values()].map(({ attribute, codes, level, version, clause }) => [
    attribute,
    String(codes.length),
    level ?? 'error',
    version ?? '',
    clause,
  ])
  for (const line of table(['attribute', 'codes', 'level', 'version', 'by'], rows, wide)) terminal.print(line)
  terminal.print(
    rows.length === 0
      ? `domain ${domain.name} takes any code; next: npx carnet codes import FILE`
      : `domain ${domain.name}; attributes that are not here may have any code`,
  )
}

function printCodes(
  attribute: string,
  domain: AffinityDomain,
  { language = 'en' }: ListCodesOptions,
  { terminal }: Context,
): void {
  const full = domain.codeSets.has(attribute) ? attribute : `DocumentEntry.${attribute}`
  const set = domain.codeSets.get(full)
  if (set === undefined) {
    const known = [...domain.codeSets.keys()].join(', ') || 'none'
    throw new Failure('usage', `domain ${domain.name} has no codes for "${attribute}"; it has some for: ${known}.`)
  }
  const rows = set.codes.map(({ code, codingScheme = '', names }) => [
    names[language] ?? names.en ?? '',
    code,
    codingScheme,
  ])
  for (const line of table([`name (${language})`, 'code', 'codingScheme'], rows, terminal.columns)) terminal.print(line)
}

/** Names of attributes are not to be cut. */
const wide = Number.MAX_SAFE_INTEGER

/** Of the deployment where there is one. */
export async function profileOf(options: DeploymentOptions, context: Context): Promise<string> {
  const file = join(dataFolder(options, context), 'carnet.json')
  if (options.data === undefined && (await context.ports.files.stat(file)) === undefined) return 'ihe'
  return (await openDeployment(options, context)).config.profile
}
