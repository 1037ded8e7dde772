// The end of a case that cannot be judged.

/** The target has said that it does not do this at all, or leaves no way to try it. */
export class NotTried extends Error {
  override readonly name = 'NotTried'
}
