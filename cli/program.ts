// The commands of carnet, as `carnet --help` shows them: each family of them has a folder, and its flags a file there, *-commands.ts.
import type { Command } from 'commander'
import { addAudit } from './audit/audit-commands.js'
import { addCertificates } from './certs/certs-commands.js'
import { addCodes } from './codes/codes-commands.js'
import { addCommunities } from './community/community-commands.js'
import { addConformance } from './conformance-commands.js'
import type { Context } from './context.js'
import { addDatabase } from './database/database-commands.js'
import { addConfig, addDoctor, addToken } from './deployment-commands.js'
import { addDocuments } from './documents/document-commands.js'
import { addExplanations } from './explain/explanation-commands.js'
import { addHolds, addImport, addOperations } from './operations/operations-commands.js'
import { addPatients } from './patients/patient-commands.js'
import { addPersons } from './patients/person-commands.js'
import { type Family, programOf } from './program-of.js'
import { addServices } from './services/service-commands.js'

/** In the order of the help. */
const families: readonly Family[] = [
  addServices,
  addDocuments,
  addPersons,
  addPatients,
  addAudit,
  addExplanations,
  addCodes,
  addToken,
  addConfig,
  addCertificates,
  addCommunities,
  addDoctor,
  addImport,
  addOperations,
  addDatabase,
  addHolds,
  addConformance,
]

export const carnetProgram = (version: string, context: Context): Command => programOf(families, version, context)
