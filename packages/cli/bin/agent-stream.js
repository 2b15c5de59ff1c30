#!/usr/bin/env node
import { existsSync } from 'node:fs'

// A file that is there before the build: package managers link commands when they install.
const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) {
  await import(main.href)
} else {
  process.stderr.write('agent-stream: not built yet; run "npm run build" at the root of the repository\n')
  process.exitCode = 1
}
