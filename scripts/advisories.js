// Reads what `npm audit --json` says. Exit code 0: no advisories; 1: there are some, or npm audit did not work; 2: there is no audit service to ask.
let text = ''
for await (const piece of process.stdin) text += piece

const answer = parsed(text)
const counts = answer?.metadata?.vulnerabilities
if (counts === undefined) {
  console.log(answer?.message ?? answer?.error?.summary ?? `npm audit said: ${text.slice(0, 200)}`)
  process.exit(nobodyToAsk(answer) ? 2 : 1)
}
for (const { name, severity, via } of Object.values(answer.vulnerabilities ?? {})) {
  const titles = via.flatMap(one => (typeof one === 'string' ? [] : [`${one.title} ${one.url}`]))
  console.log([`${severity}: ${name}`, ...titles].join('\n  '))
}
process.exit(counts.total > 0 ? 1 : 0)

function parsed(json) {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** The registry has no audit service, or cannot be reached; anything else that is wrong is wrong with us. */
function nobodyToAsk(answer) {
  const said = `${answer?.message ?? ''} ${answer?.error?.code ?? ''} ${answer?.error?.summary ?? ''}`
  return answer?.statusCode >= 400 || /ENOAUDIT|audit endpoint|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(said)
}
