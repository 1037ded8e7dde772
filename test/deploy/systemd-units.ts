// The systemd units as tests read them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../ports/processes.js'

export const folder = join(packageRoot, 'deploy', 'systemd')
/** In the order in which they are started. */
export const services = ['atna-audit', 'registry', 'repository', 'patient-index', 'gateway'] as const

export function textOf(service: string): string {
  return readFileSync(join(folder, `carnet-${service}.service`), 'utf8')
}

export function commandOf(service: string, directive: string): string[] {
  const [, command = ''] = new RegExp(`^${directive}=(.*)$`, 'm').exec(textOf(service)) ?? []
  return command.split(' ')
}

/** Node and Carnet where they are on this machine. */
export function here(text: string): string {
  return text.replaceAll('/usr/bin/node', process.execPath).replaceAll('/opt/carnet', packageRoot)
}
