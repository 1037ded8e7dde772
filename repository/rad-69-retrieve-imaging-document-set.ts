// RAD-69 Retrieve Imaging Document Set, as the Imaging Document Source answers it. IHE RAD TF-2 §4.69.4.1.3.
import type { RegistryError } from '../metadata/model.js'
import { quoted, shortened } from '../metadata/words.js'
import { serve } from '../server/actor.js'
import { retrieveImagingDocumentSet } from '../transactions/imaging.js'
import { imagingFaults, imagingRule as rule } from '../transactions/imaging-faults.js'
import type { ImageRequest, RetrieveDocumentSetResponse, RetrievedDocument } from '../transactions/xds-messages.js'
import type { RepositoryContext } from './context.js'
import { errorAt, type Miss, missOf, statusOf } from './document-requests.js'
import { factsIn, instanceId } from './imaging/instance-row.js'
import { untoldStudies } from './imaging/untold-study.js'
import { keptCopy, type Retrieving } from './kept-document.js'

export const serveRetrieveImagingDocumentSet = serve(
  retrieveImagingDocumentSet,
  async (request, context: RepositoryContext, exchange): Promise<RetrieveDocumentSetResponse> => {
    const { traceId } = exchange.trace
    const faults = imagingFaults(request, context.config.limits.attachments, traceId)
    if (faults.length > 0) return { status: 'Failure', errors: faults, documents: [] }
    const retrieving: ImagesRetrieving = {
      ...{ context, exchange, heldBytes: 0, takes: new Set(request.transferSyntaxUIDs) },
      takenInWords: shortened(request.transferSyntaxUIDs.slice(0, mostToldSyntaxes).join(', '), 200),
      untold: untoldStudies(context, exchange),
    }
    const documents: RetrievedDocument[] = []
    const errors: RegistryError[] = []
    for (const [index, wanted] of request.documents.entries()) {
      const found = await imageFor(wanted, retrieving)
      if ('errorCode' in found) errors.push(errorAt(found, wanted, { number: index + 1, traceId, rule }))
      else documents.push(found)
    }
    return { status: statusOf(documents.length, errors.length), documents, errors }
  },
)

/** Of a list that may be of any length, and is told for each image. */
const mostToldSyntaxes = 20

interface ImagesRetrieving extends Retrieving {
  /** Transfer syntaxes. */
  takes: ReadonlySet<string>
  takenInWords: string
  untold: ReturnType<typeof untoldStudies>
}

async function imageFor(wanted: ImageRequest, retrieving: ImagesRetrieving): Promise<RetrievedDocument | Miss> {
  const { context, takes, takenInWords, untold } = retrieving
  const miss = missOf(wanted, context)
  if (miss !== undefined) return miss
  const copies = await context.documents.documents(instanceId(wanted.documentUniqueId))
  const [copy] = copies
  if (copy?.instance === undefined || copy.patientId === undefined) return unknownImage(wanted)
  const { studyInstanceUID, seriesInstanceUID, transferSyntaxUID, manifestUniqueId } = factsIn(copy.instance)
  const isOfThat = studyInstanceUID === wanted.studyInstanceUID && seriesInstanceUID === wanted.seriesInstanceUID
  if (!isOfThat) return unknownImage(wanted)
  const why = await untold({ studyInstanceUID, patientId: copy.patientId, manifestUniqueId })
  if (why !== undefined) return why === 'untold' ? unknownImage(wanted) : why
  if (!takes.has(transferSyntaxUID)) return otherSyntax(transferSyntaxUID, takenInWords)
  return keptCopy(copies, wanted, retrieving)
}

const unknownImage = ({ documentUniqueId }: ImageRequest): Miss => ({
  errorCode: 'XDSDocumentUniqueIdError',
  attribute: 'DocumentUniqueId',
  expected: 'the SOP Instance UID of an instance of that study and series that is kept here',
  found: quoted(documentUniqueId),
})

/** Images are handed out as they were received. [IHE RAD TF-2: 4.69.4.1.3] */
const otherSyntax = (stored: string, found: string): Miss => ({
  errorCode: 'XDSRepositoryError',
  attribute: 'TransferSyntaxUIDList',
  expected: `${stored}, for the pixels are not encoded anew`,
  found,
})
