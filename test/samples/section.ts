// What the section of every actor has to say, for one that listens nowhere.
export const aSection = {
  listen: { port: 0 },
  tls: { key: 'key.pem', cert: 'cert.pem', ca: 'ca.pem' },
  health: { port: 0 },
  database: ':memory:',
  audit: { port: 0 },
}
