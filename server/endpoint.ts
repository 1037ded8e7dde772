// What an endpoint is made of: an actor behind a path, who may call it, and what stands there beside its transactions.
import type { HttpReply, HttpRequest } from '../ports/network.js'
import type { Actor, Partner } from './actor.js'
import type { AdminSurroundings } from './administration/resources.js'
import type { AnswersDoor } from './answers-door.js'
import type { Budget } from './limits.js'
import type { Identify } from './partners.js'

export interface Endpoint<Context> {
  actor: Actor<Context>
  context: Context
  /** `/registry`: served with every path below it. */
  path: string
  /** `https://localhost:8441`, as partners call us. */
  origin: string
  identify: Identify
  budget: Budget
  /** WSDL for an endpoint at `location`, and its schemas by name. */
  wsdl(location: string): Promise<Buffer>
  schema(name: string, location: string): Promise<Buffer | undefined>
  admin: AdminSurroundings
  /** Of an actor that asks others, and is answered later. */
  answers?: AnswersDoor | undefined
  pages?: PagesBelow | undefined
}

/** Pages for people beside the transactions, below a path of the actor: whoever the certificate of the browser names. */
export interface PagesBelow {
  /** `/reviews` */
  path: string
  serve(request: HttpRequest, reply: HttpReply, partner: Partner): Promise<void>
}
