// `carnet conformance`.
import type { Command } from 'commander'
import { type ConformanceOptions, conformance } from './conformance.js'
import type { Context } from './context.js'
import { repeated, talking } from './program-options.js'

export function addConformance(program: Command, context: Context, version: string): void {
  talking(
    program.command('conformance').description('examine a registry and a repository, ours or others, by IHE rules'),
  )
    .option('--target <URL...>', 'registry and repository; or one transaction of it, as ITI-18=URL')
    .option('--registry <URL>', 'the registry; without any address the deployment of --data')
    .option('--repository <URL>', 'the repository')
    .option('--mllp <HOST:PORT>', 'where ITI-8 is taken without TLS; without it the cases of HL7 v2 are skipped')
    .option('--mllps <HOST:PORT>', 'where ITI-8 is taken over TLS')
    .option(
      '--reply-to <URL>',
      'https address of this host that the target may send answers to; the suite takes them there',
    )
    .option('--reply-cert <file>', 'server certificate for it; by default one of the data folder')
    .option('--reply-key <file>', 'and its key')
    .option(
      '--patient <CX>',
      'a patient whom the target knows; may be repeated; by default they are fed by ITI-44',
      repeated,
    )
    .option('--authority <OID>', 'assigning authority of the patients that are fed')
    .option(
      '--profile <name>',
      'affinity domain of the target, ihe or ch-epr; by default that of the deployment, or ihe',
    )
    .option('--only <pattern>', 'the cases whose id holds it; * stands for anything')
    .option('--list', 'show the cases, try none')
    .option('--report <file>', 'write a report: .html, .json or .junit.xml; may be repeated', repeated)
    .option('--keep', 'leave what the cases have submitted')
    .action((options: ConformanceOptions) => conformance(options, version, context))
}
