// Threads for code that is not ours: what hangs or fails there is ended there. The only door to node:worker_threads.
import { pathToFileURL } from 'node:url'
import { parentPort, Worker, workerData } from 'node:worker_threads'

export interface Thread {
  onMessage(hear: (message: unknown) => void): void
  send(message: unknown): void
  /** Why the thread is over; undefined when it ended by itself. */
  readonly ended: Promise<string | undefined>
  /** Ends it wherever it is, an endless loop included. */
  stop(): Promise<void>
}

export interface Threads {
  /** Starts a JavaScript file of ours with its data. */
  start(script: string, data: unknown, limits: { memoryMb: number }): Thread
}

export const systemThreads: Threads = {
  start(script, data, { memoryMb }) {
    const worker = new Worker(script, {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16 },
    })
    return {
      onMessage: hear => void worker.on('message', hear),
      send: message => worker.postMessage(message),
      ended: new Promise(resolve => {
        worker.once('error', problem => resolve(problem instanceof Error ? problem.message : String(problem)))
        worker.once('exit', code => resolve(code === 0 ? undefined : `it ended with code ${code}`))
      }),
      stop: async () => void (await worker.terminate()),
    }
  },
}

/** For a script that runs in a thread: its data, the way to whoever started it, and modules that a deployment names. */
export const insideThread = {
  data: workerData as unknown,
  onMessage(hear: (message: unknown) => void): void {
    parentPort?.on('message', hear)
  },
  send(message: unknown): void {
    parentPort?.postMessage(message)
  },
  /** Nothing more is heard: the thread ends once its work is done. */
  close(): void {
    parentPort?.close()
  },
  load: (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(path).href),
}
