// CRC-32 as PNG wants it; zlib has its own only from Node 22 on.
const table = Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

export function crc32(bytes) {
  let check = 0xffffffff
  for (const byte of bytes) check = (check >>> 8) ^ table[(check ^ byte) & 0xff]
  return (check ^ 0xffffffff) >>> 0
}
