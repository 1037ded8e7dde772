// XML with a line for each element, for reading; nothing else of it is touched, so that it stays what it was.

const most = 200_000

/** What is no XML stays as it is; what is very long is cut, and says so. */
export function indented(xml: string): string {
  const text = xml.length > most ? `${xml.slice(0, most)} […]` : xml
  let depth = 0
  return text
    .replace(/>\s*</g, '>\n<')
    .split('\n')
    .map(line => {
      if (/^<\//.test(line)) depth = Math.max(0, depth - 1)
      const shown = '  '.repeat(Math.min(depth, 20)) + line.trim()
      if (/^<[^/!?]/.test(line) && !/\/>\s*$/.test(line) && !/<\/[^<>]*>\s*$/.test(line)) depth += 1
      return shown
    })
    .join('\n')
    .trim()
}
