// The commands of `carnet patient`: the patients that the registry knows.
import type { Command } from 'commander'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { talking } from '../program-options.js'
import { patientAdd, patientMerge } from './patient.js'
import {
  type PatientListOptions,
  type PatientShowOptions,
  patientList,
  patientShow,
  patientUnmerge,
} from './patient-admin.js'

export function addPatients(program: Command, context: Context): void {
  const patient = program.command('patient').description('patients that the registry knows')
  talking(patient.command('add').description('announce a patient to the registry (ITI-44)'))
    .argument('<CX...>', "ids of the one patient, as 'ID^^^&OID&ISO'; under profile ch-epr one of them the EPR-SPID")
    .action((ids: string[], options: DeploymentOptions) => patientAdd(ids, options, context))
  talking(patient.command('merge').description('join two patient ids that are one patient (ITI-44)'))
    .argument('<subsumed>', 'the id that ends, as CX')
    .argument('<survivor>', 'the id that stays, as CX')
    .action((subsumed: string, survivor: string, options: DeploymentOptions) =>
      patientMerge(subsumed, survivor, options, context),
    )
  talking(patient.command('unmerge').description('undo the merge of a patient id, as an administrator; it is audited'))
    .argument('<CX>', 'the id that was merged into another')
    .action((cx: string, options: DeploymentOptions) => patientUnmerge(cx, options, context))
  talking(patient.command('show').description('show what the registry knows of a patient id'))
    .argument('<CX>', 'the id')
    .option('--json', 'as JSON')
    .action((cx: string, options: PatientShowOptions) => patientShow(cx, options, context))
  talking(patient.command('list').description('list patient ids in their order'))
    .option('--after <CX>', 'those after this one')
    .option('--limit <n>', 'how many, at most 1000', '100')
    .action((options: PatientListOptions) => patientList(options, context))
}
