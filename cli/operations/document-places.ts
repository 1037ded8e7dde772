// `carnet documents places`: how many documents are in files, in the database, in which bucket.
import type { PlacesAnswer } from '../../repository/administration/moving-resources.js'
import { openParcelSource, type ParcelSource } from '../admin-parcels.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from '../deployment.js'
import { mebibytes } from '../quantities.js'
import { table } from '../table.js'

export async function documentPlaces(options: DeploymentOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const source = await openParcelSource(deployment, options, context)
  try {
    const { places } = await placesOf(deployment, source)
    const rows = places.map(({ place, documents, bytes }) => [place, String(documents), mebibytes(bytes)])
    for (const line of table(['place', 'documents', 'size'], rows, context.terminal.columns))
      context.terminal.print(line)
  } finally {
    source.close()
  }
}

export function placesOf({ urls }: Deployment, source: ParcelSource): Promise<PlacesAnswer> {
  return source.slow<PlacesAnswer>(`${urls.repository}/admin/documents/places`, {})
}
