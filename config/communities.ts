// Other communities that a gateway speaks with: those of carnet.json and those of the communities file, which may change meanwhile.
import type { Files } from '../ports/files.js'
import { type CommunityConfig, communitiesFile, type GatewayConfig } from './gateway-config.js'
import { ListFileProblem, readListFile } from './list-file.js'

/** No file is no community. @throws ListFileProblem */
export function readCommunities(path: string, ports: { files: Files }): Promise<CommunityConfig[]> {
  return readListFile(path, communitiesFile, ports)
}

/** Those of both places. @throws ListFileProblem, where two are one or one is ourselves too */
export async function allCommunities(
  { communities, communitiesFile: path, homeCommunityId }: CommunitiesOfGateway,
  ports: { files: Files },
): Promise<CommunityConfig[]> {
  const all = [...communities, ...(await readCommunities(path, ports))]
  const [problem] = communityProblems(all, homeCommunityId)
  if (problem !== undefined) throw new ListFileProblem(`${path} cannot be used: ${problem}`)
  return all
}

export type CommunitiesOfGateway = Pick<GatewayConfig, 'communities' | 'communitiesFile' | 'homeCommunityId'>

/** A sentence for each; empty where all is well. `ours` is the homeCommunityId of this deployment, which nobody else may have. */
export function communityProblems(communities: readonly CommunityConfig[], ours: string): string[] {
  const homes = communities.map(({ homeCommunityId }) => homeCommunityId)
  const names = communities.map(({ name }) => name)
  return [
    ...homes.filter(home => home === ours).map(home => `${home} is this community itself`),
    ...twice(homes).map(home => `the community ${home} is listed twice`),
    ...twice(names).map(name => `two communities have the name "${name}"; names must be unique`),
    ...communities
      .filter(({ asynchronous, quirks }) => asynchronous && quirks.withoutHeaders.includes('ReplyTo'))
      .map(({ name }) => `"${name}" is asked asynchronously, and is not sent the ReplyTo that says where to answer`),
  ]
}

function twice(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}
