// A document that an administrator removes in the middle of a backup: when its list of documents is begun, the databases of registry and repository
// have been copied.
import { type Ports, systemPorts } from '../../../ports/ports.js'
import { openCaller } from '../../../server/caller.js'
import { removeDocuments } from '../../../transactions/remove.js'
import type { RunningDeployment } from '../../peers/a-deployment.js'

/** Runs a backup with ports that do so. */
export async function whileRemoving<Made>(
  documentUniqueId: string,
  { identity, repositoryUniqueId, urls }: RunningDeployment,
  backUp: (ports: Ports) => Promise<Made>,
): Promise<Made> {
  const admin = openCaller({ tls: await identity('admin'), ports: systemPorts })
  const documents = [{ repositoryUniqueId, documentUniqueId }]
  const create: typeof systemPorts.files.create = async (path, options) => {
    if (path.endsWith('documents.txt')) await admin.call(removeDocuments, { documents }, { url: urls.repository })
    return systemPorts.files.create(path, options)
  }
  try {
    return await backUp({ ...systemPorts, files: { ...systemPorts.files, create } })
  } finally {
    admin.close()
  }
}
