// Submissions that came between the copies of registry and repository: the restored repository has them, its registry has not. Their sources
// are not told again that they are registered. docs/decisions/0391
import type { CarnetConfig } from '../../config/carnet-config.js'
import { type BackedUpObjects, objectsIn, objectsOnServer } from '../../registry/backed-up.js'
import {
  answersIn,
  answersOnServer,
  type BackedUpAnswers,
  forgetAnswers,
} from '../../repository/administration/backed-up.js'
import { inWords } from '../../store/failures.js'
import type { PostgresServer } from '../../store/postgres/connections.js'
import { withLine } from '../../store/postgres/one-line.js'
import { type Session, sessionOver } from '../../store/postgres/session.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'

type Servers = ReadonlyMap<'registry' | 'repository', PostgresServer>

/** Wherever the two were restored to; nothing where one of them is restored by other means. @throws Failure where a server is away */
export async function forgetUnregistered(
  { registry, repository }: CarnetConfig,
  servers: Servers,
  context: Context,
): Promise<void> {
  let count = 0
  const forget = (objects: BackedUpObjects) => async (answers: BackedUpAnswers) => {
    count = await forgetAnswers(answers, objects.among)
  }
  await withDatabase<BackedUpObjects>(
    { server: servers.get('registry'), file: registry.database, inFile: objectsIn, onServer: objectsOnServer },
    objects =>
      withDatabase<BackedUpAnswers>(
        { server: servers.get('repository'), file: repository.database, inFile: answersIn, onServer: answersOnServer },
        forget(objects),
        context,
      ),
    context,
  )
  if (count === 0) return
  const { terminal } = context
  terminal.print(`${count} submissions came while the backup was made, and the registry in it does not have them:`)
  terminal.print('their documents are there, and are registered when their sources send them again')
}

interface Restored<Held> {
  server: PostgresServer | undefined
  file: string
  inFile(path: string): Promise<Held & { close(): void }>
  onServer(session: Session): Held
}

async function withDatabase<Held>(
  { server, file, inFile, onServer }: Restored<Held>,
  work: (held: Held) => Promise<void>,
  { ports: { files, network } }: Context,
): Promise<void> {
  if (server !== undefined) {
    return withLine({ server, network, settings: {} }, line => work(onServer(sessionOver(line)))).catch(problem => {
      if (problem instanceof Failure) throw problem
      throw new Failure(
        'unreachable',
        `The restored databases could not be held against one another (${inWords(problem)}); empty them, and restore again.`,
      )
    })
  }
  if ((await files.stat(file)) === undefined) return
  const held = await inFile(file)
  try {
    await work(held)
  } finally {
    held.close()
  }
}
