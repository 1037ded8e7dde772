// The documents of the tour: a CDA and its correction from this folder, a one-page PDF and a PNG made here. All of it is invented.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import { crc32 } from './crc32.js'

const here = dirname(fileURLToPath(import.meta.url))

export function writeDocuments(folder) {
  const cda = join(folder, 'discharge-summary.xml')
  const correctedCda = join(folder, 'discharge-summary-corrected.xml')
  const pdf = join(folder, 'ward-round.pdf')
  const image = join(folder, 'wound.png')
  copyFileSync(join(here, 'discharge-summary.xml'), cda)
  writeFileSync(correctedCda, corrected(readFileSync(cda, 'utf8')))
  writeFileSync(
    pdf,
    onePage([
      'Ward round, third day',
      'Patient afebrile, oxygen stopped at 10:40.',
      'Antibiotic continues until Friday.',
    ]),
  )
  writeFileSync(image, picture(96, 64))
  return { cda, correctedCda, pdf, image }
}

/** A new version: an id of its own, the version number, what it replaces, and the correction itself. */
function corrected(cda) {
  return cda
    .replace('<id root="2.999.1.20" extension="DS-2026-0417"/>', '<id root="2.999.1.20" extension="DS-2026-0417-2"/>')
    .replace('<versionNumber value="1"/>', '<versionNumber value="2"/>')
    .replace('<effectiveTime value="20261120163000+0100"/>', '<effectiveTime value="20261121094500+0100"/>')
    .replace(
      '  <componentOf>',
      '  <relatedDocument typeCode="RPLC">\n    <parentDocument>\n      <id root="2.999.1.20" extension="DS-2026-0417"/>\n    </parentDocument>\n  </relatedDocument>\n  <componentOf>',
    )
    .replace('<td>1-0-0</td>', '<td>1-0-1</td>')
}

/** A PDF of one page with lines of text. ISO 32000-1 §7.5. */
function onePage(lines) {
  const text = lines.map(line => `(${line.replace(/[()\\]/g, '\\$&')}) Tj T*`).join(' ')
  const content = `BT /F1 14 Tf 20 TL 72 770 Td ${text} ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let file = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  return `${file}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
}

/** A PNG in true colour: a red spot on skin. ISO/IEC 15948. */
function picture(width, height) {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const distance = Math.hypot(x - width / 2, (y - height / 2) * 1.4)
      const red = Math.max(0, 1 - distance / 28)
      rows.set([232 - red * 60, 190 - red * 150, 165 - red * 130], y * (1 + width * 3) + 1 + x * 3)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type, data) {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const body = Buffer.concat([Buffer.from(type), data])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
