// `carnet documents rewrap`: after a new key-encryption key was made the current one, the keys of all documents are wrapped by it.
import type { RewrapAnswer } from '../../repository/encryption/rewrapping.js'
import { openParcelSource } from '../admin-parcels.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'

export async function rewrapDocuments(options: DeploymentOptions, context: Context): Promise<void> {
  const { terminal } = context
  const deployment = await openDeployment(options, context)
  const source = await openParcelSource(deployment, options, context)
  try {
    const answer = await source.slow<RewrapAnswer>(`${deployment.urls.repository}/admin/documents/rewrap`, {})
    terminal.print(`${answer.rewrapped} documents have their key wrapped anew by the key "${answer.key}".`)
    for (const name of answer.done)
      terminal.print(`No document needs the key "${name}" any more; it may be taken away.`)
    for (const { id, why } of answer.left.slice(0, 20)) terminal.print(`left: ${id}: ${why}`)
    if (answer.left.length > 0)
      throw new Failure('refused', `${answer.left.length} documents were left; run this again.`)
  } finally {
    source.close()
  }
}
