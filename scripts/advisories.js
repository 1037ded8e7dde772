// Reads what `npm audit --json` says. Exit code 0: no advisories; 1: there are some; 2: no audit service could be asked.
let text = ''
for await (const piece of process.stdin) text += piece

const answer = parsed(text)
const counts = answer?.metadata?.vulnerabilities
if (counts === undefined) {
  console.log(
    `no audit service answered (${(answer?.message ?? answer?.error?.summary ?? text.slice(0, 200)) || 'nothing came'})`,
  )
  process.exit(2)
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
