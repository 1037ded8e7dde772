// One run of a backup: whom it asks, and where it puts together what it is handed out.
import type { ParcelSource } from '../admin-parcels.js'
import type { Administration } from '../administration.js'
import type { Deployment } from '../deployment.js'
import type { Manifest, Place } from './folder.js'

export interface Backup extends Place {
  deployment: Deployment
  administration: Administration
  source: ParcelSource
  /** Where this generation is put together. */
  generation: string
  /** Of the one before, where there is one. */
  former: string | undefined
  manifest: Manifest
  withKeys: boolean
  /** What is there is far away. */
  isBucket: boolean
}
