// Finds a Chromium for the browser tests, installs one where there is none, and prints its path.
import { execFileSync } from 'node:child_process'
import { accessSync, chmodSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const toolchain = fileURLToPath(new URL('../.toolchain/chromium', import.meta.url))
const wellKnown = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The path of a browser that can be started; installs one when none is found. */
export async function ensureBrowser() {
  const asked = process.env.CHROMIUM_PATH || process.env.CHROME_BIN
  if (asked) {
    if (isExecutable(asked)) return asked
    throw new Error(`CHROMIUM_PATH or CHROME_BIN is ${asked}, which is not a program that can be started`)
  }
  const found = wellKnown.find(isExecutable) ?? (await ofPlaywright())
  if (found) return found
  for (const install of [fromApt, fromNpm, fromPlaywright]) {
    const installed = await attempt(install)
    if (installed) return installed
  }
  throw new Error('no Chromium found, and none could be installed: install one and set CHROMIUM_PATH')
}

/** Debian and its relatives, as root. */
function fromApt() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env })
  return '/usr/bin/chromium'
}

/** Without root: a Chromium packed for AWS Lambda, which brings its libraries and a font. Linux x64 only. */
async function fromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return
  const wrapper = join(toolchain, 'chromium.sh')
  if (existsSync(wrapper)) return wrapper
  const unpacked = join(toolchain, 'unpacked')
  mkdirSync(unpacked, { recursive: true })
  writeFileSync(join(toolchain, 'package.json'), '{"private":true}')
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '@sparticuz/chromium@153.0.0'], {
    cwd: toolchain,
  })
  // It unpacks to the temporary folder, and its libraries only when it believes that it runs on Lambda.
  const env = { ...process.env, TMPDIR: unpacked, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' }
  const unpack = `import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath())`
  const options = { cwd: toolchain, env, encoding: /** @type {const} */ ('utf8') }
  const binary = execFileSync(process.execPath, ['--input-type=module', '--eval', unpack], options).trim()
  const fonts = join(unpacked, 'fonts.conf')
  writeFileSync(
    fonts,
    `<fontconfig><dir>${unpacked}/fonts</dir><cachedir>${unpacked}/font-cache</cachedir></fontconfig>\n`,
  )
  const exports = `export LD_LIBRARY_PATH='${unpacked}/al2023/lib' FONTCONFIG_FILE='${fonts}'`
  writeFileSync(wrapper, `#!/bin/sh\n${exports}\nexec '${binary}' "$@"\n`)
  chmodSync(wrapper, 0o755)
  return wrapper
}

async function fromPlaywright() {
  run('npx', ['playwright', 'install', 'chromium'])
  return ofPlaywright()
}

async function ofPlaywright() {
  const { chromium } = await import('playwright')
  const path = chromium.executablePath()
  return isExecutable(path) ? path : undefined
}

/** @param {() => string | undefined | Promise<string | undefined>} install */
async function attempt(install) {
  try {
    return await install()
  } catch (error) {
    console.error(`ensure-browser: ${install.name}: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

/** Standard output is for the path alone. @param {string} program @param {string[]} args @param {object} options */
function run(program, args, options = {}) {
  execFileSync(program, args, { stdio: ['ignore', 2, 2], ...options })
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

if (import.meta.main) console.log(await ensureBrowser())
