// ITI-41 Provide and Register Document Set-b, as the Document Repository answers it. ITI TF-2 §3.41.4.1.3.
import type { Finding } from '../metadata/model.js'
import { serve } from '../server/actor.js'
import { provideAndRegisterDocumentSet } from '../transactions/xds.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { refusedFor } from './answers.js'
import type { RepositoryContext } from './context.js'
import { discard, receive } from './received-documents.js'
import { takeOn } from './take-on.js'

export const serveProvideAndRegister = serve(
  provideAndRegisterDocumentSet,
  async (request, context: RepositoryContext, exchange): Promise<RegistryResponse> => {
    const most = context.config.limits.attachments
    const count = request.documents.length + (request.faultyDocuments?.length ?? 0)
    if (count > most) return refusedFor([tooMany(count, most)], exchange.trace.traceId)
    const received = await receive(request, context.spool)
    try {
      return await takeOn(received, context, exchange)
    } finally {
      await discard(received.documents)
    }
  },
)

function tooMany(count: number, most: number): Finding {
  const object = 'ProvideAndRegisterDocumentSetRequest'
  const where = { object, attribute: 'Document', rule: 'ITI TF-2:3.41.4.1.2' }
  return { code: 'XDSRepositoryError', ...where, expected: `at most ${most} Documents`, found: String(count) }
}
