// `carnet validate FILE`: what a registry would refuse, found without one.
import { resolve } from 'node:path'
import { openDomain } from '../affinity/affinity-domain.js'
import type { Finding, Submission } from '../metadata/model.js'
import { decodeSubmission } from '../metadata/submission.js'
import { namespaces } from '../soap/namespaces.js'
import { childOf, isElement, type XmlElement } from '../soap/xml.js'
import type { Context } from './context.js'
import { Failure } from './failure.js'
import { bodyOfMessage } from './message-file.js'
import { offlineFindings } from './offline-findings.js'
import { findingInWords } from './submit.js'

type Transaction = 'ITI-41' | 'ITI-42'

const mostBytes = 256 * 1024 * 1024

export interface ValidateOptions {
  /** Affinity domain whose rules hold, by name or folder. */
  domain?: string
  profile?: string
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
  const { transaction, request } = submissionIn(await bodyOfMessage(await ports.files.readFile(file), context), file)
  const domain = await openDomain(options.profile ?? options.domain ?? 'ihe', ports.files, terminal.workingFolder)
  const submission = decodeSubmission(request)
  const findings = offlineFindings(submission, transaction, domain)
  for (const finding of findings) terminal.print(`${finding.severity ?? 'Error'}  ${findingInWords(finding)}`)
  const errors = findings.filter(({ severity }: Finding) => severity !== 'Warning')
  if (errors.length > 0) {
    throw new Failure(
      'refused',
      `${errors.length} finding(s) for which ${transaction} is refused; correct them and validate again.`,
    )
  }
  terminal.print(
    `${contentsOf(submission)}: nothing that ${transaction} would be refused for in domain ${domain.name} without knowing the registry`,
  )
}

/** The lcm:SubmitObjectsRequest, wherever the message has it; ITI-41 wraps it. */
function submissionIn(body: XmlElement, file: string): { transaction: Transaction; request: XmlElement } {
  if (isElement(body, namespaces.lcm, 'SubmitObjectsRequest')) return { transaction: 'ITI-42', request: body }
  const wrapped = childOf(body, namespaces.lcm, 'SubmitObjectsRequest')
  if (isElement(body, namespaces.xdsb, 'ProvideAndRegisterDocumentSetRequest') && wrapped !== undefined) {
    return { transaction: 'ITI-41', request: wrapped }
  }
  throw new Failure(
    'usage',
    `${file} holds <${body.name}> and no submission; give an ITI-41 or ITI-42 request, as a SOAP message or the bare request.`,
  )
}

function contentsOf({ submissionSets, documentEntries, folders, associations }: Submission): string {
  return (
    `${submissionSets.length} SubmissionSet, ${documentEntries.length} DocumentEntry, ` +
    `${folders.length} Folder, ${associations.length} Association`
  )
}
