import type { Scrubber } from '@agent-stream/protocol/scrub'

/** Parameters of a query that carry secrets under names that say so only there. */
const SECRET_PARAMETER =
  /^(?:key|apikey|token|sig|signature|code|auth|x-amz-(?:signature|credential|security-token))$/i

const REDACTED = '[REDACTED:secret]'

/** The value of a query's parameter without secrets. */
export function scrubParameter(name: string, value: string, scrubber: Scrubber): string {
  if (value === '') return value
  return SECRET_PARAMETER.test(name) ? REDACTED : scrubber.field(name, value)
}
