import { Bench } from 'tinybench'

const bench = new Bench({ name: 'agent-stream' })
await bench.run()
console.table(bench.table())
