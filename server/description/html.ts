// The description of an endpoint as a page that runs nothing, loads nothing and may be framed by nobody.
import { createHash } from 'node:crypto'
import { escapeXml } from '../../soap/xml.js'
import type { Described } from './description.js'

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --no: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --no: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); }
tbody th { font-weight: 600; white-space: nowrap; }
code, pre { font: .875em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .75rem; border-radius: .25rem; white-space: pre-wrap; margin: .5rem 0; }
.no { color: var(--no); }
.scroll { overflow-x: auto; }
.scroll table { min-width: 36rem; }
`

const styleHash = createHash('sha256').update(style).digest('base64')

export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

export function descriptionPage({ actor, location, transactions, limits, curl, caller }: Described): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(actor)} – Carnet</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${text(actor)}</h1>
<p>SOAP 1.2 messages are taken at <code>${text(location)}</code> by POST; the WS-Addressing action tells them apart.</p>
</header>
<main>
<h2 id="transactions">Transactions</h2>
<div class="scroll" role="region" aria-labelledby="transactions" tabindex="0">
<table>
<thead><tr><th scope="col">Transaction</th><th scope="col">Action and element of the Body</th><th scope="col">From you</th></tr></thead>
<tbody>
${transactions.map(rowOf).join('\n')}
</tbody>
</table>
</div>
<p><a href="?wsdl">WSDL</a> with its schemas, for tools that make clients of it.</p>
<h2>From the command line</h2>
<pre><code>${text(curl)}</code></pre>
<h2>Limits</h2>
<ul>
${limits.map(limit => `<li>${text(limit)}</li>`).join('\n')}
</ul>
<h2>Who you are here</h2>
<table>
<tbody>
${caller.map(({ name, value }) => `<tr><th scope="row">${text(name)}</th><td><code>${text(value)}</code></td></tr>`).join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`
}

function rowOf({ id, name, action, element, allowed, roles }: Described['transactions'][number]): string {
  const leave = allowed ? 'taken' : `<span class="no">refused: it takes the role ${text(roles)}</span>`
  return (
    `<tr><th scope="row">${text(id)}</th>` +
    `<td>${text(name)}<br><code>${text(action)}</code><br><code>${text(element)}</code></td><td>${leave}</td></tr>`
  )
}

const text = escapeXml
