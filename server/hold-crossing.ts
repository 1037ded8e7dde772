// Legal holds on their way from one engine to the other.
import { plainCrossing } from '../store/crossing/crossing.js'

export const holdCrossing = plainCrossing(
  'hold',
  { kind: 'text', value: 'text', id: 'text', reason: 'text', held_by: 'text', since_ms: 'number' },
  { key: ['kind', 'value', 'id'] },
)
