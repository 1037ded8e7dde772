// Run as a process by itself: takes the lease of a bucket and is there until somebody ends it.
import { takeLease } from '../../../cli/backup/bucket-lease.js'
import { systemPorts } from '../../../ports/ports.js'
import { aBucket } from '../../s3/a-bucket.js'

await takeLease(aBucket({ endpoint: process.argv[2] ?? '', prefix: 'backups' }), systemPorts)
setInterval(() => {}, 60_000)
