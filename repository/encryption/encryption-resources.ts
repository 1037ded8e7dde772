// For administrators: `carnet documents rewrap` asks. docs/decisions/0231
import { AdminProblem, type AdminResource } from '../../server/administration/resources.js'
import { slowAnswer } from '../../server/administration/slow-answer.js'
import type { RepositoryContext } from '../context.js'
import { rewrapAll } from './rewrapping.js'

/** Answers in parcels for as long as it takes. May be asked again after a failure: what was rewrapped stays so. */
export function encryptionResources(context: RepositoryContext): AdminResource[] {
  return [
    {
      path: '/admin/documents/rewrap',
      method: 'POST',
      does: 'wrap the keys of all encrypted documents by the current key',
      async answer() {
        const { encryption } = context
        if (encryption === undefined) throw new AdminProblem(409, 'repository.encryption is not set: there are no keys')
        return slowAnswer(() => rewrapAll(encryption, context), context.ports.clock)
      },
    },
  ]
}
