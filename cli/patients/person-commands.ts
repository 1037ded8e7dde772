// The commands of `carnet person`: the patient index, as those see it who look after it.
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { talking } from '../program-options.js'
import {
  type PersonOptions,
  personDecide,
  personJoin,
  personReviews,
  personSeparate,
  personShow,
  personUnmerge,
  type ReasonedOptions,
} from './person.js'
import {
  type AddedPerson,
  type NumberOptions,
  personAdd,
  personCancelNumber,
  personInactivateNumber,
  personNumber,
} from './person-number.js'

export function addPersons(program: Command, context: Context): void {
  const person = program.command('person').description('persons of the patient index, and who is taken for whom')
  addLinking(person, context)
  addNumbers(person, context)
}

function addLinking(person: Command, context: Context): void {
  printing(person.command('show').description('show a person: ids, records and why they are together'))
    .argument('<CX>', "any id of the person, as 'ID^^^&OID&ISO'")
    .action((cx: string, options: PersonOptions) => personShow(cx, options, context))
  printing(person.command('reviews').description('list pairs of records that somebody has to look at')).action(
    (options: PersonOptions) => personReviews(options, context),
  )
  printing(person.command('decide').description('say whether the two records of a review are of one person'))
    .argument('<review>', 'its number')
    .argument('<verdict>', 'same or different')
    .action((review: string, verdict: string, options: PersonOptions) =>
      personDecide(review, verdict, options, context),
    )
  printing(person.command('join').description('make two persons one'))
    .argument('<subsumed>', 'a record of the person that ends')
    .argument('<survivor>', 'a record of the one that stays')
    .option('--why <reason>', 'for the history')
    .action((subsumed: string, survivor: string, options: ReasonedOptions) =>
      personJoin(subsumed, survivor, options, context),
    )
  printing(person.command('separate').description('make a record a person of its own'))
    .argument('<CX>', 'the record')
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: ReasonedOptions) => personSeparate(cx, options, context))
  printing(
    person.command('unmerge').description('undo a merge, in the registry too, as an administrator; it is audited'),
  )
    .argument('<CX>', 'the id that was merged into another: of a source, or given by the index')
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: ReasonedOptions) => personUnmerge(cx, options, context))
}

/** Persons with the EPR-SPID that the UPI knows them by. */
function addNumbers(person: Command, context: Context): void {
  const ahvNumber = ['--ahv <number>', 'the AHV number, 756.…; it goes to the UPI and is kept nowhere'] as const
  printing(
    person.command('add').description('register a person, with an EPR-SPID of the UPI where an AHV number is said'),
  )
    .argument('<CX...>', 'the id that the source has given, and the EPR-SPID where it is known')
    .requiredOption('--family <name>', 'family name in use')
    .requiredOption('--given <names>', 'given names')
    .requiredOption('--born <date>', 'YYYY-MM-DD')
    .option('--sex <letter>', 'M or F')
    .option('--birth-name <name>', 'family name of birth')
    .option(...ahvNumber)
    .action((ids: string[], options: AddedPerson) => personAdd(ids, options, context))
  printing(
    person.command('epr-spid').description('ask the UPI for the EPR-SPID of a person, or whether it is still in use'),
  )
    .argument('<CX>', 'any id of the person')
    .option(...ahvNumber)
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: NumberOptions) => personNumber(cx, options, context))
  printing(person.command('cancel-epr-spid').description('have the UPI cancel the EPR-SPID of a person'))
    .argument('<CX>', 'any id of the person')
    .option(...ahvNumber)
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: NumberOptions) => personCancelNumber(cx, options, context))
  printing(
    person
      .command('inactivate-epr-spid')
      .description('two persons are one: have the UPI end one EPR-SPID in the other'),
  )
    .argument('<ends>', 'any id of the person whose EPR-SPID ends')
    .argument('<stays>', 'any id of the person whose EPR-SPID stays')
    .option('--why <reason>', 'for the history')
    .action((ends: string, stays: string, options: ReasonedOptions) =>
      personInactivateNumber(ends, stays, options, context),
    )
}

function printing(command: Command): Command {
  return talking(command).option('--json', 'print JSON')
}
