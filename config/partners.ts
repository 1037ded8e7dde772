// The partners file: peers that were added while the services run, in the form that `peers` of carnet.json has.
import type { Files } from '../ports/files.js'
import { readListFile } from './list-file.js'
import { type PeerConfig, partnersFile } from './peer-config.js'

/** No file is no partner. @throws Error in words */
export function readPartners(path: string, ports: { files: Files }): Promise<PeerConfig[]> {
  return readListFile(path, partnersFile, ports)
}
