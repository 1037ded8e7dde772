/** What is sliced of a document that was read keeps all of it in memory: whatever outlives the message is to be a text of its own. */
export const copied = (text: string): string => Buffer.from(text).toString()
