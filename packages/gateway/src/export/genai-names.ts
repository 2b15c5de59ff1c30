/**
 * Names and buckets of OpenTelemetry's semantic conventions for GenAI clients (status: development). A gateway is a
 * client of the model. https://github.com/open-telemetry/semantic-conventions-genai
 */
export const OPERATION_DURATION = 'gen_ai.client.operation.duration'
export const TIME_TO_FIRST_CHUNK = 'gen_ai.client.operation.time_to_first_chunk'
export const TIME_PER_OUTPUT_CHUNK = 'gen_ai.client.operation.time_per_output_chunk'
export const TOKEN_USAGE = 'gen_ai.client.token.usage'

/** Seconds. */
export const DURATION_BUCKETS: readonly number[] = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
]
/** Tokens. */
export const TOKEN_BUCKETS: readonly number[] = Array.from({ length: 14 }, (_, i) => 4 ** i)

/** As Prometheus has it: `gen_ai_client_operation_duration_seconds`. A unit in braces, as that of tokens, is left out. */
export function prometheusName(name: string, unit: 's' | '{token}'): string {
  return name.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '')
}
