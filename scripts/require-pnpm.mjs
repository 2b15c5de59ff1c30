// Before a package is packed: only pnpm applies `publishConfig.exports` and puts versions in place of `workspace:*`.
if (!process.env.npm_config_user_agent?.startsWith('pnpm/')) {
  console.error('agent-stream packages are packed and published with pnpm, not npm: see CONTRIBUTING.md.')
  process.exit(1)
}
