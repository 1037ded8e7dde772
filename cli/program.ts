// The commands of carnet, as `carnet --help` shows them: each family of them has a folder, and its flags a file there, *-commands.ts. One that
// is called loads its own family alone: all of them take half a second of a processor.
import type { Command } from 'commander'
import type { Context } from './context.js'
import { type Family, programOf } from './program-of.js'

/** By the names of their commands, in the order of the help. */
const families: readonly (readonly [names: readonly string[], load: () => Promise<Family>])[] = [
  [
    ['start', 'registry', 'repository', 'atna-audit', 'patient-index', 'gateway'],
    async () => (await import('./services/service-commands.js')).addServices,
  ],
  [
    ['submit', 'query', 'retrieve', 'imaging', 'on-demand', 'remove', 'sweep'],
    async () => (await import('./documents/document-commands.js')).addDocuments,
  ],
  [['person'], async () => (await import('./patients/person-commands.js')).addPersons],
  [['patient'], async () => (await import('./patients/patient-commands.js')).addPatients],
  [['audit'], async () => (await import('./audit/audit-commands.js')).addAudit],
  [['explain', 'validate'], async () => (await import('./explain/explanation-commands.js')).addExplanations],
  [['codes'], async () => (await import('./codes/codes-commands.js')).addCodes],
  [['token'], async () => (await import('./deployment-commands.js')).addToken],
  [['config'], async () => (await import('./deployment-commands.js')).addConfig],
  [['certs'], async () => (await import('./certs/certs-commands.js')).addCertificates],
  [['community', 'peer'], async () => (await import('./community/community-commands.js')).addCommunities],
  [['doctor'], async () => (await import('./deployment-commands.js')).addDoctor],
  [['import'], async () => (await import('./operations/operations-commands.js')).addImport],
  [
    ['backup', 'restore', 'fsck', 'read-only', 'documents', 'migrate'],
    async () => (await import('./operations/operations-commands.js')).addOperations,
  ],
  [['database'], async () => (await import('./database/database-commands.js')).addDatabase],
  [['hold', 'retention'], async () => (await import('./operations/operations-commands.js')).addHolds],
  [['conformance'], async () => (await import('./conformance-commands.js')).addConformance],
]

/** With the family of one command, or with all where there is no such command, as for `--help`. */
export async function carnetProgram(command: string | undefined, version: string, context: Context): Promise<Command> {
  const own = families.filter(([names]) => command !== undefined && names.includes(command))
  const loaded = await Promise.all((own.length > 0 ? own : families).map(([, load]) => load()))
  return programOf(loaded, version, context)
}
