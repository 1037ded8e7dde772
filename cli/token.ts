// `carnet token --role HCP --patient SPID`: an assertion signed with the key of a development deployment, for trying things out.
import { X509Certificate } from 'node:crypto'
import { join, resolve } from 'node:path'
import { developmentIssuer, issuerFiles } from '../certs/development-issuer.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import type { OrganisationClaim } from '../xua/claims.js'
import { issueAssertion } from '../xua/issue.js'
import { contentOf, type TokenRequest } from '../xua/token-request.js'
import type { Context } from './context.js'
import { type DeploymentOptions, openDeployment } from './deployment.js'
import { Failure } from './failure.js'
import { readPem } from './our-identity.js'

export interface TokenOptions extends DeploymentOptions {
  role: string
  purpose?: string
  patient: string
  id?: string
  name?: string
  alias?: string
  principalId?: string
  principalName?: string
  organisation?: string[]
  community?: string
  minutes?: string
  audience?: string
  once?: boolean
  holder?: string
  output?: string
}

export async function token(options: TokenOptions, context: Context): Promise<void> {
  const { folder, config } = await openDeployment(options, context)
  assertDevelopment(config)
  const key = String(await readPem(join(folder, 'certs', issuerFiles.key), context))
  const { clock, randomness, files } = context.ports
  const issuing = { issuer: developmentIssuer, id: `_${randomness.uuid()}`, nowMs: clock.now() }
  const assertion = issueAssertion(contentAsked(await requestOf(options, config, context), issuing), { key })
  const { terminal } = context
  if (!trustsIt(config)) {
    terminal.complain(
      `note: no service of this deployment believes it; name ${developmentIssuer} with certs/${issuerFiles.cert} in "xua.issuers"`,
    )
  }
  if (options.output === undefined) return terminal.print(assertion)
  await files.replace(resolve(terminal.workingFolder, options.output), assertion, { mode: 0o600 })
  const minutes = options.minutes ?? '5'
  terminal.print(`${options.output}: holds for ${minutes} minute(s); send it along: --token ${options.output}`)
}

function assertDevelopment({ mode }: CarnetConfig): void {
  if (mode === 'development') return
  throw new Failure(
    'configuration',
    'This deployment is in mode production; assertions come from the X-Assertion Provider of its community.',
  )
}

function trustsIt({ xua, registry, repository }: CarnetConfig): boolean {
  const looksAtIt = [registry.xua, repository.xua].some(use => use !== 'off')
  return !looksAtIt || xua.issuers.some(({ issuer }) => issuer === developmentIssuer)
}

function contentAsked(request: TokenRequest, issuing: Parameters<typeof contentOf>[1]) {
  try {
    return contentOf(request, issuing)
  } catch (problem) {
    throw new Failure('usage', `${(problem as Error).message}.`)
  }
}

async function requestOf(options: TokenOptions, config: CarnetConfig, context: Context): Promise<TokenRequest> {
  const { organisation = [], community, minutes, once, holder, ...said } = options
  return {
    ...said,
    organisations: organisation.map(organisationOf),
    homeCommunityId: community ?? config.registry.homeCommunityId ?? 'urn:oid:2.999.8',
    minutes: minutes === undefined ? undefined : minutesOf(minutes),
    oneTimeUse: once,
    holder:
      holder === undefined ? undefined : derOf(await readPem(resolve(context.terminal.workingFolder, holder), context)),
  }
}

function organisationOf(written: string): OrganisationClaim {
  const [id = '', ...name] = written.split('=')
  return { id, name: name.join('=') || id }
}

function minutesOf(written: string): number {
  const minutes = Number(written)
  if (Number.isFinite(minutes) && minutes !== 0) return minutes
  throw new Failure('usage', `--minutes is a number, not "${written}".`)
}

function derOf(pem: Buffer): Buffer {
  return new X509Certificate(pem).raw
}
