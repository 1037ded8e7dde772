// `carnet community add`, `list` and `remove`: other communities, while the gateway runs. The file that lists them is written last, so that
// nobody is asked before all is there that has to be believed.
import { resolve } from 'node:path'
import { communityProblems, readCommunities } from '../../config/communities.js'
import { readDescription } from '../../config/community-description.js'
import { type CommunityConfig, type CommunityDescription, communitiesFile } from '../../config/gateway-config.js'
import { name as nameForm } from '../../config/values.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, dataFlag, gatewaySection, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { table } from '../table.js'
import { fingerprintLines } from './description.js'
import { fetchDescription } from './fetch.js'
import { communityStates, isTold, type StateOfCommunity } from './states.js'
import { assertTrustworthy, trustCommunity, untrustCommunity, writeList } from './trust.js'

export interface AddOptions extends DeploymentOptions {
  /** Of the certificate that a URL shows. */
  fingerprint?: string
  name?: string
  /** Whether assertions of its users are to be believed. */
  issuers?: boolean
}

export async function communityAdd(from: string, options: AddOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const gateway = gatewaySection(deployment.config)
  const { ports, terminal } = context
  const described = await descriptionFrom(from, options, context)
  const description: CommunityDescription = {
    ...described,
    name: nameFrom(options.name ?? described.name),
    issuers: options.issuers === false ? [] : described.issuers,
  }
  const others = await readCommunities(gateway.communitiesFile, ports)
  const known = others.find(({ homeCommunityId }) => homeCommunityId === description.homeCommunityId)
  const draft = lineFor(description, known, known?.authorities ?? [])
  const rest = others.filter(each => each !== known)
  const [problem] = communityProblems([...gateway.communities, ...rest, draft], gateway.homeCommunityId)
  if (problem !== undefined) throw new Failure('refused', `${from} cannot be added: ${problem}${hintFor(problem)}.`)
  await assertTrustworthy(description, known?.name, deployment, context)
  if (known !== undefined && known.name !== description.name)
    await untrustCommunity(known, keptBy(rest), deployment, context)
  const authorities = await trustCommunity(description, known?.authorities ?? [], deployment, context)
  await writeList(gateway.communitiesFile, [...rest, lineFor(description, known, authorities)], ports)
  terminal.print(`${known === undefined ? 'added' : 'renewed'}: ${description.name} (${description.homeCommunityId})`)
  for (const line of fingerprintLines(description)) terminal.print(line)
  terminal.print('compare these with the other side by another way than the one on which the description came')
  terminal.print(
    `running services take it within seconds; next: npx carnet community doctor '${description.name}'${dataFlag(options)}`,
  )
}

function nameFrom(text: string): string {
  const { success, error } = nameForm.safeParse(text)
  if (success) return text
  throw new Failure('usage', `--name ${error.issues[0]?.message}.`)
}

const hintFor = (problem: string) => (problem.includes('the name') ? '; choose another with --name' : '')

async function descriptionFrom(from: string, options: AddOptions, context: Context): Promise<CommunityDescription> {
  const { terminal } = context
  if (/^http:/i.test(from))
    throw new Failure('usage', 'A description comes from a file or by https://, not by http://.')
  const text = /^https:/i.test(from)
    ? await fetchDescription(from, options, context)
    : await textIn(resolve(terminal.workingFolder, from), context)
  try {
    return readDescription(text, from)
  } catch (problem) {
    throw new Failure(
      'refused',
      `${(problem as Error).message}; the other side makes one by "carnet community describe --name NAME -o FILE".`,
    )
  }
}

/** Certificates of a few dozen CAs are some hundred kilobytes. */
const mostBytes = 4 * 1024 * 1024

async function textIn(path: string, { ports }: Context): Promise<string> {
  const found = await ports.files.stat(path)
  if (found?.isFolder === true) throw new Failure('usage', `${path} is a folder; name the file in it.`)
  if (found !== undefined && found.sizeBytes > mostBytes) {
    throw new Failure('usage', `${path} has ${found.sizeBytes} bytes; a description has at most ${mostBytes}.`)
  }
  return String(await ports.files.readFile(path))
}

/** What an administrator has set for it by hand stays. */
function lineFor(
  { name, homeCommunityId, query, retrieve, fetch, provide, discovery, location, patientDomain }: CommunityDescription,
  known: CommunityConfig | undefined,
  authorities: string[],
): CommunityConfig {
  const told = { name, homeCommunityId, query, retrieve, fetch, provide, discovery, location, patientDomain }
  const [line] = communitiesFile.parse([{ ...known, ...told, authorities }])
  return line!
}

const keptBy = (communities: readonly CommunityConfig[]) => new Set(communities.flatMap(each => each.authorities))

export async function communityRemove(named: string, options: DeploymentOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const gateway = gatewaySection(deployment.config)
  const { ports, terminal } = context
  const isMeant = (each: CommunityConfig) => each.name === named || each.homeCommunityId === named
  const all = await readCommunities(gateway.communitiesFile, ports)
  const found = all.find(isMeant)
  if (found === undefined) throw notThere(named, gateway.communities.some(isMeant), all)
  const rest = all.filter(each => each !== found)
  await writeList(gateway.communitiesFile, rest, ports)
  await untrustCommunity(found, keptBy(rest), deployment, context)
  terminal.print(
    `removed: ${found.name} (${found.homeCommunityId}), with its gateway as a partner, its issuers and its CAs`,
  )
  terminal.print('running services take it within seconds')
}

function notThere(named: string, isInConfig: boolean, all: readonly CommunityConfig[]): Failure {
  if (isInConfig) {
    return new Failure(
      'refused',
      `"${named}" stands in gateway.communities of carnet.json; remove it there and start the gateway anew.`,
    )
  }
  const names = all.map(({ name }) => name)
  const there = names.length === 0 ? 'none was added so far' : `there are ${names.join(', ')}`
  return new Failure('usage', `No community that was added is called "${named}"; ${there}.`)
}

export interface ListOptions extends DeploymentOptions {
  json?: boolean
}

export async function communityList(options: ListOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const { terminal } = context
  const states = await communityStates(deployment, options, context)
  if (options.json === true) return terminal.print(JSON.stringify(states, undefined, 2))
  if (states.length === 0) {
    return terminal.print('no other community is known; next: npx carnet community add FILE')
  }
  const rows = states.map(state => [state.name, state.homeCommunityId, state.from, inWords(state), lastOf(state)])
  for (const line of table(['name', 'homeCommunityId', 'from', 'state', 'last answer'], rows, terminal.columns)) {
    terminal.print(line)
  }
  for (const { name, now } of states) {
    if (isTold(now) && now.failures > 0) terminal.print(`${name}: ${now.why}`)
  }
  const now = states[0]?.now
  if (typeof now === 'object' && !isTold(now)) terminal.print(`the gateway does not answer: ${now.why}`)
}

function inWords({ now }: StateOfCommunity): string {
  if (now === undefined) return 'the gateway does not run'
  if (now === 'not yet') return 'not yet taken up'
  if (!isTold(now)) return 'the gateway does not answer'
  if (now.restsMs > 0) return `left alone for ${Math.ceil(now.restsMs / 1000)} s`
  if (now.failures > 0) return `${now.failures} failure(s) in a row`
  return now.answers > 0 ? 'answers' : 'not asked yet'
}

function lastOf({ now }: StateOfCommunity): string {
  if (!isTold(now) || now.lastAnswerMs === undefined) return ''
  return `${new Date(now.lastAnswerMs).toISOString().slice(0, 19)}Z, ${now.lastTookMs} ms`
}
