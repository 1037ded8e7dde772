// Folders of affinity domains for tests, written to a temporary place and taken away again.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type AffinityDomain, openDomain } from '../../affinity/affinity-domain.js'
import { DomainProblem } from '../../config/domain-folder.js'
import { systemFiles } from '../../ports/files.js'

/** Files by path below the folder; text as it is, anything else as JSON. */
export type FolderFiles = Readonly<Record<string, unknown>>

export async function inFolder<Value>(files: FolderFiles, work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), 'carnet-domain-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
    }
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The domain that these files make. */
export function aDomainOf(files: FolderFiles): Promise<AffinityDomain> {
  return inFolder(files, folder => openDomain(folder, systemFiles))
}

/** What is said against these files, without the path of the folder. */
export function faultsOf(files: FolderFiles): Promise<string[]> {
  return inFolder(files, async folder => {
    try {
      await openDomain(folder, systemFiles)
      return []
    } catch (problem) {
      if (!(problem instanceof DomainProblem)) throw problem
      return problem.faults.map(fault => fault.replaceAll(`${folder}/`, '').replaceAll(folder, '.'))
    }
  })
}
