// ITI-41 Provide and Register Document Set-b, as the Document Repository answers it. ITI TF-2 §3.41.4.1.3.
import { serve } from '../server/actor.js'
import { tooManyDocuments } from '../transactions/document-faults.js'
import { provideAndRegisterDocumentSet } from '../transactions/xds.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { refusedFor } from './answers.js'
import type { RepositoryContext } from './context.js'
import { discard, receive } from './received-documents.js'
import { takeOn } from './take-on.js'

export const serveProvideAndRegister = serve(
  provideAndRegisterDocumentSet,
  async (request, context: RepositoryContext, exchange): Promise<RegistryResponse> => {
    const tooMany = tooManyDocuments(request, context.config.limits.attachments)
    if (tooMany.length > 0) return refusedFor(tooMany, exchange.trace.traceId)
    const received = await receive(request, context.spool)
    try {
      return await takeOn(received, context, exchange)
    } finally {
      await discard(received.documents)
    }
  },
)
