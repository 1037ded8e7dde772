// `carnet audit …`: the records, and the proof that they are what they were.
import type { Command } from 'commander'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { talking } from '../program-options.js'
import { type AuditExportOptions, auditChain, auditExport, auditRetention, auditRotateKey } from './export.js'
import { printSignInLink, type SignInOptions } from './sign-in-link.js'
import { type AuditTailOptions, auditTail } from './tail.js'
import { type AuditVerifyOptions, auditVerify } from './verify.js'

export function addAudit(program: Command, context: Context): void {
  const audit = program.command('audit').description('what the audit service has recorded (ITI-20)')
  talking(audit.command('tail').description('show the latest records'))
    .option('--trace <id>', 'only those of one trace')
    .option('--limit <n>', 'how many', '50')
    .option('--json', 'as JSON')
    .action((options: AuditTailOptions) => auditTail(options, context))

  talking(
    audit
      .command('verify')
      .description('say whether records were edited, removed, put in another order or cut off, as an administrator'),
  )
    .option('--from <n>', 'from this record on')
    .option('--to <n>', 'up to this record')
    .option('--index', 'also whether each record is found by all that stands in it')
    .option('--database <file>', 'a database file that nobody has open, as that of a backup; no service is asked')
    .option('--roots <file>', 'with --database: signed roots that were kept elsewhere (audit-roots.jsonl)')
    .option('--signing-key <name>', 'with --database: the key that is known to be the service’s')
    .option('--json', 'the report as JSON')
    .action((options: AuditVerifyOptions) => auditVerify(options, context))

  talking(
    audit
      .command('export')
      .description('records with their proofs, for a court (docs/AUDIT-PROOF.md), as an administrator'),
  )
    .requiredOption('-o, --output <file>', 'the archive to write (.tar); it must not be there yet')
    .option('--records <n,…>', 'these records')
    .option('--patient <CX>', 'of this patient')
    .option('--person <text>', 'with this person: id or name')
    .option('--object <id>', 'of this document, submission set or other object')
    .option('--trace <id>', 'of this trace')
    .option('--since <time>', 'from this time on')
    .option('--until <time>', 'up to this time')
    .option('--since-size <n>', 'with the proof that the tree has only grown since the root over n records')
    .action((options: AuditExportOptions) => auditExport(options, context))

  talking(audit.command('chain').description('show how the chain of records stands, as an administrator'))
    .option('--json', 'as JSON')
    .action((options: DeploymentOptions & { json?: boolean }) => auditChain(options, context))

  talking(
    audit
      .command('retention')
      .description('count records that are old enough to go by the rules of retention, as an administrator'),
  )
    .option('--remove', 'remove them now')
    .action((options: DeploymentOptions & { remove?: boolean }) => auditRetention(options, context))

  talking(audit.command('rotate-key').description('sign with a new key from now on, as an administrator')).action(
    (options: DeploymentOptions) => auditRotateKey(options, context),
  )

  talking(
    audit
      .command('sign-in')
      .description("make a one-time link to the auditor's pages, as an administrator; development only"),
  )
    .option('--role <role>', 'auditor, security-officer or support; auditor and security officer without it')
    .action((options: SignInOptions) => printSignInLink(options, context))
}
