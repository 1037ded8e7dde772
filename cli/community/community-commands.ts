// The commands of `carnet community` and `carnet peer`.
import type { Command } from 'commander'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { dataOption, talking, talkingFor } from '../program-options.js'
import { type AddOptions, communityAdd, communityList, communityRemove, type ListOptions } from './community.js'
import { communityDescribe, type DescribeOptions } from './description.js'
import { communityDoctor } from './doctor.js'
import { peerRecord, type RecordOptions } from './peer-record.js'

export function addCommunities(program: Command, context: Context): void {
  const communities = program
    .command('community')
    .description('other communities, and what they have to know of this one')
  communities
    .command('describe')
    .description('write what another community needs to add this one')
    .addOption(dataOption())
    .requiredOption('--name <name>', 'what people call this community')
    .option('-o, --output <file>', 'where to; standard output by default')
    .action((options: DescribeOptions) => communityDescribe(options, context))
  communities
    .command('add <from>')
    .description('add another community by its description: a file, or an https address; running services take it')
    .addOption(dataOption())
    .option('--fingerprint <sha256>', 'of the certificate that the address shows, once you have compared it')
    .option('--name <name>', 'what it is to be called here')
    .option('--without-issuers', 'believe no assertions of its users')
    .action((from: string, { withoutIssuers, ...options }: AddOptions & { withoutIssuers?: boolean }) =>
      communityAdd(from, { ...options, issuers: withoutIssuers !== true }, context),
    )
  communities
    .command('remove <name>')
    .description('remove one that was added, with all that was believed because of it')
    .addOption(dataOption())
    .action((name: string, options: DeploymentOptions) => communityRemove(name, options, context))
  talking(communities.command('list').description('list other communities and how they stand'))
    .option('--json', 'as JSON')
    .action((options: ListOptions) => communityList(options, context))
  talkingFor(
    communities.command('doctor [name]').description('examine trust, clocks and a test query of one, or of all'),
  ).action((name: string | undefined, options: DeploymentOptions) => communityDoctor(name, options, context))
  const peer = program.command('peer').description('what goes to one partner and comes from it')
  talking(
    peer
      .command('record <name>')
      .description('record the traffic with a community as a fixture, without what is in it'),
  )
    .requiredOption('-o, --output <file>', 'where to')
    .option('--exchanges <n>', 'after how many it ends', '20')
    .option('--seconds <n>', 'or after so long', '60')
    .action((name: string, options: RecordOptions) => peerRecord(name, options, context))
}
