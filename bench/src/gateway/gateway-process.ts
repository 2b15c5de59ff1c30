// A gateway in a process of its own: `gateway-process.ts <target> <folder>`. Says its address, and on each line of
// stdin what it takes: resident memory, the delay of its event loop, and how the recording goes.
import { createInterface } from 'node:readline'
import { createGateway } from '@agent-stream/gateway'

const [target = '', folder = ''] = process.argv.slice(2)
const gateway = createGateway({ target, ...(folder && { record: { folder } }) })
const { url } = await gateway.listen(0)
process.stdout.write(`${url}\n`)
for await (const _ of createInterface({ input: process.stdin })) {
  const health = await (await gateway.fetch(new Request(`${url}/health/streaming`))).json()
  const rssMb = Math.round(process.memoryUsage().rss / 2 ** 20)
  process.stdout.write(
    `${JSON.stringify({ rssMb, eventLoopMs: health.event_loop_delay_ms, recording: health.recording })}\n`,
  )
}
