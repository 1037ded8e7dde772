// The processes of a deployment that measurements of gateways count: those of the others, and those that only they look at.
import { readdirSync, readFileSync } from 'node:fs'
import type { Deployment } from '../deployment.js'

const names = ['registry', 'repository', 'patient-index', 'gateway', 'atna-audit'] as const
export type ProcessName = (typeof names)[number]

/** By what started them: the registry's supervisor is that of all. [proc(5)] */
export function processesOf(carnet: Deployment): Partial<Record<ProcessName, number>> {
  const supervisor = parentOf(carnet.pids().registry ?? -1)
  const found: Partial<Record<ProcessName, number>> = {}
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    if (parentOf(Number(pid)) !== supervisor) continue
    const words = readOr(`/proc/${pid}/cmdline`).split('\0')
    const name = names.find(each => words.includes(each))
    if (name !== undefined) found[name] = Number(pid)
  }
  return found
}

function parentOf(pid: number): number | undefined {
  const [, parent] = /^PPid:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`)) ?? []
  return parent === undefined ? undefined : Number(parent)
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // the process has just ended
  }
}
