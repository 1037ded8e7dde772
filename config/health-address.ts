// Where the health door of a service is reached from its own machine.

/** A door on all addresses is asked at the loopback one. */
export function healthUrl(
  { host, port }: { host: string; port: number },
  path: '/livez' | '/readyz' | '/metrics',
): string {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`
}
