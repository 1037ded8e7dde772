// `carnet codes import`: lists of codes that others have published, into the folder of an affinity domain.
import { join, resolve } from 'node:path'
import { openDomain } from '../../affinity/affinity-domain.js'
import { type CodeList, CodeListProblem } from '../../affinity/code-list.js'
import { readCodeLists } from '../../affinity/read-code-lists.js'
import { DomainProblem, isBuiltIn } from '../../config/domain-folder.js'
import { readIfThere } from '../../ports/files.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, dataFolder } from '../deployment.js'
import { Failure } from '../failure.js'
import { profileOf } from './list.js'

export interface ImportCodesOptions extends DeploymentOptions {
  attribute?: string
  into?: string
  system?: string[]
}

export async function importCodes(paths: string[], options: ImportCodesOptions, context: Context): Promise<void> {
  const { terminal } = context
  const lists: CodeList[] = []
  for (const path of paths) lists.push(...(await listsIn(path, options, context)))
  const wanted = lists.filter(({ attribute }) => attribute !== undefined)
  if (wanted.length === 0) {
    throw new Failure(
      'usage',
      'no list in these files says which attribute it is for; say it by --attribute, as DocumentEntry.classCode.',
    )
  }
  const profile = await profileOf(options, context)
  const folder = await folderFor(profile, options, context)
  for (const line of await written(wanted, folder, profile, context)) terminal.print(line)
  if (resolve(profile) !== folder) {
    terminal.print(
      `next: set "profile" to ${JSON.stringify(folder)} in carnet.json and start again; the codes hold from then on`,
    )
  } else {
    terminal.print('next: start the registry again; the codes hold from then on')
  }
}

async function listsIn(path: string, options: ImportCodesOptions, context: Context): Promise<CodeList[]> {
  const { terminal, ports } = context
  const file = resolve(terminal.workingFolder, path)
  try {
    const lists = readCodeLists(String(await ports.files.readFile(file)), systemsOf(options.system ?? []))
    const named =
      lists.length === 1 && options.attribute !== undefined ? [{ ...lists[0]!, attribute: options.attribute }] : lists
    for (const { called, attribute, leftOut } of named) {
      if (attribute === undefined)
        terminal.complain(`note: ${path}: ${called} is left out; nothing says which attribute it is for (--attribute)`)
      for (const line of leftOut) terminal.complain(`note: ${path}: ${called}: ${line}`)
    }
    return named.filter(({ attribute, codes }) => codes.length > 0 && (options.attribute ?? attribute) === attribute)
  } catch (problem) {
    if (problem instanceof CodeListProblem) throw new Failure('refused', `${file} ${problem.message}.`)
    throw problem
  }
}

function systemsOf(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map(text => {
      const [, url, oid] = /^(.+)=([0-2](?:\.[0-9]+)+)$/.exec(text) ?? []
      if (url === undefined || oid === undefined) throw new Failure('usage', `--system is URL=OID, not "${text}".`)
      return [url, oid]
    }),
  )
}

/** A domain of ours is not changed: the first import makes a folder of the deployment's own, which extends it. */
async function folderFor(profile: string, options: ImportCodesOptions, context: Context): Promise<string> {
  const { terminal } = context
  if (options.into !== undefined) return resolve(terminal.workingFolder, options.into)
  return isBuiltIn(profile) ? join(dataFolder(options, context), 'domain') : resolve(profile)
}

/** Nothing is left half written: a folder that could not be used afterwards is put back as it was. */
async function written(
  lists: readonly CodeList[],
  folder: string,
  profile: string,
  context: Context,
): Promise<string[]> {
  const { files } = context.ports
  const before = new Map<string, Buffer | undefined>()
  const put = async (file: string, value: string) => {
    if (!before.has(file)) before.set(file, await readIfThere(files, file))
    await files.replace(file, value)
  }
  const said: string[] = []
  try {
    await files.makeFolder(join(folder, 'codes'))
    const domainJson = join(folder, 'domain.json')
    if ((await files.stat(domainJson)) === undefined) {
      await put(domainJson, `${JSON.stringify({ name: 'own', extends: profile }, undefined, 2)}\n`)
      said.push(`made ${domainJson}, which extends ${profile}`)
    }
    const own = (await openDomain(folder, files)).codeSets
    for (const list of lists) {
      const earlier = own.get(list.attribute ?? '')
      const isHere = earlier?.file.startsWith(`${join(folder, 'codes')}/`) === true
      const file = isHere ? earlier.file : join(folder, 'codes', `${fileNameOf(list.attribute ?? '')}.json`)
      await put(file, codeSetText(list))
      const replaced = earlier === undefined ? 'any code before' : `instead of ${earlier.codes.length}`
      said.push(`${list.attribute}: ${list.codes.length} codes of "${list.called}", ${replaced}  (${file})`)
    }
    await openDomain(folder, files)
    return said
  } catch (problem) {
    for (const [file, content] of before)
      await (content === undefined ? files.remove(file) : files.replace(file, content))
    if (problem instanceof DomainProblem) throw new Failure('refused', `Nothing was imported. ${problem.message}`)
    throw problem
  }
}

function fileNameOf(attribute: string): string {
  return attribute.replace(/^DocumentEntry\./, '').replace(/[^A-Za-z0-9.-]+/g, '-')
}

/** One code a line, so that a comparison of two versions shows which. */
function codeSetText({ attribute, called, oid, version, codes }: CodeList): string {
  const head = {
    attribute,
    title: called,
    ...(oid === undefined ? {} : { oid }),
    ...(version === undefined ? {} : { version }),
  }
  const start = JSON.stringify(head, undefined, 2).replace(/\n}$/, '')
  return `${start},\n  "codes": [\n${codes.map(code => `    ${JSON.stringify(code)}`).join(',\n')}\n  ]\n}\n`
}
