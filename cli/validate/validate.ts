// `carnet validate FILE`: what a service would refuse, found without one; and what it would have to look up.
import { resolve } from 'node:path'
import { openDomain } from '../../affinity/affinity-domain.js'
import { clauseInWords } from '../../transactions/clauses.js'
import type { Context } from '../context.js'
import { findingInWords } from '../documents/submit.js'
import { Failure } from '../failure.js'
import { failureOf } from '../in-words.js'
import { type FeedJudgement, feedTransactions, isHl7v2, judgeHl7v2, judgeHl7v3 } from './feed.js'
import { type Judgement, judgedTransactions, judgeFor } from './judgement.js'
import { messageInFile } from './message-file.js'

const mostBytes = 256 * 1024 * 1024

export interface ValidateOptions {
  /** Affinity domain whose rules hold, by name or folder. */
  domain?: string
  profile?: string
  /** Transaction, where the message does not tell. */
  as?: string
}

export async function validate(path: string, options: ValidateOptions, context: Context): Promise<void> {
  const { ports, terminal } = context
  const file = resolve(terminal.workingFolder, path)
  const found = await ports.files.stat(file)
  if (found !== undefined && found.sizeBytes > mostBytes) {
    throw new Failure(
      'usage',
      `${file} is larger than ${mostBytes / 1024 / 1024} MiB; give the envelope alone, without its documents.`,
    )
  }
  const bytes = await ports.files.readFile(file)
  const openedDomain = () => openDomain(options.profile ?? options.domain ?? 'ihe', ports.files, terminal.workingFolder)
  if (isHl7v2(bytes)) {
    const domain = await openedDomain()
    return reportFeed(judgeHl7v2(bytes, domain), domain.name, context)
  }
  const message = await messageInFile(bytes, context)
  const judged = judgeFor(message, options.as)
  const domain = await openedDomain()
  const feed = judgeHl7v3(message, domain)
  if (feed !== undefined) return reportFeed(feed, domain.name, context)
  if (judged === undefined) throw notOurs(file, message.body.name, options.as)
  const judgement = judgementOf(() => judged.judge(message.body, domain))
  report(judgement, { transaction: judged.id, domain: domain.name }, context)
}

function notOurs(file: string, element: string, as: string | undefined): Failure {
  const wanted = as ?? `one of ${[...feedTransactions, ...judgedTransactions].join(', ')}`
  return new Failure(
    'usage',
    `${file} holds <${element}>, which is no request of ${wanted}; give one as a SOAP message or the bare request.`,
  )
}

/** What does not have the shape at all is a fault on the wire. */
function judgementOf(judge: () => Judgement): Judgement {
  try {
    return judge()
  } catch (problem) {
    throw failureOf(problem)
  }
}

/** Which ids are of the domain, known, or merged before. */
const ofRegistry = ['ITI TF-2:3.44.4.1.4', 'ITI TF-2:3.44.4.2.4']

function reportFeed({ transaction, contents, errors }: FeedJudgement, domain: string, { terminal }: Context): void {
  for (const error of errors) terminal.print(`Error  ${error}`)
  if (errors.length === 0) {
    terminal.print(
      `${contents}: nothing that ${transaction} would be refused for in domain ${domain} without knowing the registry`,
    )
  }
  for (const clause of ofRegistry) terminal.print(`not judged  ${clause}: ${clauseInWords(clause) ?? ''}`)
  assertNone(errors.length, transaction)
}

function assertNone(errors: number, transaction: string): void {
  if (errors === 0) return
  throw new Failure(
    'refused',
    `${errors} finding(s) for which ${transaction} is refused; correct them and validate again.`,
  )
}

function report(
  { findings, notJudged, contents }: Judgement,
  { transaction, domain }: { transaction: string; domain: string },
  { terminal }: Context,
): void {
  const errors = findings.filter(({ severity }) => severity !== 'Warning')
  for (const finding of findings) terminal.print(`${finding.severity ?? 'Error'}  ${findingInWords(finding)}`)
  if (errors.length === 0) {
    const service = transaction === 'ITI-86' ? 'repository' : 'registry'
    terminal.print(
      `${contents}: nothing that ${transaction} would be refused for in domain ${domain} without knowing the ${service}`,
    )
  }
  for (const clause of notJudged) terminal.print(`not judged  ${clause}: ${clauseInWords(clause) ?? ''}`)
  assertNone(errors.length, transaction)
}
